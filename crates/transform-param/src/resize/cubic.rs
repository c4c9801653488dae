//! INTER_CUBIC.
//!
//! # Formula
//! Weights of the cubic convolution with a = −0.75; the last is what is missing to 1. u8: weights
//! in 11-bit fixed point, rows in integers. OpenCV then sums columns in f32, eight values at a time
//! over the interleaved row, and what is left over in integers. The two round differently.

use super::Planes;
use super::separable::{self, Columns, Taps, fixed, half_pixel, round_to_byte, to_byte};

/// Cubic interpolation of a type.
pub trait Cubic: Copy + Default {
    /// A weight.
    type Weight: Copy;
    /// A weight from its value.
    fn weight(weight: f32) -> Self::Weight;
    /// Four neighbours in a row: for u8 a whole number.
    fn across(values: &[Self; 4], weights: &[Self::Weight; 4]) -> f32;
    /// Four rows; the first `in_eights` values as OpenCV's vector code has them.
    fn down(rows: [&[f32]; 4], weights: &[Self::Weight; 4], out: &mut [Self], in_eights: usize);
}

impl Cubic for u8 {
    type Weight = i16;

    fn weight(weight: f32) -> i16 {
        fixed(weight)
    }

    fn across(values: &[u8; 4], weights: &[i16; 4]) -> f32 {
        let sum: i32 = values.iter().zip(weights).map(|(&v, &w)| i32::from(v) * i32::from(w)).sum();
        sum as f32 // below 2^24: exact
    }

    fn down(rows: [&[f32]; 4], weights: &[i16; 4], out: &mut [u8], in_eights: usize) {
        let (vector, rest) = out.split_at_mut(in_eights.min(out.len()));
        let floats = weights.map(|weight| f32::from(weight) * (1.0 / (1 << 22) as f32));
        let sums = rows[0].iter().zip(rows[1]).zip(rows[2]).zip(rows[3]);
        for (out, (((a, b), c), d)) in vector.iter_mut().zip(sums) {
            *out = round_to_byte(a * floats[0] + (b * floats[1] + (c * floats[2] + d * floats[3])));
        }
        for (out, x) in rest.iter_mut().zip(in_eights..) {
            let product = |k: usize| (rows[k][x] as i32).wrapping_mul(weights[k].into());
            *out = to_byte((0..4).fold(0, |sum: i32, k| sum.wrapping_add(product(k))));
        }
    }
}

impl Cubic for f32 {
    type Weight = f32;

    fn weight(weight: f32) -> f32 {
        weight
    }

    fn across(values: &[f32; 4], weights: &[f32; 4]) -> f32 {
        values.iter().zip(weights).map(|(v, w)| v * w).sum()
    }

    fn down(rows: [&[f32]; 4], weights: &[f32; 4], out: &mut [f32], _: usize) {
        let sums = rows[0].iter().zip(rows[1]).zip(rows[2]).zip(rows[3]);
        for (out, (((a, b), c), d)) in out.iter_mut().zip(sums) {
            *out = a * weights[0] + (b * weights[1] + (c * weights[2] + d * weights[3]));
        }
    }
}

pub(super) fn resize<T: Cubic>(planes: &Planes, source: &[T], out: &mut [T]) {
    let taps = |side: usize| {
        let (input, output) = (planes.from[side], planes.to[side]);
        Taps::new(output, half_pixel(input, output), |x| weights(x).map(T::weight))
    };
    let (rows, columns) = (taps(0), Columns::new(taps(1), planes.from[1]));
    let count = planes.channels;
    // The part of the interleaved row that vector code covers.
    let vector = planes.to[1] * count / 8 * 8;
    separable::resize(
        planes,
        source,
        out,
        &rows,
        |values, sums| columns.weigh(0, T::across, values, sums),
        |rows, weights, out, channel| {
            let in_eights = vector.saturating_sub(channel).div_ceil(count);
            T::down(rows, weights, out, in_eights);
        },
    );
}

fn weights(x: f32) -> [f32; 4] {
    const A: f32 = -0.75;
    let inner = |x: f32| ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0;
    let beyond = x + 1.0;
    let first = ((A * beyond - 5.0 * A) * beyond + 8.0 * A) * beyond - 4.0 * A;
    let (second, third) = (inner(x), inner(1.0 - x));
    [first, second, third, 1.0 - first - second - third]
}
