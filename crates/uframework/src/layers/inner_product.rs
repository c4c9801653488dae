use ndarray::ArrayD;
use umodel::Arithmetic;
use umodel::layers::InnerProduct;

use super::{Call, Kernel, f32_top, for_ints};
use crate::error::KernelError;
use crate::kernels::requantize::rsh;
use crate::kernels::{Int8, PackedColumns, PackedWeights};
use crate::kernels::{Matrix, gemm_f32};

impl Kernel for InnerProduct {
    fn f32(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
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

    fn i8(&self, call: &mut Call<'_>) {
        let Arithmetic::MultiplyAccumulate { bias, right_shift, .. } = call.arithmetic else {
            unreachable!("an int8 InnerProduct multiplies and accumulates");
        };
        let [m, k] = self.matrix(call.bottom_shape(0)).unwrap_or_default();
        let bias = bias.as_ref().and_then(|bias| bias.as_slice());
        let scratch = &mut *call.scratch;
        let (columns, sums) = (&mut scratch.packed, &mut scratch.sums);
        for_ints!((call.bottoms[0]) input => multiply(&call.packed[0], input, [m, k], columns, sums));
        for_ints!(mut (&mut call.tops[0]) top => finish(sums, bias, *right_shift, m, top));
    }

    fn pack(&self, weights: &ArrayD<i8>) -> Vec<PackedWeights> {
        let weights = weights.as_standard_layout();
        let values = weights.as_slice().unwrap_or_default();
        vec![PackedWeights::new(self.num_output, values.len() / self.num_output, values)]
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
fn finish<T: Int8>(sums: &[i32], bias: Option<&[i16]>, shift: u8, m: usize, top: &mut [T]) {
    let outputs = sums.len() / m.max(1);
    for (output, sums) in sums.chunks_exact(m.max(1)).enumerate() {
        let bias = bias.map_or(0, |bias| bias[output].into());
        for (row, &sum) in sums.iter().enumerate() {
            top[row * outputs + output] = T::saturate(rsh(sum.wrapping_add(bias), shift));
        }
    }
}
