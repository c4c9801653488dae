//! Element by element, fp32 only: Sigmoid, TanH, ELU, Power.

use umodel::layers::{Elu, Power, Sigmoid, TanH};

use super::{Call, Kernel};
use crate::error::KernelError;

fn map(call: &mut Call<'_>, function: impl Fn(f32) -> f32) -> Result<(), KernelError> {
    let input = call.f32(0);
    call.f32_top().iter_mut().zip(input).for_each(|(y, &x)| *y = function(x));
    Ok(())
}

impl Kernel for Sigmoid {
    fn f32(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        map(call, |x| 0.5 * (0.5 * x).tanh() + 0.5)
    }
}

impl Kernel for TanH {
    fn f32(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        map(call, f32::tanh)
    }
}

impl Kernel for Elu {
    fn f32(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        map(call, |x| x.max(0.0) + self.alpha * (x.min(0.0).exp() - 1.0))
    }
}

impl Kernel for Power {
    fn f32(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        if self.power == 1.0 {
            map(call, |x| x * self.scale + self.shift)
        } else {
            map(call, |x| (x * self.scale + self.shift).powf(self.power))
        }
    }
}
