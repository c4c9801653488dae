use umodel::layers::{Pooling, Reduce, ReduceOp, Reduction, ReductionOp};
use umodel::{Arithmetic, LayerSpec, PoolFactor};

use super::average_pool::{average_pool, pool_factor};
use super::{Context, Quantized, same};

/// Sums and means as one window; the largest and the smallest value as they are. The mean over height and width is a
/// global average pooling, and becomes one.
pub(super) fn reduce(
    reduce: &Reduce,
    layer: &mut LayerSpec,
    context: &Context<'_>,
) -> Option<Quantized> {
    let shape = context.shapes.first()?;
    let map = shape.len() == 4 && reduce.reduced(shape).ok()? == [false, false, true, true];
    if map && reduce.operation == ReduceOp::Mean && reduce.keep_dims {
        let pooling = Pooling::global_average();
        let quantized = average_pool(&pooling, context)?;
        layer.op = pooling.into();
        layer.forget_parameters();
        return Some(quantized);
    }
    let values = reduce.window(shape).ok()??;
    match reduce.operation {
        ReduceOp::Mean => sum(1.0 / values as f64, values, context),
        ReduceOp::Sum => sum(1.0, values, context),
        ReduceOp::Max | ReduceOp::Min => same(context),
        ReduceOp::Product | ReduceOp::SumOfSquares | ReduceOp::L1 | ReduceOp::L2 => None,
    }
}

pub(super) fn reduction(reduction: &Reduction, context: &Context<'_>) -> Option<Quantized> {
    let values = reduction.window(context.shapes.first()?).ok()??;
    let factor = f64::from(reduction.coeff);
    match reduction.operation {
        ReductionOp::Mean => sum(factor / values as f64, values, context),
        ReductionOp::Sum => sum(factor, values, context),
        ReductionOp::SumOfAbsolutes | ReductionOp::SumOfSquares => None,
    }
}

/// The sum of so many values, multiplied by a factor.
fn sum(factor: f64, values: usize, context: &Context<'_>) -> Option<Quantized> {
    let top = context.top(context.all_unsigned());
    let ratio = factor * f64::from(context.bottoms.first()?.scale) / f64::from(top.scale);
    let PoolFactor { multiplier, right_shift } = pool_factor(ratio, values)?;
    Some((Arithmetic::AveragePool { multiplier, right_shift }, top))
}
