use crate::error::Error;
use crate::rect::{Detection, Rect};

/// The longest side of a picture or of an input: beyond it `f32` has no half pixels.
const MAX_SIDE: usize = 1 << 22;

/// Where a letterboxed picture lies in the net's input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Place {
    /// In the middle; of an odd number of pixels, the last one is right or below. Ultralytics' nets.
    #[default]
    Middle,
    /// In the upper left corner. YOLOX.
    Corner,
}

/// How a picture was fitted into the net's input, and so the way of boxes back to the picture.
///
/// ```
/// use detection::{Fit, Place, Rect};
/// // 640 × 480 in 416 × 416: resized to 416 × 312, with 52 rows above and below.
/// let fit = Fit::letterbox([480, 640], [416, 416], Place::Middle)?;
/// assert_eq!((fit.resized(), fit.offset()), ([312, 416], [52, 0]));
/// let found = Rect::new([0.0, 52.0], [208.0, 208.0]);
/// assert_eq!(fit.to_picture(&found), Rect::new([0.0, 0.0], [320.0, 240.0]));
/// # Ok::<(), detection::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fit {
    picture: [usize; 2],
    input: [usize; 2],
    resized: [usize; 2],
    offset: [usize; 2],
}

impl Fit {
    /// A picture that was resized to the input (height and width each), whatever its aspect.
    ///
    /// # Errors
    /// [`Error::Side`] for a size with a side of 0 or of more than 2²² pixels.
    pub fn warp(picture: [usize; 2], input: [usize; 2]) -> Result<Self, Error> {
        check(picture)?;
        check(input)?;
        Ok(Fit { picture, input, resized: input, offset: [0, 0] })
    }

    /// A picture that was resized with its aspect, so that it just fits into the input; beside it are pixels of one
    /// colour.
    ///
    /// # Formula
    /// `ratio = min(input height / picture height, input width / picture width)`; the resized sides are the picture's
    /// times `ratio`, rounded to the nearest integer, at least 1.
    ///
    /// # Errors
    /// As [`Fit::warp`].
    pub fn letterbox(picture: [usize; 2], input: [usize; 2], place: Place) -> Result<Self, Error> {
        check(picture)?;
        check(input)?;
        // Which side is full: products instead of quotients, so that it is exact. They are below 2⁴⁶.
        let (from, to) = (picture.map(|side| side as u64), input.map(|side| side as u64));
        let high = to[0] * from[1] <= to[1] * from[0];
        let (full, other) = if high { (0, 1) } else { (1, 0) };
        let nearest = (2 * from[other] * to[full] + from[full]) / (2 * from[full]);
        let mut resized = input;
        // No longer than the input's side, so that the fallback never serves.
        resized[other] = usize::try_from(nearest).unwrap_or(input[other]).clamp(1, input[other]);
        let offset = match place {
            Place::Corner => [0, 0],
            Place::Middle => [0, 1].map(|axis| (input[axis] - resized[axis]) / 2),
        };
        Ok(Fit { picture, input, resized, offset })
    }

    /// Height and width of the picture.
    pub fn picture(&self) -> [usize; 2] {
        self.picture
    }

    /// Height and width of the net's input.
    pub fn input(&self) -> [usize; 2] {
        self.input
    }

    /// Height and width of the resized picture in the input.
    pub fn resized(&self) -> [usize; 2] {
        self.resized
    }

    /// Rows above and columns left of the resized picture.
    pub fn offset(&self) -> [usize; 2] {
        self.offset
    }

    /// A rectangle of the input in the picture, clipped to it.
    ///
    /// # Formula
    /// `x = (x of the input − columns left of it) · picture width / resized width`, and y alike.
    pub fn to_picture(&self, rect: &Rect) -> Rect {
        let back = |axis: usize, place: f32| {
            let scale = length(self.picture[axis]) / length(self.resized[axis]);
            (place - length(self.offset[axis])) * scale
        };
        Rect::new([back(1, rect.x0), back(0, rect.y0)], [back(1, rect.x1), back(0, rect.y1)])
            .clip(self.picture.map(length))
    }

    /// Boxes of the input in the picture. Those without a part in it go.
    pub fn boxes_to_picture(&self, boxes: &[Detection]) -> Vec<Detection> {
        let back = |found: &Detection| Detection { rect: self.to_picture(&found.rect), ..*found };
        boxes.iter().map(back).filter(|found| found.rect.area() > 0.0).collect()
    }
}

fn check([height, width]: [usize; 2]) -> Result<(), Error> {
    let good = |side| (1..=MAX_SIDE).contains(&side);
    if good(height) && good(width) { Ok(()) } else { Err(Error::Side { height, width }) }
}

/// A number of pixels, at most 2²², which is exact.
pub(crate) fn length(pixels: usize) -> f32 {
    pixels as f32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sizes_that_are_none() {
        for bad in [[0, 1], [1, 0], [MAX_SIDE + 1, 1], [1, usize::MAX]] {
            for result in [
                Fit::warp(bad, [1, 1]),
                Fit::warp([1, 1], bad),
                Fit::letterbox(bad, [1, 1], Place::Middle),
                Fit::letterbox([1, 1], bad, Place::Corner),
            ] {
                assert!(matches!(result, Err(Error::Side { .. })), "{bad:?}: {result:?}");
            }
        }
        // The thinnest picture still has a pixel.
        let fit = Fit::letterbox([1, MAX_SIDE], [8, 8], Place::Middle).expect("a size");
        assert_eq!((fit.resized(), fit.offset()), ([1, 8], [3, 0]));
    }

    proptest! {
        /// Mixed error 1e-3 of a pixel: the corners of the resized picture are the corners of the picture, and a place
        /// of the picture comes back from the input.
        #[test]
        fn places_come_back(
            (h, w, ih, iw) in (1usize..3000, 1usize..3000, 1usize..1300, 1usize..1300),
            (x, y) in (0.0f32..1.0, 0.0f32..1.0),
            way in 0..3,
        ) {
            let fit = match way {
                0 => Fit::warp([h, w], [ih, iw]),
                1 => Fit::letterbox([h, w], [ih, iw], Place::Middle),
                _ => Fit::letterbox([h, w], [ih, iw], Place::Corner),
            }.expect("sizes");
            let [top, left] = fit.offset().map(length);
            let [rows, columns] = fit.resized().map(length);
            prop_assert!(top + rows <= length(ih) && left + columns <= length(iw));
            prop_assert!(way == 0 || rows == length(ih) || columns == length(iw));
            let inside = Rect::new([left, top], [left + x * columns, top + y * rows]);
            let back = fit.to_picture(&inside);
            let bound = 1e-3 + 1e-5 * length(h.max(w));
            for (found, expected) in [
                (back.x0, 0.0), (back.y0, 0.0),
                (back.x1, x * length(w)), (back.y1, y * length(h)),
            ] {
                prop_assert!((found - expected).abs() < bound, "{} {}", found, expected);
            }
        }
    }

    #[test]
    fn boxes_beside_the_picture_go() {
        let fit = Fit::letterbox([50, 100], [100, 100], Place::Middle).expect("sizes");
        let found =
            |y0, y1| Detection { label: 1, score: 1.0, rect: Rect::new([5.0, y0], [9.0, y1]) };
        let boxes = [found(0.0, 24.0), found(20.0, 30.0), found(80.0, 90.0)];
        let expected = Detection { rect: Rect::new([5.0, 0.0], [9.0, 5.0]), ..boxes[0] };
        assert_eq!(fit.boxes_to_picture(&boxes), [expected]);
    }
}
