//! ReLU6 and Clip.

use umodel::layers::{Clip, Relu6};

use super::{Call, Kernel, for_ints};
use crate::error::KernelError;
use crate::kernels::Int8;
use crate::value::View;

impl Kernel for Relu6 {
    fn f32(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let input = call.f32(0);
        let (slope, limit) = (self.negative_slope, self.threshold);
        for (y, &x) in call.f32_top().iter_mut().zip(input) {
            *y = (x.max(0.0) + slope * x.min(0.0)).min(limit);
        }
        Ok(())
    }

    fn i8(&self, call: &mut Call<'_>) {
        rectify(call);
    }
}

impl Kernel for Clip {
    fn f32(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let input = call.f32(0);
        for (y, &x) in call.f32_top().iter_mut().zip(input) {
            *y = x.min(self.max).max(self.min);
        }
        Ok(())
    }

    fn i8(&self, call: &mut Call<'_>) {
        rectify(call);
    }
}

/// `max(x, 0)`: a blob that reaches the upper limit is not stored in int8.
fn rectify(call: &mut Call<'_>) {
    let input = call.bottoms[0];
    for_ints!(mut (&mut call.tops[0]) top => above_zero(input, top));
}

fn above_zero<T: Int8>(input: View<'_>, top: &mut [T]) {
    for_ints!((input) input => {
        top.iter_mut().zip(input).for_each(|(y, &x)| *y = T::saturate(i32::from(x).max(0)));
    });
}
