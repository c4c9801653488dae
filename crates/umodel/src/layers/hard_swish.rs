use super::{Facts, same_shape};
use crate::Shape;
use crate::error::LayerError;
use crate::quant::float::{Float, Step};

layer! {
    /// Piecewise linear swish, element by element.
    ///
    /// # Formula
    /// `y = x · clip(x + 3, 0, 6) / 6`
    ///
    /// # Source
    /// Caffe forks with MobileNetV3, HardSwishLayer.
    HardSwish;

    fn facts(&self) -> Facts<'_> {
        Facts::VALUE
    }

    fn value(&self, x: f64) -> Option<f64> {
        Some(x * (x + 3.0).clamp(0.0, 6.0) / 6.0)
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        float.map(|x| x * (x * (1.0 / 6.0) + 0.5).max(0.0).min(1.0))
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        same_shape(bottoms, tops)
    }
}
