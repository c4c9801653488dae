//! INTER_LANCZOS4.
//!
//! # Formula
//! Eight weights, normalised to sum 1. u8: in 11-bit fixed point, all sums in integers, rounded
//! half up at the end.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

use super::Planes;
use super::separable::{self, Columns, Taps, fixed, half_pixel, to_byte};

/// Lanczos interpolation of a type.
pub trait Lanczos4: Copy + Default {
    /// A weight.
    type Weight: Copy;
    /// What a row is kept as.
    type Sum: Copy + Default;
    /// A weight from its value.
    fn weight(weight: f32) -> Self::Weight;
    /// Eight neighbours in a row.
    fn across(values: &[Self; 8], weights: &[Self::Weight; 8]) -> Self::Sum;
    /// Eight rows.
    fn down(rows: [&[Self::Sum]; 8], weights: &[Self::Weight; 8], out: &mut [Self]);
}

impl Lanczos4 for u8 {
    type Weight = i16;
    type Sum = i32;

    fn weight(weight: f32) -> i16 {
        fixed(weight)
    }

    fn across(values: &[u8; 8], weights: &[i16; 8]) -> i32 {
        values.iter().zip(weights).map(|(&v, &w)| i32::from(v) * i32::from(w)).sum()
    }

    fn down(rows: [&[i32]; 8], weights: &[i16; 8], out: &mut [u8]) {
        let rows = rows.map(|row| &row[..out.len()]);
        for (x, out) in out.iter_mut().enumerate() {
            let product = |k: usize| rows[k][x].wrapping_mul(weights[k].into());
            *out = to_byte((0..8).fold(0, |sum: i32, k| sum.wrapping_add(product(k))));
        }
    }
}

impl Lanczos4 for f32 {
    type Weight = f32;
    type Sum = f32;

    fn weight(weight: f32) -> f32 {
        weight
    }

    fn across(values: &[f32; 8], weights: &[f32; 8]) -> f32 {
        values.iter().zip(weights).map(|(v, w)| v * w).sum()
    }

    fn down(rows: [&[f32]; 8], weights: &[f32; 8], out: &mut [f32]) {
        let rows = rows.map(|row| &row[..out.len()]);
        for (x, out) in out.iter_mut().enumerate() {
            *out = (0..8).map(|k| rows[k][x] * weights[k]).sum();
        }
    }
}

pub(super) fn resize<T: Lanczos4>(planes: &Planes, source: &[T], out: &mut [T]) {
    let taps = |side: usize| {
        let (input, output) = (planes.from[side], planes.to[side]);
        Taps::new(output, half_pixel(input, output), |x| weights(x).map(T::weight))
    };
    let (rows, columns) = (taps(0), Columns::new(taps(1), planes.from[1]));
    separable::resize(
        planes,
        source,
        out,
        &rows,
        |values, sums| columns.weigh(0, T::across, values, sums),
        |rows, weights, out, _| T::down(rows, weights, out),
    );
}

/// sin(πt)·sin(πt/4)/t² up to a factor, with the sines by the addition theorem.
fn weights(x: f32) -> [f32; 8] {
    if x < f32::EPSILON {
        return [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0];
    }
    const S: f64 = FRAC_1_SQRT_2;
    const TURNS: [[f64; 2]; 8] =
        [[1.0, 0.0], [-S, -S], [0.0, 1.0], [S, -S], [-1.0, 0.0], [S, S], [0.0, -1.0], [-S, S]];
    let angle = |tap: usize| f64::from(-(x + 3.0 - tap as f32)) * PI * 0.25;
    let (sin, cos) = angle(0).sin_cos();
    let mut weights: [f32; 8] = std::array::from_fn(|tap| {
        let y = angle(tap);
        if y.abs() < f64::from(1e-6_f32) {
            return 1e30; // the fraction is almost 1: this tap outweighs all others
        }
        ((TURNS[tap][0] * sin + TURNS[tap][1] * cos) / (y * y)) as f32
    });
    let factor = 1.0 / weights.iter().sum::<f32>();
    weights.iter_mut().for_each(|weight| *weight *= factor);
    weights
}
