//! `transform_op`: steps that run in the order in which they are written.

use crate::error::Error;
use crate::mean::{Mean, per_channel};
use crate::pixels::Pixels;
use crate::proto::{TransformOp, transform_op::Op};
use crate::resize::{Interpolation, resize};

/// The largest picture that resizing makes, in pixels.
const MAX_AREA: usize = 1 << 26;

/// A picture on its way: bytes until the first STAND, values from then on.
pub(crate) enum Picture {
    Bytes(Pixels<u8>),
    Values(Pixels<f32>),
}

impl Picture {
    pub(crate) fn shape(&self) -> [usize; 3] {
        match self {
            Picture::Bytes(picture) => picture.shape(),
            Picture::Values(picture) => picture.shape(),
        }
    }

    pub(crate) fn into_values(self) -> Pixels<f32> {
        match self {
            Picture::Bytes(picture) => picture.map(f32::from),
            Picture::Values(picture) => picture,
        }
    }

    /// Resizes bytes; `field` names what asked for the size.
    pub(crate) fn resize(self, field: &'static str, size: [usize; 2]) -> Result<Self, Error> {
        let [h, w] = size;
        if h.checked_mul(w).is_none_or(|area| area == 0 || area > MAX_AREA) {
            let reason = format!("{h} x {w}: must have from 1 to {MAX_AREA} pixels");
            return Err(Error::Value { field, reason });
        }
        match self {
            Picture::Bytes(picture) => {
                Ok(Picture::Bytes(resize(&picture, size, Interpolation::Linear)))
            }
            Picture::Values(picture) => {
                Ok(Picture::Values(resize(&picture, size, Interpolation::Linear)))
            }
        }
    }

    pub(crate) fn centre_crop(self, size: [usize; 2]) -> Result<Self, Error> {
        Ok(match self {
            Picture::Bytes(picture) => Picture::Bytes(picture.centre_crop(size)?),
            Picture::Values(picture) => Picture::Values(picture.centre_crop(size)?),
        })
    }
}

/// One checked step.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// To a fixed (h, w).
    Resize([usize; 2]),
    /// The shorter side to this length, the other in proportion.
    ResizeSide(usize),
    /// The middle part, (h, w).
    Crop([usize; 2]),
    /// The middle part, as a share of both sides.
    CropFraction(f32),
    /// `(x − mean) · scale / div`, then, if asked for, B, G, R to R, G, B.
    Standardize { mean: Mean, scale: Vec<f32>, div: f32, bgr2rgb: bool },
}

impl Step {
    /// Checks an operation; NONE is no step.
    pub(crate) fn new(op: &TransformOp) -> Result<Option<Step>, Error> {
        let value = |field, reason: &str| Err(Error::Value { field, reason: reason.to_owned() });
        let size = [op.resize_h() as usize, op.resize_w() as usize];
        Ok(Some(match op.op() {
            Op::None => return Ok(None),
            Op::Resize => match (op.resize_side, size) {
                (Some(side), [0, 0]) if side > 0 => Step::ResizeSide(side as usize),
                (None, [h, w]) if h > 0 && w > 0 => Step::Resize(size),
                _ => return value("transform_op.resize_side", "give it, or resize_h and resize_w"),
            },
            Op::Crop if op.padding() != 0.0 => {
                return Err(Error::Unsupported { field: "transform_op.padding" });
            }
            Op::Crop => match (op.crop_fraction, [op.crop_h() as usize, op.crop_w() as usize]) {
                (Some(share), [0, 0]) if share > 0.0 && share <= 1.0 => Step::CropFraction(share),
                (None, [h, w]) if h > 0 && w > 0 => Step::Crop([h, w]),
                _ => {
                    let reason = "give a share up to 1, or crop_h and crop_w";
                    return value("transform_op.crop_fraction", reason);
                }
            },
            Op::Stand => {
                if op.div() == 0.0 {
                    return value("transform_op.div", "must not be 0");
                }
                Step::Standardize {
                    mean: Mean::new(
                        "transform_op.mean_value",
                        &op.mean_value,
                        op.mean_file.as_deref(),
                    )?,
                    scale: if op.scale.is_empty() { vec![1.0] } else { op.scale.clone() },
                    div: op.div(),
                    bgr2rgb: op.bgr2rgb(),
                }
            }
        }))
    }

    pub(crate) fn apply(&self, picture: Picture) -> Result<Picture, Error> {
        let [c, h, w] = picture.shape();
        match self {
            Step::Resize(size) => picture.resize("transform_op.resize_h", *size),
            Step::ResizeSide(side) => {
                let short = h.min(w).max(1);
                let scaled = |length: usize| {
                    ((length as f64 * *side as f64 / short as f64).round() as usize).max(1)
                };
                picture.resize("transform_op.resize_side", [scaled(h), scaled(w)])
            }
            Step::Crop(size) => picture.centre_crop(*size),
            Step::CropFraction(share) => {
                // As TensorFlow's central_crop: the border is rounded down, alike on both sides.
                let kept = |length: usize| {
                    length - 2 * ((length as f64 * (1.0 - f64::from(*share)) / 2.0) as usize)
                };
                picture.centre_crop([kept(h), kept(w)])
            }
            Step::Standardize { mean, scale, div, bgr2rgb } => {
                let mut values = picture.into_values();
                mean.subtract("transform_op.mean_value", &mut values, [0, 0])?;
                let scale = per_channel("transform_op.scale", scale, c)?;
                values.for_each_channel(|channel, plane| {
                    plane.iter_mut().for_each(|value| *value = *value * scale[channel] / div);
                });
                Ok(Picture::Values(if *bgr2rgb { values.reverse_channels() } else { values }))
            }
        }
    }
}
