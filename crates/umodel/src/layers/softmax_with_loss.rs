use super::softmax::around;
use super::{Facts, LayerParam, pair, product};
use crate::Shape;
use crate::error::{Count, LayerError, ValueError};
use crate::proto::{LayerParameter, loss_parameter::NormalizationMode};

/// What the summed loss is divided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Normalization {
    /// The number of predictions, `outer · inner`.
    Full,
    /// The number of predictions whose label is not ignored.
    Valid,
    /// The batch size, `outer`.
    BatchSize,
    /// One.
    None,
}

/// Softmax followed by the multinomial logistic loss.
///
/// # Shapes
/// bottoms: scores and labels, one label for every `outer · inner` position; tops: the loss `[]`
/// and, optionally, the probabilities with the scores' shape.
///
/// # Formula
/// `loss = −Σ ln(max(p[label], FLT_MIN)) / normalizer`, the normalizer at least 1.
///
/// # Source
/// BVLC Caffe, SoftmaxWithLossLayer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SoftmaxWithLoss {
    /// The class axis; negative counts from the end.
    pub axis: i32,
    /// Labels with this value add nothing.
    pub ignore_label: Option<i32>,
    /// What the sum is divided by.
    pub normalization: Normalization,
}

impl SoftmaxWithLoss {
    /// `[outer, classes, inner]`: the scores as seen from the class axis.
    pub fn matrix(&self, bottom: &[usize]) -> Result<[usize; 3], LayerError> {
        around(self.axis, bottom)
    }
}

/// Checks a layer with scores and labels as bottoms: one label for every position. Gives what `matrix` does.
pub(super) fn check_labels(
    bottoms: &[&[usize]],
    matrix: impl Fn(&[usize]) -> Result<[usize; 3], LayerError>,
) -> Result<[usize; 3], LayerError> {
    let [scores, labels] = pair(bottoms)?;
    let [outer, classes, inner] = matrix(scores)?;
    let expected = outer.saturating_mul(inner);
    if product(labels) != expected {
        return Err(LayerError::Labels { expected, found: labels.to_vec() });
    }
    Ok([outer, classes, inner])
}

/// The label that adds nothing, and what the sum is divided by; `default` if the layer does not say it.
pub(super) fn parse_loss(
    layer: &LayerParameter,
    default: Normalization,
) -> Result<(Option<i32>, Normalization), LayerError> {
    let loss = &layer.loss_param;
    let normalization = match (loss.normalization, loss.normalize) {
        // The older flag: true meant "by the valid labels", false "by the batch".
        (None, Some(true)) => Normalization::Valid,
        (None, Some(false)) => Normalization::BatchSize,
        (None, None) => default,
        (Some(_), _) => match loss.normalization() {
            NormalizationMode::FULL => Normalization::Full,
            NormalizationMode::VALID => Normalization::Valid,
            NormalizationMode::BATCH_SIZE => Normalization::BatchSize,
            NormalizationMode::NONE => Normalization::None,
            NormalizationMode::PRE_FIXED => {
                let (value, reason) = ("PRE_FIXED", ValueError::NormalizationMode);
                return Err(LayerError::bad("loss_param.normalization", value, reason));
            }
        },
    };
    Ok((loss.ignore_label, normalization))
}

/// The inverse of [`parse_loss`].
pub(super) fn write_loss(
    layer: &mut LayerParameter,
    ignore_label: Option<i32>,
    normalization: Normalization,
    default: Normalization,
) {
    if ignore_label.is_none() && normalization == default && layer.loss_param.is_none() {
        return;
    }
    let loss = layer.loss_param.mut_or_insert_default();
    loss.ignore_label = ignore_label;
    loss.normalize = None;
    loss.set_normalization(match normalization {
        Normalization::Full => NormalizationMode::FULL,
        Normalization::Valid => NormalizationMode::VALID,
        Normalization::BatchSize => NormalizationMode::BATCH_SIZE,
        Normalization::None => NormalizationMode::NONE,
    });
}

impl Normalization {
    /// What a sum over `outer · inner` positions is divided by, of which `valid` count. At least 1.
    pub fn divisor(self, outer: usize, inner: usize, valid: usize) -> usize {
        let divisor = match self {
            Normalization::Full => outer.saturating_mul(inner),
            Normalization::Valid => valid,
            Normalization::BatchSize => outer,
            Normalization::None => 1,
        };
        divisor.max(1)
    }
}

impl LayerParam for SoftmaxWithLoss {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let (ignore_label, normalization) = parse_loss(layer, Normalization::Valid)?;
        Ok(SoftmaxWithLoss { axis: layer.softmax_param.axis(), ignore_label, normalization })
    }

    fn write(&self, layer: &mut LayerParameter) {
        if self.axis != 1 {
            layer.softmax_param.mut_or_insert_default().set_axis(self.axis);
        }
        write_loss(layer, self.ignore_label, self.normalization, Normalization::Valid);
    }

    fn check(&self) -> Result<(), LayerError> {
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        Facts::LOSS
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        check_labels(bottoms, |scores| self.matrix(scores))?;
        match tops {
            1 => Ok(vec![Vec::new()]),
            2 => Ok(vec![Vec::new(), bottoms[0].to_vec()]),
            _ => Err(LayerError::tops(Count::Either(1, 2), tops)),
        }
    }
}
