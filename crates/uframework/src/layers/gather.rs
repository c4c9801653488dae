//! Entries by their numbers: Gather and Scatter.

use umodel::layers::{Gather, Scatter, ScatterReduction};

use super::{Call, Work, fp32_only};
use crate::error::KernelError;

fp32_only!(Gather, Scatter);

/// The place of an index of so many entries; negative ones count from the end.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the index of an entry, checked to be one"
)]
fn place(index: f32, size: usize) -> Result<usize, KernelError> {
    let from_zero = if index < 0.0 { index + size as f32 } else { index };
    match from_zero >= 0.0 && from_zero < size as f32 {
        true => Ok(from_zero as usize),
        false => Err(KernelError::Index { index, size }),
    }
}

/// The number of entries, and of values of each.
fn sizes([from, to]: [usize; 2], shape: &[usize]) -> (usize, usize) {
    (shape[from..to].iter().product(), shape[to..].iter().product())
}

impl Work for Gather {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let shape = call.bottom_shape(0);
        let (size, inner) = sizes(self.axes(shape)?, shape);
        let (data, indices) = (call.f32(0), call.f32(1));
        let top = call.f32_top();
        if top.is_empty() {
            return Ok(());
        }
        let parts = data.chunks_exact((size * inner).max(1));
        for (data, top) in parts.zip(top.chunks_exact_mut(indices.len() * inner)) {
            for (&index, top) in indices.iter().zip(top.chunks_exact_mut(inner)) {
                top.copy_from_slice(&data[place(index, size)? * inner..][..inner]);
            }
        }
        Ok(())
    }
}

impl Work for Scatter {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let shape = call.bottom_shape(0);
        let (size, inner) = sizes(self.axes(shape)?, shape);
        let (data, indices, updates) = (call.f32(0), call.f32(1), call.f32(2));
        let top = call.f32_top();
        top.copy_from_slice(data);
        if updates.is_empty() || top.is_empty() {
            return Ok(());
        }
        let join: fn(f32, f32) -> f32 = match self.reduction {
            ScatterReduction::Replace => |_, new| new,
            ScatterReduction::Add => |old, new| old + new,
            ScatterReduction::Mul => |old, new| old * new,
            ScatterReduction::Max => f32::max,
            ScatterReduction::Min => f32::min,
        };
        let parts = updates.chunks_exact(indices.len() * inner);
        for (updates, top) in parts.zip(top.chunks_exact_mut(size * inner)) {
            for (&index, update) in indices.iter().zip(updates.chunks_exact(inner)) {
                let top = &mut top[place(index, size)? * inner..][..inner];
                top.iter_mut().zip(update).for_each(|(y, &new)| *y = join(*y, new));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exact: which places there are.
    #[test]
    fn places_outside_are_errors() {
        let found = |index: f32| place(index, 3).ok();
        assert_eq!([0.0, 2.0, -1.0, -3.0].map(found), [Some(0), Some(2), Some(2), Some(0)]);
        assert_eq!([3.0, -4.0, f32::NAN, f32::INFINITY, 1e30].map(found), [None; 5]);
        assert!(place(0.0, 0).is_err());
    }
}
