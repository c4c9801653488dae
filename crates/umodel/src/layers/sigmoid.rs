use super::{Facts, LayerParam, same_shape};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::LayerParameter;
use crate::quant::float::{Float, Step};

/// Logistic function, element by element.
///
/// # Formula
/// `y = 1 / (1 + exp(−x))`, below 0 as `exp(x) / (1 + exp(x))`
///
/// # Rounding
/// Caffe's newer versions evaluate `0.5 · tanh(0.5 · x) + 0.5`, which is the same within 6e-8 but has no digits left
/// where the result is below that. Results here are exact within a relative 3e-7, those near 0, too: the detectors of
/// an ONNX model may give nothing but such values.
///
/// # Source
/// BVLC Caffe, SigmoidLayer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sigmoid;

impl LayerParam for Sigmoid {
    fn parse(_: &LayerParameter) -> Result<Self, LayerError> {
        Ok(Sigmoid)
    }

    fn write(&self, _: &mut LayerParameter) {}

    fn check(&self) -> Result<(), LayerError> {
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        Facts::VALUE
    }

    fn value(&self, x: f64) -> Option<f64> {
        Some(1.0 / (1.0 + (-x).exp()))
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        float.map(|x| x.sigmoid())
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        same_shape(bottoms, tops)
    }
}
