use super::{Facts, LayerParam, same_shape};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::LayerParameter;
use crate::quant::float::{Float, Step};

/// Exponential linear unit.
///
/// # Formula
/// `y = x` for `x > 0`, else `alpha · (exp(x) − 1)`.
///
/// # Source
/// BVLC Caffe, ELULayer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Elu {
    /// Saturation value for very negative inputs, negated.
    pub alpha: f32,
}

impl LayerParam for Elu {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        Ok(Elu { alpha: layer.elu_param.alpha() })
    }

    fn write(&self, layer: &mut LayerParameter) {
        layer.elu_param.mut_or_insert_default().set_alpha(self.alpha);
    }

    fn check(&self) -> Result<(), LayerError> {
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        Facts::VALUE
    }

    fn value(&self, x: f64) -> Option<f64> {
        Some(if x > 0.0 { x } else { f64::from(self.alpha) * x.exp_m1() })
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        float.map(|x| x.max(0.0) + (x.min(0.0).exp() - 1.0) * self.alpha)
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        same_shape(bottoms, tops)
    }
}
