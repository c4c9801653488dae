use ndarray::ArrayD;
use umodel::Shape;

use crate::error::NodeError;
use crate::graph::{Importer, Result, Tensor, Value, volume};
use crate::onnx::node::Node;
use crate::ops::{axes as core, constants};

pub(super) fn reshape(_: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let dims = node.constant(1)?.ints();
    Ok(vec![core::reshape_to(&node.site(), node.input(0)?, &dims, node.flag("allowzero", false))?])
}

pub(super) fn flatten(_: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    Ok(vec![core::flatten(&node.site(), node.input(0)?, node.int("axis", 1))?])
}

pub(super) fn squeeze(_: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let axes = node.ints_or_input("axes", 1)?;
    Ok(vec![core::squeeze(&node.site(), node.input(0)?, axes.as_deref())?])
}

pub(super) fn unsqueeze(_: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let axes = node.ints_or_input("axes", 1)?.ok_or(NodeError::MissingInput { index: 1 })?;
    Ok(vec![core::unsqueeze(&node.site(), node.input(0)?, &axes)?])
}

pub(super) fn transpose(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let x = node.input(0)?;
    let order = core::order(node.ints("perm").unwrap_or_default(), x.shape().len())?;
    Ok(vec![core::transpose(importer, &node.site(), x, &order)?])
}

/// Sizes from a constant.
fn sizes(tensor: &Tensor) -> Result<Shape> {
    let sizes: Option<Shape> = tensor.ints().iter().map(|&dim| usize::try_from(dim).ok()).collect();
    sizes.ok_or_else(|| NodeError::shapes(format!("shape {:?}", tensor.ints())))
}

pub(super) fn expand(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let shape = sizes(node.constant(1)?)?;
    Ok(vec![core::expand(importer, &node.site(), node.input(0)?, &shape)?])
}

pub(super) fn tile(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let repeats = sizes(node.constant(1)?)?;
    Ok(vec![core::tile(importer, &node.site(), node.input(0)?, &repeats)?])
}

pub(super) fn shape(_: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let end = node.has("end").then(|| node.int("end", 0));
    Ok(vec![core::shape_of(node.input(0)?, node.int("start", 0), end).into()])
}

pub(super) fn size(_: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let size = volume(node.input(0)?.shape())? as i64;
    Ok(vec![Tensor::from(ArrayD::from_elem(Vec::new(), size)).into()])
}

pub(super) fn constant(_: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let tensor = if let Some(tensor) = node.tensor("value")? {
        tensor
    } else if node.has("value_float") {
        Tensor::scalar(node.float("value_float", 0.0))
    } else if node.has("value_int") {
        ArrayD::from_elem(Vec::new(), node.int("value_int", 0)).into()
    } else if let Some(floats) = node.floats("value_floats").filter(|_| node.has("value_floats")) {
        ArrayD::from_shape_fn(vec![floats.len()], |at| floats[at[0]]).into()
    } else if let Some(ints) = node.ints("value_ints") {
        Tensor::integers(ints.iter().copied())
    } else {
        return Err(NodeError::unsupported("no number"));
    };
    Ok(vec![tensor.into()])
}

pub(super) fn constant_of_shape(_: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let shape = sizes(node.constant(0)?)?;
    volume(&shape)?;
    let value = node.tensor("value")?.unwrap_or_else(|| Tensor::scalar(0.0));
    Ok(vec![value.reshaped(&[])?.broadcast(&shape)?.into()])
}

pub(super) fn range(_: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let [start, limit, step] = [node.constant(0)?, node.constant(1)?, node.constant(2)?];
    Ok(vec![constants::range(start, limit, step)?.into()])
}
