//! Joining values along an axis.

use ndarray::Axis;
use umodel::layers::Concat;

use crate::error::{NodeError, ShapeError};
use crate::graph::{Array, Importer, Result, Site, Tensor, Value, View, layer_axis, volume};

/// Joins values along a logical axis.
pub(crate) fn concat(
    importer: &mut Importer,
    site: &Site,
    values: &[Value],
    axis: i64,
) -> Result<Value> {
    let [first, ..] = values else {
        return Err(NodeError::MissingInput { index: 0 });
    };
    let axis = super::axis(axis, first.shape().len())?;
    let constants: Option<Vec<&Tensor>> = values.iter().map(Value::constant).collect();
    if let Some(constants) = constants {
        return Ok(tensors(&constants, axis)?.into());
    }
    // Tensors without values are nothing to a blob.
    let mut filled = Vec::with_capacity(values.len());
    for value in values {
        if volume(value.shape())? != 0 {
            filled.push(value);
        }
    }
    if let [one] = filled[..] {
        return Ok(one.clone());
    }
    check(filled.iter().map(|value| value.shape()), axis)?;
    let mut views = Vec::with_capacity(values.len());
    for value in filled {
        views.push(importer.blob(site, value)?);
    }
    let order = common_order(&views);
    let mut bottoms = Vec::with_capacity(views.len());
    for view in &views {
        bottoms.push(importer.arrange(view, &order)?);
    }
    let bottoms: Vec<&str> = bottoms.iter().map(String::as_str).collect();
    let position = order.iter().position(|&logical| logical == axis).unwrap_or(axis);
    let top = importer.add(site, Concat { axis: layer_axis(position) }, &bottoms, vec![])?;
    Ok(View::ordered(&top.blob, top.blob_shape, &order).into())
}

/// The order of axes that needs the fewest permutations: that of the first blob that is a mere
/// permutation and not in logical order.
pub(super) fn common_order(views: &[View]) -> Vec<usize> {
    let rank = views.first().map_or(0, |view| view.shape.len());
    let plain: Vec<usize> = (0..rank).collect();
    let moved = views.iter().filter(|view| view.is_transposition()).map(View::order);
    moved.filter(|order| *order != plain).find(|order| order.len() == rank).unwrap_or(plain)
}

/// Whether shapes differ along one axis only. Gives the sum along that axis.
fn check<'a>(mut shapes: impl Iterator<Item = &'a [usize]>, axis: usize) -> Result<usize> {
    let Some(first) = shapes.next() else { return Ok(0) };
    let mut sum = first.get(axis).copied().unwrap_or(0);
    for shape in shapes {
        let same = |(at, (a, b)): (usize, (&usize, &usize))| at == axis || a == b;
        if shape.len() != first.len() || !first.iter().zip(shape).enumerate().all(same) {
            return Err(ShapeError::Concat { a: first.to_vec(), b: shape.to_vec(), axis }.into());
        }
        sum = sum.saturating_add(shape.get(axis).copied().unwrap_or(0));
    }
    Ok(sum)
}

/// Joins constants, at least one.
fn tensors(parts: &[&Tensor], axis: usize) -> Result<Tensor> {
    // Shapes are integers; whoever joins different types wants numbers.
    if parts.iter().all(|part| matches!(part, Tensor::Bool(_))) {
        let arrays = parts.iter().map(|part| part.to_bool()).collect::<Result<Vec<_>>>()?;
        return Ok(join(&arrays, axis)?.into());
    }
    if parts.iter().any(|part| matches!(part, Tensor::F32(_))) {
        let arrays = parts.iter().map(|part| part.to_f32()).collect::<Result<Vec<_>>>()?;
        return Ok(join(&arrays, axis)?.into());
    }
    let arrays = parts.iter().map(|part| part.to_i64()).collect::<Result<Vec<_>>>()?;
    Ok(join(&arrays, axis)?.into())
}

fn join<T: Clone>(parts: &[Array<T>], axis: usize) -> Result<Array<T>> {
    let sum = check(parts.iter().map(|part| part.shape()), axis)?;
    let first = parts.first().ok_or(ShapeError::Empty)?;
    let mut shape = first.shape().to_vec();
    if let Some(size) = shape.get_mut(axis) {
        *size = sum;
    }
    let room = first.room(&shape)?;
    let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
    let joined = ndarray::concatenate(Axis(axis), &views).map_err(|_| ShapeError::Empty)?;
    room.array(joined)
}
