use super::{LayerParam, legacy, one, one_top};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::LayerParameter;

/// Bilinear resizing.
///
/// # Shapes
/// bottom `[N, C, H, W]`, top `[N, C, H', W']`.
///
/// # Source
/// Caffe forks for PyTorch models, BilinearInterpolateLayer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BilinearInterpolate {
    /// The new size.
    pub size: InterpolatedSize,
    /// Whether the corners' pixels keep their places.
    pub align_corners: bool,
}

/// The size of a [`BilinearInterpolate`]'s top.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum InterpolatedSize {
    /// Height and width; the bottom's where there is none.
    Pixels([Option<usize>; 2]),
    /// Factor on both, rounded down.
    Scale(f32),
}

impl LayerParam for BilinearInterpolate {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.bilinear_interpolate_param;
        let bad = |field, value: String, reason: &str| LayerError::BadValue {
            field,
            value,
            reason: reason.into(),
        };
        let side = |field, side: Option<i32>| {
            let checked = |side: i32| {
                let positive = usize::try_from(side).ok().filter(|&side| side > 0);
                positive.ok_or_else(|| bad(field, side.to_string(), "must be positive"))
            };
            side.map(checked).transpose()
        };
        let size = match (p.dst_h, p.dst_w, p.scale_factor) {
            (None, None, Some(scale)) if scale > 0.0 && scale.is_finite() => {
                InterpolatedSize::Scale(scale)
            }
            (h, w, None) if h.is_some() || w.is_some() => InterpolatedSize::Pixels([
                side("bilinear_interpolate_param.dst_h", h)?,
                side("bilinear_interpolate_param.dst_w", w)?,
            ]),
            (_, _, scale) => {
                let reason = "either it, a positive number, or dst_h and dst_w";
                return Err(bad("bilinear_interpolate_param.scale_factor", format!("{scale:?}"), reason));
            }
        };
        Ok(BilinearInterpolate { size, align_corners: p.align_corners() })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.bilinear_interpolate_param.mut_or_insert_default();
        (p.dst_h, p.dst_w, p.scale_factor) = match self.size {
            InterpolatedSize::Pixels([h, w]) => (h.map(|h| h as i32), w.map(|w| w as i32), None),
            InterpolatedSize::Scale(scale) => (None, None, Some(scale)),
        };
        p.align_corners = (!self.align_corners).then_some(false);
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [n, c, h, w] = legacy(one(bottoms)?)?;
        let [height, width] = match self.size {
            InterpolatedSize::Pixels([height, width]) => [height.unwrap_or(h), width.unwrap_or(w)],
            InterpolatedSize::Scale(scale) => [h, w].map(|side| (side as f32 * scale) as usize),
        };
        one_top(tops, vec![n, c, height, width])
    }
}
