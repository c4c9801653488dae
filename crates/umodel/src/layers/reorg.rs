use super::{nchw, one, one_top};
use crate::Shape;
use crate::error::LayerError;

layer! {
    /// Pixels to channels.
    ///
    /// # Shapes
    /// `[N, C, H, W]` to `[N, C·s², H/s, W/s]` with s the stride, or back with `reverse`.
    ///
    /// # Source
    /// YOLOv2, ReorgLayer.
    Reorg from reorg_param {
        /// Shrinkage of height and width.
        stride: usize,
        /// Whether channels become pixels instead.
        reverse: bool,
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [n, c, h, w] = nchw(one(bottoms)?)?;
        let s = self.stride;
        let area = s.saturating_mul(s);
        let top = if self.reverse && c.is_multiple_of(area) {
            vec![n, c / area, h.saturating_mul(s), w.saturating_mul(s)]
        } else if !self.reverse && h.is_multiple_of(s) && w.is_multiple_of(s) {
            vec![n, c.saturating_mul(area), h / s, w / s]
        } else {
            return Err(LayerError::BadValue {
                field: "reorg_param.stride",
                value: s.to_string(),
                reason: format!("does not divide {c} channels of {h} x {w}"),
            });
        };
        one_top(tops, top)
    }

    fn check(&self) -> Result<(), LayerError> {
        if self.stride == 0 {
            return Err(LayerError::MissingField { field: "reorg_param.stride" });
        }
        Ok(())
    }
}
