use umodel::layers::Relu;
use umodel::{Arithmetic, Rescale};

use super::{Call, Kernel, for_ints};
use crate::error::KernelError;
use crate::kernels::Int8;
use crate::kernels::requantize::rescale;
use crate::value::View;

impl Kernel for Relu {
    fn f32(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let input = call.f32(0);
        let slope = self.negative_slope;
        for (y, &x) in call.f32_top().iter_mut().zip(input) {
            *y = x.max(0.0) + slope * x.min(0.0);
        }
        Ok(())
    }

    fn i8(&self, call: &mut Call<'_>) {
        let leak = match call.arithmetic {
            Arithmetic::LeakyRelu(leak) => Some(*leak),
            _ => None,
        };
        let input = call.bottoms[0];
        for_ints!(mut (&mut call.tops[0]) top => relu(input, leak, top));
    }
}

/// `max(x, 0) + sat(rsh(min(x, 0) · m, r))`; the last term only with a leak.
fn relu<T: Int8>(input: View<'_>, leak: Option<Rescale>, top: &mut [T]) {
    for_ints!((input) input => {
        for (y, &x) in top.iter_mut().zip(input) {
            let x = i32::from(x);
            let below = leak.map_or(0, |leak| T::saturate(rescale(x.min(0), leak)).into());
            *y = T::saturate(x.max(0) + below);
        }
    });
}
