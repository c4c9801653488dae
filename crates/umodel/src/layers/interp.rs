use super::{Coordinates, Facts, Int8Form, LayerParam, MOST, Role, nchw, one, one_top};
use crate::Shape;
use crate::error::{LayerError, ValueError};
use crate::proto::{InterpParameter, LayerParameter};
use crate::quant::float::{Float, Step};
use crate::quant::interpolate::Linear;
use crate::taps::Taps;

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

const HEIGHT: &str = "interp_param.height";
const WIDTH: &str = "interp_param.width";
const ZOOM: &str = "interp_param.zoom_factor";
const SHRINK: &str = "interp_param.shrink_factor";
const RANGE: ValueError = ValueError::Within { least: 1, most: MOST as u64 };

impl LayerParam for Interp {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p: InterpParameter = super::fork(layer, &layer.interp_param, &[143]);
        let factor = |field, value: i32| {
            usize::try_from(value).map_err(|_| LayerError::bad(field, value, RANGE))
        };
        let size = match [p.height(), p.width()] {
            [0, 0] => None,
            [height, width] => Some([factor(HEIGHT, height)?, factor(WIDTH, width)?]),
        };
        Ok(Interp {
            size,
            zoom_factor: factor(ZOOM, p.zoom_factor())?,
            shrink_factor: factor(SHRINK, p.shrink_factor())?,
            pad_beg: p.pad_beg(),
            pad_end: p.pad_end(),
        })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let number = |value: usize| i32::try_from(value).unwrap_or(i32::MAX);
        let factor = |value: usize| (value != 1).then_some(number(value));
        layer.interp_param = Some(InterpParameter {
            height: self.size.map(|[height, _]| number(height)),
            width: self.size.map(|[_, width]| number(width)),
            zoom_factor: factor(self.zoom_factor),
            shrink_factor: factor(self.shrink_factor),
            pad_beg: (self.pad_beg != 0).then_some(self.pad_beg),
            pad_end: (self.pad_end != 0).then_some(self.pad_end),
            ..Default::default()
        })
        .into();
    }

    fn check(&self) -> Result<(), LayerError> {
        let mut numbers = vec![(ZOOM, self.zoom_factor), (SHRINK, self.shrink_factor)];
        if let Some([height, width]) = self.size {
            numbers.extend([(HEIGHT, height), (WIDTH, width)]);
        }
        match numbers.into_iter().find(|(_, value)| !(1..=MOST).contains(value)) {
            Some((field, value)) => Err(LayerError::bad(field, value, RANGE)),
            None => Ok(()),
        }
    }

    fn facts(&self) -> Facts<'_> {
        let cut = |pad: i32| usize::try_from(pad.checked_neg()?).ok();
        let int8 = match (cut(self.pad_beg), cut(self.pad_end)) {
            (Some(front), Some(back)) => Int8Form::Interpolate(Linear {
                coordinates: Coordinates::AlignCorners,
                scale: None,
                cut: [front, back],
                zeros_behind: false,
            }),
            // Nothing computes real padding.
            _ => Int8Form::Float,
        };
        Facts { role: Role::Computes, int8 }
    }

    fn taps(&self, bottom: &[usize], top: &[usize]) -> Result<Option<[Taps; 2]>, LayerError> {
        if self.pad_beg > 0 || self.pad_end > 0 {
            let pads = format_args!("{}, {}", self.pad_beg, self.pad_end);
            return Err(LayerError::bad("interp_param.pad_beg", pads, ValueError::OnlyCuts));
        }
        let cut = |pad: i32| usize::try_from(pad.unsigned_abs()).unwrap_or(0);
        let (front, behind) = (cut(self.pad_beg), cut(self.pad_end));
        let taps = |axis: usize| {
            let (from, to) = (bottom[axis] - front - behind, top[axis]);
            let ratio = if to > 1 { (from - 1) as f32 / (to - 1) as f32 } else { 0.0 };
            let mut taps = Taps::linear(from, (0..to).map(|index| ratio * index as f32));
            taps.places.iter_mut().for_each(|place| *place += front);
            taps
        };
        Ok(Some([taps(2), taps(3)]))
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        float.resized(self.taps(float.bottoms.first()?, float.top).ok()??)
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [n, c, h, w] = nchw(one(bottoms)?)?;
        let side = |side: usize| {
            let pads = i64::from(self.pad_beg) + i64::from(self.pad_end);
            let padded = i64::try_from(side).ok().and_then(|side| side.checked_add(pads));
            let padded = padded.and_then(|padded| usize::try_from(padded).ok());
            let padded = padded.filter(|&padded| padded > 0).ok_or_else(|| {
                let pads = format_args!("{}, {}", self.pad_beg, self.pad_end);
                LayerError::bad("interp_param.pad_beg", pads, ValueError::NothingLeft(side))
            })?;
            let steps = (padded - 1) / self.shrink_factor;
            Ok::<_, LayerError>(steps.saturating_mul(self.zoom_factor).saturating_add(1))
        };
        let [height, width] = match self.size {
            Some(size) => size,
            None => [side(h)?, side(w)?],
        };
        one_top(tops, vec![n, c, height, width])
    }
}
