use super::{Facts, LayerParam, loss, pair};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::{LayerParameter, hinge_loss_parameter::Norm as ProtoNorm};

/// How distances of a [`HingeLoss`] are added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HingeNorm {
    /// As they are.
    L1,
    /// Squared.
    L2,
}

/// Hinge loss of scores, one against all.
///
/// # Shapes
/// scores `[N, C]`, labels `[N]`, top a scalar.
///
/// # Formula
/// mean over N of the sum over C of `max(0, 1 − x)` at the label and `max(0, 1 + x)` elsewhere, or of their squares
///
/// # Source
/// BVLC Caffe, HingeLossLayer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HingeLoss {
    /// How distances are added.
    pub norm: HingeNorm,
}

impl LayerParam for HingeLoss {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let norm = match layer.hinge_loss_param.norm() {
            ProtoNorm::L1 => HingeNorm::L1,
            ProtoNorm::L2 => HingeNorm::L2,
        };
        Ok(HingeLoss { norm })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let norm = match self.norm {
            HingeNorm::L1 => ProtoNorm::L1,
            HingeNorm::L2 => ProtoNorm::L2,
        };
        if layer.hinge_loss_param.norm() != norm {
            layer.hinge_loss_param.mut_or_insert_default().set_norm(norm);
        }
    }

    fn check(&self) -> Result<(), LayerError> {
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        Facts::LOSS
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        pair(bottoms)?;
        loss(bottoms, tops)
    }
}
