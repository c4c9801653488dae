//! Interpolation along the rows, then along the columns, with weights for K neighbours each.

use std::ops::Range;

use super::{Planes, inverse_scale};

/// For each output position, where its K neighbours begin and their weights.
pub(super) struct Taps<W, const K: usize> {
    /// Index of the first neighbour plus [`Self::MARGIN`]; it may lie outside the picture.
    starts: Vec<usize>,
    weights: Vec<[W; K]>,
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
}

/// The neighbours of the positions in a row.
pub struct Columns<W, const K: usize> {
    taps: Taps<W, K>,
    /// The positions all of whose neighbours are in the row.
    inside: Range<usize>,
}

impl<W: Copy, const K: usize> Columns<W, K> {
    /// For rows of `input` pixels.
    pub(super) fn new(taps: Taps<W, K>, input: usize) -> Self {
        let margin = Taps::<W, K>::MARGIN;
        let first = taps.starts.partition_point(|&start| start < margin);
        let end = taps.starts.partition_point(|&start| start + K <= input + margin);
        Columns { taps, inside: first..end.max(first) }
    }

    /// Of the positions whose neighbours are all there, the first neighbour and the weights.
    pub(super) fn inside(&self) -> impl Iterator<Item = (usize, [W; K])> {
        let starts = self.taps.starts[self.inside.clone()].iter();
        let places = starts.map(|start| start - Taps::<W, K>::MARGIN);
        places.zip(self.taps.weights[self.inside.clone()].iter().copied())
    }

    /// Where in a row those positions are.
    pub(super) fn part<'a, S>(&self, out: &'a mut [S]) -> &'a mut [S] {
        &mut out[self.inside.clone()]
    }

    /// Weighs the neighbours in a row; those outside have the value of its end. Of the positions
    /// whose neighbours are all there, the first `done` are left alone.
    #[inline(always)]
    pub(super) fn weigh<T: Copy, S>(
        &self,
        done: usize,
        across: impl Fn(&[T; K], &[W; K]) -> S,
        values: &[T],
        out: &mut [S],
    ) {
        let (margin, last) = (Taps::<W, K>::MARGIN, values.len() - 1);
        let edges = [0..self.inside.start, self.inside.end..out.len()];
        for position in edges.into_iter().flatten() {
            let start = self.taps.starts[position];
            let window =
                std::array::from_fn(|k| values[(start + k).saturating_sub(margin).min(last)]);
            out[position] = across(&window, &self.taps.weights[position]);
        }
        let left = self.inside.start + done..self.inside.end;
        if left.is_empty() {
            return;
        }
        // One row for each neighbour, all of one length: one check of bounds for K values.
        let shifted: [&[T]; K] = std::array::from_fn(|k| &values[k..][..values.len() - K + 1]);
        let places = self.taps.starts[left.clone()].iter().zip(&self.taps.weights[left.clone()]);
        for (value, (&start, weights)) in out[left].iter_mut().zip(places) {
            *value = across(&shifted.map(|row| row[start - margin]), weights);
        }
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

/// Resizes plane after plane. `across` weighs the neighbours in a row for all its positions; `down` K
/// such rows into an output row, whose channel it is told.
#[inline(always)]
pub(super) fn resize<T, S, W, const K: usize>(
    planes: &Planes,
    source: &[T],
    out: &mut [T],
    rows: &Taps<W, K>,
    across: impl Fn(&[T], &mut [S]),
    down: impl Fn([&[S]; K], &[W; K], &mut [T], usize),
) where
    T: Copy + Default,
    S: Copy + Default,
{
    let [h, w] = planes.from;
    let width = planes.to[1];
    let margin = Taps::<W, K>::MARGIN;
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
                    across(&source[row * w..][..w], &mut kept[row % K]);
                }
            }
            down(index.map(|row| kept[row % K].as_slice()), weights, line, channel);
        }
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
