use super::{Facts, legacy, one, one_top};
use crate::Shape;
use crate::error::LayerError;
use crate::quant::float::{Float, Step};

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

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        let skip = if self.across_channels { 1 } else { 2 };
        let length = float.top.iter().skip(skip).product::<usize>().max(1);
        // Caffe adds eps to the deviation, not to the variance.
        match self.normalize_variance {
            true => float.normalized(length, Some(&|v| (v.sqrt() + self.eps).inverse_of_positive())),
            false => float.normalized(length, None),
        }
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        one_top(tops, legacy(one(bottoms)?)?.to_vec())
    }
}
