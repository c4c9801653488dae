use super::{Facts, LayerParam, same_shape};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::LayerParameter;

/// Logistic function, element by element.
///
/// # Formula
/// `y = 0.5 · tanh(0.5 · x) + 0.5`, the form that Caffe evaluates.
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

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        same_shape(bottoms, tops)
    }
}
