use umodel::Arithmetic;
use umodel::layers::{BinaryOp, BroadcastBinary};

use super::broadcast_i8::Broadcast;
use super::{Call, Kernel, Site, Work};
use crate::error::KernelError;

impl Kernel for BroadcastBinary {
    fn f32(&self, _: &Site<'_>) -> Result<Box<dyn Work>, KernelError> {
        Ok(Box::new(*self))
    }

    fn i8(&self, site: &Site<'_>, integers: &Arithmetic) -> Result<Box<dyn Work>, KernelError> {
        let operation = Some(self.operation);
        Broadcast::ready(site, site.bottom_shape(1), integers, operation)
    }
}

impl Work for BroadcastBinary {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let join: fn(f32, f32) -> f32 = match self.operation {
            BinaryOp::Add => |a, b| a + b,
            BinaryOp::Sub => |a, b| a - b,
            BinaryOp::Mul => |a, b| a * b,
            BinaryOp::Div => |a, b| a / b,
            BinaryOp::Max => f32::max,
            BinaryOp::Min => f32::min,
            BinaryOp::Pow => f32::powf,
        };
        let axes = axes(call.bottom_shape(0), call.bottom_shape(1));
        let (a, b) = (call.f32(0), call.f32(1));
        run(&axes, a, b, call.f32_top(), &join);
        Ok(())
    }
}

/// An axis of the top, and whether each of the bottoms has it, too.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Axis {
    pub(super) size: usize,
    pub(super) has: [bool; 2],
}

/// The top's axes; neighbours that the bottoms have alike are taken for one.
pub(super) fn axes(a: &[usize], b: &[usize]) -> Vec<Axis> {
    let count = a.len().max(b.len());
    let at = |shape: &[usize], axis: usize| {
        (axis + shape.len()).checked_sub(count).map_or(1, |axis| shape[axis])
    };
    let mut axes: Vec<Axis> = Vec::new();
    for axis in 0..count {
        let (a, b) = (at(a, axis), at(b, axis));
        let size = if a == 1 { b } else { a };
        if size == 1 {
            continue;
        }
        let has = [a != 1, b != 1];
        match axes.last_mut() {
            Some(last) if last.has == has => last.size *= size,
            _ => axes.push(Axis { size, has }),
        }
    }
    axes
}

/// Joins the bottoms value by value; `axes` says along which each of them is repeated.
pub(super) fn run<A: Copy, B: Copy, T>(
    axes: &[Axis],
    a: &[A],
    b: &[B],
    top: &mut [T],
    join: &impl Fn(A, B) -> T,
) {
    match axes {
        [] | [_] => match (a, b) {
            (&[a], b) => top.iter_mut().zip(b).for_each(|(y, &b)| *y = join(a, b)),
            (a, &[b]) => top.iter_mut().zip(a).for_each(|(y, &a)| *y = join(a, b)),
            (a, b) => {
                let pairs = a.iter().zip(b);
                top.iter_mut().zip(pairs).for_each(|(y, (&a, &b))| *y = join(a, b));
            }
        },
        [axis, rest @ ..] => {
            let length = axis.size.max(1);
            let (part_a, step_a) = part(a.len(), length, axis.has[0]);
            let (part_b, step_b) = part(b.len(), length, axis.has[1]);
            let size = (top.len() / length).max(1);
            for (index, top) in top.chunks_exact_mut(size).enumerate() {
                let (a, b) = (&a[index * step_a..][..part_a], &b[index * step_b..][..part_b]);
                run(rest, a, b, top, join);
            }
        }
    }
}

/// How many values of a bottom belong to one index of an axis, and how far those of the next one are.
fn part(values: usize, length: usize, has: bool) -> (usize, usize) {
    if has { (values / length, values / length) } else { (values, 0) }
}

#[cfg(test)]
#[expect(clippy::cast_possible_truncation, reason = "small numbers")]
mod tests {
    use ndarray::{ArrayD, IxDyn};
    use proptest::prelude::*;

    use super::super::broadcast_i8;
    use super::*;

    proptest! {
        /// Exact against ndarray's broadcasting, in fp32 and in int8.
        #[test]
        fn agrees_with_ndarray(
            sizes in prop::collection::vec((1usize..4, any::<[bool; 2]>()), 0..5),
            cut in 0usize..3,
        ) {
            let shape = |bottom: usize| -> Vec<usize> {
                let sizes = sizes.iter().map(|(size, has)| if has[bottom] { *size } else { 1 });
                sizes.collect()
            };
            let (a, mut b) = (shape(0), shape(1));
            b.drain(..cut.min(b.len()));
            let array = |shape: &[usize], factor: i32| {
                let count: usize = shape.iter().product();
                let values = (0i32..).take(count).map(|k| k * factor % 17 - 5).collect();
                ArrayD::<i32>::from_shape_vec(IxDyn(shape), values).expect("whole")
            };
            let (a, b) = (array(&a, 5), array(&b, 11));
            let expected = &a - &b;
            let axes = axes(a.shape(), b.shape());
            let floats = |array: &ArrayD<i32>| -> Vec<f32> { array.iter().map(|&v| v as f32).collect() };
            let mut top = vec![0.0; expected.len()];
            run(&axes, &floats(&a), &floats(&b), &mut top, &|a, b| a - b);
            prop_assert_eq!(top, floats(&expected));
            let bytes = |array: &ArrayD<i32>| -> Vec<i8> { array.iter().map(|&v| v as i8).collect() };
            let mut top = vec![0i8; expected.len()];
            broadcast_i8::run(&axes, &bytes(&a), &bytes(&b), &mut top, &|a, b| a - b);
            prop_assert_eq!(top, bytes(&expected));
        }
    }
}
