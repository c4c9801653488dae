use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis, Slice};
use rayon::prelude::*;

/// Columns that are factored at a time.
const BLOCK: usize = 64;
/// Rows that a thread works on at a time.
const ROWS: usize = 256;

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
        let corner = Corner::of(&corner.view());
        let tiles: Vec<_> = below.axis_chunks_iter_mut(Axis(0), ROWS).collect();
        tiles.into_par_iter().for_each(|mut rows| {
            rows.slice_axis_inplace(Axis(1), Slice::from(start..end));
            each_row(&mut rows, |row| corner.forward(row));
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
    let size = a.nrows();
    let mut rows: Vec<f64> = a.iter().copied().collect();
    for row in 0..size {
        let (above, of_row) = rows.split_at_mut(row * size);
        for column in 0..row {
            let pivot = &above[column * size..(column + 1) * size];
            of_row[column] =
                (of_row[column] - dot(&pivot[..column], &of_row[..column])) / pivot[column];
        }
        let rest = of_row[row] - dot(&of_row[..row], &of_row[..row]);
        of_row[row] = (rest > 0.0).then(|| rest.sqrt())?;
    }
    a.iter_mut().zip(rows).for_each(|(value, factor)| *value = factor);
    Some(())
}

/// A square of L on its diagonal, row after row and column after column.
pub(super) struct Corner {
    size: usize,
    rows: Vec<f64>,
    columns: Vec<f64>,
}

impl Corner {
    pub(super) fn of(square: &ArrayView2<'_, f64>) -> Corner {
        let (rows, columns) = (square.iter().copied(), square.t());
        Corner {
            size: square.nrows(),
            rows: rows.collect(),
            columns: columns.iter().copied().collect(),
        }
    }

    /// What stands below the diagonal in a column, and the diagonal itself.
    pub(super) fn column(&self, index: usize) -> (&[f64], f64) {
        let column = &self.columns[index * self.size..(index + 1) * self.size];
        (&column[index + 1..], column[index])
    }

    /// `L⁻¹·y`.
    pub(super) fn forward(&self, y: &mut [f64]) {
        for i in 0..self.size {
            let row = &self.rows[i * self.size..(i + 1) * self.size];
            y[i] = (y[i] - dot(&row[..i], &y[..i])) / row[i];
        }
    }

    /// `L⁻ᵀ·y`.
    pub(super) fn backward(&self, y: &mut [f64]) {
        for i in (0..self.size).rev() {
            let (column, pivot) = self.column(i);
            y[i] = (y[i] - dot(column, &y[i + 1..])) / pivot;
        }
    }
}

/// Changes each row as a slice.
pub(super) fn each_row(rows: &mut ArrayViewMut2<'_, f64>, change: impl Fn(&mut [f64])) {
    let mut values = Vec::with_capacity(rows.ncols());
    for mut row in rows.rows_mut() {
        values.clear();
        values.extend(row.iter());
        change(&mut values);
        row.iter_mut().zip(&values).for_each(|(into, &value)| *into = value);
    }
}

pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0f64; 4];
    let (a_chunks, b_chunks) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest = a_chunks.remainder().iter().zip(b_chunks.remainder()).map(|(a, b)| a * b);
    let rest: f64 = rest.sum();
    for (a, b) in a_chunks.zip(b_chunks) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f64>() + rest
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
