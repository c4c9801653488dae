use ndarray::ArrayD;
use umodel::Arithmetic;
use umodel::layers::{Convolution, ConvolutionDepthwise, DepthwiseConvolution};

use super::{Call, Kernel, f32_top, for_ints};
use crate::error::KernelError;
use crate::kernels::depthwise::depthwise;
use crate::kernels::requantize::finish;
use crate::kernels::{Int8, PackedColumns, PackedWeights, Window, im2col};
use crate::kernels::{Matrix, gemm_f32};

/// The sizes that both forms share: one matrix product for each picture and group.
struct Sizes {
    window: Window,
    /// Values of one group of one picture, below and above.
    input: usize,
    output: usize,
    /// Output channels of a group, positions, values under the kernel.
    product: [usize; 3],
}

impl Sizes {
    fn of(layer: &Convolution, call: &Call<'_>) -> Self {
        let (bottom, top) = (call.bottom_shape(0), call.top_shape(0));
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
            input: channels * bottom[2] * bottom[3],
            output: outputs * positions,
            product: [outputs, positions, channels * layer.kernel[0] * layer.kernel[1]],
        }
    }
}

impl Kernel for Convolution {
    fn f32(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let sizes = Sizes::of(self, call);
        if self.group == call.bottom_shape(0)[1] {
            self.single_channels(&sizes, call);
            return Ok(());
        }
        let [outputs, positions, depth] = sizes.product;
        let (weights, input) = (call.weights(0), call.f32(0));
        let bias = self.bias.then(|| call.weights(1));
        let columns = &mut call.scratch.floats;
        let parts = input.chunks_exact(sizes.input.max(1));
        let tops = f32_top(&mut call.tops).chunks_exact_mut(sizes.output.max(1));
        for (index, (picture, top)) in parts.zip(tops).enumerate() {
            let group = index % self.group;
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
        Ok(())
    }

    fn i8(&self, call: &mut Call<'_>) {
        let sizes = Sizes::of(self, call);
        let Arithmetic::MultiplyAccumulate { weights, bias, right_shift } = call.arithmetic else {
            unreachable!("an int8 Convolution multiplies and accumulates");
        };
        let bias = bias.as_ref().and_then(|bias| bias.as_slice());
        let scratch = &mut *call.scratch;
        if self.group == call.net.blob(call.layer.bottoms[0]).shape[1] {
            let kernel = self.kernel[0] * self.kernel[1];
            let weights: Vec<i16> = weights.iter().map(|&weight| weight.into()).collect();
            let work =
                SingleChannels { sizes, weights: &weights, kernel, bias, shift: *right_shift };
            let buffer = &mut scratch.words;
            for_ints!(mut (&mut call.tops[0]) top => {
                for_ints!((call.bottoms[0]) input => work.run(input, buffer, top));
            });
            return;
        }
        let work = Work { sizes, bias, shift: *right_shift, packed: call.packed };
        let (columns, sums) = (&mut scratch.packed, &mut scratch.sums);
        for_ints!(mut (&mut call.tops[0]) top => match call.bottoms[0] {
            crate::value::View::I8(input) => {
                work.run(input, &mut scratch.signed, columns, sums, top);
            }
            crate::value::View::U8(input) => {
                work.run(input, &mut scratch.unsigned, columns, sums, top);
            }
            crate::value::View::F32(_) => unreachable!("an int8 layer has int8 bottoms"),
        });
    }

    fn pack(&self, weights: &ArrayD<i8>) -> Vec<PackedWeights> {
        let weights = weights.as_standard_layout();
        let values = weights.as_slice().unwrap_or_default();
        let rows = self.num_output / self.group;
        let depth = values.len() / self.num_output;
        let groups = values.chunks_exact((rows * depth).max(1));
        groups.map(|group| PackedWeights::new(rows, depth, group)).collect()
    }
}

/// A convolution with a group for each input channel.
trait Grouped {
    fn single_channels(&self, sizes: &Sizes, call: &mut Call<'_>);
}

impl Grouped for Convolution {
    fn single_channels(&self, sizes: &Sizes, call: &mut Call<'_>) {
        let [outputs, positions, depth] = sizes.product;
        let (weights, input) = (call.weights(0), call.f32(0));
        let bias = self.bias.then(|| call.weights(1));
        let buffer = &mut call.scratch.floats;
        let tops = f32_top(&mut call.tops).chunks_exact_mut(positions.max(1));
        for (index, top) in tops.enumerate() {
            let channel = index % self.num_output;
            let plane = &input[index / outputs * sizes.input..][..sizes.input];
            let weights = &weights[channel * depth..][..depth];
            let copy = |sums: &[f32], top: &mut [f32]| top.copy_from_slice(sums);
            depthwise(plane, weights, &sizes.window, 0.0, buffer, top, copy);
            if let Some(bias) = bias {
                top.iter_mut().for_each(|value| *value += bias[channel]);
            }
        }
    }
}

/// The int8 form of a convolution with a group for each input channel.
struct SingleChannels<'a> {
    sizes: Sizes,
    weights: &'a [i16],
    /// Weights of a channel.
    kernel: usize,
    bias: Option<&'a [i16]>,
    shift: u8,
}

impl SingleChannels<'_> {
    fn run<T: Int8, U: Int8>(&self, input: &[T], buffer: &mut Vec<i16>, top: &mut [U]) {
        let [outputs, positions, _] = self.sizes.product;
        let channels = self.weights.len() / self.kernel;
        for (index, top) in top.chunks_exact_mut(positions.max(1)).enumerate() {
            let channel = index % channels;
            let plane = &input[index / outputs * self.sizes.input..][..self.sizes.input];
            let weights = &self.weights[channel * self.kernel..][..self.kernel];
            let bias = self.bias.map_or(0, |bias| bias[channel].into());
            let finish = |sums: &[i32], top: &mut [U]| finish(sums, bias, self.shift, top);
            depthwise(plane, weights, &self.sizes.window, 0, buffer, top, finish);
        }
    }
}

macro_rules! as_convolution {
    ($($layer:ty),*) => {$(
        impl Kernel for $layer {
            fn f32(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
                self.convolution.f32(call)
            }

            fn i8(&self, call: &mut Call<'_>) {
                self.convolution.i8(call);
            }

            fn pack(&self, weights: &ArrayD<i8>) -> Vec<PackedWeights> {
                self.convolution.pack(weights)
            }
        }
    )*};
}

as_convolution!(ConvolutionDepthwise, DepthwiseConvolution);

/// An int8 convolution, whatever the types of its bottom and top.
struct Work<'a> {
    sizes: Sizes,
    bias: Option<&'a [i16]>,
    shift: u8,
    packed: &'a [PackedWeights],
}

impl Work<'_> {
    fn run<T: Int8, U: Int8>(
        &self,
        input: &[T],
        patches: &mut Vec<T>,
        columns: &mut PackedColumns,
        sums: &mut Vec<i32>,
        top: &mut [U],
    ) {
        let [outputs, positions, depth] = self.sizes.product;
        let parts = input.chunks_exact(self.sizes.input.max(1));
        let tops = top.chunks_exact_mut(self.sizes.output.max(1));
        for (index, (picture, top)) in parts.zip(tops).enumerate() {
            let group = index % self.packed.len();
            let right = if self.sizes.window.is_identity() {
                picture
            } else {
                im2col(picture, &self.sizes.window, patches);
                &*patches
            };
            columns.pack(right, depth, positions, [positions, 1]);
            sums.resize(outputs * positions, 0);
            self.packed[group].multiply(columns, sums);
            let rows = sums.chunks_exact(positions.max(1));
            for (row, (sums, top)) in rows.zip(top.chunks_exact_mut(positions.max(1))).enumerate() {
                let bias = self.bias.map_or(0, |bias| bias[group * outputs + row].into());
                finish(sums, bias, self.shift, top);
            }
        }
    }
}
