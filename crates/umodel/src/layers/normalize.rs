use super::{Facts, legacy, one, one_top};
use crate::Shape;
use crate::error::LayerError;

layer! {
    /// Normalizes the L2 norm.
    ///
    /// # Shapes
    /// bottom and top `[N, C]` to `[N, C, H, W]`; weight: scale, a scalar or `[C]`.
    ///
    /// # Formula
    /// `y = scale · x / sqrt(Σ x² + eps)`, the sum over the channels of each position or over the whole image
    ///
    /// # Source
    /// SSD, NormalizeLayer.
    Normalize from norm_param {
        /// The norm of the whole image instead of each position.
        across_spatial: bool,
        /// One scale for all channels.
        channel_shared: bool,
        /// Added to the sum of squares.
        eps: f32,
    }

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let bottom = one(bottoms)?;
        if bottom.len() < 2 {
            return Err(LayerError::AxisCount { expected: 2, found: bottom.to_vec() });
        }
        legacy(bottom)?;
        one_top(tops, bottom.to_vec())
    }

    fn weight_shapes(&self, bottoms: &[&[usize]]) -> Result<Vec<Shape>, LayerError> {
        let channels = one(bottoms)?.iter().skip(1).take(1);
        Ok(vec![if self.channel_shared { Vec::new() } else { channels.copied().collect() }])
    }
}
