//! Two int8 bottoms, one repeated along the axes that it lacks: BroadcastBinary, and Scale and Bias with a second bottom.

use umodel::layers::BinaryOp;
use umodel::{Arithmetic, Rescale};

use super::broadcast_binary::{Axis, axes};
use super::{Call, Site, Work, for_ints};
use crate::error::KernelError;
use crate::kernels::Int8;
use crate::kernels::requantize::{rescale, rsh, saturate_i16};

/// The int8 form.
#[derive(Debug)]
pub(super) struct Broadcast {
    axes: Vec<Axis>,
    join: Join,
}

#[derive(Clone, Copy, Debug)]
enum Join {
    /// Of bottoms in the top's scale, each sum clipped to 16 bits.
    Sum([Rescale; 2]),
    /// The largest of bottoms in the top's scale.
    Max([Rescale; 2]),
    /// The smallest of them.
    Min([Rescale; 2]),
    Product(Rescale),
}

impl Broadcast {
    /// `second` is the shape of the second bottom, aligned with the first at the last axis.
    pub(super) fn ready(
        site: &Site<'_>,
        second: &[usize],
        integers: &Arithmetic,
        operation: Option<BinaryOp>,
    ) -> Result<Box<dyn Work>, KernelError> {
        let join = match (integers, operation) {
            (Arithmetic::Rescaled(by), Some(BinaryOp::Add | BinaryOp::Sub)) => {
                Join::Sum(two(by, site)?)
            }
            (Arithmetic::Rescaled(by), Some(BinaryOp::Max)) => Join::Max(two(by, site)?),
            (Arithmetic::Rescaled(by), Some(BinaryOp::Min)) => Join::Min(two(by, site)?),
            (Arithmetic::Product(by), Some(BinaryOp::Mul)) => Join::Product(*by),
            _ => return Err(site.no_integers()),
        };
        Ok(Box::new(Broadcast { axes: axes(site.bottom_shape(0), second), join }))
    }

    /// As [`Broadcast::ready`] for a second bottom that covers some axes of the first, from `axis` on.
    pub(super) fn along(
        site: &Site<'_>,
        axis: i32,
        integers: &Arithmetic,
        operation: BinaryOp,
    ) -> Result<Box<dyn Work>, KernelError> {
        if site.layer.bottoms.len() != 2 {
            return Err(site.no_integers());
        }
        let (bottom, mut operand) = (site.bottom_shape(0), site.bottom_shape(1).to_vec());
        if !operand.is_empty() {
            let behind = bottom.len().saturating_sub(super::axis_of(axis, bottom) + operand.len());
            operand.extend(vec![1; behind]);
        }
        Broadcast::ready(site, &operand, integers, Some(operation))
    }
}

fn two(by: &[Rescale], site: &Site<'_>) -> Result<[Rescale; 2], KernelError> {
    by.try_into().map_err(|_| site.no_integers())
}

impl Work for Broadcast {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let (a, b) = (call.bottoms[0], call.bottoms[1]);
        for_ints!(mut (&mut call.tops[0]) top => for_ints!((a) a => for_ints!((b) b => {
            match self.join {
                Join::Sum([first, second]) => run(&self.axes, a, b, top, &|a, b| {
                    saturate_i16(saturate_i16(rescale(a, first)) + rescale(b, second))
                }),
                // The largest of saturated values is the saturated largest one.
                Join::Max([first, second]) => run(&self.axes, a, b, top, &|a, b| {
                    rescale(a, first).max(rescale(b, second))
                }),
                Join::Min([first, second]) => run(&self.axes, a, b, top, &|a, b| {
                    rescale(a, first).min(rescale(b, second))
                }),
                Join::Product(by) => run(&self.axes, a, b, top, &|a, b| {
                    rsh(a * b * i32::from(by.multiplier), by.right_shift)
                }),
            }
        })));
        Ok(())
    }
}

/// Joins the bottoms value by value; `axes` says along which each of them is repeated.
fn run<A: Int8, B: Int8, T: Int8>(
    axes: &[Axis],
    a: &[A],
    b: &[B],
    top: &mut [T],
    join: &impl Fn(i32, i32) -> i32,
) {
    let value = |a: &A, b: &B| T::saturate(join((*a).into(), (*b).into()));
    match axes {
        [] | [_] => match (a, b) {
            ([a], b) => top.iter_mut().zip(b).for_each(|(y, b)| *y = value(a, b)),
            (a, [b]) => top.iter_mut().zip(a).for_each(|(y, a)| *y = value(a, b)),
            (a, b) => top.iter_mut().zip(a.iter().zip(b)).for_each(|(y, (a, b))| *y = value(a, b)),
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

    use super::*;

    proptest! {
        /// Exact against ndarray's broadcasting.
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
            let expected = (&a - &b).as_standard_layout().into_owned();
            let bytes = |array: &ArrayD<i32>| -> Vec<i8> { array.iter().map(|&v| v as i8).collect() };
            let mut top = vec![0i8; expected.len()];
            run(&axes(a.shape(), b.shape()), &bytes(&a), &bytes(&b), &mut top, &|a, b| a - b);
            prop_assert_eq!(top, bytes(&expected));
        }
    }
}
