//! INTER_LINEAR.
//!
//! # Formula
//! u8: weights in 11-bit fixed point; rows first, then
//! `((w0·(a >> 4)) >> 16) + ((w1·(b >> 4)) >> 16) + 2) >> 2` for the sums a and b of two rows.
//! f32: the sum of two products, twice.

use super::Planes;
use super::area::{self, Mean};
use super::separable::{self, Columns, Taps, fixed, half_pixel};
use super::shuffle::Shuffles;

/// Linear interpolation of a type.
pub trait Linear: Copy + Default {
    /// A weight.
    type Weight: Copy;
    /// What a row is kept as.
    type Sum: Copy + Default;
    /// A weight from its value.
    fn weight(weight: f32) -> Self::Weight;
    /// Two neighbours in a row.
    fn across(values: &[Self; 2], weights: &[Self::Weight; 2]) -> Self::Sum;
    /// A quick way for rows, if there is one.
    fn shuffles(_: &Planes, _: &Columns<Self::Weight, 2>) -> Option<Shuffles> {
        None
    }
    /// A row, with [`Linear::across`] or the quick way to the same.
    #[inline(always)]
    fn row(
        _: Option<&Shuffles>,
        columns: &Columns<Self::Weight, 2>,
        values: &[Self],
        out: &mut [Self::Sum],
    ) {
        columns.weigh(0, Self::across, values, out);
    }
    /// Two rows.
    fn down(rows: [&[Self::Sum]; 2], weights: &[Self::Weight; 2], out: &mut [Self]);
}

impl Linear for u8 {
    type Weight = i16;
    /// Four of the 19 bits are dropped at once: only the others are used.
    type Sum = i16;

    fn weight(weight: f32) -> i16 {
        fixed(weight)
    }

    #[inline(always)]
    fn across(values: &[u8; 2], weights: &[i16; 2]) -> i16 {
        let product = |k: usize| i32::from(values[k]) * i32::from(weights[k]);
        ((product(0) + product(1)) >> 4) as i16
    }

    fn shuffles(planes: &Planes, columns: &Columns<i16, 2>) -> Option<Shuffles> {
        Shuffles::new(planes.avx2?, columns, planes.from[1])
    }

    #[inline(always)]
    fn row(shuffles: Option<&Shuffles>, columns: &Columns<i16, 2>, values: &[u8], out: &mut [i16]) {
        let done = shuffles.map_or(0, |shuffles| shuffles.row(values, columns.part(out)));
        columns.weigh(done, Self::across, values, out);
    }

    #[inline(always)]
    fn down(rows: [&[i16]; 2], weights: &[i16; 2], out: &mut [u8]) {
        let upper_half = |a: i16, b: i16| ((i32::from(a) * i32::from(b)) >> 16) as i16;
        for ((out, &a), &b) in out.iter_mut().zip(rows[0]).zip(rows[1]) {
            let sum = upper_half(a, weights[0]) + upper_half(b, weights[1]);
            *out = ((sum + 2) >> 2).clamp(0, 255) as u8;
        }
    }
}

impl Linear for f32 {
    type Weight = f32;
    type Sum = f32;

    fn weight(weight: f32) -> f32 {
        weight
    }

    fn across(values: &[f32; 2], weights: &[f32; 2]) -> f32 {
        values[0] * weights[0] + values[1] * weights[1]
    }

    fn down(rows: [&[f32]; 2], weights: &[f32; 2], out: &mut [f32]) {
        for ((out, a), b) in out.iter_mut().zip(rows[0]).zip(rows[1]) {
            *out = a * weights[0] + b * weights[1];
        }
    }
}

#[inline(always)]
pub(super) fn resize<T: Mean + Linear>(planes: &Planes, source: &[T], out: &mut [T]) {
    if planes.whole_scale() == Some([2, 2]) {
        return area::resize(planes, source, out);
    }
    let [h, w] = planes.from;
    let [height, width] = planes.to;
    interpolate(planes, source, out, [half_pixel(h, height), half_pixel(w, width)]);
}

/// With the places (row, column) of output positions given.
#[inline(always)]
pub(super) fn interpolate<T: Linear, P: Fn(usize) -> (i64, f32)>(
    planes: &Planes,
    source: &[T],
    out: &mut [T],
    [row, column]: [P; 2],
) {
    let weights = |fraction: f32| [T::weight(1.0 - fraction), T::weight(fraction)];
    let rows = Taps::new(planes.to[0], row, weights);
    // A column outside takes the edge's value; a row keeps its fraction and meets the edge twice.
    let last = planes.from[1] as i64 - 1;
    let inside = |position| match column(position) {
        (left, _) if left < 0 => (0, 0.0),
        (left, _) if left >= last => (last, 0.0),
        place => place,
    };
    let columns = Columns::new(Taps::new(planes.to[1], inside, weights), planes.from[1]);
    let shuffles = T::shuffles(planes, &columns);
    separable::resize(
        planes,
        source,
        out,
        &rows,
        |values, sums| T::row(shuffles.as_ref(), &columns, values, sums),
        |rows, weights, out, _| {
            T::down(rows, weights, out);
        },
    );
}
