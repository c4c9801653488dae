//! Reductions over axes: Reduce, and Caffe's Reduction.
#![expect(clippy::cast_possible_truncation, reason = "sums in double precision become fp32")]

use umodel::Arithmetic;
use umodel::layers::{Reduce, ReduceOp, Reduction, ReductionOp};

use super::{Call, Kernel, Site, Work, axis_of, for_ints};
use crate::error::KernelError;
use crate::kernels::Int8;
use crate::kernels::requantize::rsh;

impl Kernel for Reduce {
    fn f32(&self, _: &Site<'_>) -> Result<Box<dyn Work>, KernelError> {
        Ok(Box::new(self.clone()))
    }

    fn i8(&self, site: &Site<'_>, integers: &Arithmetic) -> Result<Box<dyn Work>, KernelError> {
        let shape = site.bottom_shape(0);
        let method = match (integers, self.operation) {
            (Arithmetic::Same, ReduceOp::Max) => Method::Max,
            (Arithmetic::Same, ReduceOp::Min) => Method::Min,
            (
                &Arithmetic::AveragePool { multiplier, right_shift },
                ReduceOp::Sum | ReduceOp::Mean,
            ) => Method::Sum { multiplier, right_shift },
            _ => return Err(site.no_integers()),
        };
        Ok(Box::new(Folded { axes: joined(shape, &self.reduced(shape)?), method }))
    }
}

impl Kernel for Reduction {
    fn f32(&self, _: &Site<'_>) -> Result<Box<dyn Work>, KernelError> {
        Ok(Box::new(*self))
    }

    fn i8(&self, site: &Site<'_>, integers: &Arithmetic) -> Result<Box<dyn Work>, KernelError> {
        let &Arithmetic::AveragePool { multiplier, right_shift } = integers else {
            return Err(site.no_integers());
        };
        let shape = site.bottom_shape(0);
        let first = axis_of(self.axis, shape);
        let reduced: Vec<bool> = (0..shape.len()).map(|axis| axis >= first).collect();
        let method = Method::Sum { multiplier, right_shift };
        Ok(Box::new(Folded { axes: joined(shape, &reduced), method }))
    }
}

/// The int8 form of a reduction.
#[derive(Debug)]
struct Folded {
    axes: Vec<(usize, bool)>,
    method: Method,
}

#[derive(Clone, Copy, Debug)]
enum Method {
    Max,
    Min,
    /// `sat(rsh(m · Σ x, r))`
    Sum {
        multiplier: u8,
        right_shift: u8,
    },
}

impl Work for Folded {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let Call { bottoms, tops, scratch, .. } = call;
        for_ints!(mut (&mut tops[0]) top => for_ints!((bottoms[0]) input => {
            self.fold(input, &mut scratch.sums, top);
        }));
        Ok(())
    }
}

impl Folded {
    fn fold<T: Int8, U: Int8>(&self, input: &[T], sums: &mut Vec<i32>, top: &mut [U]) {
        let (start, join): (i32, fn(i32, i32) -> i32) = match self.method {
            Method::Max => (i32::MIN, i32::max),
            Method::Min => (i32::MAX, i32::min),
            Method::Sum { .. } => (0, i32::wrapping_add),
        };
        sums.clear();
        sums.resize(top.len(), start);
        fold(&self.axes, input, sums, join);
        for (y, &mut sum) in top.iter_mut().zip(sums) {
            *y = U::saturate(match self.method {
                Method::Max | Method::Min => sum,
                Method::Sum { multiplier, right_shift } => {
                    rsh(sum.wrapping_mul(multiplier.into()), right_shift)
                }
            });
        }
    }
}

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

fn fold<T: Copy + Into<A>, A: Copy>(
    axes: &[(usize, bool)],
    input: &[T],
    sums: &mut [A],
    join: fn(A, A) -> A,
) {
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
