use std::sync::Arc;

use ndarray::Array1;
use umodel::layers::InnerProduct;
use umodel::{Arithmetic, Shifts};

use super::{Call, Kernel, Site, Work, f32_top, for_ints};
use crate::error::KernelError;
use crate::kernels::requantize::rsh;
use crate::kernels::{Int8, PackedColumns, PackedWeights};
use crate::kernels::{Matrix, gemm_f32};

impl Kernel for InnerProduct {
    fn f32(&self, _: &Site<'_>) -> Result<Box<dyn Work>, KernelError> {
        Ok(Box::new(self.clone()))
    }

    fn i8(&self, site: &Site<'_>, integers: &Arithmetic) -> Result<Box<dyn Work>, KernelError> {
        let Arithmetic::MultiplyAccumulate { weights, bias, right_shifts } = integers else {
            return Err(site.no_integers());
        };
        let weights = weights.as_standard_layout();
        let values = weights.as_slice().unwrap_or_default();
        let depth = values.len() / self.num_output.max(1);
        Ok(Box::new(Product {
            matrix: self.matrix(site.bottom_shape(0))?,
            weights: PackedWeights::new(self.num_output, depth, values),
            bias: bias.clone(),
            shifts: right_shifts.clone(),
        }))
    }
}

impl Work for InnerProduct {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let [m, k] = self.matrix(call.bottom_shape(0))?;
        let n = self.num_output;
        let (weights, input) = (call.weights(0), call.f32(0));
        let bias = self.bias.then(|| call.weights(1));
        let right =
            if self.transpose { Matrix::rows(weights, n) } else { Matrix::transposed(weights, k) };
        let top = f32_top(&mut call.tops);
        gemm_f32([m, n, k], Matrix::rows(input, k), right, top);
        if let Some(bias) = bias {
            for row in top.chunks_exact_mut(n) {
                row.iter_mut().zip(bias).for_each(|(value, bias)| *value += bias);
            }
        }
        Ok(())
    }
}

/// The int8 form.
#[derive(Debug)]
struct Product {
    /// Rows and columns of the bottom.
    matrix: [usize; 2],
    weights: PackedWeights,
    bias: Option<Arc<Array1<i16>>>,
    shifts: Shifts,
}

impl Work for Product {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let bias = self.bias.as_ref().and_then(|bias| bias.as_slice());
        let (columns, sums) = (&mut call.scratch.packed, &mut call.scratch.sums);
        for_ints!((call.bottoms[0]) input => {
            multiply(&self.weights, input, self.matrix, columns, sums);
        });
        let [rows, _] = self.matrix;
        for_ints!(mut (&mut call.tops[0]) top => finish(sums, bias, &self.shifts, rows, top));
        Ok(())
    }
}

/// `sums[num_output, M] = weights · inputᵀ`.
fn multiply<T: Int8>(
    weights: &PackedWeights,
    input: &[T],
    [m, k]: [usize; 2],
    columns: &mut PackedColumns,
    sums: &mut Vec<i32>,
) {
    columns.pack(input, k, m, [1, k]);
    sums.resize(weights.rows() * m, 0);
    weights.multiply(columns, sums);
}

/// Bias, shift and saturation, from `[num_output, M]` to the top's `[M, num_output]`.
fn finish<T: Int8>(sums: &[i32], bias: Option<&[i16]>, shifts: &Shifts, m: usize, top: &mut [T]) {
    let outputs = sums.len() / m.max(1);
    for (output, sums) in sums.chunks_exact(m.max(1)).enumerate() {
        let bias = bias.map_or(0, |bias| bias[output].into());
        let shift = shifts.of_channel(output);
        for (row, &sum) in sums.iter().enumerate() {
            top[row * outputs + output] = T::saturate(rsh(sum.wrapping_add(bias), shift));
        }
    }
}
