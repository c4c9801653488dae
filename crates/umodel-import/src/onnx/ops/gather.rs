use umodel::layers::ScatterReduction;

use crate::error::Unsupported;
use crate::graph::{Importer, Result, Value};
use crate::onnx::node::Node;
use crate::ops::gather as core;

/// Places are worked out from lengths, which must be known.
fn uncounted(importer: &Importer, node: &Node<'_>) -> Result<()> {
    for input in node.inputs.iter().flatten() {
        if importer.counted(input)?.is_some() {
            return Err(Unsupported::Counted.into());
        }
    }
    Ok(())
}

pub(super) fn gather_elements(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    uncounted(importer, node)?;
    let (site, x, axis) = (node.site(), node.input(0)?, node.int("axis", 0));
    Ok(vec![match node.input(1)? {
        Value::Constant(indices) => core::gather_elements(importer, &site, x, indices, axis)?,
        indices @ Value::Blob(_) => core::pick_elements(importer, &site, x, indices, axis)?,
    }])
}

pub(super) fn gather_nd(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let (site, x, batches) = (node.site(), node.input(0)?, node.int("batch_dims", 0));
    Ok(vec![match node.input(1)? {
        Value::Constant(indices) => {
            uncounted(importer, node)?;
            core::gather_nd(importer, &site, x, indices, batches)?
        }
        indices @ Value::Blob(_) if batches == 0 && importer.counted(x)?.is_none() => {
            core::pick_tuples(importer, &site, x, indices)?
        }
        Value::Blob(_) => return Err(Unsupported::NotConstant { index: 1 }.into()),
    }])
}

fn reduction(node: &Node<'_>) -> Result<ScatterReduction> {
    let name = node.string("reduction", "none");
    Ok(match name.as_str() {
        "none" => ScatterReduction::Replace,
        "add" => ScatterReduction::Add,
        "mul" => ScatterReduction::Mul,
        "max" => ScatterReduction::Max,
        "min" => ScatterReduction::Min,
        other => {
            let (name, found) = ("reduction", other.into());
            return Err(Unsupported::Value { name, found }.into());
        }
    })
}

pub(super) fn scatter_elements(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    uncounted(importer, node)?;
    let (values, indices) = ([node.input(0)?, node.input(2)?], node.constant(1)?);
    let (axis, reduction) = (node.int("axis", 0), reduction(node)?);
    Ok(vec![core::scatter_elements(importer, &node.site(), values, indices, axis, reduction)?])
}

pub(super) fn scatter_nd(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    uncounted(importer, node)?;
    let (values, indices) = ([node.input(0)?, node.input(2)?], node.constant(1)?);
    Ok(vec![core::scatter_nd(importer, &node.site(), values, indices, reduction(node)?)?])
}
