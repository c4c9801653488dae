use umodel::layers::Relu;
use umodel::{Arithmetic, DType, LayerSpec};

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
