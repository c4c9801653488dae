//! `resize_param`: the three ways to bring a picture to a size.

use crate::boxes::Area;
use crate::chance::Chance;
use crate::error::Error;
use crate::frame::{Border, Frame};
use crate::proto::ResizeParameter;
use crate::proto::resize_parameter::{InterpMode, PadMode, ResizeMode};
use crate::resize::Interpolation;

/// A checked ResizeParameter. Its `prob` has no effect, as in SSD.
///
/// # Formula
/// With aspects as width / height, in fp32, and lengths rounded down:
/// WARP resizes to height × width. FIT_SMALL_SIZE keeps the picture's aspect and makes it cover
/// height × width. FIT_LARGE_SIZE_AND_PAD makes it fit inside and pads both sides; an odd pixel goes
/// right or below.
///
/// # Source
/// SSD, im_transforms: ApplyResize, UpdateBBoxByResizePolicy; ExtrapolateBBox of bbox_util.
#[derive(Clone, Debug)]
pub(crate) struct ResizePolicy {
    mode: ResizeMode,
    size: [usize; 2],
    border: PadMode,
    pad_values: Vec<f32>,
    interpolations: Vec<Interpolation>,
    /// For FIT_SMALL_SIZE: h, w to which boxes of a crop are stretched; 0 for neither.
    stretch: [f32; 2],
}

impl ResizePolicy {
    pub(crate) fn new(p: &ResizeParameter) -> Result<Self, Error> {
        let size = [p.height() as usize, p.width() as usize];
        if size.contains(&0) {
            let reason = format!("{} x {}: both sides must be given", size[0], size[1]);
            return Err(Error::Value { field: "resize_param.height", reason });
        }
        let mut interpolations: Vec<Interpolation> = p.interp_mode().map(interpolation).collect();
        if interpolations.is_empty() {
            interpolations.push(Interpolation::Linear);
        }
        Ok(ResizePolicy {
            mode: p.resize_mode(),
            size,
            border: p.pad_mode(),
            pad_values: p.pad_value.clone(),
            interpolations,
            stretch: [p.height_scale() as f32, p.width_scale() as f32],
        })
    }

    pub(crate) fn apply(&self, frame: Frame, chance: &mut Chance) -> Result<Frame, Error> {
        let pick = chance.below(self.interpolations.len());
        let interpolation = self.interpolations[pick];
        let [c, h, w] = frame.shape();
        let inner = self.inner_size([h, w]);
        let frame = frame.resize("resize_param.height", inner, interpolation)?;
        if self.mode != ResizeMode::FitLargeSizeAndPad || inner == self.size {
            return Ok(frame);
        }
        let border = match self.border {
            PadMode::Constant => Border::Constant(match self.pad_values.as_slice() {
                [] => vec![0.0; c],
                values => crate::mean::per_channel("resize_param.pad_value", values, c)?,
            }),
            PadMode::Mirrored => Border::Reflect,
            PadMode::RepeatNearest => Border::Replicate,
        };
        let before = [0, 1].map(|axis| (self.size[axis] - inner[axis]) / 2);
        frame.pad("resize_param.height", before, self.size, &border)
    }

    /// The size (h, w) of the resized picture without its padding.
    fn inner_size(&self, [h, w]: [usize; 2]) -> [usize; 2] {
        let [height, width] = self.size;
        let aspect = w as f32 / h as f32;
        let wider = aspect > width as f32 / height as f32;
        let narrower = aspect < width as f32 / height as f32;
        let by_width = || [(width as f32 / aspect).floor() as usize, width];
        let by_height = || [height, (aspect * height as f32).floor() as usize];
        match self.mode {
            ResizeMode::Warp => self.size,
            ResizeMode::FitSmallSize => {
                if narrower {
                    by_width()
                } else {
                    by_height()
                }
            }
            // Rounding must not carry a side beyond the size.
            ResizeMode::FitLargeSizeAndPad => {
                let inner = if wider { by_width() } else { by_height() };
                [inner[0].min(height), inner[1].min(width)]
            }
        }
    }

    /// Where a box lies after resizing a picture of `old` (h, w).
    pub(crate) fn moved(&self, area: Area, old: [usize; 2]) -> Area {
        let [old_h, old_w] = old.map(|length| length as f32);
        let [mut new_h, mut new_w] = self.size.map(|length| length as f32);
        let aspect = old_w / old_h;
        let new_aspect = new_w / new_h;
        let [xmin, xmax] = [area.xmin * old_w, area.xmax * old_w];
        let [ymin, ymax] = [area.ymin * old_h, area.ymax * old_h];
        // One side: scaled, kept inside, moved behind its padding.
        let low =
            |v: f32, old: f32, new: f32, pad: f32| pad + (v * (new - 2.0 * pad) / old).max(0.0);
        let high =
            |v: f32, old: f32, new: f32, pad: f32| pad + (v * (new - 2.0 * pad) / old).min(new);
        let mut pad = [0.0, 0.0];
        match self.mode {
            ResizeMode::Warp => {}
            ResizeMode::FitLargeSizeAndPad if aspect > new_aspect => {
                pad[0] = (new_h - new_w / aspect) / 2.0;
            }
            ResizeMode::FitLargeSizeAndPad => pad[1] = (new_w - aspect * new_h) / 2.0,
            ResizeMode::FitSmallSize if aspect < new_aspect => new_h = new_w / aspect,
            ResizeMode::FitSmallSize => new_w = aspect * new_h,
        }
        Area {
            xmin: low(xmin, old_w, new_w, pad[1]) / new_w,
            ymin: low(ymin, old_h, new_h, pad[0]) / new_h,
            xmax: high(xmax, old_w, new_w, pad[1]) / new_w,
            ymax: high(ymax, old_h, new_h, pad[0]) / new_h,
        }
    }

    /// Boxes of a crop in shares of `height_scale` × `width_scale` instead of the crop itself;
    /// FIT_SMALL_SIZE with both of them only.
    pub(crate) fn stretched(&self, area: Area, old: [usize; 2], crop: Area) -> Result<Area, Error> {
        let [stretch_h, stretch_w] = self.stretch;
        if self.mode != ResizeMode::FitSmallSize || stretch_h == 0.0 || stretch_w == 0.0 {
            return Ok(area);
        }
        let [mut height, mut width] = self.size.map(|length| length as f32);
        let aspect = old[1] as f32 / old[0] as f32;
        if aspect < width / height {
            height = width / aspect;
        } else {
            width = height * aspect;
        }
        let crop_h = height * (crop.ymax - crop.ymin);
        let crop_w = width * (crop.xmax - crop.xmin);
        if crop_h < stretch_h || crop_w < stretch_w {
            let reason = format!("{stretch_h} x {stretch_w} is larger than the crop");
            return Err(Error::Value { field: "resize_param.height_scale", reason });
        }
        Ok(Area {
            xmin: area.xmin * crop_w / stretch_w,
            ymin: area.ymin * crop_h / stretch_h,
            xmax: area.xmax * crop_w / stretch_w,
            ymax: area.ymax * crop_h / stretch_h,
        })
    }
}

fn interpolation(mode: InterpMode) -> Interpolation {
    match mode {
        InterpMode::Linear => Interpolation::Linear,
        InterpMode::Area => Interpolation::Area,
        InterpMode::Nearest => Interpolation::Nearest,
        InterpMode::Cubic => Interpolation::Cubic,
        InterpMode::Lanczos4 => Interpolation::Lanczos4,
    }
}
