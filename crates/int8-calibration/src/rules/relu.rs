use umodel::layers::{Clip, Relu, Relu6};
use umodel::{Arithmetic, DType, LayerOp, LayerSpec};

use super::passing::same;
use super::{Context, Quantized, Rule, rescale};

impl Rule for Relu {
    /// A ReLU that could not be fused: `max(x, 0)` in the bottom's format; with a slope, the
    /// negative side is rescaled by it.
    fn quantize(&self, _: &mut LayerSpec, context: &Context<'_>) -> Option<Quantized> {
        if self.negative_slope == 0.0 {
            return same(context);
        }
        let &bottom = context.bottoms.first()?;
        let leak = rescale(f64::from(self.negative_slope))?;
        (bottom.dtype == DType::I8).then_some((Arithmetic::LeakyRelu(leak), bottom))
    }
}

/// The upper limit of a layer that clips at zero and there, infinite for a ReLU; `None` for any other layer.
pub(crate) fn upper_limit(op: &LayerOp) -> Option<f32> {
    match op {
        LayerOp::Relu(p) => (p.negative_slope == 0.0).then_some(f32::INFINITY),
        LayerOp::Relu6(p) => (p.negative_slope == 0.0 && p.threshold > 0.0).then_some(p.threshold),
        LayerOp::Clip(p) => (p.min == 0.0 && p.max > 0.0).then_some(p.max),
        _ => None,
    }
}

/// The int8 form of a ReLU6 or Clip that could not be fused. It is that of a ReLU, and exists only if none of the
/// bottom's integers lies beyond the limit.
fn limited(op: LayerOp, context: &Context<'_>) -> Option<Quantized> {
    let limit = upper_limit(&op)?;
    let reach = context.bottoms.first()?.largest();
    (reach <= limit).then(|| same(context)).flatten()
}

impl Rule for Relu6 {
    fn quantize(&self, _: &mut LayerSpec, context: &Context<'_>) -> Option<Quantized> {
        limited(self.clone().into(), context)
    }
}

impl Rule for Clip {
    fn quantize(&self, _: &mut LayerSpec, context: &Context<'_>) -> Option<Quantized> {
        limited((*self).into(), context)
    }
}
