use crate::error::{AttributeError, NodeError, Unsupported};
use crate::graph::{Importer, Result, Tensor, Value};
use crate::onnx::node::Node;
use crate::ops::pad::{self as core, Padding};
use crate::ops::{self};

/// Pads are an attribute before operator set 11, inputs from then on.
pub(super) fn pad(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let x = node.input(0)?;
    let rank = x.shape().len();
    let given = node.ints_or_input("pads", 1)?.ok_or(NodeError::MissingInput { index: 1 })?;
    let axes = match node.optional_constant(3)?.map(Tensor::ints) {
        None => (0..rank).collect(),
        Some(axes) => {
            axes.iter().map(|&axis| ops::axis(axis, rank)).collect::<Result<Vec<usize>>>()?
        }
    };
    let (before, after) = given.split_at(given.len() / 2);
    if before.len() != axes.len() || after.len() != axes.len() {
        let (found, expected) = (given.len(), axes.len().saturating_mul(2));
        return Err(AttributeError::Count { found, expected }.of("pads"));
    }
    let mut pads = vec![[0; 2]; rank];
    for ((&axis, &before), &after) in axes.iter().zip(before).zip(after) {
        if let Some(pad) = pads.get_mut(axis) {
            *pad = [before, after];
        }
    }
    let value = match node.optional_constant(2)? {
        Some(value) => value.single().unwrap_or(0.0),
        None => node.float("value", 0.0),
    };
    let mode = node.string("mode", "constant");
    let padding = match mode.as_str() {
        "constant" => Padding::Constant(value),
        "edge" => Padding::Edge,
        "reflect" => Padding::Reflect,
        _ => return Err(Unsupported::Value { name: "mode", found: mode.as_str().into() }.into()),
    };
    Ok(vec![core::pad(importer, &node.site(), x, &pads, padding)?])
}
