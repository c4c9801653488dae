//! Values whose place another bottom says: BatchReindex, Filter, MaxUnPool.

use umodel::layers::{BatchReindex, Filter, MaxUnpool};

use super::{Call, Work, f32_top, fp32_only};
use crate::error::KernelError;
use crate::value::ViewMut;

fp32_only!(BatchReindex, Filter, MaxUnpool);

/// A number as an index below `count`. Caffe drops fractions.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "0 or above, and below a count of values in memory"
)]
pub(super) fn index(index: f32, count: usize) -> Result<usize, KernelError> {
    // NaN and negative numbers above -1 must not become 0.
    let place = (index >= 0.0 && index < count as f32).then_some(index as usize);
    place.filter(|&place| place < count).ok_or(KernelError::Index { index, size: count })
}

impl Work for BatchReindex {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let [count, ref rest @ ..] = *call.bottom_shape(0) else { return Ok(()) };
        let length: usize = rest.iter().product();
        let (input, indices) = (call.f32(0), call.f32(1));
        let rows = f32_top(&mut call.tops).chunks_exact_mut(length.max(1));
        for (&number, row) in indices.iter().zip(rows) {
            let from = index(number, count)? * length;
            row.copy_from_slice(&input[from..from + length]);
        }
        Ok(())
    }
}

impl Work for Filter {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let selector = call.f32(call.bottoms.len() - 1);
        let chosen = || selector.iter().enumerate().filter(|(_, selected)| **selected != 0.0);
        let count = chosen().count();
        for index in 0..call.tops.len() {
            let length: usize = call.bottom_shape(index).iter().skip(1).product();
            let input = call.f32(index);
            if let ViewMut::F32(top) = &mut call.tops[index] {
                for ((from, _), row) in chosen().zip(top.chunks_exact_mut(length.max(1))) {
                    row.copy_from_slice(&input[from * length..][..length]);
                }
            }
            call.counts[index] = Some(count);
        }
        Ok(())
    }
}

impl Work for MaxUnpool {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let plane: usize = call.bottom_shape(0).iter().skip(2).product();
        let area: usize = call.top_shape(0).iter().skip(2).product();
        let (input, mask) = (call.f32(0), call.f32(1));
        let top = f32_top(&mut call.tops);
        top.fill(0.0);
        let planes = input.chunks_exact(plane.max(1)).zip(mask.chunks_exact(plane.max(1)));
        for ((values, places), top) in planes.zip(top.chunks_exact_mut(area.max(1))) {
            for (&value, &place) in values.iter().zip(places) {
                top[index(place, area)?] = value;
            }
        }
        Ok(())
    }
}
