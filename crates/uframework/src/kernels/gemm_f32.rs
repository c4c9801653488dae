/// A matrix in memory: element (row, column) stands at `row · strides[0] + column · strides[1]`.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a> {
    values: &'a [f32],
    strides: [usize; 2],
}

impl<'a> Matrix<'a> {
    /// Row after row, `columns` values each.
    pub fn rows(values: &'a [f32], columns: usize) -> Self {
        Matrix { values, strides: [columns, 1] }
    }

    /// The transpose of a matrix that stands row after row, `columns` values each.
    pub fn transposed(values: &'a [f32], columns: usize) -> Self {
        Matrix { values, strides: [1, columns] }
    }

    /// Whether every element of so many rows and columns, at least one each, lies inside.
    fn covers(&self, rows: usize, columns: usize) -> bool {
        // Checked: the unsafe code below relies on it.
        let row = (rows - 1).checked_mul(self.strides[0]);
        let column = (columns - 1).checked_mul(self.strides[1]);
        let last = row.zip(column).and_then(|(row, column)| row.checked_add(column));
        last.is_some_and(|last| last < self.values.len())
    }
}

/// `C[m, n] = A[m, k] · B[k, n]`, C row after row; on the calling thread alone, so that results
/// never depend on the number of threads.
///
/// # Panics
/// If a matrix is too short for its size.
pub fn gemm_f32([m, n, k]: [usize; 3], a: Matrix<'_>, b: Matrix<'_>, c: &mut [f32]) {
    assert_eq!(Some(c.len()), m.checked_mul(n), "the result is m x n");
    if m == 0 || n == 0 || k == 0 {
        c.fill(0.0);
        return;
    }
    assert!(a.covers(m, k) && b.covers(k, n), "the operands are m x k and k x n");
    // SAFETY: every element that the sizes and strides can reach lies inside its slice, as asserted
    // above (strides are not negative, so the last element is the farthest), and `c` is borrowed
    // mutably, so nothing aliases it.
    #[allow(unsafe_code)]
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            c.as_mut_ptr(),
            1,
            n.cast_signed(),
            false,
            a.values.as_ptr(),
            a.strides[1].cast_signed(),
            a.strides[0].cast_signed(),
            b.values.as_ptr(),
            b.strides[1].cast_signed(),
            b.strides[0].cast_signed(),
            0.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Relative 1e-5 against the triple loop, in f64.
        #[test]
        fn agrees_with_the_triple_loop(
            m in 1usize..20, n in 1usize..20, k in 0usize..40, flags in 0u8..4, seed in any::<u32>(),
        ) {
            let bits = |i: usize| {
                u32::try_from(i).expect("small").wrapping_mul(2_654_435_761).wrapping_add(seed)
            };
            let value = |i: usize| (bits(i) >> 16) as f32 / 65536.0 - 0.5;
            let a: Vec<f32> = (0..m * k).map(value).collect();
            let b: Vec<f32> = (0..k * n).map(|i| value(i + 7919)).collect();
            let (ta, tb) = (flags & 1 != 0, flags & 2 != 0);
            let left = if ta { Matrix::transposed(&a, m) } else { Matrix::rows(&a, k) };
            let right = if tb { Matrix::transposed(&b, k) } else { Matrix::rows(&b, n) };
            let mut c = vec![f32::NAN; m * n];
            gemm_f32([m, n, k], left, right, &mut c);
            for row in 0..m {
                for column in 0..n {
                    let exact: f64 = (0..k)
                        .map(|i| {
                            let x = if ta { a[i * m + row] } else { a[row * k + i] };
                            let y = if tb { b[column * k + i] } else { b[i * n + column] };
                            f64::from(x) * f64::from(y)
                        })
                        .sum();
                    let error = (f64::from(c[row * n + column]) - exact).abs();
                    prop_assert!(error <= 1e-5 * (1.0 + exact.abs()), "{error}");
                }
            }
        }
    }
}
