use umodel::layers::Int8Form;
use umodel::{Arithmetic, DType, LayerOp};

use super::{Context, Quantized, rescale, same};

/// The upper limit of a layer that clips at zero and there, infinite for a ReLU; `None` for any other layer.
pub(crate) fn upper_limit(op: &LayerOp) -> Option<f32> {
    let Int8Form::Clip { limit } = op.int8_form() else { return None };
    Some(limit)
}

/// A ReLU, ReLU6 or Clip that could not be fused: `max(x, 0)` in the bottom's format. It has this form only if none of
/// the bottom's integers lies beyond the limit.
pub(super) fn limited(limit: f32, context: &Context<'_>) -> Option<Quantized> {
    let reach = context.bottoms.first()?.largest();
    (reach <= limit).then(|| same(context)).flatten()
}

/// The negative side is rescaled by the slope.
pub(super) fn leaky(slope: f32, context: &Context<'_>) -> Option<Quantized> {
    let &bottom = context.bottoms.first()?;
    if bottom.dtype == DType::U8 {
        // Nothing of it is negative.
        return same(context);
    }
    let leak = rescale(f64::from(slope))?;
    Some((Arithmetic::LeakyRelu(leak), bottom))
}
