use super::{Facts, same_shape};
use crate::Shape;
use crate::error::LayerError;
use crate::quant::float::{Float, Step};

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
        Facts::VALUE
    }

    fn value(&self, x: f64) -> Option<f64> {
        Some((f64::from(self.alpha) * x + f64::from(self.beta)).clamp(0.0, 1.0))
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        float.map(|x| (x * self.alpha + self.beta).max(0.0).min(1.0))
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        same_shape(bottoms, tops)
    }
}
