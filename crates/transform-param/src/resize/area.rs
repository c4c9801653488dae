//! INTER_AREA.
//!
//! # Formula
//! Both sides shrink: the mean over the covered area, pixels at its border by their covered share,
//! in f32 along rows, then over rows; u8 rounds half to even. Whole-number scales sum in integers,
//! 2×2 is `(sum + 2) >> 2`. If a side grows, linear interpolation between cells.

use super::linear::{self, Linear};
use super::separable::round_to_byte;
use super::{Planes, inverse_scale};

/// Means of a type.
pub trait Mean: Copy {
    /// Sums of whole pixels.
    type Sum: Copy + Default + std::ops::AddAssign;
    /// A value as a sum.
    fn widen(self) -> Self::Sum;
    /// The mean of `area` pixels. `halves`: of 2×2 pixels in the way of OpenCV's vector code.
    fn mean(sum: Self::Sum, area: usize, halves: bool) -> Self;
    /// In f32.
    fn float(self) -> f32;
    /// From f32, rounded to nearest even if need be.
    fn round(value: f32) -> Self;
}

impl Mean for u8 {
    type Sum = u32;

    fn widen(self) -> u32 {
        self.into()
    }

    fn mean(sum: u32, area: usize, halves: bool) -> u8 {
        if halves {
            ((sum + 2) >> 2) as u8
        } else {
            round_to_byte(sum as f32 * (1.0 / area as f32))
        }
    }

    fn float(self) -> f32 {
        self.into()
    }

    fn round(value: f32) -> u8 {
        round_to_byte(value)
    }
}

impl Mean for f32 {
    type Sum = f32;

    fn widen(self) -> f32 {
        self
    }

    fn mean(sum: f32, area: usize, _: bool) -> f32 {
        sum * (1.0 / area as f32)
    }

    fn float(self) -> f32 {
        self
    }

    fn round(value: f32) -> f32 {
        value
    }
}

pub(super) fn resize<T: Mean + Linear>(planes: &Planes, source: &[T], out: &mut [T]) {
    if let Some(scale) = planes.whole_scale() {
        return whole(planes, source, out, scale);
    }
    let scale = planes.scale();
    if scale.iter().all(|&scale| scale >= 1.0) {
        return shares(planes, source, out, scale);
    }
    let place = |side: usize| cell(planes.from[side], planes.to[side]);
    linear::interpolate(planes, source, out, [place(0), place(1)]);
}

/// Places as INTER_AREA has them for enlarging: output pixels lie inside a cell or across two.
fn cell(input: usize, output: usize) -> impl Fn(usize) -> (i64, f32) {
    let inverse = inverse_scale(input, output);
    let scale = inverse.recip();
    move |position| {
        let left = (position as f64 * scale).floor();
        let beyond = ((position + 1) as f64 - (left + 1.0) * inverse) as f32;
        (left as i64, if beyond <= 0.0 { 0.0 } else { beyond - beyond.floor() })
    }
}

/// Scales that are whole numbers.
fn whole<T: Mean>(planes: &Planes, source: &[T], out: &mut [T], [high, wide]: [usize; 2]) {
    let [width, to_width] = [planes.from[1], planes.to[1]];
    let halves = [high, wide] == [2, 2] && matches!(planes.channels, 1 | 3 | 4);
    let mut sums = vec![T::Sum::default(); width];
    for (source, out) in planes.each(source, out) {
        let bands = source.chunks_exact(width * high);
        for (band, line) in bands.zip(out.chunks_exact_mut(to_width)) {
            sums.fill(T::Sum::default());
            for row in band.chunks_exact(width) {
                sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value.widen());
            }
            let mean = |sums: &[T::Sum]| {
                let mut sum = T::Sum::default();
                sums.iter().for_each(|&part| sum += part);
                T::mean(sum, high * wide, halves)
            };
            let cells = sums.chunks_exact(wide);
            line.iter_mut().zip(cells).for_each(|(out, cell)| *out = mean(cell));
        }
    }
}

/// The pixels that an output position covers, and their shares of it.
struct Cover {
    start: usize,
    shares: Vec<f32>,
}

fn covers(input: usize, output: usize, scale: f64) -> Vec<Cover> {
    let cover = |position: usize| {
        let from = position as f64 * scale;
        let to = from + scale;
        let length = scale.min(input as f64 - from);
        let end = to.floor().min(input as f64 - 1.0);
        let start = from.ceil().min(end);
        let (mut first, mut shares) = (start as usize, Vec::new());
        // Less than a thousandth of a pixel does not count.
        if start - from > 1e-3 {
            first = first.saturating_sub(1);
            shares.push(((start - from) / length) as f32);
        }
        shares.extend((start as usize..end as usize).map(|_| (1.0 / length) as f32));
        if to - end > 1e-3 {
            shares.push(((to - end).min(1.0).min(length) / length) as f32);
        }
        Cover { start: first, shares }
    };
    (0..output).map(cover).collect()
}

/// Any scales of at least 1.
fn shares<T: Mean>(planes: &Planes, source: &[T], out: &mut [T], scale: [f64; 2]) {
    let covers = |side: usize| covers(planes.from[side], planes.to[side], scale[side]);
    let (rows, columns) = (covers(0), covers(1));
    let width = planes.from[1];
    let mut across = vec![0.0; columns.len()];
    let mut sums = vec![0.0; columns.len()];
    for (source, out) in planes.each(source, out) {
        // The last row of one cover is often the first of the next.
        let mut held = usize::MAX;
        for (line, cover) in out.chunks_exact_mut(columns.len()).zip(&rows) {
            sums.fill(0.0);
            for (row, share) in (cover.start..).zip(&cover.shares) {
                if held != row {
                    held = row;
                    let values = &source[row * width..][..width];
                    for (sum, cover) in across.iter_mut().zip(&columns) {
                        let covered = values[cover.start..].iter().zip(&cover.shares);
                        *sum = covered.fold(0.0, |sum, (value, share)| sum + value.float() * share);
                    }
                }
                sums.iter_mut()
                    .zip(&across)
                    .for_each(|(sum, row): (&mut f32, _)| *sum += share * row);
            }
            line.iter_mut().zip(&sums).for_each(|(out, &sum)| *out = T::round(sum));
        }
    }
}
