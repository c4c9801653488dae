#![expect(clippy::cast_possible_truncation, reason = "sums in double precision become fp32")]

use umodel::layers::CumSum;

use super::{Call, Work, axis_of, fp32_only};
use crate::error::KernelError;

fp32_only!(CumSum);

impl Work for CumSum {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let shape = call.bottom_shape(0);
        let axis = axis_of(self.axis, shape);
        let (length, inner) = (shape[axis], shape[axis + 1..].iter().product::<usize>());
        if length * inner == 0 {
            return Ok(());
        }
        let input = call.f32(0);
        let parts = input.chunks_exact(length * inner);
        for (x, y) in parts.zip(call.f32_top().chunks_exact_mut(length * inner)) {
            for at in 0..inner {
                let mut sum = 0.0f64;
                for step in 0..length {
                    let step = if self.reverse { length - 1 - step } else { step };
                    let place = step * inner + at;
                    let before = sum;
                    sum += f64::from(x[place]);
                    y[place] = if self.exclusive { before } else { sum } as f32;
                }
            }
        }
        Ok(())
    }
}
