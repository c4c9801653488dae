use crate::error::{NodeError, ShapeError};
use crate::graph::{Importer, Result, Tensor, Value, signed};
use crate::onnx::node::Node;
use crate::ops::slice::Range;
use crate::ops::{self, concat as core, gather as numbers, slice as parts};

pub(super) fn concat(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let values = node.all_inputs()?;
    Ok(vec![core::concat(importer, &node.site(), &values, node.int("axis", 0))?])
}

pub(super) fn split(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let x = node.input(0)?;
    let outputs = node.proto.output.len();
    let axis = ops::axis(node.int("axis", 0), x.shape().len())?;
    let size = x.shape().get(axis).copied().unwrap_or(0);
    let sizes: Vec<usize> = match node.ints_or_input("split", 1)? {
        Some(parts) => {
            let sizes: Option<Vec<usize>> =
                parts.iter().map(|&size| usize::try_from(size).ok()).collect();
            sizes.ok_or_else(|| NodeError::attribute("split", parts.as_slice()))?
        }
        None => {
            // Equal parts; the last one is smaller if they do not come out even.
            let part = size.div_ceil(outputs.max(1));
            let start = |index: usize| index.saturating_mul(part);
            (0..outputs).map(|index| size.saturating_sub(start(index)).min(part)).collect()
        }
    };
    let sites: Vec<_> = (0..outputs).map(|output| node.site_of(output)).collect();
    parts::split(importer, &sites, x, signed(axis), &sizes)
}

/// Attributes before operator set 10, inputs from then on.
pub(super) fn slice(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let x = node.input(0)?;
    let missing = |index| NodeError::MissingInput { index };
    let starts = node.ints_or_input("starts", 1)?.ok_or(missing(1))?;
    let ends = node.ints_or_input("ends", 2)?.ok_or(missing(2))?;
    let axes = node.ints_or_input("axes", 3)?;
    let axes = axes.unwrap_or_else(|| (0..signed(starts.len())).collect());
    let steps = node.optional_constant(4)?.map(Tensor::ints);
    let steps = steps.unwrap_or_else(|| vec![1; starts.len()]);
    let lengths = vec![starts.len(), ends.len(), axes.len(), steps.len()];
    if lengths.iter().any(|&length| length != starts.len()) {
        return Err(ShapeError::Lengths { lengths }.into());
    }
    let mut ranges = Vec::with_capacity(starts.len());
    for (((&start, &end), &axis), &step) in starts.iter().zip(&ends).zip(&axes).zip(&steps) {
        let axis = ops::axis(axis, x.shape().len())?;
        ranges.push(Range { axis, start, end, step });
    }
    Ok(vec![parts::slice(importer, &node.site(), x, &ranges)?])
}

pub(super) fn gather(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let (site, x, axis) = (node.site(), node.input(0)?, node.int("axis", 0));
    Ok(vec![match node.input(1)? {
        Value::Constant(indices) => parts::gather(importer, &site, x, indices, axis)?,
        indices @ Value::Blob(_) => {
            let axis = ops::axis(axis, x.shape().len())?;
            numbers::gather(importer, &site, x, indices, axis)?
        }
    }])
}
