//! PReLU: the negative side times a slope of each channel, with one shift.

use std::sync::Arc;

use umodel::{Arithmetic, DType, LayerSpec};

use super::{Context, MAX_RESCALE_SHIFT, Quantized, largest_shift, same};

/// r is the largest shift up to 15 with `max |slope| · 2^r < 127.5`; `m = round(slope · 2^r)`. An unsigned bottom has
/// no negative side.
#[expect(clippy::cast_possible_truncation, reason = "below 127.5 by the shift's choice")]
pub(super) fn prelu(layer: &mut LayerSpec, context: &Context<'_>) -> Option<Quantized> {
    let &bottom = context.bottoms.first()?;
    if bottom.dtype == DType::U8 {
        layer.weights.clear();
        return same(context);
    }
    let slopes = layer.weights.first()?;
    let largest = slopes.iter().fold(0.0f32, |most, slope| most.max(slope.abs()));
    let right_shift = largest_shift(largest.into(), 127.5, MAX_RESCALE_SHIFT)?;
    let factor = f64::from(1u32 << right_shift);
    let slopes = Arc::new(slopes.mapv(|slope| (f64::from(slope) * factor).round() as i8));
    layer.weights.clear();
    Some((Arithmetic::Prelu { slopes, right_shift }, bottom))
}
