use umodel::layers::ArgMax;

use super::{Call, Work, axis_of, fp32_only};
use crate::error::KernelError;

fp32_only!(ArgMax);

impl Work for ArgMax {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let (shape, top_k) = (call.bottom_shape(0), self.top_k);
        let input = call.f32(0);
        let axis = self.axis.map(|axis| axis_of(axis, shape));
        let (length, inner) = match axis {
            Some(axis) => (shape[axis], shape[axis + 1..].iter().product::<usize>()),
            None => (shape[1..].iter().product(), 1),
        };
        let top = call.f32_top();
        if length == 0 || inner == 0 {
            return Ok(());
        }
        let whole = axis.is_none() && self.out_max_val;
        let places = if whole { 2 * top_k } else { top_k };
        let mut order: Vec<usize> = Vec::with_capacity(length);
        let parts = input.chunks_exact(length * inner);
        for (values, top) in parts.zip(top.chunks_exact_mut(places * inner)) {
            for at in 0..inner {
                let value = |index: usize| values[index * inner + at];
                order.clear();
                order.extend(0..length);
                // Of equal values the later one comes first, as in Caffe, which sorts pairs.
                order.sort_unstable_by(|&a, &b| {
                    value(b)
                        .partial_cmp(&value(a))
                        .unwrap_or(std::cmp::Ordering::Equal)
                        .then(b.cmp(&a))
                });
                for (k, &index) in order.iter().take(top_k).enumerate() {
                    let values = axis.is_some() && self.out_max_val;
                    top[k * inner + at] = if values { value(index) } else { index as f32 };
                    if whole {
                        top[top_k + k] = value(index);
                    }
                }
            }
        }
        Ok(())
    }
}
