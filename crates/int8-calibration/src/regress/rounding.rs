use ndarray::Array2;

use super::cholesky::cholesky;

/// How often each weight is chosen anew by all others.
const SWEEPS: usize = 2;

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
    /// Its transpose, row after row, too.
    upper: Array2<f64>,
}

impl Rounder {
    /// For a covariance that stands row after row, with λ added to its diagonal. None if that is not positive definite.
    pub(super) fn new(covariance: &[f64], weights: usize, ridge: f64) -> Option<Rounder> {
        let mut order: Vec<usize> = (0..weights).collect();
        let variance = |&weight: &usize| covariance[weight * (weights + 1)];
        order.sort_by(|one, other| variance(one).total_cmp(&variance(other)).then(one.cmp(other)));
        let mut covariance = Array2::from_shape_fn((weights, weights), |(row, column)| {
            covariance[order[row] * weights + order[column]]
        });
        covariance.diag_mut().iter_mut().for_each(|variance| *variance += ridge);
        let lower = cholesky(covariance.clone())?;
        let upper = lower.t().as_standard_layout().into_owned();
        Some(Rounder { order, covariance, lower, upper })
    }

    /// `(C + λ)⁻¹ · cross`: what has to be added to a row of weights to make its sums least wrong.
    pub(super) fn regression(&self, cross: &[f64]) -> Vec<f64> {
        let size = self.order.len();
        let mut y: Vec<f64> = self.order.iter().map(|&weight| cross[weight]).collect();
        for i in 0..size {
            y[i] = (y[i] - dot(&row(&self.lower, i)[..i], &y[..i])) / self.lower[[i, i]];
        }
        for i in (0..size).rev() {
            y[i] = (y[i] - dot(&row(&self.upper, i)[i + 1..], &y[i + 1..])) / self.lower[[i, i]];
        }
        let mut by_weight = vec![0f64; size];
        for (&weight, y) in self.order.iter().zip(y) {
            by_weight[weight] = y;
        }
        by_weight
    }

    /// Integers near a row of weights.
    #[expect(clippy::cast_possible_truncation, reason = "clamped to i8")]
    pub(super) fn rounded(&self, w: &[f64]) -> Vec<i8> {
        let size = self.order.len();
        let w: Vec<f64> = self.order.iter().map(|&weight| w[weight]).collect();
        let nearest = |value: f64| value.round().clamp(-128.0, 127.0);
        let mut error = vec![0f64; size];
        let mut q = vec![0f64; size];
        for i in (0..size).rev() {
            let behind = dot(&row(&self.upper, i)[i + 1..], &error[i + 1..]) / self.lower[[i, i]];
            q[i] = nearest(w[i] + behind);
            error[i] = w[i] - q[i];
        }
        let mut slope: Vec<f64> =
            (0..size).map(|i| -dot(row(&self.covariance, i), &error)).collect();
        for _ in 0..SWEEPS {
            let mut changed = false;
            for i in (0..size).rev() {
                let variance = self.covariance[[i, i]];
                let new = nearest(q[i] - slope[i] / variance);
                let step = new - q[i];
                if step != 0.0 {
                    q[i] = new;
                    changed = true;
                    let of_row = row(&self.covariance, i);
                    slope.iter_mut().zip(of_row).for_each(|(slope, c)| *slope += step * c);
                }
            }
            if !changed {
                break;
            }
        }
        let mut rounded = vec![0i8; size];
        for (&weight, q) in self.order.iter().zip(q) {
            rounded[weight] = q as i8;
        }
        rounded
    }
}

fn row(matrix: &Array2<f64>, index: usize) -> &[f64] {
    let columns = matrix.ncols();
    matrix
        .as_slice()
        .and_then(|values| values.get(index * columns..(index + 1) * columns))
        .unwrap_or_default()
}

pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0f64; 8];
    let (a_chunks, b_chunks) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = a_chunks.remainder().iter().zip(b_chunks.remainder()).map(|(a, b)| a * b).sum();
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

    fn power(covariance: &[f64], e: &[f64]) -> f64 {
        covariance.chunks_exact(WEIGHTS).zip(e).map(|(row, by)| by * dot(row, e)).sum()
    }

    /// Statistical, with seeds: what is rounded together changes sums less than a tenth of what the nearest integers do,
    /// and no weight moves by more than the errors of the others explain.
    #[test]
    fn weights_rounded_together_keep_their_sums() {
        let mut random = Random::new(18);
        let covariance = covariance(&mut random);
        let rounder = Rounder::new(&covariance, WEIGHTS, 1e-3).expect("positive definite");
        let (mut together, mut nearest) = (0.0, 0.0);
        for _ in 0..20 {
            let w: Vec<f64> = (0..WEIGHTS).map(|_| 20.0 * random.normal()).collect();
            let q = rounder.rounded(&w);
            let errors: Vec<f64> = w.iter().zip(&q).map(|(w, &q)| w - f64::from(q)).collect();
            assert!(errors.iter().all(|error| error.abs() < 3.0), "{errors:?}");
            together += power(&covariance, &errors);
            let errors: Vec<f64> = w.iter().map(|w| w - w.round()).collect();
            nearest += power(&covariance, &errors);
        }
        assert!(together < 0.1 * nearest, "{together} of {nearest}");
    }

    /// Exact: inputs that have nothing in common leave the nearest integers, saturated.
    #[test]
    fn independent_inputs_leave_the_nearest_integers() {
        let identity: Vec<f64> = (0..9).map(|place| f64::from(u8::from(place % 4 == 0))).collect();
        let rounder = Rounder::new(&identity, 3, 0.0).expect("positive definite");
        assert_eq!(rounder.rounded(&[1.4, -2.6, 300.0]), [1, -3, 127]);
    }

    /// Relative 1e-9: the equations hold.
    #[test]
    fn a_regression_solves_its_equations() {
        let mut random = Random::new(7);
        let covariance = covariance(&mut random);
        let cross: Vec<f64> = (0..WEIGHTS).map(|_| random.normal()).collect();
        let rounder = Rounder::new(&covariance, WEIGHTS, 0.5).expect("positive definite");
        let step = rounder.regression(&cross);
        for (place, row) in covariance.chunks_exact(WEIGHTS).enumerate() {
            let found = dot(row, &step) + 0.5 * step[place];
            assert!((found - cross[place]).abs() < 1e-9, "{place}: {found} for {}", cross[place]);
        }
    }

    #[test]
    fn no_covariance_no_rounder() {
        assert!(Rounder::new(&[-1.0], 1, 0.0).is_none());
    }
}
