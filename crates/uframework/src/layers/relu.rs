use umodel::layers::Relu;
use umodel::{Arithmetic, Rescale};

use super::table::table;
use super::{Call, Kernel, Site, Work, for_ints};
use crate::error::KernelError;
use crate::kernels::Int8;
use crate::kernels::requantize::rescale;
use crate::value::View;

impl Kernel for Relu {
    fn f32(&self, _: &Site<'_>) -> Result<Box<dyn Work>, KernelError> {
        Ok(Box::new(*self))
    }

    fn i8(&self, site: &Site<'_>, integers: &Arithmetic) -> Result<Box<dyn Work>, KernelError> {
        let leak = match integers {
            Arithmetic::LeakyRelu(leak) => Some(*leak),
            // Also with a slope, of an unsigned bottom: nothing of it is negative.
            Arithmetic::Same => None,
            Arithmetic::Table(_) => return table(site, integers),
            Arithmetic::Float
            | Arithmetic::Cast
            | Arithmetic::MultiplyAccumulate { .. }
            | Arithmetic::AveragePool { .. }
            | Arithmetic::Rescaled(_)
            | Arithmetic::Product(_)
            | Arithmetic::Prelu { .. }
            | Arithmetic::Interpolate
            | Arithmetic::ClippedAveragePool(_)
            | Arithmetic::Constant(_)
            | Arithmetic::Cut(_) => return Err(site.no_integers()),
        };
        Ok(Box::new(Rectify { leak }))
    }
}

impl Work for Relu {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let input = call.f32(0);
        let slope = self.negative_slope;
        for (y, &x) in call.f32_top().iter_mut().zip(input) {
            *y = x.max(0.0) + slope * x.min(0.0);
        }
        Ok(())
    }
}

/// The int8 form.
#[derive(Debug)]
struct Rectify {
    leak: Option<Rescale>,
}

impl Work for Rectify {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let input = call.bottoms[0];
        for_ints!(mut (&mut call.tops[0]) top => relu(input, self.leak, top));
        Ok(())
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
