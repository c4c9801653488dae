use super::{Facts, Role, one, one_top};
use crate::Shape;
use crate::error::{LayerError, ValueError};
use crate::movement::Movement;

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

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()?;
        if self.upscale_factor < 1 {
            let reason = ValueError::AtLeast(1);
            let field = "pixelshuffle_param.upscale_factor";
            return Err(LayerError::bad(field, self.upscale_factor, reason));
        }
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        Facts::moves(Role::Computes)
    }

    fn movement(
        &self,
        bottom: &[usize],
        _: &[&[usize]],
        _: usize,
    ) -> Result<Option<Movement>, LayerError> {
        let [front @ .., channels, h, w] = bottom else {
            return Err(LayerError::AxisCount { expected: 4, found: bottom.to_vec() });
        };
        let factor = usize::try_from(self.upscale_factor).unwrap_or(1);
        let view = [front.iter().product(), channels / (factor * factor), factor, factor, *h, *w];
        Ok(Some(Movement::permuted(&view, &[0, 1, 4, 2, 5, 3])))
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let bottom = one(bottoms)?;
        let factor = usize::try_from(self.upscale_factor).unwrap_or(1);
        let [rest @ .., c, h, w] = bottom else {
            return Err(LayerError::AxisCount { expected: 4, found: bottom.to_vec() });
        };
        if !c.is_multiple_of(factor.saturating_mul(factor)) {
            let reason = ValueError::SquareDividesChannels(*c);
            return Err(LayerError::bad("pixelshuffle_param.upscale_factor", factor, reason));
        }
        let area = factor.saturating_mul(factor);
        let tail = [c / area, h.saturating_mul(factor), w.saturating_mul(factor)];
        one_top(tops, [rest, &tail].concat())
    }
}
