use umodel::LayerSpec;
use umodel::layers::{Pooling, Reduce};

use super::average_pool::average_pool;
use super::{Context, Quantized};

/// The mean over height and width is a global average pooling, and becomes one.
pub(super) fn mean(
    reduce: &Reduce,
    layer: &mut LayerSpec,
    context: &Context<'_>,
) -> Option<Quantized> {
    let shape = context.shapes.first()?;
    if shape.len() != 4 || reduce.reduced(shape).ok()? != [false, false, true, true] {
        return None;
    }
    let pooling = Pooling::global_average();
    let quantized = average_pool(&pooling, context)?;
    layer.op = pooling.into();
    layer.forget_parameters();
    Some(quantized)
}
