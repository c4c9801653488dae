//! Reductions over axes: Reduce, and Caffe's Reduction.
#![expect(clippy::cast_possible_truncation, reason = "sums in double precision become fp32")]

use umodel::layers::{Reduce, ReduceOp, Reduction, ReductionOp};

use super::{Call, Work, axis_of, fp32_only};
use crate::error::KernelError;

fp32_only!(Reduce, Reduction);

impl Work for Reduction {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let shape = call.bottom_shape(0);
        let inner = shape[axis_of(self.axis, shape)..].iter().product::<usize>().max(1);
        let coeff = f64::from(self.coeff);
        let input = call.f32(0);
        for (y, x) in call.f32_top().iter_mut().zip(input.chunks_exact(inner)) {
            let values = x.iter().map(|&x| f64::from(x));
            let sum: f64 = match self.operation {
                ReductionOp::Sum => values.sum(),
                ReductionOp::SumOfAbsolutes => values.map(f64::abs).sum(),
                ReductionOp::SumOfSquares => values.map(|x| x * x).sum(),
                ReductionOp::Mean => values.sum::<f64>() / inner as f64,
            };
            *y = (sum * coeff) as f32;
        }
        Ok(())
    }
}

impl Work for Reduce {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let shape = call.bottom_shape(0);
        let reduced = self.reduced(shape)?;
        let count: usize =
            shape.iter().zip(&reduced).filter(|axis| *axis.1).map(|axis| *axis.0).product();
        let (start, join): (f64, fn(f64, f64) -> f64) = match self.operation {
            ReduceOp::Mean | ReduceOp::Sum => (0.0, |sum, x| sum + x),
            ReduceOp::L1 => (0.0, |sum, x| sum + x.abs()),
            ReduceOp::SumOfSquares | ReduceOp::L2 => (0.0, |sum, x| sum + x * x),
            ReduceOp::Product => (1.0, |product, x| product * x),
            ReduceOp::Max => (f64::NEG_INFINITY, f64::max),
            ReduceOp::Min => (f64::INFINITY, f64::min),
        };
        let input = call.f32(0);
        let top = call.f32_top();
        let mut sums = vec![start; top.len()];
        let axes = joined(shape, &reduced);
        fold(&axes, input, &mut sums, join);
        for (y, sum) in top.iter_mut().zip(sums) {
            *y = match self.operation {
                ReduceOp::Mean => sum / count as f64,
                ReduceOp::L2 => sum.sqrt(),
                ReduceOp::Sum
                | ReduceOp::Max
                | ReduceOp::Min
                | ReduceOp::Product
                | ReduceOp::SumOfSquares
                | ReduceOp::L1 => sum,
            } as f32;
        }
        Ok(())
    }
}

/// Lengths of axes, neighbours of one kind taken for one.
fn joined(shape: &[usize], reduced: &[bool]) -> Vec<(usize, bool)> {
    let mut axes: Vec<(usize, bool)> = Vec::new();
    for (&size, &reduced) in shape.iter().zip(reduced) {
        match axes.last_mut() {
            Some((length, kind)) if *kind == reduced => *length *= size,
            _ => axes.push((size, reduced)),
        }
    }
    axes
}

fn fold(axes: &[(usize, bool)], input: &[f32], sums: &mut [f64], join: fn(f64, f64) -> f64) {
    match axes {
        [] => {
            for (sum, &x) in sums.iter_mut().zip(input) {
                *sum = join(*sum, x.into());
            }
        }
        [(_, true)] => {
            if let [sum] = sums {
                *sum = input.iter().fold(*sum, |sum, &x| join(sum, x.into()));
            }
        }
        [(_, false)] => fold(&[], input, sums, join),
        [(length, reduced), rest @ ..] => {
            let part = (input.len() / length.max(&1)).max(1);
            if *reduced {
                input.chunks_exact(part).for_each(|input| fold(rest, input, sums, join));
            } else {
                let size = (sums.len() / length.max(&1)).max(1);
                for (input, sums) in input.chunks_exact(part).zip(sums.chunks_exact_mut(size)) {
                    fold(rest, input, sums, join);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exact, in integers: every subset of three axes against the definition.
    #[test]
    fn folds_are_their_definition() {
        let shape = [2, 3, 4];
        let input: Vec<f32> = (0..24).map(|k| ((k * 7) % 13) as f32).collect();
        for subset in 0..8 {
            let reduced: Vec<bool> = (0..3).map(|axis| subset >> axis & 1 == 1).collect();
            let size = |axis: usize| if reduced[axis] { 1 } else { shape[axis] };
            let mut expected = vec![0.0; size(0) * size(1) * size(2)];
            for (index, &x) in input.iter().enumerate() {
                let at = [index / 12, index / 4 % 3, index % 4];
                let at = |axis: usize| if reduced[axis] { 0 } else { at[axis] };
                expected[(at(0) * size(1) + at(1)) * size(2) + at(2)] += f64::from(x);
            }
            let mut sums = vec![0.0; expected.len()];
            fold(&joined(&shape, &reduced), &input, &mut sums, |a, b| a + b);
            assert_eq!(sums, expected, "{reduced:?}");
        }
    }
}
