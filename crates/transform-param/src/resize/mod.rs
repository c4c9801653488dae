//! `cv::resize`, plane by plane.
//!
//! OpenCV has its own arithmetic for each interpolation and type; u8 follows it bit for bit, f32
//! in the order of its sums. One file each: weights, then what happens to rows and columns.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    reason = "places and weights of pixels that exist, which OpenCV rounds in the same places; values are clamped"
)]

mod area;
mod cubic;
mod lanczos4;
mod linear;
mod nearest;
mod separable;
mod shuffle;

use crate::error::Error;
use crate::memory;
use crate::pixels::Pixels;
use crate::simd::Avx2;

/// How [`resize`] computes a value from its neighbours: OpenCV's flags of the same names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Interpolation {
    /// `INTER_LINEAR`: between the four nearest pixels. Halving both sides exactly takes means of
    /// 2×2 pixels.
    #[default]
    Linear,
    /// `INTER_AREA`: the mean of the area that the pixel covers. If a side grows, a variant of
    /// [`Interpolation::Linear`].
    Area,
    /// `INTER_NEAREST`: the pixel at `floor(position · input / output)`.
    Nearest,
    /// `INTER_CUBIC`: 4×4 pixels, a = −0.75.
    Cubic,
    /// `INTER_LANCZOS4`: 8×8 pixels.
    Lanczos4,
}

/// A type of pixel value that [`resize`] accepts: `u8` or `f32`.
pub trait Sample: sealed::Arithmetic {}
impl Sample for u8 {}
impl Sample for f32 {}

mod sealed {
    use super::{area, cubic, lanczos4, linear};

    /// What the interpolations need of a type.
    pub trait Arithmetic:
        Copy + Default + area::Mean + linear::Linear + cubic::Cubic + lanczos4::Lanczos4
    {
    }
    impl Arithmetic for u8 {}
    impl Arithmetic for f32 {}
}

/// `cv::resize` to `size` (h, w). A picture without pixels becomes one of zeros.
///
/// # Rounding
/// u8 equals OpenCV's result bit for bit, f32 up to 1e-5 of the largest value.
///
/// # Source
/// OpenCV 4.14 and 5.0 without IPP; fixtures/transform-param/record.py.
pub fn resize<T: Sample>(
    pixels: &Pixels<T>,
    size: [usize; 2],
    interpolation: Interpolation,
) -> Pixels<T> {
    let [c, h, w] = pixels.shape();
    if [h, w] == size {
        return pixels.clone();
    }
    resize_into(pixels, size, interpolation, vec![T::default(); c * size[0] * size[1]])
}

/// [`resize`] where the size comes from a file: memory that is not there is an error.
pub(crate) fn try_resize<T: Sample>(
    pixels: Pixels<T>,
    size: [usize; 2],
    interpolation: Interpolation,
) -> Result<Pixels<T>, Error> {
    let [c, h, w] = pixels.shape();
    if [h, w] == size {
        return Ok(pixels);
    }
    let values = size[0].checked_mul(size[1]).and_then(|area| area.checked_mul(c));
    let out = memory::zeros(values.unwrap_or(usize::MAX))?;
    Ok(resize_into(&pixels, size, interpolation, out))
}

/// `out` has a value for each place of the result.
fn resize_into<T: Sample>(
    pixels: &Pixels<T>,
    size: [usize; 2],
    interpolation: Interpolation,
    mut out: Vec<T>,
) -> Pixels<T> {
    let [c, h, w] = pixels.shape();
    let [height, width] = size;
    if !pixels.data().is_empty() && !out.is_empty() {
        let planes = Planes { avx2: Avx2::detect(), channels: c, from: [h, w], to: size };
        fill(&planes, pixels.data(), &mut out, interpolation);
    }
    Pixels::from_planes([c, height, width], out)
}

fn fill<T: Sample>(planes: &Planes, source: &[T], out: &mut [T], interpolation: Interpolation) {
    match planes.avx2 {
        #[cfg(target_arch = "x86_64")]
        Some(_) => {
            // SAFETY: the proof says that this machine has these instructions.
            #[allow(unsafe_code)]
            unsafe {
                fill_avx2(planes, source, out, interpolation);
            }
        }
        _ => fill_any(planes, source, out, interpolation),
    }
}

/// The same code; the compiler makes vectors of it.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2")]
fn fill_avx2<T: Sample>(
    planes: &Planes,
    source: &[T],
    out: &mut [T],
    interpolation: Interpolation,
) {
    fill_any(planes, source, out, interpolation);
}

#[inline(always)]
fn fill_any<T: Sample>(planes: &Planes, source: &[T], out: &mut [T], interpolation: Interpolation) {
    match interpolation {
        Interpolation::Linear => linear::resize(planes, source, out),
        Interpolation::Area => area::resize(planes, source, out),
        Interpolation::Nearest => nearest::resize(planes, source, out),
        Interpolation::Cubic => cubic::resize(planes, source, out),
        Interpolation::Lanczos4 => lanczos4::resize(planes, source, out),
    }
}

/// The planes of a picture, with at least one pixel before and after.
pub struct Planes {
    avx2: Option<Avx2>,
    channels: usize,
    /// h, w.
    from: [usize; 2],
    /// h, w.
    to: [usize; 2],
}

impl Planes {
    /// Each plane before and after.
    fn each<'a, T>(
        &self,
        source: &'a [T],
        out: &'a mut [T],
    ) -> impl Iterator<Item = (&'a [T], &'a mut [T])> {
        let area = |[h, w]: [usize; 2]| h * w;
        source.chunks_exact(area(self.from)).zip(out.chunks_exact_mut(area(self.to)))
    }

    /// Input pixels per output pixel along both sides. The double division is OpenCV's.
    fn scale(&self) -> [f64; 2] {
        [0, 1].map(|side| inverse_scale(self.from[side], self.to[side]).recip())
    }

    /// The scales, if both are whole numbers.
    fn whole_scale(&self) -> Option<[usize; 2]> {
        let scale = self.scale();
        let whole = scale.map(|scale| scale.round_ties_even());
        let near = |side: usize| (scale[side] - whole[side]).abs() < f64::EPSILON;
        let fits = |side: usize| whole[side] as usize * self.to[side] == self.from[side];
        ([0, 1].into_iter().all(|side| near(side) && fits(side)))
            .then_some(whole.map(|scale| scale as usize))
    }
}

fn inverse_scale(input: usize, output: usize) -> f64 {
    output as f64 / input as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [Interpolation; 5] = [
        Interpolation::Linear,
        Interpolation::Area,
        Interpolation::Nearest,
        Interpolation::Cubic,
        Interpolation::Lanczos4,
    ];

    fn both<T: Sample + PartialEq>(from: [usize; 2], to: [usize; 2], source: &[T]) -> bool {
        ALL.iter().all(|&interpolation| {
            let [vectors, scalars] = [Avx2::for_test("resizing"), None].map(|avx2| {
                let planes = Planes { avx2, channels: 3, from, to };
                let mut out = vec![T::default(); 3 * to[0] * to[1]];
                fill(&planes, source, &mut out, interpolation);
                out
            });
            vectors == scalars
        })
    }

    proptest! {
        /// Bit-exact: vectors change nothing.
        #[test]
        fn vectors_equal_scalars(from in [1usize..60, 1usize..60], to in [1usize..60, 1usize..60], seed: u64) {
            let value = |i: usize| ((i as u64 ^ seed).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8;
            let bytes: Vec<u8> = (0..3 * from[0] * from[1]).map(value).collect();
            prop_assert!(both(from, to, &bytes));
            let floats: Vec<f32> = bytes.iter().map(|&byte| f32::from(byte) / 7.0 - 9.0).collect();
            prop_assert!(both(from, to, &floats));
        }
    }
}
