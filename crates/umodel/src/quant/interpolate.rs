//! Bilinear resizing in integers, as the chip's depthwise convolution computes it: the definition of
//! [`Arithmetic::Interpolate`](super::Arithmetic::Interpolate), which the executor and the code generator share.
//!
//! Along an axis whose top has a pixels for b of the bottom, a and b without a common divisor, pixel `i + a` lies b
//! pixels behind pixel i, between two neighbours at the same distances. So pixels with the same `i mod a`, a *phase*,
//! have the same two weights: each pair of phases of height and width is a depthwise convolution with a constant
//! kernel and stride b. Places beyond the edge have the edge's values, as if it were copied.
//!
//! # Formula
//! With the distances `f` from the upper and `g` from the left neighbour, exact fractions, and `round` for half up:
//! `F = round(256·f)`, `G = round(256·g)`, `W₁₁ = max(round(256·f·g), F + G − 256)`, `W₁₀ = F − W₁₁`, `W₀₁ = G − W₁₁`,
//! `W₀₀ = 256 − W₁₀ − W₀₁ − W₁₁`. The first index is the row. None is negative and their sum is 256, so that equal neighbours keep their value, and
//! `y = (W₀₀·x₀₀ + W₀₁·x₀₁ + W₁₀·x₁₀ + W₁₁·x₁₁ + 128) >> 8` needs no clipping.

use thiserror::Error;

use crate::layers::Coordinates;

/// The most phases along an axis: the square is the number of commands.
const MOST_PHASES: usize = 16;
/// The largest stride of a depthwise convolution: the command's field has 4 bits.
const MOST_STRIDE: usize = 15;

/// What a bilinear layer says about its pixels' places.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Linear {
    /// How coordinates correspond.
    pub coordinates: Coordinates,
    /// Factors of height and width, if they are not top size/bottom size.
    pub scale: Option<[f32; 2]>,
    /// Pixels cut off in front of and behind both axes, before all else.
    pub cut: [usize; 2],
    /// Whether what lies behind the last pixel is zero, instead of that pixel.
    pub zeros_behind: bool,
}

/// Why a resizing is not one of few convolutions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ResizingError {
    /// Too many different distances.
    #[error(
        "resizing {from} pixels to {to} has {phases} different weights along an axis, more than the {MOST_PHASES} \
         that are worth a command"
    )]
    Phases {
        /// The bottom's size.
        from: usize,
        /// The top's size.
        to: usize,
        /// How many.
        phases: usize,
    },
    /// Too long steps.
    #[error(
        "resizing {from} pixels to {to} has a stride of {stride}, more than the command's {MOST_STRIDE}"
    )]
    Stride {
        /// The bottom's size.
        from: usize,
        /// The top's size.
        to: usize,
        /// The stride.
        stride: usize,
    },
    /// A factor that is not a short fraction.
    #[error("its factor for {from} to {to} pixels is neither their ratio nor a multiple of 1/8")]
    Factor {
        /// The bottom's size.
        from: usize,
        /// The top's size.
        to: usize,
    },
    /// Nothing is left to resize.
    #[error("there are no pixels to resize")]
    Empty,
}

/// The pixels and weights of one resizing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interpolation {
    /// Height and width.
    pub axes: [Places; 2],
    /// W₀₀, W₀₁, W₁₀ and W₁₁ for each phase of the height and each of the width.
    weights: Vec<[u16; 4]>,
}

impl Interpolation {
    /// The weights of two phases, of height and width.
    ///
    /// # Panics
    /// If there are no such phases.
    pub fn weights(&self, phases: [usize; 2]) -> [u16; 4] {
        self.weights[phases[0] * self.axes[1].distances.len() + phases[1]]
    }
}

/// Where the pixels of an axis lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// The bottom's two neighbours of each pixel of the top; none where zero stands.
    pub neighbours: Vec<[Option<usize>; 2]>,
    /// The distance from the first neighbour in each phase, as numerator and denominator. Pixel i has phase
    /// i modulo their number.
    distances: Vec<[u64; 2]>,
}

impl Places {
    /// The phase of a pixel.
    pub fn phase(&self, pixel: usize) -> usize {
        pixel % self.distances.len().max(1)
    }
}

impl Linear {
    /// The pixels and weights for the shapes of a bottom and its top, whose last two axes are height and width.
    ///
    /// # Errors
    /// If the chip's convolutions cannot compute it.
    pub fn plan(&self, bottom: &[usize], top: &[usize]) -> Result<Interpolation, ResizingError> {
        let side = |shape: &[usize], axis: usize| shape.get(axis + 2).copied().unwrap_or(1);
        let places = |axis| self.places(axis, side(bottom, axis), side(top, axis));
        let axes = [places(0)?, places(1)?];
        let pairs = |&row| axes[1].distances.iter().map(move |&column| weights(row, column));
        let weights = axes[0].distances.iter().flat_map(pairs).collect();
        Ok(Interpolation { axes, weights })
    }

    fn places(&self, axis: usize, whole: usize, to: usize) -> Result<Places, ResizingError> {
        let [front, back] = self.cut;
        let from = whole.saturating_sub(front.saturating_add(back));
        if from == 0 || to == 0 {
            return Err(ResizingError::Empty);
        }
        // The top's pixels and the bottom's of one period.
        let [a, b] = match self.coordinates {
            Coordinates::AlignCorners if to == 1 => [1, 0],
            Coordinates::AlignCorners => reduced([to - 1, from - 1]),
            Coordinates::PytorchHalfPixel if to == 1 => [1, 0],
            Coordinates::HalfPixel
            | Coordinates::PytorchHalfPixel
            | Coordinates::Asymmetric
            | Coordinates::TfHalfPixelForNn => match self.scale {
                Some(scale) if scale[axis] != to as f32 / from as f32 => {
                    fraction(scale[axis]).ok_or(ResizingError::Factor { from, to })?
                }
                _ => reduced([to, from]),
            },
        };
        let phases = a.min(to);
        if phases > MOST_PHASES {
            return Err(ResizingError::Phases { from, to, phases });
        }
        if to > a && b > MOST_STRIDE {
            return Err(ResizingError::Stride { from, to, stride: b });
        }
        // Twice the distance from the bottom's first pixel, as a multiple of 1/a.
        let place = |pixel: usize| {
            let [a, b, pixel] = [a, b, pixel].map(|number| number as i128);
            match self.coordinates {
                Coordinates::PytorchHalfPixel if to == 1 => 0,
                Coordinates::HalfPixel | Coordinates::PytorchHalfPixel => (2 * pixel + 1) * b - a,
                Coordinates::AlignCorners | Coordinates::Asymmetric => 2 * pixel * b,
                Coordinates::TfHalfPixelForNn => (2 * pixel + 1) * b,
            }
        };
        let whole = 2 * a as i128;
        let neighbour = |at: i128| match usize::try_from(at) {
            Ok(at) if at < from => Some(front + at),
            Ok(_) if self.zeros_behind => None,
            Ok(_) => Some(front + from - 1),
            Err(_) => Some(front),
        };
        let neighbours = (0..to).map(|pixel| {
            let first = place(pixel).div_euclid(whole);
            [neighbour(first), neighbour(first + 1)]
        });
        let distances = (0..phases).map(|pixel| {
            let part = u64::try_from(place(pixel).rem_euclid(whole)).unwrap_or(0);
            [part, 2 * a as u64]
        });
        Ok(Places { neighbours: neighbours.collect(), distances: distances.collect() })
    }
}

/// A fraction by its greatest common divisor.
fn reduced([a, b]: [usize; 2]) -> [usize; 2] {
    let (mut divisor, mut rest) = (a, b);
    while rest != 0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    match divisor {
        0 => [1, 0],
        divisor => [a / divisor, b / divisor],
    }
}

/// A factor as a fraction of eighths.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a whole number from 1 to 2^20"
)]
fn fraction(factor: f32) -> Option<[usize; 2]> {
    let eighths = factor * 8.0;
    let whole = eighths.fract() == 0.0 && (1.0..1_048_576.0).contains(&eighths);
    whole.then(|| reduced([eighths as usize, 8]))
}

/// W₀₀, W₀₁, W₁₀, W₁₁ of two distances.
#[expect(clippy::cast_possible_truncation, reason = "at most 256")]
fn weights(row: [u64; 2], column: [u64; 2]) -> [u16; 4] {
    // 256 times a fraction, half up.
    let round = |[numerator, denominator]: [u64; 2]| {
        ((512 * numerator + denominator) / (2 * denominator)) as u16
    };
    let (lower, right) = (round(row), round(column));
    let both = round([row[0] * column[0], row[1] * column[1]]);
    let both = both.max((lower + right).saturating_sub(256));
    [256 + both - lower - right, right - both, lower - both, both]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exact: the weights of all distances that occur are not negative and add up to 256, and none is further from
    /// its real value than the roundings that it is made of.
    #[test]
    fn weights_are_whole_and_near() {
        for [a, b] in (1..=32).flat_map(|a| (1..=32).map(move |b| [a, b])) {
            for (f, g) in (0..a).flat_map(|f| (0..b).map(move |g| (f, g))) {
                let found = weights([f, a], [g, b]);
                assert_eq!(
                    found.iter().map(|&w| u32::from(w)).sum::<u32>(),
                    256,
                    "{f}/{a} {g}/{b}"
                );
                let (f, g) = (f as f64 / a as f64, g as f64 / b as f64);
                let real = [(1.0 - f) * (1.0 - g), (1.0 - f) * g, f * (1.0 - g), f * g];
                for (&found, real) in found.iter().zip(real) {
                    assert!((f64::from(found) - 256.0 * real).abs() <= 1.5, "{found} {real}");
                }
            }
        }
    }

    fn plan(linear: Linear, from: usize, to: usize) -> Result<Places, ResizingError> {
        linear.places(0, from, to)
    }

    const HALF: Linear = Linear {
        coordinates: Coordinates::HalfPixel,
        scale: None,
        cut: [0, 0],
        zeros_behind: false,
    };

    /// Exact: places that are known.
    #[test]
    fn places_are_those_of_the_formula() {
        let doubled = plan(HALF, 3, 6).expect("two phases");
        let at = |a, b| [Some(a), Some(b)];
        let expected = [at(0, 0), at(0, 1), at(0, 1), at(1, 2), at(1, 2), at(2, 2)];
        assert_eq!((doubled.neighbours.as_slice(), doubled.phase(5)), (&expected[..], 1));
        assert_eq!(doubled.distances, [[3, 4], [1, 4]]);
        let halved = plan(HALF, 6, 3).expect("one phase");
        assert_eq!(halved.neighbours, [at(0, 1), at(2, 3), at(4, 5)]);
        assert_eq!(halved.distances, [[1, 2]]);
        let corners = Linear { coordinates: Coordinates::AlignCorners, cut: [1, 1], ..HALF };
        assert_eq!(
            plan(corners, 4, 3).expect("two phases").neighbours,
            [at(1, 2), at(1, 2), at(2, 2)]
        );
        let zeros = Linear { coordinates: Coordinates::Asymmetric, zeros_behind: true, ..HALF };
        let doubled = plan(zeros, 2, 4).expect("two phases");
        assert_eq!(doubled.neighbours, [at(0, 1), at(0, 1), [Some(1), None], [Some(1), None]]);
    }

    #[test]
    fn what_is_no_convolution_says_so() {
        let corners = Linear { coordinates: Coordinates::AlignCorners, ..HALF };
        assert_eq!(
            plan(corners, 6, 60),
            Err(ResizingError::Phases { from: 6, to: 60, phases: 59 })
        );
        assert_eq!(plan(corners, 65, 513).map(|places| places.distances.len()), Ok(8));
        assert_eq!(plan(HALF, 32, 2), Err(ResizingError::Stride { from: 32, to: 2, stride: 16 }));
        assert_eq!(plan(HALF, 0, 2), Err(ResizingError::Empty));
        let odd = Linear { scale: Some([0.3, 0.3]), ..HALF };
        assert_eq!(plan(odd, 10, 2), Err(ResizingError::Factor { from: 10, to: 2 }));
        let rounded = Linear { scale: Some([1.5, 1.5]), ..HALF };
        assert_eq!(plan(rounded, 5, 7).map(|places| places.distances.len()), Ok(3));
        assert_eq!(plan(HALF, usize::MAX, 1).map(|places| places.distances.len()), Ok(1));
    }
}
