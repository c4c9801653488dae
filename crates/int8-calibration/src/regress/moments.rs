use std::ops::Range;

use ndarray::ArrayView2;
use rayon::prelude::*;
use uframework::kernels::{Matrix, gemm_f32};

use super::patches::{Part, Patches};

/// Positions whose products are added up in fp32.
const CHUNK: usize = 1024;
/// Rows of the covariance that are computed at a time.
const TILE: usize = 128;

/// See [`Moments::least`].
const LEAST: f64 = 1e-5;

/// First and second moments of what a part of a layer reads, and of the errors of its sums.
#[derive(Clone)]
pub(super) struct Moments {
    pub(super) count: usize,
    /// Of each integer that is read.
    pub(super) mean: Vec<f64>,
    /// Of the integers, row after row.
    pub(super) covariance: Vec<f64>,
    /// For each output, how far its sum should be from that over the integers, on average.
    pub(super) lost: Vec<f64>,
    /// For each output, the covariance of that error with each integer.
    pub(super) cross: Vec<f64>,
}

impl Moments {
    /// Of a range of positions, for these rows of weights, each multiplied by the integers of the part. `wanted` puts into
    /// the slice what the sums of a position should be.
    pub(super) fn of(
        patches: &Patches<'_>,
        range: Range<usize>,
        part: &Part,
        rows: &[f32],
        wanted: impl Fn(usize, &mut [f32]) + Sync,
    ) -> Moments {
        let weights = patches.places(part).len();
        let outputs = rows.len() / weights.max(1);
        let mut moments = Moments {
            count: range.len(),
            mean: vec![0.0; weights],
            covariance: vec![0.0; weights * weights],
            lost: vec![0.0; outputs],
            cross: vec![0.0; outputs * weights],
        };
        for start in range.clone().step_by(CHUNK) {
            let end = (start + CHUNK).min(range.end);
            let integers = patches.rows(part, start..end);
            let chunk = end - start;
            let mut sums = vec![0f32; chunk * outputs];
            sums.par_chunks_mut((TILE * outputs).max(1)).enumerate().for_each(|(tile, sums)| {
                let first = tile * TILE;
                let integers = Matrix::rows(&integers[first * weights..], weights);
                let height = sums.len() / outputs;
                gemm_f32(
                    [height, outputs, weights],
                    integers,
                    Matrix::transposed(rows, weights),
                    sums,
                );
                let mut goal = vec![0f32; outputs];
                for (position, sums) in (start + first..).zip(sums.chunks_exact_mut(outputs)) {
                    wanted(position, &mut goal);
                    sums.iter_mut().zip(&goal).for_each(|(sum, goal)| *sum = goal - *sum);
                }
            });
            add_columns(&mut moments.mean, &integers);
            add_columns(&mut moments.lost, &sums);
            // The upper triangle; the lower one follows.
            moments.covariance.par_chunks_mut(TILE * weights).enumerate().for_each(
                |(tile, into)| {
                    let first = tile * TILE;
                    let (height, width) = (into.len() / weights, weights - first);
                    let mut products = vec![0f32; height * width];
                    gemm_f32(
                        [height, width, chunk],
                        Matrix::transposed(&integers[first..], weights),
                        Matrix::rows(&integers[first..], weights),
                        &mut products,
                    );
                    for (into, products) in
                        into.chunks_exact_mut(weights).zip(products.chunks_exact(width))
                    {
                        add(&mut into[first..], products);
                    }
                },
            );
            moments.cross.par_chunks_mut(TILE * weights).enumerate().for_each(|(tile, into)| {
                let height = into.len() / weights;
                let mut products = vec![0f32; height * weights];
                gemm_f32(
                    [height, weights, chunk],
                    Matrix::transposed(&sums[tile * TILE..], outputs),
                    Matrix::rows(&integers, weights),
                    &mut products,
                );
                add(into, &products);
            });
        }
        moments.finish();
        moments
    }

    /// Of the positions of both.
    pub(super) fn joined(&self, other: &Moments) -> Moments {
        let count = self.count + other.count;
        let share = |moments: &Moments| moments.count as f64 / count.max(1) as f64;
        let (first, second) = (share(self), share(other));
        let join = |one: &[f64], other: &[f64]| -> Vec<f64> {
            one.iter().zip(other).map(|(a, b)| first * a + second * b).collect()
        };
        let mut moments = Moments {
            count,
            mean: join(&self.mean, &other.mean),
            covariance: join(&self.covariance, &other.covariance),
            lost: join(&self.lost, &other.lost),
            cross: join(&self.cross, &other.cross),
        };
        // The means differ, too.
        let weights = self.mean.len().max(1);
        let between: Vec<f64> = self.mean.iter().zip(&other.mean).map(|(a, b)| a - b).collect();
        let lost: Vec<f64> = self.lost.iter().zip(&other.lost).map(|(a, b)| a - b).collect();
        for (row, one) in moments.covariance.chunks_exact_mut(weights).zip(&between) {
            row.iter_mut().zip(&between).for_each(|(v, other)| *v += first * second * one * other);
        }
        for (row, one) in moments.cross.chunks_exact_mut(weights).zip(&lost) {
            row.iter_mut().zip(&between).for_each(|(v, other)| *v += first * second * one * other);
        }
        moments
    }

    /// Sums become moments about the means.
    fn finish(&mut self) {
        let (weights, count) = (self.mean.len(), self.count.max(1) as f64);
        self.mean.iter_mut().chain(&mut self.lost).for_each(|sum| *sum /= count);
        for row in 0..weights {
            for column in row..weights {
                let value = self.covariance[row * weights + column] / count
                    - self.mean[row] * self.mean[column];
                self.covariance[row * weights + column] = value;
                self.covariance[column * weights + row] = value;
            }
        }
        for (row, lost) in self.cross.chunks_exact_mut(weights.max(1)).zip(&self.lost) {
            for (value, mean) in row.iter_mut().zip(&self.mean) {
                *value = *value / count - lost * mean;
            }
        }
    }

    /// Moments about zero instead, of sums that no bias can move.
    pub(super) fn about_zero(&mut self) {
        let weights = self.mean.len().max(1);
        for (row, one) in self.covariance.chunks_exact_mut(weights).zip(&self.mean) {
            row.iter_mut().zip(&self.mean).for_each(|(value, other)| *value += one * other);
        }
        for (row, lost) in self.cross.chunks_exact_mut(weights).zip(&self.lost) {
            row.iter_mut().zip(&self.mean).for_each(|(value, mean)| *value += lost * mean);
        }
    }

    /// The covariance as a matrix.
    pub(super) fn matrix(&self) -> ArrayView2<'_, f64> {
        matrix(&self.covariance, self.mean.len())
    }

    /// For each output, the covariances of its error.
    pub(super) fn errors(&self) -> ArrayView2<'_, f64> {
        matrix(&self.cross, self.mean.len())
    }

    /// What has to be added to variances, so that inputs that hardly change do no harm: sums in fp32 know the variance of
    /// large values to a millionth of their squares.
    pub(super) fn least(&self) -> f64 {
        let squares: f64 = self.mean.iter().map(|mean| mean * mean).sum();
        LEAST * (1.0 + squares / self.mean.len().max(1) as f64)
    }

    /// The mean variance of the integers.
    pub(super) fn variance(&self) -> f64 {
        let weights = self.mean.len();
        let diagonal = self.covariance.iter().step_by(weights + 1);
        diagonal.sum::<f64>() / weights.max(1) as f64
    }
}

/// Rows of so many values.
pub(super) fn matrix(values: &[f64], width: usize) -> ArrayView2<'_, f64> {
    let rows = values.len() / width.max(1);
    ArrayView2::from_shape((rows, width), values)
        .unwrap_or_else(|_| ArrayView2::from(&[[0.0; 0]; 0]))
}

fn add(sums: &mut [f64], values: &[f32]) {
    sums.iter_mut().zip(values).for_each(|(sum, &value)| *sum += f64::from(value));
}

/// Adds each row of values to the sums.
fn add_columns(sums: &mut [f64], values: &[f32]) {
    for row in values.chunks_exact(sums.len().max(1)) {
        add(sums, row);
    }
}

#[cfg(test)]
mod tests {
    use ndarray::ArrayD;
    use uframework::{Random, Value};
    use umodel::layers::Convolution;

    use super::super::samples::OfLayer;
    use super::super::window::Window;
    use super::*;

    /// Mixed error 1e-4 against sums in f64, for more positions than one chunk has; halves joined are the whole.
    #[test]
    fn moments_are_those_of_the_definition() {
        let mut random = Random::new(5);
        let mut pixel = || f32::from(random.bits().to_le_bytes()[0]);
        let integers = [(); 3]
            .map(|()| Value::F32(ArrayD::from_shape_simple_fn(vec![1, 3, 20, 20], &mut pixel)));
        let samples = [(); 3].map(|()| OfLayer {
            positions: (0..400).map(|pixel| (0, pixel)).collect(),
            values: (0..800).map(|_| pixel()).collect(),
        });
        let convolution = Convolution {
            num_output: 2,
            bias: true,
            kernel: [1; 2],
            stride: [1; 2],
            pad: [0; 2],
            dilation: [1; 2],
            group: 1,
        };
        let window = Window::of(&convolution.into(), &[1, 3, 20, 20], &[1, 2, 20, 20]);
        let patches = Patches::new(&window.expect("a window"), &integers, &samples.each_ref());
        let rows = [0.5f32, -1.0, 2.0, 0.1, 0.0, -0.3];
        let [half, all] = patches.halves();
        assert_eq!([half, all], [400, 1200]);
        let part = &patches.parts(usize::MAX)[0];
        let wanted = |position: usize, sums: &mut [f32]| {
            sums.copy_from_slice(patches.tops(position, 0..2));
        };
        let of = |range| Moments::of(&patches, range, part, &rows, wanted);
        let whole = of(0..all);
        let joined = of(0..half).joined(&of(half..all));
        let x = patches.rows(part, 0..all);
        let x = |position: usize, place: usize| f64::from(x[position * 3 + place]);
        let error = |position: usize, output: usize| -> f64 {
            let weights = rows[output * 3..][..3].iter().enumerate();
            let sum: f64 = weights.map(|(place, &w)| f64::from(w) * x(position, place)).sum();
            f64::from(patches.tops(position, 0..2)[output]) - sum
        };
        let mean = |of: &dyn Fn(usize) -> f64| (0..all).map(of).sum::<f64>() / all as f64;
        let close = |found: f64, expected: f64, what: &str| {
            assert!(
                (found - expected).abs() < 1e-4 * (1.0 + expected.abs()),
                "{what}: {found} {expected}"
            );
        };
        for moments in [&whole, &joined] {
            for place in 0..3 {
                let mean_x = mean(&|p| x(p, place));
                close(moments.mean[place], mean_x, "mean");
                for other in 0..3 {
                    let mean_other = mean(&|p| x(p, other));
                    let expected = mean(&|p| (x(p, place) - mean_x) * (x(p, other) - mean_other));
                    close(moments.covariance[place * 3 + other], expected, "covariance");
                }
                for output in 0..2 {
                    let lost = mean(&|p| error(p, output));
                    close(moments.lost[output], lost, "lost");
                    let expected = mean(&|p| (x(p, place) - mean_x) * (error(p, output) - lost));
                    close(moments.cross[output * 3 + place], expected, "cross");
                }
            }
        }
    }
}
