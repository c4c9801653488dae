use super::{Facts, same_shape};
use crate::Shape;
use crate::error::LayerError;

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

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        same_shape(bottoms, tops)
    }
}
