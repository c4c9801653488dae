use umodel::layers::{PoolMethod, PoolWindow, Pooling};
use umodel::{Arithmetic, PoolFactor};

use super::{Call, Kernel, Site, Work, for_ints};
use crate::error::KernelError;
use crate::kernels::requantize::rsh;
use crate::kernels::{Int8, pool};
use crate::value::{View, ViewMut};

/// What is made of the values under a window.
#[derive(Debug)]
enum Method {
    /// The largest one, whatever the format.
    Max,
    /// The same, with their places as a second top; fp32 only.
    MaxAndPlaces,
    /// Caffe's average.
    Average,
    /// The int8 form: multiplier and shift of the sum.
    Rescaled(u8, u8),
    /// The int8 form of windows with different areas: multipliers and shifts by [`pool::Reach`].
    Clipped([PoolFactor; 4]),
}

#[derive(Debug)]
struct Pooled {
    size: [usize; 2],
    window: PoolWindow,
    method: Method,
}

impl Pooled {
    fn new(layer: &Pooling, site: &Site<'_>, method: Method) -> Result<Self, KernelError> {
        let shape = site.bottom_shape(0);
        Ok(Pooled { size: [shape[2], shape[3]], window: layer.window(shape)?, method })
    }
}

impl Kernel for Pooling {
    fn f32(&self, site: &Site<'_>) -> Result<Box<dyn Work>, KernelError> {
        let method = match self.method {
            PoolMethod::Max if site.layer.tops.len() == 2 => Method::MaxAndPlaces,
            PoolMethod::Max => Method::Max,
            PoolMethod::Average => Method::Average,
        };
        Ok(Box::new(Pooled::new(self, site, method)?))
    }

    fn i8(&self, site: &Site<'_>, integers: &Arithmetic) -> Result<Box<dyn Work>, KernelError> {
        if site.layer.tops.len() != 1 {
            return Err(site.not_executable());
        }
        let method = match (integers, self.method) {
            (Arithmetic::Same, PoolMethod::Max) => Method::Max,
            (&Arithmetic::AveragePool { multiplier, right_shift }, PoolMethod::Average) => {
                Method::Rescaled(multiplier, right_shift)
            }
            (&Arithmetic::ClippedAveragePool(factors), PoolMethod::Average) => {
                Method::Clipped(factors)
            }
            _ => return Err(site.no_integers()),
        };
        Ok(Box::new(Pooled::new(self, site, method)?))
    }
}

impl Work for Pooled {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let Pooled { size, ref window, ref method } = *self;
        let input = call.bottoms[0];
        match (method, input, &mut call.tops[0]) {
            (Method::Max, View::F32(input), ViewMut::F32(top)) => {
                pool::max(input, size, window, f32::MIN, top);
            }
            (Method::Max, View::I8(input), ViewMut::I8(top)) => {
                pool::max(input, size, window, i8::LEAST, top);
            }
            (Method::Max, View::U8(input), ViewMut::U8(top)) => {
                pool::max(input, size, window, u8::LEAST, top);
            }
            (Method::Max, ..) => unreachable!("max pooling keeps the format"),
            (Method::MaxAndPlaces, ..) => {
                let input = call.f32(0);
                if let [ViewMut::F32(top), ViewMut::F32(places)] = call.tops.as_mut_slice() {
                    pool::max_places(input, size, window, top, places);
                }
            }
            (Method::Average, ..) => {
                pool::average(call.f32(0), size, window, call.f32_top());
            }
            (&Method::Rescaled(multiplier, shift), input, top) => {
                let by = (multiplier, shift);
                for_ints!(mut (top) top => average(input, size, window, by, top));
            }
            (Method::Clipped(factors), input, top) => {
                for_ints!(mut (top) top => clipped(input, size, window, factors, top));
            }
        }
        Ok(())
    }
}

/// As [`average`], by the factor of each window's part of the map.
fn clipped<T: Int8>(
    input: View<'_>,
    size: [usize; 2],
    window: &PoolWindow,
    factors: &[PoolFactor; 4],
    top: &mut [T],
) {
    let finish = |sum: i32, reach: pool::Reach| {
        let PoolFactor { multiplier, right_shift } = factors[reach.index()];
        T::saturate(rsh(sum.wrapping_mul(multiplier.into()), right_shift))
    };
    for_ints!((input) input => pool::sum(input, size, window, finish, top));
}

/// `sat(rsh(m · Σ x, r))`, padding as zeros.
fn average<T: Int8>(
    input: View<'_>,
    size: [usize; 2],
    window: &PoolWindow,
    (multiplier, shift): (u8, u8),
    top: &mut [T],
) {
    let finish = |sum: i32, _| T::saturate(rsh(sum.wrapping_mul(multiplier.into()), shift));
    for_ints!((input) input => pool::sum(input, size, window, finish, top));
}
