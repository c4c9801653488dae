use super::{Facts, same_shape};
use crate::Shape;
use crate::error::LayerError;
use crate::quant::float::{Float, Step};

layer! {
    /// Self-gated activation.
    ///
    /// # Formula
    /// `y = x / (1 + exp(−beta · x))`
    ///
    /// # Source
    /// BVLC Caffe, SwishLayer.
    Swish from swish_param {
        /// Factor before the sigmoid.
        beta: f32,
    }

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()
    }

    fn facts(&self) -> Facts<'_> {
        Facts::VALUE
    }

    fn value(&self, x: f64) -> Option<f64> {
        Some(x / (1.0 + (-f64::from(self.beta) * x).exp()))
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        float.map(|x| x * (x * self.beta).sigmoid())
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        same_shape(bottoms, tops)
    }
}
