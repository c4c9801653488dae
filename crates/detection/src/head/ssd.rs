use super::tensors::{Tensor, one};
use super::{Decoding, MAX_CLASSES};
use crate::error::Error;
use crate::fit::length;
use crate::rect::{Detection, Rect};

/// The rows of SSD's DetectionOutput layer, whose boxes have been decoded and suppressed.
///
/// # Shapes
/// One tensor `[1, 1, boxes, 7]`: picture, class, score, x0, y0, x1, y1. The corners are shares of the picture. Rows of
/// a negative class stand for pictures without a box and are passed over.
///
/// # Formula
/// Corners times the input's sides. The classes above the background lose one, so that the first class is 0; with no
/// background they stay.
///
/// # Source
/// SSD, DetectionOutputLayer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ssd {
    pub(super) background: Option<usize>,
}

impl Ssd {
    /// With this class for the background, or none.
    pub fn new(background: impl Into<Option<usize>>) -> Self {
        Ssd { background: background.into() }
    }

    /// The class that is no object.
    pub fn background(&self) -> Option<usize> {
        self.background
    }

    pub(super) fn decode(
        &self,
        tensors: &[Tensor<'_>],
        decoding: &Decoding,
    ) -> Result<Vec<Vec<Detection>>, Error> {
        let tensor = one("ssd", tensors)?;
        let shape = tensor.shape();
        let long = shape.iter().rev().skip(1).filter(|&&axis| axis != 1).count();
        if shape.last() != Some(&7) || long > 1 {
            return Err(Error::Rows { tensor: 0, shape: shape.to_vec(), width: 7 });
        }
        let rows = tensor.values().as_chunks::<7>().0;
        let mut all = vec![Vec::new(); decoding.pictures];
        let [height, width] = decoding.input.map(length);
        for (row, &[picture, class, score, x0, y0, x1, y1]) in rows.iter().enumerate() {
            if class < 0.0 {
                continue;
            }
            let picture = whole(row, "the picture", picture, decoding.pictures)?;
            let class = whole(row, "the class", class, MAX_CLASSES)?;
            if Some(class) == self.background || score < decoding.score_threshold {
                continue;
            }
            let label = class - usize::from(self.background.is_some_and(|other| other < class));
            let rect = Rect::new([x0 * width, y0 * height], [x1 * width, y1 * height]);
            if rect.is_finite() {
                all[picture].push(Detection { label, score, rect });
            }
        }
        Ok(all)
    }
}

/// A whole number from 0 that a row tells.
fn whole(row: usize, what: &'static str, value: f32, limit: usize) -> Result<usize, Error> {
    let good = value >= 0.0 && value.fract() == 0.0 && value < 16_777_216.0;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number from 0 to 2^24"
    )]
    let number = if good { value as usize } else { usize::MAX };
    if number < limit { Ok(number) } else { Err(Error::Row { row, what, value, limit }) }
}
