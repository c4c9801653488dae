use super::{LayerParam, nchw, one, one_top};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::{InterpParameter, LayerParameter};

/// Bilinear resizing with the corners kept.
///
/// # Shapes
/// bottom `[N, C, H, W]`, top `[N, C, H', W']`.
///
/// # Formula
/// Of the padded bottom, `H + pad_beg + pad_end`: `height` and `width` if given; otherwise
/// `(H − 1) / shrink + 1`, then `H + (H − 1)·(zoom − 1)`.
///
/// # Source
/// DeepLab, InterpLayer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interp {
    /// Height and width of the top; by the factors if there are none.
    pub size: Option<[usize; 2]>,
    /// Growth.
    pub zoom_factor: usize,
    /// Shrinkage, before the growth.
    pub shrink_factor: usize,
    /// Pixels added in front of each axis; negative ones are cut off.
    pub pad_beg: i32,
    /// Pixels added behind each axis.
    pub pad_end: i32,
}

impl LayerParam for Interp {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p: InterpParameter = super::fork(layer, &layer.interp_param, &[143]);
        let factor = |field, value: i32| {
            let value = usize::try_from(value).ok().filter(|value| (1..=1 << 16).contains(value));
            value.ok_or_else(|| LayerError::BadValue {
                field,
                value: format!("{value:?}"),
                reason: "must be from 1 to 65536".into(),
            })
        };
        let size = if p.height() == 0 && p.width() == 0 {
            None
        } else {
            Some([
                factor("interp_param.height", p.height())?,
                factor("interp_param.width", p.width())?,
            ])
        };
        Ok(Interp {
            size,
            zoom_factor: factor("interp_param.zoom_factor", p.zoom_factor())?,
            shrink_factor: factor("interp_param.shrink_factor", p.shrink_factor())?,
            pad_beg: p.pad_beg(),
            pad_end: p.pad_end(),
        })
    }

    fn write(&self, layer: &mut LayerParameter) {
        layer.interp_param = Some(InterpParameter {
            height: self.size.map(|[height, _]| height as i32),
            width: self.size.map(|[_, width]| width as i32),
            zoom_factor: (self.zoom_factor != 1).then_some(self.zoom_factor as i32),
            shrink_factor: (self.shrink_factor != 1).then_some(self.shrink_factor as i32),
            pad_beg: (self.pad_beg != 0).then_some(self.pad_beg),
            pad_end: (self.pad_end != 0).then_some(self.pad_end),
            ..Default::default()
        })
        .into();
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [n, c, h, w] = nchw(one(bottoms)?)?;
        let side = |side: usize| {
            let padded = side as i64 + i64::from(self.pad_beg) + i64::from(self.pad_end);
            let padded = usize::try_from(padded).ok().filter(|&padded| padded > 0);
            let padded = padded.ok_or_else(|| LayerError::BadValue {
                field: "interp_param.pad_beg",
                value: format!("{}, {}", self.pad_beg, self.pad_end),
                reason: format!("nothing is left of {side}"),
            })?;
            let shrunk = (padded - 1) / self.shrink_factor + 1;
            Ok::<_, LayerError>(shrunk + (shrunk - 1).saturating_mul(self.zoom_factor - 1))
        };
        let [height, width] = match self.size {
            Some(size) => size,
            None => [side(h)?, side(w)?],
        };
        one_top(tops, vec![n, c, height, width])
    }
}
