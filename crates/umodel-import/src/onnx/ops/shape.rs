use crate::error::{NodeError, Unsupported};
use crate::graph::{Importer, Result, Value, signed, volume};
use crate::onnx::node::Node;
use crate::ops::{axes as core, constants};

pub(super) fn reshape(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let (site, x, dims) = (node.site(), node.input(0)?, node.constant(1)?.ints());
    let zero_is_size = node.flag("allowzero", false);
    Ok(vec![core::reshape_to(importer, &site, x, &dims, zero_is_size)?])
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

pub(super) fn expand(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let shape = node.constant(1)?.sizes()?;
    Ok(vec![core::expand(importer, &node.site(), node.input(0)?, &shape)?])
}

pub(super) fn tile(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let repeats = node.constant(1)?.sizes()?;
    Ok(vec![core::tile(importer, &node.site(), node.input(0)?, &repeats)?])
}

pub(super) fn shape(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let (x, start) = (node.input(0)?, node.int("start", 0));
    let end = node.has("end").then(|| node.int("end", 0));
    if let Some(counted) = importer.counted(x)? {
        // The largest possible length would be wrong for all others.
        let axes: Vec<usize> = (0..x.shape().len()).collect();
        if core::part_of(&axes, start, end).contains(&counted) {
            return Err(Unsupported::Counted.into());
        }
    }
    Ok(vec![core::shape_of(importer, x, start, end)?.into()])
}

pub(super) fn size(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let x = node.input(0)?;
    if importer.counted(x)?.is_some() {
        return Err(Unsupported::Counted.into());
    }
    let size = volume(x.shape())?;
    Ok(vec![importer.integer(signed(size))?.into()])
}

pub(super) fn constant(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let tensor = if let Some(tensor) = node.tensor("value")? {
        tensor
    } else if node.has("value_float") {
        importer.scalar(node.float("value_float", 0.0))?
    } else if node.has("value_int") {
        importer.integer(node.int("value_int", 0))?
    } else if let Some(floats) = node.floats("value_floats") {
        importer.room(&[floats.len()])?.collect(floats.iter().copied())?.into()
    } else if let Some(ints) = node.ints("value_ints") {
        importer.room(&[ints.len()])?.collect(ints.iter().copied())?.into()
    } else {
        return Err(Unsupported::NoNumber.into());
    };
    Ok(vec![tensor.into()])
}

pub(super) fn constant_of_shape(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let shape = node.constant(0)?.sizes()?;
    let value = match node.tensor("value")? {
        Some(value) => value,
        None => importer.scalar(0.0)?,
    };
    Ok(vec![value.reshaped(&[])?.broadcast(&shape)?.into()])
}

pub(super) fn range(_: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let [start, limit, step] = [node.constant(0)?, node.constant(1)?, node.constant(2)?];
    Ok(vec![constants::range(start, limit, step)?.into()])
}
