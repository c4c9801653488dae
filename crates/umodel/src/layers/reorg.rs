use super::{Facts, LayerParam, Role, check_given, nchw, one, one_top, size, wire};
use crate::Shape;
use crate::error::{LayerError, ValueError};
use crate::movement::Movement;
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
        Ok(Reorg { stride: size(p.stride()), reverse: p.reverse() })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.reorg_param.mut_or_insert_default();
        p.stride = Some(wire(self.stride));
        p.reverse = Some(self.reverse);
    }

    fn check(&self) -> Result<(), LayerError> {
        check_given("reorg_param.stride", self.stride)
    }

    fn facts(&self) -> Facts<'_> {
        Facts::moves(Role::Computes)
    }

    /// As Darknet does it: the input is taken for one of s² times fewer channels and s times larger pictures,
    /// which differs from moving each pixel's neighbours to channels.
    fn movement(
        &self,
        bottom: &[usize],
        _: &[&[usize]],
        _: usize,
    ) -> Result<Option<Movement>, LayerError> {
        let [n, c, h, w] = nchw(bottom)?;
        let s = self.stride;
        if self.reverse {
            let view = [n, s, s, c / (s * s), h, w];
            return Ok(Some(Movement::permuted(&view, &[0, 3, 4, 1, 5, 2])));
        }
        if !c.is_multiple_of(s * s) {
            let reason = ValueError::SquareDividesChannels(c);
            return Err(LayerError::bad("reorg_param.stride", s, reason));
        }
        let view = [n, c / (s * s), h, s, w, s];
        Ok(Some(Movement::permuted(&view, &[0, 3, 5, 1, 2, 4])))
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
            let reason = ValueError::DividesMap { channels: c, height: h, width: w };
            return Err(LayerError::bad("reorg_param.stride", s, reason));
        };
        one_top(tops, top)
    }
}
