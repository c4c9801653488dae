use super::{Facts, same_shape};
use crate::Shape;
use crate::error::LayerError;

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
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        same_shape(bottoms, tops)
    }
}
