//! Types of tensors, as far as blobs, which are fp32 whatever the model calls them, have to know them.

use std::collections::{HashMap, HashSet};

use super::node::{Node, Quantization};
use super::proto::tensor_proto::DataType;
use super::proto::{ValueInfoProto, type_proto};
use crate::error::Unsupported;
use crate::graph::{Result, Value};

/// Operators that only move values, so that quantized integers may come through.
const MOVES: [&str; 13] = [
    "DepthToSpace",
    "DequantizeLinear",
    "Flatten",
    "Gather",
    "Identity",
    "MaxPool",
    "Reshape",
    "Shape",
    "Slice",
    "Split",
    "Squeeze",
    "Transpose",
    "Unsqueeze",
];

/// What is known of the tensors' types.
#[derive(Default)]
pub(super) struct Types {
    /// Those of constants.
    constants: HashMap<String, DataType>,
    /// Blobs whose values are integers or truth values.
    integers: HashSet<String>,
    /// Blobs that have the real numbers for which the model has integers.
    quantized: HashMap<String, Quantization>,
}

fn is_integer(kind: DataType) -> bool {
    !matches!(kind, DataType::Float | DataType::Double | DataType::Float16 | DataType::Bfloat16)
}

fn from_number(number: i32) -> Option<DataType> {
    DataType::try_from(number).ok()
}

impl Types {
    /// The type of an input.
    pub(super) fn declare(&mut self, info: &ValueInfoProto) {
        let value = info.r#type.as_ref().and_then(|kind| kind.value.as_ref());
        let Some(type_proto::Value::TensorType(tensor)) = value else { return };
        // 0: the model does not tell it.
        if tensor.elem_type != 0 && from_number(tensor.elem_type).is_some_and(is_integer) {
            self.integers.insert(info.name.clone());
        }
    }

    /// The type of a weight.
    pub(super) fn weight(&mut self, name: &str, data_type: i32) {
        if let Some(kind) = from_number(data_type) {
            self.constants.insert(name.to_owned(), kind);
        }
    }

    pub(super) fn of(&self, name: &str) -> Option<DataType> {
        self.constants.get(name).copied()
    }

    pub(super) fn is_integer(&self, name: &str) -> bool {
        self.integers.contains(name) || self.of(name).is_some_and(is_integer)
    }

    pub(super) fn quantization(&self, name: &str) -> Option<Quantization> {
        self.quantized.get(name).cloned()
    }

    /// Refuses nodes that compute with the integers of quantized tensors.
    pub(super) fn check(&self, node: &Node<'_>) -> Result<()> {
        let reads = node.proto.input.iter().any(|input| self.quantized.contains_key(input));
        match reads && !MOVES.contains(&node.proto.op_type.as_str()) {
            true => Err(Unsupported::QuantizedIntegers.into()),
            false => Ok(()),
        }
    }

    /// Notes the type of a node's output.
    pub(super) fn output(&mut self, node: &Node<'_>, index: usize, name: &str) {
        let op = node.proto.op_type.as_str();
        let input = |at: usize| node.proto.input.get(at).is_some_and(|name| self.is_integer(name));
        let integer = match op {
            "Cast" => {
                i32::try_from(node.int("to", 0)).ok().and_then(from_number).is_some_and(is_integer)
            }
            "And" | "ArgMax" | "ArgMin" | "Equal" | "Greater" | "GreaterOrEqual" | "Less"
            | "LessOrEqual" | "NonMaxSuppression" | "Not" | "Or" | "Shape" | "Size" | "Xor" => true,
            "TopK" => index == 1 || input(0),
            "CastLike" | "Where" => input(1),
            "DequantizeLinear" | "QuantizeLinear" => false,
            _ => input(0),
        };
        if integer {
            self.integers.insert(name.to_owned());
        }
        let kind = match op {
            "Constant" => node
                .proto
                .attribute
                .iter()
                .find_map(|attribute| from_number(attribute.t.as_ref()?.data_type)),
            "Identity" | "Reshape" | "Squeeze" | "Unsqueeze" => {
                node.types.first().copied().flatten()
            }
            "Cast" => i32::try_from(node.int("to", 0)).ok().and_then(from_number),
            _ => None,
        };
        if let Some(kind) = kind {
            self.constants.insert(name.to_owned(), kind);
        }
        let made = match (op, node.optional(0)) {
            ("QuantizeLinear", Some(Value::Blob(_))) => super::ops::quantization(node),
            ("DequantizeLinear" | "Shape", _) => None,
            _ => node.quantization.clone(),
        };
        if let Some(made) = made {
            self.quantized.insert(name.to_owned(), made);
        }
    }
}
