use super::{LayerParam, Scalar, nchw, one, one_top};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::{LayerParameter, ReorgParameter};

/// Pixels to channels.
///
/// # Shapes
/// `[N, C, H, W]` to `[N, C·s², H/s, W/s]` with s the stride, or back with `reverse`.
///
/// # Source
/// YOLOv2, ReorgLayer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reorg {
    /// Shrinkage of height and width.
    pub stride: usize,
    /// Whether channels become pixels instead.
    pub reverse: bool,
}

impl LayerParam for Reorg {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p: ReorgParameter = super::fork(layer, &layer.reorg_param, &[148, 149, 159]);
        let stride = usize::from_wire(p.stride());
        if stride == 0 {
            return Err(LayerError::MissingField { field: "reorg_param.stride" });
        }
        Ok(Reorg { stride, reverse: p.reverse() })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.reorg_param.mut_or_insert_default();
        p.stride = Some(u32::from_wire(self.stride));
        p.reverse = Some(self.reverse);
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
}
