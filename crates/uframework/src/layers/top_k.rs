use std::cmp::Ordering;

use umodel::layers::TopK;

use super::{Call, Work, axis_of, fp32_only};
use crate::error::KernelError;
use crate::value::ViewMut;

fp32_only!(TopK);

/// Numbers in order, NaN behind them.
fn compare(a: f32, b: f32) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

impl Work for TopK {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let shape = call.bottom_shape(0);
        let axis = axis_of(self.axis, shape);
        let (length, inner) = (shape[axis], shape[axis + 1..].iter().product::<usize>());
        let input = call.f32(0);
        if input.is_empty() {
            return Ok(());
        }
        let mut tops = call.tops.iter_mut().filter_map(|top| match top {
            ViewMut::F32(values) => Some(values),
            ViewMut::I8(_) | ViewMut::U8(_) => None,
        });
        let mut values = if self.put_values { tops.next() } else { None };
        let mut indices = if self.put_indices { tops.next() } else { None };
        let mut order: Vec<usize> = Vec::with_capacity(length);
        for (part, x) in input.chunks_exact(length * inner).enumerate() {
            for at in 0..inner {
                let value = |index: usize| x[index * inner + at];
                order.clear();
                order.extend(0..length);
                let better = |&a: &usize, &b: &usize| {
                    let by_value = match self.smallest {
                        true => compare(value(a), value(b)),
                        false => compare(value(b), value(a)),
                    };
                    by_value.then(if self.last_of_equals { b.cmp(&a) } else { a.cmp(&b) })
                };
                if self.k < length {
                    order.select_nth_unstable_by(self.k, better);
                    order.truncate(self.k);
                }
                order.sort_unstable_by(better);
                for (k, &index) in order.iter().enumerate() {
                    let place = (part * self.k + k) * inner + at;
                    if let Some(values) = &mut values {
                        values[place] = value(index);
                    }
                    if let Some(indices) = &mut indices {
                        indices[place] = index as f32;
                    }
                }
            }
        }
        Ok(())
    }
}
