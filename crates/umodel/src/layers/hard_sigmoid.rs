use super::{Facts, same_shape};
use crate::Shape;
use crate::error::LayerError;

layer! {
    /// Piecewise linear sigmoid, element by element.
    ///
    /// # Formula
    /// `y = clip(alpha · x + beta, 0, 1)`
    ///
    /// # Source
    /// Caffe forks with MobileNetV3, HardSigmoidLayer.
    HardSigmoid from hardsigmoid_param {
        /// Slope.
        alpha: f32,
        /// Value at 0.
        beta: f32,
    }

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        same_shape(bottoms, tops)
    }
}
