use umodel::layers::Axpy;

use super::{Call, Work, fp32_only};
use crate::error::KernelError;

fp32_only!(Axpy);

impl Work for Axpy {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let inner = call.bottom_shape(1).iter().skip(2).product::<usize>().max(1);
        let (factors, x, b) = (call.f32(0), call.f32(1), call.f32(2));
        let rows = x.chunks_exact(inner).zip(b.chunks_exact(inner));
        let tops = call.f32_top().chunks_exact_mut(inner);
        for ((&factor, (x, b)), top) in factors.iter().zip(rows).zip(tops) {
            top.iter_mut().zip(x.iter().zip(b)).for_each(|(y, (&x, &b))| *y = factor * x + b);
        }
        Ok(())
    }
}
