use umodel::layers::PRelu;

use super::{Call, Work, fp32_only};
use crate::error::KernelError;

fp32_only!(PRelu);

impl Work for PRelu {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let slopes = call.weights(0);
        let inner = call.bottom_shape(0).iter().skip(2).product::<usize>().max(1);
        let input = call.f32(0);
        let rows = input.chunks_exact(inner).zip(call.f32_top().chunks_exact_mut(inner));
        for (row, (x, y)) in rows.enumerate() {
            let slope = slopes[row % slopes.len().max(1)];
            y.iter_mut().zip(x).for_each(|(y, &x)| *y = x.max(0.0) + slope * x.min(0.0));
        }
        Ok(())
    }
}
