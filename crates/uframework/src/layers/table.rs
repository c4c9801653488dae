//! The int8 form of functions of one value.

use std::sync::Arc;

use umodel::Arithmetic;

use super::{Call, Site, Work, for_ints};
use crate::error::KernelError;
use crate::kernels::table::look_up;

/// A result for each stored value.
#[derive(Debug)]
struct Table(Arc<[u8; 256]>);

/// The work of a layer that computes by a table.
pub(super) fn table(site: &Site<'_>, integers: &Arithmetic) -> Result<Box<dyn Work>, KernelError> {
    match integers {
        Arithmetic::Table(table) => Ok(Box::new(Table(table.clone()))),
        _ => Err(site.no_integers()),
    }
}

impl Work for Table {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let input = call.bottoms[0];
        for_ints!(mut (&mut call.tops[0]) top => {
            for_ints!((input) input => look_up(&self.0, input, top));
        });
        Ok(())
    }
}

/// Types that compute each value by itself: in fp32 the layer is its own work, in int8 a table is.
macro_rules! by_value {
    ($($layer:ty),* $(,)?) => {$(
        impl $crate::layers::Kernel for $layer {
            fn f32(
                &self,
                _: &$crate::layers::Site<'_>,
            ) -> Result<Box<dyn $crate::layers::Work>, $crate::error::KernelError> {
                Ok(Box::new(<$layer as Clone>::clone(self)))
            }

            fn i8(
                &self,
                site: &$crate::layers::Site<'_>,
                integers: &umodel::Arithmetic,
            ) -> Result<Box<dyn $crate::layers::Work>, $crate::error::KernelError> {
                $crate::layers::table::table(site, integers)
            }
        }
    )*};
}
pub(super) use by_value;
