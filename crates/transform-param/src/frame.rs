//! A picture between two steps.

use crate::boxes::{Area, float};
use crate::error::{Error, ValueError};
use crate::memory;
use crate::pixels::Pixels;
use crate::resize::{Interpolation, try_resize};

/// The largest picture that resizing, padding or expanding makes, in pixels.
pub(crate) const MAX_AREA: usize = 1 << 26;

/// A picture on its way: bytes as stored, values from the first arithmetic on.
#[derive(Clone, Debug)]
pub(crate) enum Frame {
    Bytes(Pixels<u8>),
    Values(Pixels<f32>),
}

/// What lies outside of a picture.
#[derive(Clone, Debug)]
pub(crate) enum Border {
    /// A value for each channel.
    Constant(Vec<f32>),
    /// The picture mirrored at its outermost pixels, which are not repeated.
    Reflect,
    /// The outermost pixels.
    Replicate,
}

impl Frame {
    pub(crate) fn shape(&self) -> [usize; 3] {
        match self {
            Frame::Bytes(picture) => picture.shape(),
            Frame::Values(picture) => picture.shape(),
        }
    }

    /// Height and width.
    pub(crate) fn size(&self) -> [usize; 2] {
        let [_, h, w] = self.shape();
        [h, w]
    }

    pub(crate) fn into_values(self) -> Result<Pixels<f32>, Error> {
        Ok(match self {
            Frame::Bytes(picture) => {
                let mut values = memory::room(picture.data().len())?;
                values.extend(picture.data().iter().copied().map(f32::from));
                Pixels::from_planes(picture.shape(), values)
            }
            Frame::Values(picture) => picture,
        })
    }

    /// The bytes, for steps that OpenCV has for 8 bits only.
    pub(crate) fn into_bytes(self, field: &'static str) -> Result<Pixels<u8>, Error> {
        match self {
            Frame::Bytes(picture) => Ok(picture),
            Frame::Values(_) => Err(Error::FloatPicture { field }),
        }
    }

    /// Resizes; `field` names what asked for the size.
    pub(crate) fn resize(
        self,
        field: &'static str,
        size: [usize; 2],
        interpolation: Interpolation,
    ) -> Result<Self, Error> {
        check_size(field, size)?;
        if self.size() == size {
            return Ok(self);
        }
        Ok(match self {
            Frame::Bytes(picture) => Frame::Bytes(try_resize(picture, size, interpolation)?),
            Frame::Values(picture) => Frame::Values(try_resize(picture, size, interpolation)?),
        })
    }

    /// The part of `size` (h, w) at `offset`.
    pub(crate) fn crop(self, offset: [usize; 2], size: [usize; 2]) -> Result<Self, Error> {
        if self.size() == size && offset == [0, 0] {
            return Ok(self);
        }
        Ok(match self {
            Frame::Bytes(picture) => Frame::Bytes(picture.crop(offset, size)?),
            Frame::Values(picture) => Frame::Values(picture.crop(offset, size)?),
        })
    }

    /// The middle part of `size` (h, w), and which part of the picture that is.
    pub(crate) fn centre_crop(self, size: [usize; 2]) -> Result<(Self, Area), Error> {
        let old = self.size();
        let offset = centre(old, size);
        let part = Area::part(offset.map(float), size, old);
        Ok((self.crop(offset, size)?, part))
    }

    /// A larger picture of `size` (h, w) that has this one at `before`.
    pub(crate) fn pad(
        self,
        field: &'static str,
        before: [usize; 2],
        size: [usize; 2],
        border: &Border,
    ) -> Result<Self, Error> {
        check_size(field, size)?;
        Ok(match self {
            Frame::Bytes(picture) => {
                let byte = |value: f32| byte(value.round_ties_even());
                Frame::Bytes(pad(&picture, before, size, border, byte)?)
            }
            Frame::Values(picture) => {
                Frame::Values(pad(&picture, before, size, border, |value| value)?)
            }
        })
    }
}

/// Where a centre crop of `size` starts, as Caffe and OpenCV's users round it.
pub(crate) fn centre(whole: [usize; 2], size: [usize; 2]) -> [usize; 2] {
    [0, 1].map(|axis: usize| whole[axis].saturating_sub(size[axis]) / 2)
}

pub(crate) fn check_size(field: &'static str, [h, w]: [usize; 2]) -> Result<(), Error> {
    if h.checked_mul(w).is_none_or(|area| area == 0 || area > MAX_AREA) {
        let reason = ValueError::Size { height: h, width: w, most: MAX_AREA };
        return Err(Error::Value { field, reason });
    }
    Ok(())
}

/// `cv::copyMakeBorder`.
fn pad<T: Copy>(
    picture: &Pixels<T>,
    before: [usize; 2],
    size: [usize; 2],
    border: &Border,
    convert: impl Fn(f32) -> T,
) -> Result<Pixels<T>, Error> {
    let [c, h, w] = picture.shape();
    let source = |length: usize, before: usize, size: usize| -> Vec<Option<usize>> {
        (0..size).map(|at| inside(at, before, length, border)).collect()
    };
    let rows = source(h, before[0], size[0]);
    let columns = source(w, before[1], size[1]);
    let mut out = memory::room(c * size[0] * size[1])?;
    for (channel, plane) in picture.data().chunks_exact((h * w).max(1)).enumerate() {
        let outside = match border {
            Border::Constant(values) => values.get(channel).copied().unwrap_or(0.0),
            Border::Reflect | Border::Replicate => 0.0,
        };
        let outside = convert(outside);
        for row in &rows {
            out.extend(columns.iter().map(|column| match (row, column) {
                (Some(row), Some(column)) => plane[row * w + column],
                _ => outside,
            }));
        }
    }
    Ok(Pixels::from_planes([c, size[0], size[1]], out))
}

/// Which of `length` pixels stands `at` this place of a row that has `before` places before them; None for a
/// constant.
fn inside(at: usize, before: usize, length: usize, border: &Border) -> Option<usize> {
    let right = at.checked_sub(before);
    match border {
        Border::Constant(_) => right.filter(|&at| at < length),
        Border::Replicate => Some(right.unwrap_or(0).min(length - 1)),
        Border::Reflect => Some(reflected(at, before, length)),
    }
}

/// The same for a row that is mirrored at its outermost pixels, which are not repeated.
pub(crate) fn reflected(at: usize, before: usize, length: usize) -> usize {
    let period = (2 * (length - 1)).max(1);
    let at = at.abs_diff(before) % period;
    at.min(period - at).min(length - 1)
}

/// A value as a byte; what is beyond is 0 or 255.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the conversion saturates and cuts off, which is what C++'s does with what it can hold"
)]
pub(crate) fn byte(value: f32) -> u8 {
    value as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exact.
    #[test]
    fn borders() {
        let row = || Frame::Bytes(Pixels::from_planes([1, 1, 3], vec![1, 2, 3]));
        let padded = |border: &Border| match row().pad("", [0, 3], [1, 8], border).expect("small") {
            Frame::Bytes(picture) => picture.into_data(),
            Frame::Values(_) => Vec::new(),
        };
        assert_eq!(padded(&Border::Constant(vec![8.5])), [8, 8, 8, 1, 2, 3, 8, 8]);
        assert_eq!(padded(&Border::Replicate), [1, 1, 1, 1, 2, 3, 3, 3]);
        assert_eq!(padded(&Border::Reflect), [2, 3, 2, 1, 2, 3, 2, 1]);
    }
}
