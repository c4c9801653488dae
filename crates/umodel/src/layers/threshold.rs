use super::{Facts, same_shape};
use crate::Shape;
use crate::error::LayerError;
use crate::quant::float::{Float, Step};

layer! {
    /// Compares with a number, element by element.
    ///
    /// # Formula
    /// `y = 1 if x > threshold, else 0`
    ///
    /// # Source
    /// BVLC Caffe, ThresholdLayer.
    Threshold from threshold_param {
        /// The number.
        threshold: f32,
    }

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()
    }

    fn facts(&self) -> Facts<'_> {
        Facts::VALUE
    }

    fn value(&self, x: f64) -> Option<f64> {
        Some(if x > f64::from(self.threshold) { 1.0 } else { 0.0 })
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        float.map(|x| (x - self.threshold).is_positive())
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        same_shape(bottoms, tops)
    }
}
