use super::{Facts, legacy, one, one_top};
use crate::Shape;
use crate::error::LayerError;

layer! {
    /// Normalizes mean and variance of each channel, or of each image.
    ///
    /// # Shapes
    /// bottom of up to 4 axes; top the same with ones behind, `[N, C, H, W]`.
    ///
    /// # Formula
    /// `y = x − mean`, divided by `standard deviation + eps` if the variance is normalized
    ///
    /// # Source
    /// BVLC Caffe, MVNLayer.
    Mvn from mvn_param {
        /// Whether the variance becomes 1.
        normalize_variance: bool,
        /// Statistics of an image instead of a channel.
        across_channels: bool,
        /// Added to the standard deviation.
        eps: f32,
    }

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        one_top(tops, legacy(one(bottoms)?)?.to_vec())
    }
}
