use super::bad;
use crate::boxes::Area;
use crate::error::Error;
use crate::frame::{Border, Frame, centre};
use crate::proto::TransformOp;

/// CROP: the middle of the picture.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Crop {
    /// This (h, w). With `padding`, a side that is too short gets that value on both ends, an odd
    /// pixel at the far one, as TensorFlow's resize_with_crop_or_pad does with 0.
    Size { size: [usize; 2], padding: Option<f32> },
    /// This share of both sides; the border is rounded down, alike on both ends, as TensorFlow's
    /// central_crop does.
    Fraction(f32),
}

impl Crop {
    pub(crate) fn new(op: &TransformOp) -> Result<Self, Error> {
        match (op.crop_fraction, [op.crop_h() as usize, op.crop_w() as usize]) {
            (Some(share), [0, 0]) => Crop::fraction("transform_op.crop_fraction", share),
            (None, size @ [h, w]) if h > 0 && w > 0 => Ok(Crop::Size { size, padding: op.padding }),
            _ => bad("transform_op.crop_fraction", "give a share up to 1, or crop_h and crop_w"),
        }
    }

    pub(crate) fn fraction(field: &'static str, share: f32) -> Result<Self, Error> {
        if share > 0.0 && share <= 1.0 {
            Ok(Crop::Fraction(share))
        } else {
            bad(field, "must be above 0 and up to 1")
        }
    }

    pub(crate) fn apply(self, frame: Frame) -> Result<(Frame, Area), Error> {
        let [c, h, w] = frame.shape();
        match self {
            Crop::Fraction(share) => {
                let kept = |length: usize| {
                    length - 2 * ((length as f64 * (1.0 - f64::from(share)) / 2.0) as usize)
                };
                frame.centre_crop([kept(h), kept(w)])
            }
            Crop::Size { size, padding: None } => frame.centre_crop(size),
            Crop::Size { size, padding: Some(value) } => {
                let (frame, _) = frame.centre_crop([size[0].min(h), size[1].min(w)])?;
                let before = centre(size, [h, w]);
                let cut = centre([h, w], size);
                let offset = [0, 1].map(|axis: usize| cut[axis] as f32 - before[axis] as f32);
                let border = Border::Constant(vec![value; c]);
                let frame = frame.pad("transform_op.crop_h", before, size, &border)?;
                Ok((frame, Area::part(offset, size, [h, w])))
            }
        }
    }
}
