use super::{one, one_top};
use crate::Shape;
use crate::error::LayerError;

layer! {
    /// Channels to pixels.
    ///
    /// # Shapes
    /// `[..., C·f², H, W]` to `[..., C, H·f, W·f]` with f the factor.
    ///
    /// # Source
    /// Caffe forks for PyTorch models, PixelShuffleLayer.
    PixelShuffle from pixelshuffle_param {
        /// Growth of height and width; at least 1.
        upscale_factor: i32,
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let bottom = one(bottoms)?;
        let factor = usize::try_from(self.upscale_factor).unwrap_or(1);
        let [rest @ .., c, h, w] = bottom else {
            return Err(LayerError::AxisCount { expected: 4, found: bottom.to_vec() });
        };
        if !c.is_multiple_of(factor.saturating_mul(factor)) {
            return Err(LayerError::BadValue {
                field: "pixelshuffle_param.upscale_factor",
                value: factor.to_string(),
                reason: format!("its square does not divide {c} channels"),
            });
        }
        let tail = [c / (factor * factor), h.saturating_mul(factor), w.saturating_mul(factor)];
        one_top(tops, [rest, &tail].concat())
    }

    fn check(&self) -> Result<(), LayerError> {
        if self.upscale_factor < 1 {
            return Err(LayerError::BadValue {
                field: "pixelshuffle_param.upscale_factor",
                value: self.upscale_factor.to_string(),
                reason: "must be at least 1".into(),
            });
        }
        Ok(())
    }
}
