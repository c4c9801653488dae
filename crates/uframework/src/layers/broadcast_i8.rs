//! Two int8 bottoms, one repeated along the axes that it lacks: BroadcastBinary, and Scale and Bias with a second bottom.

use umodel::layers::BinaryOp;
use umodel::{Arithmetic, Rescale};

use super::broadcast_binary::{self, Axis, axes};
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

/// Joins the stored integers of the bottoms, and saturates to the top's type.
pub(super) fn run<A: Int8, B: Int8, T: Int8>(
    axes: &[Axis],
    a: &[A],
    b: &[B],
    top: &mut [T],
    join: &impl Fn(i32, i32) -> i32,
) {
    broadcast_binary::run(axes, a, b, top, &|a: A, b: B| T::saturate(join(a.into(), b.into())));
}
