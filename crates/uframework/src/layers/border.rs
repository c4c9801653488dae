//! Layers without computation of their own: Parameter, Silence.

use umodel::layers::{Parameter, Silence};

use super::{Call, Kernel};
use crate::error::KernelError;

impl Kernel for Parameter {
    fn f32(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let weights = call.weights(0);
        call.f32_top().copy_from_slice(weights);
        Ok(())
    }
}

impl Kernel for Silence {
    fn f32(&self, _: &mut Call<'_>) -> Result<(), KernelError> {
        Ok(())
    }
}
