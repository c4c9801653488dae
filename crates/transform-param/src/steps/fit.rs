//! `resize_param`: the three ways to bring a picture to a size.

use crate::boxes::{Area, float};
use crate::chance::Chance;
use crate::error::{Error, ValueError};
use crate::frame::Border;
use crate::param::{PadMode, ResizeMode, ResizeParam};
use crate::pixels::length;
use crate::resize::Interpolation;
use crate::scene::Scene;

/// A checked [`ResizeParam`].
#[derive(Clone, Debug)]
pub(crate) struct Fit {
    mode: ResizeMode,
    size: [usize; 2],
    border: PadMode,
    pad_values: Vec<f32>,
    interpolations: Vec<Interpolation>,
    /// For FIT_SMALL_SIZE: h, w to which boxes of a crop are stretched; 0 for neither.
    stretch: [usize; 2],
}

impl Fit {
    pub(crate) fn new(p: &ResizeParam) -> Result<Self, Error> {
        let size = [p.height, p.width].map(length);
        if size.contains(&0) {
            let [height, width] = size;
            let reason = ValueError::OneSide { height, width };
            return Err(Error::Value { field: "resize_param.height", reason });
        }
        let mut interpolations = p.interp_mode.clone();
        if interpolations.is_empty() {
            interpolations.push(Interpolation::Linear);
        }
        Ok(Fit {
            mode: p.resize_mode,
            size,
            border: p.pad_mode,
            pad_values: p.pad_value.clone(),
            interpolations,
            stretch: [p.height_scale, p.width_scale].map(length),
        })
    }

    /// Whether boxes are told in shares of something else than the picture.
    pub(crate) fn stretches(&self) -> bool {
        self.mode == ResizeMode::FitSmallSize && !self.stretch.contains(&0)
    }

    pub(crate) fn apply(&self, scene: &mut Scene, chance: &mut Chance) -> Result<(), Error> {
        let pick = chance.below(self.interpolations.len());
        let interpolation = self.interpolations[pick];
        let [c, h, w] = scene.frame.shape();
        let inner = self.inner_size([h, w]);
        let mut frame = scene.take().resize("resize_param.height", inner, interpolation)?;
        if self.mode == ResizeMode::FitLargeSizeAndPad && inner != self.size {
            let border = match self.border {
                PadMode::Constant => Border::Constant(match self.pad_values.as_slice() {
                    [] => vec![0.0; c],
                    values => crate::mean::per_channel("resize_param.pad_value", values, c)?,
                }),
                PadMode::Mirrored => Border::Reflect,
                PadMode::RepeatNearest => Border::Replicate,
            };
            let before = [0, 1].map(|axis| (self.size[axis] - inner[axis]) / 2);
            frame = frame.pad("resize_param.height", before, self.size, &border)?;
        }
        scene.frame = frame;
        scene.fitted_from = [h, w];
        scene.change(|area| Ok(self.moved(area, [h, w])))
    }

    /// Boxes of a crop in shares of `height_scale` × `width_scale` instead of the crop itself.
    pub(crate) fn stretch(&self, scene: &mut Scene) -> Result<(), Error> {
        let (old, shown) = (scene.fitted_from, scene.shown);
        scene.change(|area| self.stretched(area, old, shown))
    }

    /// The size (h, w) of the resized picture without its padding.
    fn inner_size(&self, [h, w]: [usize; 2]) -> [usize; 2] {
        let [height, width] = self.size;
        let aspect = float(w) / float(h);
        let wider = aspect > float(width) / float(height);
        let narrower = aspect < float(width) / float(height);
        let by_width = || [down(float(width) / aspect), width];
        let by_height = || [height, down(aspect * float(height))];
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
    fn moved(&self, area: Area, old: [usize; 2]) -> Area {
        let [old_h, old_w] = old.map(float);
        let [mut new_h, mut new_w] = self.size.map(float);
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

    fn stretched(&self, area: Area, old: [usize; 2], crop: Area) -> Result<Area, Error> {
        let [stretch_h, stretch_w] = self.stretch.map(float);
        let [mut height, mut width] = self.size.map(float);
        let aspect = float(old[1]) / float(old[0]);
        if aspect < width / height {
            height = width / aspect;
        } else {
            width = height * aspect;
        }
        let crop_h = height * (crop.ymax - crop.ymin);
        let crop_w = width * (crop.xmax - crop.xmin);
        if crop_h < stretch_h || crop_w < stretch_w {
            let reason = ValueError::BeyondCrop { height: stretch_h, width: stretch_w };
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

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "not negative, rounded down; what is too large for a size is refused after this"
)]
fn down(value: f32) -> usize {
    value as usize
}
