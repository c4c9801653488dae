//! Convolutions of few channels, with the rows of their kernels in channels of their own.
//!
//! A word of weights is made for four channels. Where a layer has no more than that, each tap costs as much as several
//! words. So rows that stand below one another in the kernel become channels, and a command slides along the width only.

use std::ops::Range;

use bm1684_isa::memory::{COEFFICIENT_BASE, LANES};

use super::{Element, Unit, WindowLayer};
use crate::lower::Pool;
use crate::tile::Axis;

/// The most channels that count as few.
const FEW: usize = 4;

/// Rows of the input that a row of the kernel meets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KernelRow {
    /// Outputs for which the row of the input exists.
    pub(crate) outputs: Range<usize>,
    /// The input's row for the first of them.
    pub(crate) input: usize,
}

impl WindowLayer {
    /// Whether rows of the kernel had better be channels.
    pub(crate) fn gathers(&self) -> bool {
        let plain = matches!(self.unit, Unit::Convolution { groups: 1, turned: false, .. });
        let [rows, _] = self.axes;
        self.element == Element::Int8
            && plain
            && self.input_channels <= FEW
            && rows.kernel > 1
            && rows.insert == 0
            && self.input_channels * rows.kernel <= LANES
    }

    /// The rows of the input for each row of the kernel.
    pub(crate) fn kernel_rows(&self) -> Vec<KernelRow> {
        let Axis { input, output, kernel, stride, pad, dilation, .. } = self.axes[0];
        let row = |number: usize| {
            let ahead = (number * dilation).cast_signed() - pad;
            let first = usize::try_from(-ahead).unwrap_or(0).div_ceil(stride).min(output);
            let place = |output: usize| (output * stride).checked_add_signed(ahead);
            let exists = |output: &usize| place(*output).is_some_and(|row| row < input);
            let end = (first..output).rev().find(exists).map_or(first, |last| last + 1);
            KernelRow { outputs: first..end, input: place(first).unwrap_or(0) }
        };
        (0..kernel).map(row).collect()
    }

    /// The layer on such channels: those of the kernel's first row, of the second one, and so on. Its weights and biases
    /// stand in a pool of their own.
    pub(crate) fn gathered(&self, pool: &Pool) -> (WindowLayer, Pool) {
        let Unit::Convolution { weights, bias, .. } = self.unit else {
            return (self.clone(), Pool::default());
        };
        let [rows, columns] = self.axes;
        let channels = self.input_channels * rows.kernel;
        let (each, depth) = (self.weight_bytes(), self.input_channels.next_multiple_of(4));
        let wide = channels.next_multiple_of(4);
        let at = |address: u64, bytes: usize| {
            let start = usize::try_from(address - COEFFICIENT_BASE).unwrap_or(usize::MAX);
            &pool.0[start..start + bytes]
        };
        let mut bytes = Vec::with_capacity(self.output_channels * columns.kernel * wide);
        for own in at(weights, self.output_channels * each).chunks(each) {
            for column in 0..columns.kernel {
                for row in 0..rows.kernel {
                    let tap = &own[(row * columns.kernel + column) * depth..];
                    bytes.extend_from_slice(&tap[..self.input_channels]);
                }
                bytes.resize(bytes.len() + wide - channels, 0);
            }
        }
        let mut gathered = Pool::default();
        let weights = gathered.add(&bytes);
        let bias = bias.map(|address| gathered.add(at(address, 2 * self.output_channels)));
        let layer = WindowLayer {
            input_channels: channels,
            axes: [Axis::pointwise(rows.output), columns],
            unit: Unit::Convolution { groups: 1, weights, bias, turned: false },
            ..self.clone()
        };
        (layer, gathered)
    }
}

#[cfg(test)]
mod tests {
    use umodel::Shifts;

    use super::*;

    /// 3 × 2 weights of two channels, on five rows.
    fn layer(pool: &mut Pool) -> WindowLayer {
        let taps: Vec<u8> = (0..6).flat_map(|tap| [10 + tap, 20 + tap, 0, 0]).collect();
        let rows = Axis { kernel: 3, stride: 2, pad: 1, ..Axis::pointwise(5) }.to(3);
        let columns = Axis { kernel: 2, ..Axis::pointwise(4) }.to(3);
        let weights = pool.add(&taps);
        WindowLayer {
            images: 1,
            input_channels: 2,
            output_channels: 1,
            axes: [rows, columns],
            element: Element::Int8,
            input_signed: true,
            relu: false,
            right_shifts: Shifts::from(0),
            unit: Unit::Convolution { groups: 1, weights, bias: None, turned: false },
            plane: None,
        }
    }

    /// Exact.
    #[test]
    fn rows_of_the_kernel_become_channels() {
        let mut pool = Pool::default();
        let layer = layer(&mut pool);
        assert!(layer.gathers());
        let (gathered, pool) = layer.gathered(&pool);
        assert_eq!(gathered.input_channels, 6);
        assert_eq!(gathered.axes[0], Axis::pointwise(3));
        let expected = [10, 20, 12, 22, 14, 24, 0, 0, 11, 21, 13, 23, 15, 25, 0, 0];
        assert_eq!(pool.0[..16], expected);
    }

    /// Exact.
    #[test]
    fn rows_beyond_the_input_are_left_out() {
        let rows = layer(&mut Pool::default()).kernel_rows();
        let row = |outputs, input| KernelRow { outputs, input };
        assert_eq!(rows, [row(1..3, 1), row(0..3, 0), row(0..2, 1)]);
    }
}
