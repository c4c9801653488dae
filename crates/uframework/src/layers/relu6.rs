//! ReLU6 and Clip.

use umodel::Arithmetic;
use umodel::layers::{Clip, Relu6};

use super::table::table;
use super::{Call, Kernel, Site, Work, for_ints};
use crate::error::KernelError;
use crate::kernels::Int8;
use crate::value::View;

/// Both types have the same int8 forms: `max(x, 0)`, or a table.
macro_rules! limited {
    ($($layer:ty),*) => {$(
        impl Kernel for $layer {
            fn f32(&self, _: &Site<'_>) -> Result<Box<dyn Work>, KernelError> {
                Ok(Box::new(<$layer as Clone>::clone(self)))
            }

            fn i8(
                &self,
                site: &Site<'_>,
                integers: &Arithmetic,
            ) -> Result<Box<dyn Work>, KernelError> {
                match integers {
                    Arithmetic::Same => Ok(Box::new(Rectify)),
                    _ => table(site, integers),
                }
            }
        }
    )*};
}

limited!(Clip, Relu6);

impl Work for Relu6 {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let input = call.f32(0);
        let (slope, limit) = (self.negative_slope, self.threshold);
        for (y, &x) in call.f32_top().iter_mut().zip(input) {
            *y = (x.max(0.0) + slope * x.min(0.0)).min(limit);
        }
        Ok(())
    }
}

impl Work for Clip {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let input = call.f32(0);
        for (y, &x) in call.f32_top().iter_mut().zip(input) {
            *y = x.min(self.max).max(self.min);
        }
        Ok(())
    }
}

/// `max(x, 0)`: a blob that reaches the upper limit is not stored in int8.
#[derive(Debug)]
struct Rectify;

impl Work for Rectify {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let input = call.bottoms[0];
        for_ints!(mut (&mut call.tops[0]) top => above_zero(input, top));
        Ok(())
    }
}

fn above_zero<T: Int8>(input: View<'_>, top: &mut [T]) {
    for_ints!((input) input => {
        top.iter_mut().zip(input).for_each(|(y, &x)| *y = T::saturate(i32::from(x).max(0)));
    });
}
