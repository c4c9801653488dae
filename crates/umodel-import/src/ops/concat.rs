//! Joining values along an axis.

use ndarray::{ArrayD, Axis};
use umodel::layers::Concat;

use crate::error::NodeError;
use crate::graph::{Importer, Result, Site, Tensor, Value, View, volume};

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
    let values: Vec<&Value> =
        values.iter().filter(|value| value.shape().iter().product::<usize>() != 0).collect();
    if let [one] = values[..] {
        return Ok(one.clone());
    }
    for value in &values {
        let others = |shape: &[usize]| {
            let mut shape = shape.to_vec();
            if let Some(size) = shape.get_mut(axis) {
                *size = 0;
            }
            shape
        };
        if others(value.shape()) != others(values[0].shape()) {
            let (a, b) = (values[0].shape(), value.shape());
            return Err(NodeError::shapes(format!("{a:?} and {b:?} along axis {axis}")));
        }
    }
    let mut views = Vec::with_capacity(values.len());
    for value in &values {
        views.push(importer.blob(site, value)?);
    }
    let order = common_order(&views);
    let mut bottoms = Vec::with_capacity(views.len());
    for view in &views {
        bottoms.push(importer.arrange(view, &order)?);
    }
    let bottoms: Vec<&str> = bottoms.iter().map(String::as_str).collect();
    let position = order.iter().position(|&logical| logical == axis).unwrap_or(axis);
    let top = importer.add(site, Concat { axis: position as i32 }, &bottoms, vec![])?;
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

/// Joins constants.
fn tensors(parts: &[&Tensor], axis: usize) -> Result<Tensor> {
    fn join<T: Clone>(parts: &[&ArrayD<T>], axis: usize) -> Result<ArrayD<T>> {
        let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
        ndarray::concatenate(Axis(axis), &views).map_err(|_| {
            let shapes: Vec<&[usize]> = parts.iter().map(|part| part.shape()).collect();
            NodeError::shapes(format!("{shapes:?} along axis {axis}"))
        })
    }
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    let total = lengths.iter().try_fold(0usize, |sum, &length| sum.checked_add(length));
    volume(&[total.unwrap_or(usize::MAX)])?;
    if parts.is_empty() {
        return Err(NodeError::shapes("nothing to join"));
    }
    // Shapes are integers; whoever joins different types wants numbers.
    if parts.iter().all(|part| matches!(part, Tensor::Bool(_))) {
        let arrays: Vec<_> = parts.iter().map(|part| part.to_bool()).collect();
        return Ok(join(&arrays.iter().map(AsRef::as_ref).collect::<Vec<_>>(), axis)?.into());
    }
    if parts.iter().any(|part| matches!(part, Tensor::F32(_))) {
        let arrays: Vec<_> = parts.iter().map(|part| part.to_f32()).collect();
        return Ok(join(&arrays.iter().map(AsRef::as_ref).collect::<Vec<_>>(), axis)?.into());
    }
    let arrays: Vec<_> = parts.iter().map(|part| part.to_i64()).collect();
    Ok(join(&arrays.iter().map(AsRef::as_ref).collect::<Vec<_>>(), axis)?.into())
}
