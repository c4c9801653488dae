use std::sync::Arc;

use ndarray::{Array1, ArrayD};
use umodel::layers::Deconvolution;
use umodel::{Arithmetic, Shifts};

use super::{Call, Kernel, Scratch, Site, Work, f32_top, for_ints};
use crate::error::KernelError;
use crate::kernels::requantize::finish;
use crate::kernels::{
    Int8, Matrix, PackedColumns, PackedWeights, Window, col2im, col2im_wrapping, gemm_f32,
};
use crate::value::View;

/// The sizes that both forms share: for each picture and group the weights, transposed, times the bottom, and the
/// products added up where they belong.
#[derive(Debug)]
struct Sizes {
    /// The window of the convolution whose backward pass this is.
    window: Window,
    group: usize,
    /// Bottom channels and positions of a group.
    channels: usize,
    positions: usize,
    /// Top channels of a group and values of each.
    outputs: usize,
    plane: usize,
    /// Products of a position: outputs times the kernel.
    depth: usize,
}

impl Sizes {
    fn of(layer: &Deconvolution, site: &Site<'_>) -> Self {
        let p = &layer.convolution;
        let (bottom, top) = (site.bottom_shape(0), site.top_shape(0));
        let window = Window {
            input: [top[2], top[3]],
            kernel: p.kernel,
            stride: p.stride,
            pad: p.pad,
            dilation: p.dilation,
            output: [bottom[2], bottom[3]],
        };
        let outputs = p.num_output / p.group;
        Sizes {
            window,
            group: p.group,
            channels: bottom[1] / p.group,
            positions: bottom[2] * bottom[3],
            outputs,
            plane: top[2] * top[3],
            depth: outputs * p.kernel[0] * p.kernel[1],
        }
    }

    /// Each group's part of the bottom and the top, and the group.
    fn parts<'a, T, U>(
        &self,
        input: &'a [T],
        top: &'a mut [U],
    ) -> impl Iterator<Item = (usize, &'a [T], &'a mut [U])> + use<'a, T, U> {
        let group = self.group;
        let parts = input.chunks_exact((self.channels * self.positions).max(1));
        let tops = top.chunks_exact_mut((self.outputs * self.plane).max(1));
        parts.zip(tops).enumerate().map(move |(index, (part, top))| (index % group, part, top))
    }
}

impl Kernel for Deconvolution {
    fn f32(&self, site: &Site<'_>) -> Result<Box<dyn Work>, KernelError> {
        Ok(Box::new(Floats { sizes: Sizes::of(self, site), bias: self.convolution.bias }))
    }

    fn i8(&self, site: &Site<'_>, integers: &Arithmetic) -> Result<Box<dyn Work>, KernelError> {
        let Arithmetic::MultiplyAccumulate { weights, bias, right_shifts } = integers else {
            return Err(site.no_integers());
        };
        let sizes = Sizes::of(self, site);
        let weights = Weights::new(&sizes, weights);
        Ok(Box::new(Integers { sizes, weights, bias: bias.clone(), shifts: right_shifts.clone() }))
    }
}

/// The fp32 form.
#[derive(Debug)]
struct Floats {
    sizes: Sizes,
    bias: bool,
}

impl Work for Floats {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let &Sizes { channels, positions, outputs, plane, depth, .. } = &self.sizes;
        let (weights, input) = (call.weights(0), call.f32(0));
        let bias = self.bias.then(|| call.weights(1));
        let columns = &mut call.scratch.floats;
        for (group, picture, top) in self.sizes.parts(input, f32_top(&mut call.tops)) {
            let weights = &weights[group * channels * depth..][..channels * depth];
            columns.clear();
            columns.resize(depth * positions, 0.0);
            let right = Matrix::rows(picture, positions);
            let left = Matrix::transposed(weights, depth);
            gemm_f32([depth, positions, channels], left, right, columns);
            top.fill(0.0);
            col2im(columns, &self.sizes.window, top);
            if let Some(bias) = bias {
                let bias = &bias[group * outputs..];
                for (plane, bias) in top.chunks_exact_mut(plane.max(1)).zip(bias) {
                    plane.iter_mut().for_each(|value| *value += bias);
                }
            }
        }
        Ok(())
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
    /// Those of groups of one bottom channel, one behind the other: a matrix product would have sums of one term.
    Single(Vec<i32>),
    /// One transposed matrix for each group.
    Packed(Vec<PackedWeights>),
}

impl Weights {
    fn new(sizes: &Sizes, weights: &ArrayD<i8>) -> Self {
        let &Sizes { channels, depth, .. } = sizes;
        if channels == 1 {
            return Weights::Single(weights.iter().map(|&weight| weight.into()).collect());
        }
        let weights = weights.as_standard_layout();
        let values = weights.as_slice().unwrap_or_default();
        let groups = values.chunks_exact((channels * depth).max(1)).map(|group| {
            let row = |row: usize| group.iter().skip(row).step_by(depth);
            let turned: Vec<i8> = (0..depth).flat_map(|index| row(index).copied()).collect();
            PackedWeights::new(depth, channels, &turned)
        });
        Weights::Packed(groups.collect())
    }
}

impl Work for Integers {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let Scratch { packed, sums, planes, .. } = &mut *call.scratch;
        let input: View<'_> = call.bottoms[0];
        for_ints!(mut (&mut call.tops[0]) top => {
            for_ints!((input) input => self.groups(input, packed, sums, planes, top));
        });
        Ok(())
    }
}

impl Integers {
    fn groups<T: Int8, U: Int8>(
        &self,
        input: &[T],
        columns: &mut PackedColumns,
        products: &mut Vec<i32>,
        sums: &mut Vec<i32>,
        top: &mut [U],
    ) {
        let &Sizes { channels, positions, outputs, plane, depth, .. } = &self.sizes;
        for (group, picture, top) in self.sizes.parts(input, top) {
            products.clear();
            products.resize(depth * positions, 0);
            match &self.weights {
                Weights::Packed(weights) => {
                    columns.pack(picture, channels, positions, [positions, 1]);
                    weights[group].multiply(columns, products);
                }
                Weights::Single(weights) => {
                    let weights = &weights[group * depth..][..depth];
                    for (row, weight) in products.chunks_exact_mut(positions.max(1)).zip(weights) {
                        for (product, &x) in row.iter_mut().zip(picture) {
                            let x: i32 = x.into();
                            *product = weight * x;
                        }
                    }
                }
            }
            sums.clear();
            sums.resize(outputs * plane, 0);
            col2im_wrapping(products, &self.sizes.window, sums);
            let planes = sums.chunks_exact(plane.max(1)).zip(top.chunks_exact_mut(plane.max(1)));
            for (row, (sums, top)) in planes.enumerate() {
                let channel = group * outputs + row;
                let bias = self.bias.as_ref().map_or(0, |bias| bias[channel].into());
                finish(sums, bias, self.shifts.of_channel(channel), top);
            }
        }
    }
}
