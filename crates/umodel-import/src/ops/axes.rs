//! Transposing and reshaping: views, no layers.

use umodel::Shape;

use super::axis;
use crate::error::{AttributeError, ShapeError};
use crate::graph::{Importer, Result, Site, Tensor, Value, View, layer_axis, signed, volume};

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
        let (found, shape) = (order.into(), x.shape().to_vec());
        return Err(AttributeError::Misfit { found, shape }.of("perm"));
    }
    match x {
        Value::Constant(tensor) => Ok(tensor.permuted(order)?.into()),
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
                let to = shape.iter().map(|&size| signed(size)).collect();
                return Err(ShapeError::Reshape { from: view.shape.clone(), to }.into());
            }
            let shape = shape.to_vec();
            Ok(View { shape, site: Some(site.clone()), ..view.clone() }.into())
        }
    }
}

/// As [`reshape`], with at most one −1 for what is left, and 0 for the value's own axis at that place unless
/// `zero_is_size`. Sizes that begin with the batch that the model was made for begin with the one that it gets.
pub(crate) fn reshape_to(
    importer: &Importer,
    site: &Site,
    x: &Value,
    dims: &[i64],
    zero_is_size: bool,
) -> Result<Value> {
    let mut own = dims.to_vec();
    if let (Some([from, to]), Some(first)) = (importer.batch, own.first_mut())
        && *first == signed(from)
        && x.shape().first() == Some(&to)
    {
        *first = signed(to);
    }
    let dims = own.as_slice();
    let bad = || ShapeError::Reshape { from: x.shape().to_vec(), to: dims.to_vec() };
    let mut open = None;
    let mut shape = Shape::with_capacity(dims.len());
    for (index, &dim) in dims.iter().enumerate() {
        shape.push(match dim {
            0 if !zero_is_size => *x.shape().get(index).ok_or_else(bad)?,
            -1 if open.is_none() => {
                open = Some(index);
                1
            }
            dim => usize::try_from(dim).map_err(|_| bad())?,
        });
    }
    if let Some(open) = open {
        let (all, known) = (volume(x.shape())?, volume(&shape)?);
        if known == 0 || !all.is_multiple_of(known) {
            return Err(bad().into());
        }
        shape[open] = all / known;
    }
    reshape(site, x, &shape)
}

/// Joins the axes before `axis` into one and those from it on into another.
pub(crate) fn flatten(site: &Site, x: &Value, axis: i64) -> Result<Value> {
    let rank = x.shape().len();
    let from_zero = if axis < 0 { axis.saturating_add(signed(rank)) } else { axis };
    let parts = usize::try_from(from_zero).ok().and_then(|at| x.shape().split_at_checked(at));
    let (outer, inner) = parts.ok_or_else(|| AttributeError::Axis { axis, rank }.of("axis"))?;
    let shape = [volume(outer)?, volume(inner)?];
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
        return Err(ShapeError::NotOne { axis, shape: x.shape().to_vec() }.into());
    }
    let kept = |&(axis, _): &(usize, &usize)| !removed.contains(&axis);
    let shape: Shape = x.shape().iter().enumerate().filter(kept).map(|(_, &size)| size).collect();
    reshape(site, x, &shape)
}

/// Inserts axes of size 1, which are then the axes `axes` of the result.
pub(crate) fn unsqueeze(site: &Site, x: &Value, axes: &[i64]) -> Result<Value> {
    let rank = x.shape().len() + axes.len();
    // Whether there may be so many axes.
    volume(&vec![1; rank])?;
    let added = super::axes(axes, rank)?;
    let mut old = x.shape().iter();
    let shape: Shape = (0..rank)
        .map(|axis| if added.contains(&axis) { 1 } else { old.next().copied().unwrap_or(1) })
        .collect();
    reshape(site, x, &shape)
}

/// The value's shape as a constant, its axes `start..end` only.
pub(crate) fn shape_of(
    importer: &Importer,
    x: &Value,
    start: i64,
    end: Option<i64>,
) -> Result<Tensor> {
    let part = part_of(x.shape(), start, end);
    importer.integers(part.iter().map(|&size| signed(size)).collect())
}

/// Python's `all[start:end]`.
pub(crate) fn part_of<T>(all: &[T], start: i64, end: Option<i64>) -> &[T] {
    let rank = signed(all.len());
    let clamp = |at: i64| {
        let from_zero = if at < 0 { at.saturating_add(rank) } else { at };
        usize::try_from(from_zero.clamp(0, rank)).unwrap_or(0)
    };
    let (start, end) = (clamp(start), clamp(end.unwrap_or(rank)));
    all.get(start..end.max(start)).unwrap_or_default()
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
        let (found, shape) = (repeats.into(), x.shape().to_vec());
        return Err(AttributeError::Misfit { found, shape }.of("repeats"));
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
                    .map_err(|_| AttributeError::Value { found: times.into() }.of("repeats"))?;
                let order = view.order();
                let layer = umodel::layers::Tile { axis: layer_axis(view.axes[axis]), tiles };
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
