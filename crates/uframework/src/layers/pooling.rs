use umodel::Arithmetic;
use umodel::layers::{PoolMethod, PoolWindow, Pooling};

use super::{Call, Kernel, for_ints};
use crate::error::KernelError;
use crate::kernels::requantize::rsh;
use crate::kernels::{Int8, pool};
use crate::value::{View, ViewMut};

fn size(shape: &[usize]) -> [usize; 2] {
    [shape[2], shape[3]]
}

impl Kernel for Pooling {
    /// Not with the places of the maxima.
    fn runs(&self, tops: usize) -> bool {
        tops == 1
    }

    fn f32(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let shape = call.bottom_shape(0);
        let window = self.window(shape)?;
        let input = call.f32(0);
        match self.method {
            PoolMethod::Max => pool::max(input, size(shape), &window, f32::MIN, call.f32_top()),
            PoolMethod::Average => pool::average(input, size(shape), &window, call.f32_top()),
        }
        Ok(())
    }

    fn i8(&self, call: &mut Call<'_>) {
        let shape = call.bottom_shape(0);
        let Ok(window) = self.window(shape) else { unreachable!("the net's shapes are inferred") };
        if let Arithmetic::AveragePool { multiplier, right_shift } = *call.arithmetic {
            let input = call.bottoms[0];
            let by = (multiplier, right_shift);
            for_ints!(mut (&mut call.tops[0]) top => average(input, size(shape), &window, by, top));
            return;
        }
        match (call.bottoms[0], &mut call.tops[0]) {
            (View::I8(input), ViewMut::I8(top)) => {
                pool::max(input, size(shape), &window, i8::LEAST, top);
            }
            (View::U8(input), ViewMut::U8(top)) => {
                pool::max(input, size(shape), &window, u8::LEAST, top);
            }
            _ => unreachable!("max pooling keeps the format"),
        }
    }
}

/// `sat(rsh(m · Σ x, r))`, padding as zeros.
fn average<T: Int8>(
    input: View<'_>,
    size: [usize; 2],
    window: &PoolWindow,
    (multiplier, shift): (u8, u8),
    top: &mut [T],
) {
    let finish = |sum: i32| T::saturate(rsh(sum.wrapping_mul(multiplier.into()), shift));
    for_ints!((input) input => pool::sum(input, size, window, finish, top));
}
