use std::sync::Arc;

use ndarray::ArrayD;
use umodel::layers::PRelu;
use umodel::{Arithmetic, Rescale};

use super::{Call, Kernel, Site, Work, for_ints};
use crate::error::KernelError;
use crate::kernels::Int8;
use crate::kernels::requantize::rescale;
use crate::value::View;

impl Kernel for PRelu {
    fn f32(&self, _: &Site<'_>) -> Result<Box<dyn Work>, KernelError> {
        Ok(Box::new(self.clone()))
    }

    fn i8(&self, site: &Site<'_>, integers: &Arithmetic) -> Result<Box<dyn Work>, KernelError> {
        let slopes = match integers {
            Arithmetic::Prelu { slopes, right_shift } => slopes_of(slopes, *right_shift),
            // Of an unsigned bottom, which has no negative side.
            Arithmetic::Same => vec![Rescale::ONE],
            _ => return Err(site.no_integers()),
        };
        Ok(Box::new(Integers { slopes, inner: inner(site.bottom_shape(0)) }))
    }
}

fn slopes_of(slopes: &Arc<ArrayD<i8>>, right_shift: u8) -> Vec<Rescale> {
    slopes.iter().map(|&multiplier| Rescale { multiplier, right_shift }).collect()
}

/// Values of a channel.
fn inner(shape: &[usize]) -> usize {
    shape.iter().skip(2).product::<usize>().max(1)
}

impl Work for PRelu {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let slopes = call.weights(0);
        let inner = inner(call.bottom_shape(0));
        let input = call.f32(0);
        let rows = input.chunks_exact(inner).zip(call.f32_top().chunks_exact_mut(inner));
        for (row, (x, y)) in rows.enumerate() {
            let slope = slopes[row % slopes.len().max(1)];
            y.iter_mut().zip(x).for_each(|(y, &x)| *y = x.max(0.0) + slope * x.min(0.0));
        }
        Ok(())
    }
}

/// The int8 form: a slope of each channel, or one for all.
#[derive(Debug)]
struct Integers {
    slopes: Vec<Rescale>,
    /// Values of a channel.
    inner: usize,
}

impl Work for Integers {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let input = call.bottoms[0];
        for_ints!(mut (&mut call.tops[0]) top => self.prelu(input, top));
        Ok(())
    }
}

impl Integers {
    /// `max(x, 0) + sat(rsh(min(x, 0) · m, r))`
    fn prelu<T: Int8>(&self, input: View<'_>, top: &mut [T]) {
        for_ints!((input) input => {
            let rows = input.chunks_exact(self.inner).zip(top.chunks_exact_mut(self.inner));
            for ((x, y), &slope) in rows.zip(self.slopes.iter().cycle()) {
                for (y, &x) in y.iter_mut().zip(x) {
                    let x = i32::from(x);
                    let below: i32 = T::saturate(rescale(x.min(0), slope)).into();
                    *y = T::saturate(x.max(0) + below);
                }
            }
        });
    }
}
