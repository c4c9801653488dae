use umodel::LayerSpec;
use umodel::layers::{PoolMethod, Pooling, Reduce, ReduceOp};

use super::{Context, Quantized, Rule};

impl Rule for Reduce {
    /// The mean over height and width is a global average pooling, and becomes one.
    fn quantize(&self, layer: &mut LayerSpec, context: &Context<'_>) -> Option<Quantized> {
        let shape = context.shapes.first()?;
        let mean = self.operation == ReduceOp::Mean && self.keep_dims && shape.len() == 4;
        if !mean || self.reduced(4).ok()? != [false, false, true, true] {
            return None;
        }
        let pooling = Pooling {
            method: PoolMethod::Average,
            kernel: [0, 0],
            stride: [1, 1],
            pad: [0, 0],
            global: true,
            ceil: true,
        };
        let quantized = pooling.quantize(layer, context)?;
        layer.op = pooling.into();
        layer.forget_parameters();
        Some(quantized)
    }
}
