use umodel::layers::MatMul;

use super::{Call, Work, fp32_only};
use crate::error::KernelError;
use crate::kernels::{Matrix, gemm_f32};

fp32_only!(MatMul);

impl Work for MatMul {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let shapes = [call.bottom_shape(0), call.bottom_shape(1)];
        let [front_a, front_b] = shapes.map(|shape| &shape[..shape.len() - 2]);
        let [last_a, last_b] = shapes.map(|shape| [shape[shape.len() - 2], shape[shape.len() - 1]]);
        let top = call.top_shape(0);
        let (front, [m, n]) = (&top[..top.len() - 2], [top[top.len() - 2], top[top.len() - 1]]);
        let depth = last_a[usize::from(!self.transpose_a)];
        let (a, b) = (call.f32(0), call.f32(1));
        let matrix = |values, columns: usize, transposed: bool| {
            if transposed {
                Matrix::transposed(values, columns)
            } else {
                Matrix::rows(values, columns)
            }
        };
        let [size_a, size_b] = [last_a, last_b].map(|[rows, columns]| rows * columns);
        for (index, top) in call.f32_top().chunks_exact_mut((m * n).max(1)).enumerate() {
            let a = &a[batch(front, front_a, index) * size_a..][..size_a];
            let b = &b[batch(front, front_b, index) * size_b..][..size_b];
            let a = matrix(a, last_a[1], self.transpose_a);
            gemm_f32([m, n, depth], a, matrix(b, last_b[1], self.transpose_b), top);
        }
        Ok(())
    }
}

/// Which matrix of a bottom with these axes in front belongs to the top's matrix `index`.
fn batch(top: &[usize], bottom: &[usize], index: usize) -> usize {
    let (mut rest, mut place, mut stride) = (index, 0, 1);
    for (axis, &size) in top.iter().enumerate().rev() {
        let at = rest % size.max(1);
        rest /= size.max(1);
        if let Some(axis) = (axis + bottom.len()).checked_sub(top.len()) {
            place += if bottom[axis] == 1 { 0 } else { at * stride };
            stride *= bottom[axis];
        }
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exact: the batches of a broadcast product.
    #[test]
    fn batches() {
        let all = |bottom: &[usize]| -> Vec<usize> {
            (0..6).map(|index| batch(&[2, 3], bottom, index)).collect()
        };
        assert_eq!(all(&[2, 3]), [0, 1, 2, 3, 4, 5]);
        assert_eq!(all(&[3]), [0, 1, 2, 0, 1, 2]);
        assert_eq!(all(&[2, 1]), [0, 0, 0, 1, 1, 1]);
        assert_eq!(all(&[]), [0; 6]);
    }
}
