//! Borders: Quantize and Dequantize, and the sources, whose tops the caller fills.

use umodel::layers::{
    AnnotatedData, Data, Dequantize, Hdf5Data, ImageData, Input, MemoryData, Quantize,
};
use umodel::{Arithmetic, BlobFormat};

use super::{Call, Kernel, Site, Work};
use crate::error::KernelError;
use crate::kernels::Int8;
use crate::kernels::requantize::quantize;
use crate::value::{View, ViewMut};

/// Values brought from one storage to another.
#[derive(Debug)]
struct Cast {
    from: BlobFormat,
    to: BlobFormat,
}

impl Work for Cast {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        fn integers<T: Int8>(from: &[f32], inverse: f32, to: &mut [T]) {
            to.iter_mut().zip(from).for_each(|(y, &x)| *y = quantize(x, inverse));
        }
        fn floats<T: Copy + Into<f32>>(from: &[T], scale: f32, to: &mut [f32]) {
            to.iter_mut().zip(from).for_each(|(y, &x)| *y = x.into() * scale);
        }
        let inverse = 1.0 / self.to.scale;
        match (call.bottoms[0], &mut call.tops[0]) {
            (View::F32(from), ViewMut::I8(to)) => integers(from, inverse, to),
            (View::F32(from), ViewMut::U8(to)) => integers(from, inverse, to),
            (View::I8(from), ViewMut::F32(to)) => floats(from, self.from.scale, to),
            (View::U8(from), ViewMut::F32(to)) => floats(from, self.from.scale, to),
            _ => unreachable!("a cast stands between fp32 and int8"),
        }
        Ok(())
    }
}

macro_rules! casts {
    ($($layer:ty),*) => {$(
        impl Kernel for $layer {
            /// A cast of an fp32 net would be nothing; nets have none.
            fn f32(&self, site: &Site<'_>) -> Result<Box<dyn Work>, KernelError> {
                Err(site.not_executable())
            }

            fn i8(
                &self,
                site: &Site<'_>,
                integers: &Arithmetic,
            ) -> Result<Box<dyn Work>, KernelError> {
                match (integers, &site.layer.bottoms[..], &site.layer.tops[..]) {
                    (Arithmetic::Cast, &[bottom], &[top]) => {
                        let (from, to) = (site.format(bottom), site.format(top));
                        Ok(Box::new(Cast { from, to }))
                    }
                    _ => Err(site.no_integers()),
                }
            }
        }
    )*};
}

casts!(Dequantize, Quantize);

macro_rules! sources {
    ($($layer:ty),*) => {$(
        impl Kernel for $layer {
            /// The caller fills the tops: there is nothing to compute.
            fn f32(&self, site: &Site<'_>) -> Result<Box<dyn Work>, KernelError> {
                Err(site.not_executable())
            }

            fn i8(&self, site: &Site<'_>, _: &Arithmetic) -> Result<Box<dyn Work>, KernelError> {
                Err(site.not_executable())
            }
        }
    )*};
}

sources!(AnnotatedData, Data, Hdf5Data, ImageData, Input, MemoryData);
