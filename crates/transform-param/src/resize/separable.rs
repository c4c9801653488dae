//! Interpolation along the rows, then along the columns, with weights for K neighbours each.

use std::ops::Range;

use super::{Planes, inverse_scale};

/// For each output position, where its K neighbours begin and their weights.
pub(super) struct Taps<W, const K: usize> {
    /// Index of the first neighbour plus [`Self::MARGIN`]; it may lie outside the picture.
    pub(super) starts: Vec<usize>,
    pub(super) weights: Vec<[W; K]>,
}

impl<W, const K: usize> Taps<W, K> {
    /// Neighbours are at most so far outside.
    const MARGIN: usize = K / 2;

    /// `place` gives the pixel left of an output position and the fraction beyond it, `weights`
    /// the weights for a fraction.
    pub(super) fn new(
        output: usize,
        place: impl Fn(usize) -> (i64, f32),
        weights: impl Fn(f32) -> [W; K],
    ) -> Self {
        let first = |left: i64| (left + 1 - (K / 2) as i64 + Self::MARGIN as i64).max(0) as usize;
        let (starts, weights) = (0..output)
            .map(|position| {
                let (left, fraction) = place(position);
                (first(left), weights(fraction))
            })
            .unzip();
        Taps { starts, weights }
    }

    /// The output positions all of whose neighbours are among `input` pixels.
    fn inside(&self, input: usize) -> Range<usize> {
        let first = self.starts.partition_point(|&start| start < Self::MARGIN);
        let end = self.starts.partition_point(|&start| start + K <= input + Self::MARGIN);
        first..end.max(first)
    }
}

/// Half-pixel centres: the pixel left of an output position and the fraction beyond it.
pub(super) fn half_pixel(input: usize, output: usize) -> impl Fn(usize) -> (i64, f32) {
    let scale = inverse_scale(input, output).recip();
    move |position| {
        let exact = ((position as f64 + 0.5) * scale - 0.5) as f32;
        (exact.floor() as i64, exact - exact.floor())
    }
}

/// Resizes plane after plane. `across` weighs K neighbours in a row; `down` K such rows into an
/// output row, whose channel it is told.
#[inline(always)]
pub(super) fn resize<T, S, W, const K: usize>(
    planes: &Planes,
    source: &[T],
    out: &mut [T],
    [rows, columns]: [&Taps<W, K>; 2],
    across: impl Fn(&[T; K], &[W; K]) -> S,
    down: impl Fn([&[S]; K], &[W; K], &mut [T], usize),
) where
    T: Copy + Default,
    S: Copy + Default,
{
    let [h, w] = planes.from;
    let width = planes.to[1];
    let margin = Taps::<W, K>::MARGIN;
    let inside = columns.inside(w);
    // Row y is kept in slot y mod K: the rows that one output row needs are K neighbours.
    let mut kept: [Vec<S>; K] = std::array::from_fn(|_| vec![S::default(); width]);
    for (channel, (source, out)) in planes.each(source, out).enumerate() {
        let mut held = [usize::MAX; K];
        let lines = out.chunks_exact_mut(width);
        for ((line, &start), weights) in lines.zip(&rows.starts).zip(&rows.weights) {
            let index: [usize; K] =
                std::array::from_fn(|k| (start + k).saturating_sub(margin).min(h - 1));
            for row in index {
                if held[row % K] != row {
                    held[row % K] = row;
                    let values = &source[row * w..][..w];
                    interpolate(values, columns, &inside, &across, &mut kept[row % K]);
                }
            }
            down(index.map(|row| kept[row % K].as_slice()), weights, line, channel);
        }
    }
}

/// Weighs the neighbours in a row; those outside have the value of its end.
#[inline(always)]
fn interpolate<T: Copy, S, W, const K: usize>(
    values: &[T],
    columns: &Taps<W, K>,
    inside: &Range<usize>,
    across: impl Fn(&[T; K], &[W; K]) -> S,
    out: &mut [S],
) {
    let margin = Taps::<W, K>::MARGIN;
    let last = values.len() - 1;
    let edges = [0..inside.start, inside.end..out.len()];
    for position in edges.into_iter().flatten() {
        let start = columns.starts[position];
        let window = std::array::from_fn(|k| values[(start + k).saturating_sub(margin).min(last)]);
        out[position] = across(&window, &columns.weights[position]);
    }
    if inside.is_empty() {
        return;
    }
    // One row for each neighbour, all of one length: there is one check of bounds for K values.
    let shifted: [&[T]; K] = std::array::from_fn(|k| &values[k..][..values.len() - K + 1]);
    let places = columns.starts[inside.clone()].iter().zip(&columns.weights[inside.clone()]);
    for (value, (&start, weights)) in out[inside.clone()].iter_mut().zip(places) {
        *value = across(&shifted.map(|row| row[start - margin]), weights);
    }
}

/// Fraction bits of OpenCV's integer weights.
const BITS: u32 = 11;

/// A weight in fixed point, rounded half to even.
pub(super) fn fixed(weight: f32) -> i16 {
    (weight * (1 << BITS) as f32).round_ties_even() as i16
}

/// The integer `sum` of products of two fixed-point weights as a byte, rounded half up.
pub(super) fn to_byte(sum: i32) -> u8 {
    (sum.wrapping_add(1 << (2 * BITS - 1)) >> (2 * BITS)).clamp(0, 255) as u8
}

/// The nearest byte, ties to even, in a form that compilers vectorise.
pub(super) fn round_to_byte(value: f32) -> u8 {
    // Adding 1.5 · 2^23 leaves no bits for a fraction.
    const WHOLE: f32 = 12_582_912.0;
    (value.clamp(0.0, 255.0) + WHOLE).to_bits() as u8
}
