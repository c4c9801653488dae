use crate::boxes::{Area, float};
use crate::error::{Error, ValueError};
use crate::frame::{Border, Frame, centre};
use crate::param::TransformOp;
use crate::pixels::length;
use crate::scene::Scene;

/// CROP: the middle of the picture.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Crop {
    /// This (h, w). A side that is too short gets the padding on both ends, an odd pixel at the far one, as
    /// TensorFlow's resize_with_crop_or_pad does with 0.
    Size { size: [usize; 2], padding: Option<f32> },
    /// This share of both sides; the border is rounded down, alike on both ends, as TensorFlow's
    /// central_crop does.
    Fraction(f32),
}

impl Crop {
    pub(crate) fn new(op: &TransformOp) -> Result<Self, Error> {
        let field = "transform_op.crop_fraction";
        match (op.crop_fraction, [op.crop_h, op.crop_w].map(length)) {
            (Some(share), [0, 0]) => Crop::fraction(field, share),
            (None, size @ [h, w]) if h > 0 && w > 0 => Ok(Crop::Size { size, padding: op.padding }),
            _ => {
                let ways = "a share up to 1, or crop_h and crop_w";
                Err(Error::Value { field, reason: ValueError::OneOf { ways } })
            }
        }
    }

    pub(crate) fn fraction(field: &'static str, share: f32) -> Result<Self, Error> {
        if share > 0.0 && share <= 1.0 {
            Ok(Crop::Fraction(share))
        } else {
            Err(Error::Value { field, reason: ValueError::Share })
        }
    }

    pub(crate) fn apply(self, scene: &mut Scene) -> Result<(), Error> {
        let (frame, part) = self.cut(scene.take())?;
        scene.frame = frame;
        scene.cut(part);
        Ok(())
    }

    /// The new picture, and which part of the old one it shows.
    fn cut(self, frame: Frame) -> Result<(Frame, Area), Error> {
        let [c, h, w] = frame.shape();
        match self {
            Crop::Fraction(share) => {
                frame.centre_crop([h, w].map(|side| side - 2 * border(side, share)))
            }
            Crop::Size { size, padding: None } if size[0] <= h && size[1] <= w => {
                frame.centre_crop(size)
            }
            Crop::Size { size, padding } => {
                let value = padding.unwrap_or_default();
                let (frame, _) = frame.centre_crop([size[0].min(h), size[1].min(w)])?;
                let before = centre(size, [h, w]);
                let cut = centre([h, w], size);
                let offset = [0, 1].map(|axis: usize| float(cut[axis]) - float(before[axis]));
                let outside = Border::Constant(vec![value; c]);
                let frame = frame.pad("transform_op.crop_h", before, size, &outside)?;
                Ok((frame, Area::part(offset, size, [h, w])))
            }
        }
    }
}

/// What goes at each end of a side of which this share stays.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "less than half of the side, and rounded down as TensorFlow does"
)]
fn border(side: usize, share: f32) -> usize {
    (side as f64 * (1.0 - f64::from(share)) / 2.0) as usize
}
