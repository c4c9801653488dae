//! Transposing and reshaping: views, no layers.

use umodel::Shape;

use super::axis;
use crate::error::NodeError;
use crate::graph::{Importer, Result, Site, Tensor, Value, View, volume};

/// Axis i of the result is axis `order[i]` of the value.
pub(crate) fn transpose(
    importer: &mut Importer,
    site: &Site,
    x: &Value,
    order: &[usize],
) -> Result<Value> {
    let mut sorted = order.to_vec();
    sorted.sort_unstable();
    if sorted != (0..x.shape().len()).collect::<Vec<_>>() {
        let reason = format!("{order:?} is no order of the axes of {:?}", x.shape());
        return Err(NodeError::attribute("perm", reason));
    }
    match x {
        Value::Constant(tensor) => Ok(tensor.permuted(order).into()),
        Value::Blob(view) => {
            let view = importer.transposition(view)?;
            let axes = order.iter().map(|&axis| view.axes[axis]).collect();
            let shape = order.iter().map(|&axis| view.shape[axis]).collect();
            Ok(View { axes, shape, site: Some(site.clone()), ..view }.into())
        }
    }
}

/// The same values in another shape, which must be known.
pub(crate) fn reshape(site: &Site, x: &Value, shape: &[usize]) -> Result<Value> {
    match x {
        Value::Constant(tensor) => Ok(tensor.reshaped(shape)?.into()),
        Value::Blob(view) => {
            if volume(&view.shape)? != volume(shape)? {
                let reason = format!("{:?} cannot become {shape:?}", view.shape);
                return Err(NodeError::shapes(reason));
            }
            let shape = shape.to_vec();
            Ok(View { shape, site: Some(site.clone()), ..view.clone() }.into())
        }
    }
}

/// As [`reshape`], with one −1 for what is left, and 0 for the value's own axis at that place unless
/// `zero_is_size`.
pub(crate) fn reshape_to(
    site: &Site,
    x: &Value,
    dims: &[i64],
    zero_is_size: bool,
) -> Result<Value> {
    let bad = || NodeError::shapes(format!("{:?} cannot become {dims:?}", x.shape()));
    let mut shape = Shape::with_capacity(dims.len());
    for (index, &dim) in dims.iter().enumerate() {
        shape.push(match dim {
            0 if !zero_is_size => *x.shape().get(index).ok_or_else(bad)?,
            -1 => 1,
            dim => usize::try_from(dim).map_err(|_| bad())?,
        });
    }
    if let Some(open) = dims.iter().position(|&dim| dim == -1) {
        let (all, known) = (volume(x.shape())?, volume(&shape)?);
        if known == 0 || !all.is_multiple_of(known) {
            return Err(bad());
        }
        shape[open] = all / known;
    }
    reshape(site, x, &shape)
}

/// Joins the axes before `axis` into one and those from it on into another.
pub(crate) fn flatten(site: &Site, x: &Value, axis: i64) -> Result<Value> {
    let rank = x.shape().len() as i64;
    let axis = if axis < 0 { axis + rank } else { axis };
    if !(0..=rank).contains(&axis) {
        return Err(NodeError::attribute("axis", format!("{axis} of {:?}", x.shape())));
    }
    let (outer, inner) = x.shape().split_at(axis as usize);
    let shape = [outer.iter().product(), inner.iter().product()];
    reshape(site, x, &shape)
}

/// Removes axes of size 1: those given, or all.
pub(crate) fn squeeze(site: &Site, x: &Value, axes: Option<&[i64]>) -> Result<Value> {
    let rank = x.shape().len();
    let removed = match axes {
        Some(axes) => super::axes(axes, rank)?,
        None => (0..rank).filter(|&axis| x.shape()[axis] == 1).collect(),
    };
    if let Some(&axis) = removed.iter().find(|&&axis| x.shape()[axis] != 1) {
        return Err(NodeError::shapes(format!("axis {axis} of {:?} is not 1", x.shape())));
    }
    let kept = |&(axis, _): &(usize, &usize)| !removed.contains(&axis);
    let shape: Shape = x.shape().iter().enumerate().filter(kept).map(|(_, &size)| size).collect();
    reshape(site, x, &shape)
}

/// Inserts axes of size 1, which are then the axes `axes` of the result.
pub(crate) fn unsqueeze(site: &Site, x: &Value, axes: &[i64]) -> Result<Value> {
    let rank = x.shape().len() + axes.len();
    let added = super::axes(axes, rank)?;
    let mut old = x.shape().iter();
    let shape: Shape = (0..rank)
        .map(|axis| if added.contains(&axis) { 1 } else { old.next().copied().unwrap_or(1) })
        .collect();
    reshape(site, x, &shape)
}

/// The value's shape as a constant, its axes `start..end` only.
pub(crate) fn shape_of(x: &Value, start: i64, end: Option<i64>) -> Tensor {
    let rank = x.shape().len() as i64;
    let clamp =
        |at: i64| (if at < 0 { at.saturating_add(rank) } else { at }).clamp(0, rank) as usize;
    let (start, end) = (clamp(start), clamp(end.unwrap_or(rank)));
    let part = x.shape().get(start..end.max(start)).unwrap_or_default();
    Tensor::integers(part.iter().map(|&size| size as i64))
}

/// Repeats the value along axes of size 1, by numpy's rules; `shape` may be smaller than the value's.
pub(crate) fn expand(
    importer: &mut Importer,
    site: &Site,
    x: &Value,
    shape: &[usize],
) -> Result<Value> {
    let wanted = crate::graph::broadcast_shape(x.shape(), shape)?;
    match x {
        Value::Constant(tensor) => Ok(tensor.broadcast(&wanted)?.into()),
        Value::Blob(_) => {
            let old = [vec![1; wanted.len() - x.shape().len()], x.shape().to_vec()].concat();
            let repeats: Vec<usize> = wanted
                .iter()
                .zip(&old)
                .map(|(&new, &old)| if old == new { 1 } else { new })
                .collect();
            let x = reshape(site, x, &old)?;
            tile(importer, site, &x, &repeats)
        }
    }
}

/// Repeats the value along its axes, each as often as `repeats` says.
pub(crate) fn tile(
    importer: &mut Importer,
    site: &Site,
    x: &Value,
    repeats: &[usize],
) -> Result<Value> {
    if repeats.len() != x.shape().len() {
        let reason = format!("{repeats:?} repetitions for the axes of {:?}", x.shape());
        return Err(NodeError::shapes(reason));
    }
    let shape: Shape = x.shape().iter().zip(repeats).map(|(&a, &b)| a.saturating_mul(b)).collect();
    volume(&shape)?;
    match x {
        Value::Constant(tensor) => {
            // Each axis gets one in front of it, along which it is broadcast.
            let pairs = |f: &dyn Fn(usize, usize) -> [usize; 2]| -> Shape {
                x.shape().iter().zip(repeats).flat_map(|(&size, &times)| f(size, times)).collect()
            };
            let apart = tensor.reshaped(&pairs(&|size, _| [1, size]))?;
            let tensor = apart.broadcast(&pairs(&|size, times| [times, size]))?.reshaped(&shape)?;
            Ok(tensor.into())
        }
        Value::Blob(view) => {
            let mut view = importer.transposition(view)?;
            for (axis, &times) in repeats.iter().enumerate().filter(|&(_, &times)| times != 1) {
                let tiles = i32::try_from(times)
                    .map_err(|_| NodeError::attribute("repeats", times.to_string()))?;
                let order = view.order();
                let layer = umodel::layers::Tile { axis: view.axes[axis] as i32, tiles };
                let top = importer.add(site, layer, &[&view.blob], vec![])?;
                view = View::ordered(&top.blob, top.blob_shape, &order);
            }
            Ok(view.into())
        }
    }
}

/// Reads an order of axes: `perm` or, without one, all axes reversed.
pub(crate) fn order(perm: &[i64], rank: usize) -> Result<Vec<usize>> {
    if perm.is_empty() {
        return Ok((0..rank).rev().collect());
    }
    perm.iter().map(|&number| axis(number, rank)).collect()
}
