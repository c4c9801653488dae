//! Means, sums and extremes over axes.

use ndarray::Axis;
use umodel::Shape;
use umodel::layers::{Log, PoolMethod, Pooling, Reduce, ReduceOp};

use super::axes::reshape;
use crate::error::ShapeError;
use crate::graph::{Array, Importer, Result, Site, Tensor, Value, View, layer_axis};

/// What axes are reduced to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reduction {
    Mean,
    Sum,
    Max,
    Min,
    Product,
    SumOfSquares,
    L1,
    L2,
    LogSum,
}

/// Reduces axes; no axes at all stand for every axis. Mean and maximum over height and width of a picture are
/// global poolings.
pub(crate) fn reduce(
    importer: &mut Importer,
    site: &Site,
    function: Reduction,
    x: &Value,
    axes: &[i64],
    keep_dims: bool,
) -> Result<Value> {
    let rank = x.shape().len();
    let axes: Vec<usize> =
        if axes.is_empty() { (0..rank).collect() } else { super::axes(axes, rank)? };
    let kept = |&(axis, _): &(usize, &usize)| keep_dims || !axes.contains(&axis);
    let shape: Shape = x
        .shape()
        .iter()
        .enumerate()
        .filter(kept)
        .map(|(axis, &size)| if axes.contains(&axis) { 1 } else { size })
        .collect();
    let view = match x {
        Value::Constant(tensor) => {
            return constant(function, tensor, &axes)?.reshaped(&shape).map(Value::Constant);
        }
        Value::Blob(view) => importer.transposition(view)?,
    };
    let mut stored: Vec<usize> = axes.iter().map(|&axis| view.axes[axis]).collect();
    stored.sort_unstable();
    let picture = view.blob_shape.len() == 4 && stored == [2, 3];
    let pool = match function {
        Reduction::Mean if picture => Some(PoolMethod::Average),
        Reduction::Max if picture => Some(PoolMethod::Max),
        _ => None,
    };
    let at = if function == Reduction::LogSum { site.sub("sum") } else { site.clone() };
    let top = match pool {
        Some(method) => importer.add(&at, global(method), &[&view.blob], vec![])?,
        None => {
            let axes = stored.iter().map(|&axis| layer_axis(axis)).collect();
            let layer = Reduce { operation: operation(function), axes, keep_dims: true };
            importer.add(&at, layer, &[&view.blob], vec![])?
        }
    };
    let mut result = View::ordered(&top.blob, top.blob_shape, &view.order());
    if function == Reduction::LogSum {
        let layer = Log { base: -1.0, scale: 1.0, shift: 0.0 };
        result = super::unary::in_place(importer, site, layer, &result)?;
    }
    reshape(&site.sub("squeezed"), &result.into(), &shape)
}

/// A pooling over the whole picture.
pub(crate) fn global(method: PoolMethod) -> Pooling {
    Pooling { method, ..Pooling::global_average() }
}

fn operation(function: Reduction) -> ReduceOp {
    match function {
        Reduction::Mean => ReduceOp::Mean,
        Reduction::Sum | Reduction::LogSum => ReduceOp::Sum,
        Reduction::Max => ReduceOp::Max,
        Reduction::Min => ReduceOp::Min,
        Reduction::Product => ReduceOp::Product,
        Reduction::SumOfSquares => ReduceOp::SumOfSquares,
        Reduction::L1 => ReduceOp::L1,
        Reduction::L2 => ReduceOp::L2,
    }
}

/// Reduces a constant; the axes go.
fn constant(function: Reduction, tensor: &Tensor, axes: &[usize]) -> Result<Tensor> {
    if let Tensor::I64(array) = tensor {
        let result = match function {
            Reduction::Sum => Some(fold(array, axes, i64::wrapping_add)?),
            Reduction::Max => Some(fold(array, axes, i64::max)?),
            Reduction::Min => Some(fold(array, axes, i64::min)?),
            Reduction::Product => Some(fold(array, axes, i64::wrapping_mul)?),
            _ => None,
        };
        if let Some(result) = result {
            return Ok(result.into());
        }
    }
    let x = tensor.to_f32()?;
    let count: usize = axes.iter().map(|&axis| x.shape()[axis]).product();
    let sum = |array: &Array<f32>| fold(array, axes, |a, b| a + b);
    let result = match function {
        Reduction::Mean => sum(&x)?.map(|value| value / count as f32)?,
        Reduction::Sum => sum(&x)?,
        Reduction::Max => fold(&x, axes, f32::max)?,
        Reduction::Min => fold(&x, axes, f32::min)?,
        Reduction::Product => fold(&x, axes, |a, b| a * b)?,
        Reduction::SumOfSquares => sum(&x.map(|value| value * value)?)?,
        Reduction::L1 => sum(&x.map(|value| value.abs())?)?,
        Reduction::L2 => sum(&x.map(|value| value * value)?)?.map(|value| value.sqrt())?,
        Reduction::LogSum => sum(&x)?.map(|value| value.ln())?,
    };
    Ok(result.into())
}

/// Joins the values along axes, which are in order, none twice.
fn fold<T: Copy>(array: &Array<T>, axes: &[usize], join: impl Fn(T, T) -> T) -> Result<Array<T>> {
    let mut array = array.clone();
    for &axis in axes.iter().rev() {
        let mut shape = array.shape().to_vec();
        shape.remove(axis);
        let room = array.room(&shape)?;
        let joined = |lane: ndarray::ArrayView1<'_, T>| lane.iter().copied().reduce(&join);
        let values: Option<Vec<T>> = array.lanes(Axis(axis)).into_iter().map(joined).collect();
        array = room.values(values.ok_or(ShapeError::Empty)?)?;
    }
    Ok(array)
}
