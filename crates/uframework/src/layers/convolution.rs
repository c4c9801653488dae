use std::sync::Arc;

use ndarray::{Array1, ArrayD};
use umodel::layers::{Convolution, ConvolutionDepthwise, DepthwiseConvolution};
use umodel::{Arithmetic, Shifts};

use super::{Call, Kernel, Scratch, Site, Work, f32_top, for_ints};
use crate::error::KernelError;
use crate::kernels::depthwise::depthwise;
use crate::kernels::requantize::finish;
use crate::kernels::{Int8, PackedColumns, PackedWeights, Window, im2col};
use crate::kernels::{Matrix, gemm_f32};
use crate::value::View;

/// The sizes that all forms share: one matrix product for each picture and group.
#[derive(Debug)]
struct Sizes {
    window: Window,
    group: usize,
    /// Values of one group of one picture, below and above.
    input: usize,
    output: usize,
    /// Output channels of a group, positions, values under the kernel.
    product: [usize; 3],
    /// Whether each group is a single channel.
    single: bool,
}

impl Sizes {
    fn of(layer: &Convolution, site: &Site<'_>) -> Self {
        let (bottom, top) = (site.bottom_shape(0), site.top_shape(0));
        let window = Window {
            input: [bottom[2], bottom[3]],
            kernel: layer.kernel,
            stride: layer.stride,
            pad: layer.pad,
            dilation: layer.dilation,
            output: [top[2], top[3]],
        };
        let channels = bottom[1] / layer.group;
        let outputs = layer.num_output / layer.group;
        let positions = top[2] * top[3];
        Sizes {
            window,
            group: layer.group,
            input: channels * bottom[2] * bottom[3],
            output: outputs * positions,
            product: [outputs, positions, channels * layer.kernel[0] * layer.kernel[1]],
            single: layer.group == bottom[1],
        }
    }

    /// The plane of a group of single channels that belongs to an output plane, and its channel.
    fn plane<'a, T>(&self, index: usize, input: &'a [T]) -> (usize, &'a [T]) {
        let [outputs, ..] = self.product;
        (index % (outputs * self.group), &input[index / outputs * self.input..][..self.input])
    }
}

impl Kernel for Convolution {
    fn f32(&self, site: &Site<'_>) -> Result<Box<dyn Work>, KernelError> {
        Ok(Box::new(Floats { sizes: Sizes::of(self, site), bias: self.bias }))
    }

    fn i8(&self, site: &Site<'_>, integers: &Arithmetic) -> Result<Box<dyn Work>, KernelError> {
        let Arithmetic::MultiplyAccumulate { weights, bias, right_shifts } = integers else {
            return Err(site.no_integers());
        };
        let sizes = Sizes::of(self, site);
        let weights = if sizes.single {
            Weights::Single(weights.iter().map(|&weight| weight.into()).collect())
        } else {
            Weights::Packed(pack(&sizes, weights))
        };
        Ok(Box::new(Integers { sizes, weights, bias: bias.clone(), shifts: right_shifts.clone() }))
    }
}

macro_rules! as_convolution {
    ($($layer:ty),*) => {$(
        impl Kernel for $layer {
            fn f32(&self, site: &Site<'_>) -> Result<Box<dyn Work>, KernelError> {
                self.convolution.f32(site)
            }

            fn i8(
                &self,
                site: &Site<'_>,
                integers: &Arithmetic,
            ) -> Result<Box<dyn Work>, KernelError> {
                self.convolution.i8(site, integers)
            }
        }
    )*};
}

as_convolution!(ConvolutionDepthwise, DepthwiseConvolution);

/// The fp32 form.
#[derive(Debug)]
struct Floats {
    sizes: Sizes,
    bias: bool,
}

impl Work for Floats {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        if self.sizes.single {
            self.single_channels(call);
        } else {
            self.groups(call);
        }
        Ok(())
    }
}

impl Floats {
    fn groups(&self, call: &mut Call<'_>) {
        let sizes = &self.sizes;
        let [outputs, positions, depth] = sizes.product;
        let (weights, input) = (call.weights(0), call.f32(0));
        let bias = self.bias.then(|| call.weights(1));
        let columns = &mut call.scratch.floats;
        let parts = input.chunks_exact(sizes.input.max(1));
        let tops = f32_top(&mut call.tops).chunks_exact_mut(sizes.output.max(1));
        for (index, (picture, top)) in parts.zip(tops).enumerate() {
            let group = index % sizes.group;
            let left = &weights[group * outputs * depth..][..outputs * depth];
            let right = if sizes.window.is_identity() {
                picture
            } else {
                im2col(picture, &sizes.window, columns);
                &*columns
            };
            gemm_f32(sizes.product, Matrix::rows(left, depth), Matrix::rows(right, positions), top);
            if let Some(bias) = bias {
                let bias = &bias[group * outputs..];
                for (row, bias) in top.chunks_exact_mut(positions.max(1)).zip(bias) {
                    row.iter_mut().for_each(|value| *value += bias);
                }
            }
        }
    }

    fn single_channels(&self, call: &mut Call<'_>) {
        let sizes = &self.sizes;
        let [_, positions, depth] = sizes.product;
        let (weights, input) = (call.weights(0), call.f32(0));
        let bias = self.bias.then(|| call.weights(1));
        let buffer = &mut call.scratch.floats;
        let tops = f32_top(&mut call.tops).chunks_exact_mut(positions.max(1));
        for (index, top) in tops.enumerate() {
            let (channel, plane) = sizes.plane(index, input);
            let weights = &weights[channel * depth..][..depth];
            let copy = |sums: &[f32], top: &mut [f32]| top.copy_from_slice(sums);
            depthwise(plane, weights, &sizes.window, 0.0, buffer, top, copy);
            if let Some(bias) = bias {
                top.iter_mut().for_each(|value| *value += bias[channel]);
            }
        }
    }
}

/// The int8 form.
#[derive(Debug)]
struct Integers {
    sizes: Sizes,
    weights: Weights,
    bias: Option<Arc<Array1<i16>>>,
    shifts: Shifts,
}

#[derive(Debug)]
enum Weights {
    /// Those of all channels, one behind the other.
    Single(Vec<i16>),
    /// One matrix for each group.
    Packed(Vec<PackedWeights>),
}

fn pack(sizes: &Sizes, weights: &ArrayD<i8>) -> Vec<PackedWeights> {
    let weights = weights.as_standard_layout();
    let values = weights.as_slice().unwrap_or_default();
    let [rows, _, depth] = sizes.product;
    let groups = values.chunks_exact((rows * depth).max(1));
    groups.map(|group| PackedWeights::new(rows, depth, group)).collect()
}

impl Work for Integers {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let Scratch { words, packed, sums, signed, unsigned, .. } = &mut *call.scratch;
        for_ints!(mut (&mut call.tops[0]) top => match (&self.weights, call.bottoms[0]) {
            (Weights::Single(weights), bottom) => {
                for_ints!((bottom) input => self.single_channels(weights, input, words, top));
            }
            (Weights::Packed(weights), View::I8(input)) => {
                self.groups(weights, input, signed, packed, sums, top);
            }
            (Weights::Packed(weights), View::U8(input)) => {
                self.groups(weights, input, unsigned, packed, sums, top);
            }
            (Weights::Packed(_), View::F32(_)) => unreachable!("an int8 layer has int8 bottoms"),
        });
        Ok(())
    }
}

impl Integers {
    fn bias(&self, channel: usize) -> i32 {
        self.bias.as_ref().map_or(0, |bias| bias[channel].into())
    }

    fn single_channels<T: Int8, U: Int8>(
        &self,
        weights: &[i16],
        input: &[T],
        buffer: &mut Vec<i16>,
        top: &mut [U],
    ) {
        let [_, positions, depth] = self.sizes.product;
        for (index, top) in top.chunks_exact_mut(positions.max(1)).enumerate() {
            let (channel, plane) = self.sizes.plane(index, input);
            let weights = &weights[channel * depth..][..depth];
            let bias = self.bias(channel);
            let shift = self.shifts.of_channel(channel);
            let finish = |sums: &[i32], top: &mut [U]| finish(sums, bias, shift, top);
            depthwise(plane, weights, &self.sizes.window, 0, buffer, top, finish);
        }
    }

    fn groups<T: Int8, U: Int8>(
        &self,
        weights: &[PackedWeights],
        input: &[T],
        patches: &mut Vec<T>,
        columns: &mut PackedColumns,
        sums: &mut Vec<i32>,
        top: &mut [U],
    ) {
        let [outputs, positions, depth] = self.sizes.product;
        let parts = input.chunks_exact(self.sizes.input.max(1));
        let tops = top.chunks_exact_mut(self.sizes.output.max(1));
        for ((picture, top), (group, weights)) in
            parts.zip(tops).zip(weights.iter().enumerate().cycle())
        {
            let right = if self.sizes.window.is_identity() {
                picture
            } else {
                im2col(picture, &self.sizes.window, patches);
                &*patches
            };
            columns.pack(right, depth, positions, [positions, 1]);
            sums.resize(outputs * positions, 0);
            weights.multiply(columns, sums);
            let rows = sums.chunks_exact(positions.max(1));
            for (row, (sums, top)) in rows.zip(top.chunks_exact_mut(positions.max(1))).enumerate() {
                let channel = group * outputs + row;
                finish(sums, self.bias(channel), self.shifts.of_channel(channel), top);
            }
        }
    }
}
