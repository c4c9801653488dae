use super::{Facts, LayerParam, same_shape};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::LayerParameter;
use crate::quant::float::{Float, Step};

/// Hyperbolic tangent, element by element.
///
/// # Source
/// BVLC Caffe, TanHLayer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TanH;

impl LayerParam for TanH {
    fn parse(_: &LayerParameter) -> Result<Self, LayerError> {
        Ok(TanH)
    }

    fn write(&self, _: &mut LayerParameter) {}

    fn check(&self) -> Result<(), LayerError> {
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        Facts::VALUE
    }

    fn value(&self, x: f64) -> Option<f64> {
        Some(x.tanh())
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        float.map(|x| x.tanh())
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        same_shape(bottoms, tops)
    }
}
