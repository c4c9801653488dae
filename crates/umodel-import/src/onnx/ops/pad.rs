use crate::error::NodeError;
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
    if given.len() != 2 * axes.len() {
        let reason = format!("{given:?} for {} axes", axes.len());
        return Err(NodeError::attribute("pads", reason));
    }
    let mut pads = vec![[0; 2]; rank];
    for (index, &axis) in axes.iter().enumerate() {
        pads[axis] = [given[index], given[index + axes.len()]];
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
        _ => return Err(NodeError::unsupported(format!("mode {mode}"))),
    };
    Ok(vec![core::pad(importer, &node.site(), x, &pads, padding)?])
}
