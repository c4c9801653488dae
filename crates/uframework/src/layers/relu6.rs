use umodel::layers::Relu6;

use super::{Call, Kernel};
use crate::error::KernelError;

impl Kernel for Relu6 {
    fn f32(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let input = call.f32(0);
        let (slope, limit) = (self.negative_slope, self.threshold);
        for (y, &x) in call.f32_top().iter_mut().zip(input) {
            *y = (x.max(0.0) + slope * x.min(0.0)).min(limit);
        }
        Ok(())
    }
}
