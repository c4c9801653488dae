use std::ops::Range;

use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis, Slice};
use rayon::prelude::*;

use super::cholesky::{Corner, cholesky, dot, each_row};

/// How often each weight is chosen anew by all others.
const SWEEPS: usize = 2;
/// Rows of weights that a thread works on at a time.
const ROWS: usize = 128;
/// Weights of a row that are gone through one by one, before all others learn of them at once.
const BLOCK: usize = 64;

/// Chooses integers near real weights so that sums of products change least.
///
/// # Formula
/// With the covariance `C + λ = L·Lᵀ`, an error e of a row of weights changes its sums by `|Lᵀ·e|²` on average. Row i of
/// Lᵀ knows only the weights from i on. So the last weight is rounded first, and each one before it makes up for what is
/// known of the errors behind it: `q_i = round(w_i + Σ_{j>i} L_ji / L_ii · (w_j − q_j))`. Weights are in rising order of
/// their input's variance, so that those that matter most are rounded to the nearest. Coordinate descent follows:
/// `q_i ← round(q_i − ((C + λ)(q − w))_i / (C + λ)_ii)`.
pub(super) struct Rounder {
    /// The weights in rising order of the variance of what they multiply.
    order: Vec<usize>,
    /// C + λ in this order.
    covariance: Array2<f64>,
    /// L.
    lower: Array2<f64>,
    /// Its squares on the diagonal, one for each block.
    corners: Vec<Corner>,
}

impl Rounder {
    /// For a covariance that stands row after row, with λ added to its diagonal. None if that is not positive definite.
    pub(super) fn new(covariance: &[f64], weights: usize, ridge: f64) -> Option<Rounder> {
        let mut order: Vec<usize> = (0..weights).collect();
        let variance = |&weight: &usize| covariance[weight * (weights + 1)];
        order.sort_by(|one, other| variance(one).total_cmp(&variance(other)).then(one.cmp(other)));
        let mut sorted = Vec::with_capacity(weights * weights);
        for &row in &order {
            let row = &covariance[row * weights..(row + 1) * weights];
            sorted.extend(order.iter().map(|&column| row[column]));
        }
        let mut covariance = Array2::from_shape_vec((weights, weights), sorted).ok()?;
        covariance.diag_mut().iter_mut().for_each(|variance| *variance += ridge);
        let lower = cholesky(covariance.clone())?;
        let mut rounder = Rounder { order, covariance, lower, corners: Vec::new() };
        let corner = |block: Range<usize>| Corner::of(&rounder.part(block.clone(), block));
        rounder.corners = blocks(weights).map(corner).collect();
        Some(rounder)
    }

    /// `(C + λ)⁻¹ · cross` for each row of `cross`: what has to be added to the weights to make their sums least wrong.
    pub(super) fn regression(&self, cross: &ArrayView2<'_, f64>) -> Array2<f64> {
        self.by_rows(cross, |rows| {
            let size = rows.ncols();
            for (block, corner) in blocks(size).zip(&self.corners) {
                let known = self.part(block.clone(), 0..block.start);
                let (before, rest) = rows.view_mut().split_at(Axis(1), block.start);
                let mut rows = columns(rest, 0..block.len());
                general_mat_mul(-1.0, &before, &known.t(), 1.0, &mut rows);
                each_row(&mut rows, |y| corner.forward(y));
            }
            for (block, corner) in blocks(size).zip(&self.corners).rev() {
                let known = self.part(block.end..size, block.clone());
                let (rest, behind) = rows.view_mut().split_at(Axis(1), block.end);
                let mut rows = columns(rest, block.clone());
                general_mat_mul(-1.0, &behind, &known, 1.0, &mut rows);
                each_row(&mut rows, |y| corner.backward(y));
            }
        })
    }

    /// Integers near rows of weights.
    pub(super) fn rounded(&self, weights: &ArrayView2<'_, f64>) -> Array2<f64> {
        let nearest = |value: f64| value.round().clamp(-128.0, 127.0);
        self.by_rows(weights, |rows| {
            let size = rows.ncols();
            // What is known of the errors; not yet rounded weights have none.
            let mut errors = Array2::<f64>::zeros(rows.raw_dim());
            for (block, corner) in blocks(size).zip(&self.corners).rev() {
                let known = self.part(block.end..size, block.clone());
                let behind = errors.slice_axis(Axis(1), Slice::from(block.end..)).dot(&known);
                let mut errors = columns(errors.view_mut(), block.clone());
                let mut rows = columns(rows.view_mut(), block.clone());
                let mut known = vec![0f64; block.len()];
                let all = rows.rows_mut().into_iter().zip(errors.rows_mut()).zip(behind.rows());
                for ((mut weights, mut errors), behind) in all {
                    for i in (0..block.len()).rev() {
                        let (column, pivot) = corner.column(i);
                        let made_up = (behind[i] + dot(column, &known[i + 1..])) / pivot;
                        let exact = weights[i];
                        weights[i] = nearest(exact + made_up);
                        known[i] = exact - weights[i];
                    }
                    errors.iter_mut().zip(&known).for_each(|(error, known)| *error = *known);
                }
            }
            let mut slopes = errors.dot(&self.covariance);
            for (mut row, mut slopes) in rows.rows_mut().into_iter().zip(slopes.rows_mut()) {
                for _ in 0..SWEEPS {
                    let mut changed = false;
                    for i in (0..size).rev() {
                        let of_weight = self.row(i);
                        let step = nearest(row[i] + slopes[i] / of_weight[i]) - row[i];
                        if step != 0.0 {
                            row[i] += step;
                            changed = true;
                            slopes
                                .iter_mut()
                                .zip(of_weight)
                                .for_each(|(slope, c)| *slope -= step * c);
                        }
                    }
                    if !changed {
                        break;
                    }
                }
            }
        })
    }

    /// Changes some rows at a time, their columns in the order of the covariance.
    fn by_rows(
        &self,
        rows: &ArrayView2<'_, f64>,
        change: impl Fn(&mut Array2<f64>) + Sync,
    ) -> Array2<f64> {
        let mut changed = Array2::zeros(rows.raw_dim());
        let into: Vec<ArrayViewMut2<'_, f64>> =
            changed.axis_chunks_iter_mut(Axis(0), ROWS).collect();
        let from: Vec<ArrayView2<'_, f64>> = rows.axis_chunks_iter(Axis(0), ROWS).collect();
        from.into_par_iter().zip(into).for_each(|(from, mut into)| {
            let mut sorted = from.select(Axis(1), &self.order);
            change(&mut sorted);
            for (place, column) in self.order.iter().zip(sorted.columns()) {
                into.column_mut(*place).assign(&column);
            }
        });
        changed
    }

    /// Some rows and columns of L.
    fn part(&self, rows: Range<usize>, columns: Range<usize>) -> ArrayView2<'_, f64> {
        let mut part = self.lower.view();
        part.slice_axis_inplace(Axis(0), Slice::from(rows));
        part.slice_axis_inplace(Axis(1), Slice::from(columns));
        part
    }

    /// A row of C + λ.
    fn row(&self, index: usize) -> &[f64] {
        let columns = self.covariance.ncols();
        let values = self.covariance.as_slice().unwrap_or_default();
        values.get(index * columns..(index + 1) * columns).unwrap_or_default()
    }
}

/// Stretches of so many weights.
fn blocks(weights: usize) -> impl DoubleEndedIterator<Item = Range<usize>> + ExactSizeIterator {
    (0..weights.div_ceil(BLOCK)).map(move |block| block * BLOCK..weights.min((block + 1) * BLOCK))
}

fn columns<'a>(mut rows: ArrayViewMut2<'a, f64>, columns: Range<usize>) -> ArrayViewMut2<'a, f64> {
    rows.slice_axis_inplace(Axis(1), Slice::from(columns));
    rows
}

#[cfg(test)]
mod tests {
    use ndarray::arr2;
    use uframework::Random;

    use super::*;

    const WEIGHTS: usize = 70;

    /// The covariance of inputs that have much in common, row after row.
    fn covariance(random: &mut Random) -> Vec<f64> {
        let common: Vec<f64> = (0..WEIGHTS).map(|_| 1.0 + random.unit()).collect();
        let own: Vec<f64> = (0..WEIGHTS).map(|_| 0.02 + 0.2 * random.unit()).collect();
        let entry = |place: usize| {
            let (row, column) = (place / WEIGHTS, place % WEIGHTS);
            common[row] * common[column] + if row == column { own[row] } else { 0.0 }
        };
        (0..WEIGHTS * WEIGHTS).map(entry).collect()
    }

    fn power(covariance: &[f64], errors: &Array2<f64>) -> f64 {
        let covariance = ArrayView2::from_shape((WEIGHTS, WEIGHTS), covariance).expect("square");
        (errors.dot(&covariance) * errors).sum()
    }

    /// Statistical, with seeds: what is rounded together changes sums less than a tenth of what the nearest integers do,
    /// and no weight moves by more than the errors of the others explain.
    #[test]
    fn weights_rounded_together_keep_their_sums() {
        let mut random = Random::new(18);
        let covariance = covariance(&mut random);
        let rounder = Rounder::new(&covariance, WEIGHTS, 1e-3).expect("positive definite");
        let w = Array2::from_shape_fn((ROWS + 8, WEIGHTS), |_| 20.0 * random.normal());
        let errors = &w - &rounder.rounded(&w.view());
        assert!(errors.iter().all(|error| error.abs() < 3.0), "{errors:?}");
        let together = power(&covariance, &errors);
        let nearest = power(&covariance, &(&w - &w.mapv(f64::round)));
        assert!(together < 0.1 * nearest, "{together} of {nearest}");
    }

    /// Exact: inputs that have nothing in common leave the nearest integers, saturated.
    #[test]
    fn independent_inputs_leave_the_nearest_integers() {
        let identity: Vec<f64> = (0..9).map(|place| f64::from(u8::from(place % 4 == 0))).collect();
        let rounder = Rounder::new(&identity, 3, 0.0).expect("positive definite");
        assert_eq!(
            rounder.rounded(&arr2(&[[1.4, -2.6, 300.0]]).view()),
            arr2(&[[1.0, -3.0, 127.0]])
        );
    }

    /// Relative 1e-9: the equations hold.
    #[test]
    fn a_regression_solves_its_equations() {
        let mut random = Random::new(7);
        let covariance = covariance(&mut random);
        let cross = Array2::from_shape_fn((ROWS + 5, WEIGHTS), |_| random.normal());
        let rounder = Rounder::new(&covariance, WEIGHTS, 0.5).expect("positive definite");
        let steps = rounder.regression(&cross.view());
        let covariance = ArrayView2::from_shape((WEIGHTS, WEIGHTS), &covariance).expect("square");
        let found = steps.dot(&covariance) + &steps * 0.5;
        assert!(found.iter().zip(&cross).all(|(found, cross)| (found - cross).abs() < 1e-9));
    }

    #[test]
    fn no_covariance_no_rounder() {
        assert!(Rounder::new(&[-1.0], 1, 0.0).is_none());
    }
}
