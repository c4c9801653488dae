//! Layers without computation of their own: Parameter, Silence.

use umodel::layers::{Parameter, Silence};

use super::{Call, Work, fp32_only};
use crate::error::KernelError;

fp32_only!(Parameter, Silence);

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
