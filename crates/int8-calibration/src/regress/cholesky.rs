use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis, Slice};
use rayon::prelude::*;

/// Columns that are factored at a time.
const BLOCK: usize = 64;
/// Rows that a thread works on at a time.
const ROWS: usize = 64;

/// L of `A = L·Lᵀ`, for a positive definite A of which the lower triangle is read. What stands above L's diagonal means
/// nothing. None if a pivot is not positive.
///
/// # Source
/// The right-looking block form: G. Golub, C. Van Loan, "Matrix computations", 4.2.
pub(super) fn cholesky(mut a: Array2<f64>) -> Option<Array2<f64>> {
    let size = a.nrows();
    for start in (0..size).step_by(BLOCK) {
        let end = (start + BLOCK).min(size);
        let (mut above, mut below) = a.view_mut().split_at(Axis(0), end);
        let mut corner = above.slice_axis_mut(Axis(0), Slice::from(start..end));
        corner.slice_axis_inplace(Axis(1), Slice::from(start..end));
        corner_of(&mut corner)?;
        if end == size {
            break;
        }
        let corner = corner.view();
        let tiles: Vec<_> = below.axis_chunks_iter_mut(Axis(0), ROWS).collect();
        tiles.into_par_iter().for_each(|mut rows| {
            rows.slice_axis_inplace(Axis(1), Slice::from(start..end));
            solve(&corner, &mut rows);
        });
        let panel = below.slice_axis(Axis(1), Slice::from(start..end)).to_owned();
        let tiles: Vec<_> = below.axis_chunks_iter_mut(Axis(0), ROWS).enumerate().collect();
        tiles.into_par_iter().for_each(|(tile, mut rows)| {
            // Up to the diagonal.
            let reach = ((tile + 1) * ROWS).min(size - end);
            rows.slice_axis_inplace(Axis(1), Slice::from(end..end + reach));
            let first = tile * ROWS;
            let of_rows = panel.slice_axis(Axis(0), Slice::from(first..first + rows.nrows()));
            let of_columns = panel.slice_axis(Axis(0), Slice::from(..reach));
            general_mat_mul(-1.0, &of_rows, &of_columns.t(), 1.0, &mut rows);
        });
    }
    Some(a)
}

/// The factor of a small matrix, in its place.
fn corner_of(a: &mut ArrayViewMut2<'_, f64>) -> Option<()> {
    for column in 0..a.ncols() {
        for row in column..a.nrows() {
            let known: f64 = (0..column).map(|k| a[[row, k]] * a[[column, k]]).sum();
            let value = a[[row, column]] - known;
            a[[row, column]] = match row == column {
                true if value > 0.0 => value.sqrt(),
                true => return None,
                false => value / a[[column, column]],
            };
        }
    }
    Some(())
}

/// `rows · corner⁻ᵀ`, in its place.
fn solve(corner: &ArrayView2<'_, f64>, rows: &mut ArrayViewMut2<'_, f64>) {
    for mut row in rows.rows_mut() {
        for column in 0..corner.ncols() {
            let known: f64 = (0..column).map(|k| row[k] * corner[[column, k]]).sum();
            row[column] = (row[column] - known) / corner[[column, column]];
        }
    }
}

#[cfg(test)]
mod tests {
    use uframework::Random;

    use super::*;

    /// Relative 1e-9: the product is the matrix again, whatever its size is to that of a block.
    #[test]
    fn the_factor_times_its_transpose_is_the_matrix() {
        for size in [1, 5, 63, 64, 65, 200] {
            let mut random = Random::new(size as u64);
            let half = Array2::from_shape_fn((size, size + 3), |_| random.normal());
            let a = half.dot(&half.t()) + Array2::<f64>::eye(size) * 0.01;
            let mut l = cholesky(a.clone()).expect("positive definite");
            l.indexed_iter_mut()
                .filter(|((row, column), _)| column > row)
                .for_each(|(_, v)| *v = 0.0);
            let error = (l.dot(&l.t()) - &a).iter().fold(0f64, |most, e| most.max(e.abs()));
            assert!(error < 1e-9 * size as f64, "{size}: {error}");
        }
    }

    #[test]
    fn what_is_not_positive_definite_has_no_factor() {
        assert!(cholesky(-Array2::<f64>::eye(3)).is_none());
        assert!(cholesky(Array2::<f64>::zeros((70, 70))).is_none());
    }
}
