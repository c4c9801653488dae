//! Layers without computation of their own: Parameter, Silence.

use std::sync::Arc;

use ndarray::ArrayD;
use umodel::Arithmetic;
use umodel::layers::{Parameter, Silence};

use super::{Call, Kernel, Site, Work, fp32_only};
use crate::error::KernelError;
use crate::value::ViewMut;

fp32_only!(Silence);

impl Kernel for Parameter {
    fn f32(&self, _: &Site<'_>) -> Result<Box<dyn Work>, KernelError> {
        Ok(Box::new(self.clone()))
    }

    fn i8(&self, site: &Site<'_>, integers: &Arithmetic) -> Result<Box<dyn Work>, KernelError> {
        let Arithmetic::Constant(values) = integers else { return Err(site.no_integers()) };
        Ok(Box::new(Stored(values.clone())))
    }
}

/// The int8 form: the top's bytes.
#[derive(Debug)]
struct Stored(Arc<ArrayD<i8>>);

impl Work for Stored {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        match &mut call.tops[0] {
            ViewMut::I8(top) => top.iter_mut().zip(self.0.iter()).for_each(|(y, &x)| *y = x),
            ViewMut::U8(top) => {
                top.iter_mut().zip(self.0.iter()).for_each(|(y, &x)| *y = x.cast_unsigned());
            }
            ViewMut::F32(_) => unreachable!("an int8 layer has int8 tops"),
        }
        Ok(())
    }
}

impl Work for Parameter {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let weights = call.weights(0);
        call.f32_top().copy_from_slice(weights);
        Ok(())
    }
}

impl Work for Silence {
    fn run(&self, _: &mut Call<'_>) -> Result<(), KernelError> {
        Ok(())
    }
}
