use super::softmax_with_loss::{parse_loss, write_loss};
use super::{Facts, LayerParam, Normalization, loss, mismatch, pair, product};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::LayerParameter;

/// Cross entropy of a sigmoid.
///
/// # Shapes
/// scores and targets `[N, ...]` of equally many values, top a scalar.
///
/// # Formula
/// `−Σ (t · log σ(x) + (1 − t) · log(1 − σ(x))) / normalizer`, the normalizer by default N, at least 1. Targets whose
/// whole part is the ignored label add nothing.
///
/// # Source
/// BVLC Caffe, SigmoidCrossEntropyLossLayer. Older Caffe does not know loss_param here: it divides by N.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SigmoidCrossEntropyLoss {
    /// Targets with this value add nothing.
    pub ignore_label: Option<i32>,
    /// What the sum is divided by.
    pub normalization: Normalization,
}

impl LayerParam for SigmoidCrossEntropyLoss {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let (ignore_label, normalization) = parse_loss(layer, Normalization::BatchSize)?;
        Ok(SigmoidCrossEntropyLoss { ignore_label, normalization })
    }

    fn write(&self, layer: &mut LayerParameter) {
        write_loss(layer, self.ignore_label, self.normalization, Normalization::BatchSize);
    }

    fn check(&self) -> Result<(), LayerError> {
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        Facts::LOSS
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [a, b] = pair(bottoms)?;
        if product(a) != product(b) {
            return Err(mismatch(a, b));
        }
        loss(bottoms, tops)
    }
}
