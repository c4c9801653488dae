//! Layers that only pass their bottom on: Split, Flatten, Reshape, Squeeze, Unsqueeze and, in the TEST
//! phase, Dropout.

use umodel::Arithmetic;
use umodel::layers::{Dropout, Flatten, Reshape, Split, Squeeze, Unsqueeze};

use super::{Call, Kernel, Site, Work};
use crate::error::KernelError;
use crate::value::{View, ViewMut};

/// The bottom, copied to every top.
#[derive(Debug)]
struct Copied;

impl Work for Copied {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let bottom = call.bottoms[0];
        for top in &mut call.tops {
            match (bottom, top) {
                (View::F32(from), ViewMut::F32(to)) => to.copy_from_slice(from),
                (View::I8(from), ViewMut::I8(to)) => to.copy_from_slice(from),
                (View::U8(from), ViewMut::U8(to)) => to.copy_from_slice(from),
                _ => unreachable!("a layer that copies has tops of its bottom's format"),
            }
        }
        Ok(())
    }
}

macro_rules! copies {
    ($($layer:ty),*) => {$(
        impl Kernel for $layer {
            fn f32(&self, _: &Site<'_>) -> Result<Box<dyn Work>, KernelError> {
                Ok(Box::new(Copied))
            }

            fn i8(&self, _: &Site<'_>, _: &Arithmetic) -> Result<Box<dyn Work>, KernelError> {
                Ok(Box::new(Copied))
            }
        }
    )*};
}

copies!(Dropout, Flatten, Reshape, Split, Squeeze, Unsqueeze);
