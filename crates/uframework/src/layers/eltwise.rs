use umodel::layers::{Eltwise, EltwiseOp};
use umodel::{Arithmetic, Rescale};

use super::{Call, Kernel, Site, Work, f32_top, for_ints};
use crate::error::KernelError;
use crate::kernels::Int8;
use crate::kernels::requantize::{rescale, rsh, saturate_i16};
use crate::value::View;

impl Kernel for Eltwise {
    fn f32(&self, _: &Site<'_>) -> Result<Box<dyn Work>, KernelError> {
        Ok(Box::new(self.clone()))
    }

    fn i8(&self, site: &Site<'_>, integers: &Arithmetic) -> Result<Box<dyn Work>, KernelError> {
        Ok(Box::new(match (integers, &self.operation) {
            (Arithmetic::Rescaled(rescales), EltwiseOp::Sum(_)) => Joined::Sum(rescales.clone()),
            (Arithmetic::Rescaled(rescales), EltwiseOp::Max) => Joined::Max(rescales.clone()),
            (Arithmetic::Product(by), EltwiseOp::Product) => Joined::Product(*by),
            _ => return Err(site.no_integers()),
        }))
    }
}

impl Work for Eltwise {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let first = call.f32(0);
        let join: fn(f32, f32) -> f32 = match &self.operation {
            EltwiseOp::Sum(coefficients) => {
                let coefficient = coefficients[0];
                let top = call.f32_top();
                top.iter_mut().zip(first).for_each(|(y, &x)| *y = coefficient * x);
                for (index, &coefficient) in coefficients.iter().enumerate().skip(1) {
                    let input = call.f32(index);
                    let top = f32_top(&mut call.tops);
                    top.iter_mut().zip(input).for_each(|(y, &x)| *y += coefficient * x);
                }
                return Ok(());
            }
            EltwiseOp::Product => |a, b| a * b,
            EltwiseOp::Max => |a, b| if b > a { b } else { a },
        };
        call.f32_top().copy_from_slice(first);
        for index in 1..call.bottoms.len() {
            let input = call.f32(index);
            let top = f32_top(&mut call.tops);
            top.iter_mut().zip(input).for_each(|(y, &x)| *y = join(*y, x));
        }
        Ok(())
    }
}

/// The int8 form.
#[derive(Debug)]
enum Joined {
    Sum(Vec<Rescale>),
    Max(Vec<Rescale>),
    Product(Rescale),
}

impl Work for Joined {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let sums = &mut call.scratch.sums;
        match self {
            Joined::Sum(rescales) => {
                join(&call.bottoms, rescales, sums, saturate_i16, |t, x| saturate_i16(t + x));
            }
            Joined::Max(rescales) => {
                // The maximum of saturated values is the saturated maximum.
                join(&call.bottoms, rescales, sums, |x| x, i32::max);
            }
            Joined::Product(by) => {
                let ones = [Rescale::ONE; 2];
                join(&call.bottoms, &ones, sums, |x| x, |a, b| a * b);
                for value in sums.iter_mut() {
                    *value = rsh(*value * i32::from(by.multiplier), by.right_shift);
                }
            }
        }
        for_ints!(mut (&mut call.tops[0]) top => narrow(sums, top));
        Ok(())
    }
}

/// Rescales every bottom and joins them one after another.
fn join(
    bottoms: &[View<'_>],
    rescales: &[Rescale],
    sums: &mut Vec<i32>,
    first: impl Fn(i32) -> i32 + Copy,
    next: impl Fn(i32, i32) -> i32 + Copy,
) {
    sums.clear();
    for (&bottom, &by) in bottoms.iter().zip(rescales) {
        for_ints!((bottom) input => {
            if sums.is_empty() {
                sums.extend(input.iter().map(|&x| first(rescale(x.into(), by))));
            } else {
                for (sum, &x) in sums.iter_mut().zip(input) {
                    *sum = next(*sum, rescale(x.into(), by));
                }
            }
        });
    }
}

fn narrow<T: Int8>(sums: &[i32], top: &mut [T]) {
    top.iter_mut().zip(sums).for_each(|(y, &sum)| *y = T::saturate(sum));
}
