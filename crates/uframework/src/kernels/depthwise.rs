//! Convolution of single channels: direct, because a matrix product of one row would mostly move data.

use super::Window;

/// Positions computed together, so that sums stay in registers.
const LANES: usize = 16;

/// Multiplication and addition of a depthwise convolution: floats, or integers in wrapping 32 bits.
pub(crate) trait Accumulate: Copy + Default {
    /// A sum.
    type Sum: Copy;

    /// `sum + x · weight`
    fn add(sum: Self::Sum, x: Self, weight: Self) -> Self::Sum;
}

impl Accumulate for f32 {
    type Sum = f32;

    fn add(sum: f32, x: f32, weight: f32) -> f32 {
        sum + x * weight
    }
}

impl Accumulate for i16 {
    type Sum = i32;

    fn add(sum: i32, x: i16, weight: i16) -> i32 {
        // Both come from 8 bits, so the product cannot overflow.
        sum.wrapping_add(i32::from(x) * i32::from(weight))
    }
}

/// A padded plane whose columns are sorted by their remainder of the stride, so that every tap of the kernel
/// reads neighbours.
#[derive(Debug)]
struct Phases<'a, A> {
    values: &'a [A],
    /// Columns of one remainder.
    width: usize,
}

fn fill<'a, A: Accumulate, T: Copy + Into<A>>(
    plane: &[T],
    window: &Window,
    buffer: &'a mut Vec<A>,
) -> Phases<'a, A> {
    let Window { input: [_, w], kernel, stride, pad, dilation, output: [oh, ow] } = *window;
    let rows = (oh - 1) * stride[0] + (kernel[0] - 1) * dilation[0] + 1;
    let width = ow + (kernel[1] - 1) * dilation[1] / stride[1];
    let row = stride[1] * width;
    buffer.clear();
    buffer.resize(rows * row + LANES, A::default());
    for (y, line) in plane.chunks_exact(w.max(1)).enumerate() {
        let Some(to) = buffer.get_mut((y + pad[0]) * row..(y + pad[0] + 1) * row) else { break };
        if stride[1] == 1 {
            let room = width.saturating_sub(pad[1]).min(w);
            let line = line.iter().take(room);
            to.iter_mut().skip(pad[1]).zip(line).for_each(|(to, &x)| *to = x.into());
            continue;
        }
        for (phase, to) in to.chunks_exact_mut(width).enumerate() {
            // Padded column phase + stride · i is column phase + stride · i − pad of the plane.
            let first = pad[1].saturating_sub(phase).div_ceil(stride[1]);
            let start = phase + first * stride[1] - pad[1];
            let line = line.iter().skip(start).step_by(stride[1]);
            to.iter_mut().skip(first).zip(line).for_each(|(to, &x)| *to = x.into());
        }
    }
    Phases { values: buffer, width }
}

/// Convolves one plane with one kernel; `finish` writes a row of sums. `start` is what sums start from,
/// `buffer` is scratch.
pub(crate) fn depthwise<A: Accumulate, T: Copy + Into<A>, U>(
    plane: &[T],
    weights: &[A],
    window: &Window,
    start: A::Sum,
    buffer: &mut Vec<A>,
    output: &mut [U],
    finish: impl Fn(&[A::Sum], &mut [U]),
) {
    let Window { kernel, stride, dilation, output: [oh, ow], .. } = *window;
    if oh == 0 || ow == 0 {
        return;
    }
    let phases = fill(plane, window, buffer);
    let row = stride[1] * phases.width;
    let taps: Vec<(usize, A)> = weights
        .iter()
        .enumerate()
        .map(|(tap, &weight)| {
            let (ky, kx) = (tap / kernel[1] * dilation[0], tap % kernel[1] * dilation[1]);
            (ky * row + kx % stride[1] * phases.width + kx / stride[1], weight)
        })
        .collect();
    for (y, output) in output.chunks_exact_mut(ow).enumerate() {
        let line = &phases.values[y * stride[0] * row..];
        for (x, output) in output.chunks_mut(LANES).enumerate() {
            let mut sums = [start; LANES];
            for &(offset, weight) in &taps {
                let values = &line[x * LANES + offset..][..LANES];
                for (sum, &value) in sums.iter_mut().zip(values) {
                    *sum = A::add(*sum, value, weight);
                }
            }
            finish(&sums[..output.len()], output);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Exact against the definition, in integers.
        #[test]
        fn agrees_with_the_definition(
            h in 1usize..9,
            w in 1usize..40,
            kernel in [1usize..4, 1usize..5],
            stride in [1usize..4, 1usize..4],
            pad in [0usize..4, 0usize..4],
            dilation in [1usize..3, 1usize..4],
        ) {
            let size = |axis: usize, length: usize| {
                let extent = dilation[axis] * (kernel[axis] - 1) + 1;
                (length + 2 * pad[axis]).checked_sub(extent).map(|room| room / stride[axis] + 1)
            };
            let (Some(oh), Some(ow)) = (size(0, h), size(1, w)) else { return Ok(()) };
            let window = Window { input: [h, w], kernel, stride, pad, dilation, output: [oh, ow] };
            let plane: Vec<i8> = (0..h * w).map(|k| (k * 89).to_le_bytes()[0].cast_signed()).collect();
            let weights: Vec<i16> =
                (0..kernel[0] * kernel[1]).map(|k| i16::from((k * 57 % 255).to_le_bytes()[0]) - 127).collect();
            let mut found = vec![1i32; oh * ow];
            let copy = |sums: &[i32], row: &mut [i32]| row.copy_from_slice(sums);
            depthwise(&plane, &weights, &window, 5, &mut vec![3; 7], &mut found, copy);
            for (index, &found) in found.iter().enumerate() {
                let mut expected = 5;
                for (tap, &weight) in weights.iter().enumerate() {
                    let (ky, kx) = (tap / kernel[1], tap % kernel[1]);
                    let iy = (index / ow * stride[0] + ky * dilation[0]).wrapping_sub(pad[0]);
                    let ix = (index % ow * stride[1] + kx * dilation[1]).wrapping_sub(pad[1]);
                    if iy < h && ix < w {
                        expected += i32::from(weight) * i32::from(plane[iy * w + ix]);
                    }
                }
                prop_assert_eq!(found, expected, "at {}", index);
            }
        }
    }
}
