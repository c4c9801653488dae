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
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        same_shape(bottoms, tops)
    }
}
