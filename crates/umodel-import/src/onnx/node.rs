//! One node with its inputs, and its attributes by name.

use std::collections::HashSet;

use super::proto::tensor_proto::DataType;
use super::proto::{AttributeProto, NodeProto};
use super::tensor::Tensors;
use crate::error::{NodeError, Unsupported};
use crate::graph::{Result, Site, Tensor, Value};

/// A node that is being imported.
pub(super) struct Node<'a> {
    pub(super) proto: &'a NodeProto,
    /// Nothing where an optional input is left out.
    pub(super) inputs: Vec<Option<Value>>,
    pub(super) opset: i64,
    pub(super) tensors: &'a Tensors,
    /// The tensors that somebody reads.
    pub(super) read: &'a HashSet<&'a str>,
    /// For each input the type of its values, as far as constants tell it.
    pub(super) types: Vec<Option<DataType>>,
    /// Whether the first input has integers.
    pub(super) integers: bool,
    /// What made the first input, if its integers stand for real numbers.
    pub(super) quantization: Option<Quantization>,
}

/// How integers stand for real numbers: `(q − zero) · scale`. The tensor here has the real numbers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Quantization {
    pub(super) scale: Vec<f32>,
    pub(super) zero: Vec<f32>,
    pub(super) axis: i64,
}

/// The node's name; those without one are known by their first output.
pub(super) fn name(node: &NodeProto) -> &str {
    match node.name.as_str() {
        "" => node.output.iter().map(String::as_str).find(|name| !name.is_empty()).unwrap_or(""),
        name => name,
    }
}

impl Node<'_> {
    /// Names for the layer of the first output.
    pub(super) fn site(&self) -> Site {
        self.site_of(0)
    }

    /// Names for the layer of an output.
    pub(super) fn site_of(&self, output: usize) -> Site {
        let tensor = self.proto.output.get(output).map(String::as_str).unwrap_or("");
        let name = name(self.proto);
        match tensor {
            "" => Site::new(name, name).sub(&output.to_string()),
            tensor => Site::new(name, tensor),
        }
    }

    /// Whether somebody reads this output.
    pub(super) fn has_output(&self, output: usize) -> bool {
        self.proto.output.get(output).is_some_and(|name| self.read.contains(name.as_str()))
    }

    /// Refuses a node of whose outputs one is read that is not computed.
    pub(super) fn outputs_up_to(&self, count: usize) -> Result<()> {
        match (count..self.proto.output.len()).find(|&output| self.has_output(output)) {
            Some(index) => Err(Unsupported::Output { index }.into()),
            None => Ok(()),
        }
    }

    /// An input that may be left out.
    pub(super) fn optional(&self, index: usize) -> Option<&Value> {
        self.inputs.get(index)?.as_ref()
    }

    /// An input that must be there.
    pub(super) fn input(&self, index: usize) -> Result<&Value> {
        self.optional(index).ok_or(NodeError::MissingInput { index })
    }

    /// All inputs, none left out.
    pub(super) fn all_inputs(&self) -> Result<Vec<Value>> {
        (0..self.inputs.len()).map(|index| self.input(index).cloned()).collect()
    }

    /// An input that must be there and known before the net runs.
    pub(super) fn constant(&self, index: usize) -> Result<&Tensor> {
        let known = self.optional_constant(index)?;
        known.ok_or(NodeError::MissingInput { index })
    }

    /// An input that may be left out, but must be known before the net runs.
    pub(super) fn optional_constant(&self, index: usize) -> Result<Option<&Tensor>> {
        match self.optional(index) {
            None => Ok(None),
            Some(Value::Constant(tensor)) => Ok(Some(tensor)),
            Some(Value::Blob(_)) => Err(Unsupported::NotConstant { index }.into()),
        }
    }

    fn attribute(&self, name: &str) -> Option<&AttributeProto> {
        self.proto.attribute.iter().find(|attribute| attribute.name == name)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.attribute(name).is_some()
    }

    pub(super) fn int(&self, name: &str, default: i64) -> i64 {
        self.attribute(name).map_or(default, |attribute| attribute.i)
    }

    pub(super) fn flag(&self, name: &str, default: bool) -> bool {
        self.int(name, i64::from(default)) != 0
    }

    pub(super) fn float(&self, name: &str, default: f32) -> f32 {
        self.attribute(name).map_or(default, |attribute| attribute.f)
    }

    pub(super) fn ints(&self, name: &str) -> Option<&[i64]> {
        self.attribute(name).map(|attribute| attribute.ints.as_slice())
    }

    pub(super) fn floats(&self, name: &str) -> Option<&[f32]> {
        self.attribute(name).map(|attribute| attribute.floats.as_slice())
    }

    pub(super) fn string(&self, name: &str, default: &str) -> String {
        self.attribute(name).map_or(default.to_owned(), |attribute| {
            String::from_utf8_lossy(&attribute.s).into_owned()
        })
    }

    pub(super) fn strings(&self, name: &str) -> Option<Vec<String>> {
        let text = |bytes: &prost::bytes::Bytes| String::from_utf8_lossy(bytes).into_owned();
        self.attribute(name).map(|attribute| attribute.strings.iter().map(text).collect())
    }

    pub(super) fn tensor(&self, name: &'static str) -> Result<Option<Tensor>> {
        let Some(proto) = self.attribute(name).and_then(|attribute| attribute.t.as_ref()) else {
            return Ok(None);
        };
        let read = self.tensors.read(proto);
        read.map(Some).map_err(|source| NodeError::Tensor { name, source })
    }

    /// Numbers that are an attribute up to some operator set, and this input from then on.
    pub(super) fn ints_or_input(&self, name: &str, index: usize) -> Result<Option<Vec<i64>>> {
        match self.ints(name) {
            Some(ints) => Ok(Some(ints.to_vec())),
            None => Ok(self.optional_constant(index)?.map(Tensor::ints)),
        }
    }

    /// Two numbers of an attribute for height and width, of which pictures of one axis have the second only.
    pub(super) fn pair(
        &self,
        name: &'static str,
        line: bool,
        default: usize,
    ) -> Result<[usize; 2]> {
        let Some(ints) = self.ints(name) else { return Ok([default; 2]) };
        let number =
            |value: i64| usize::try_from(value).map_err(|_| NodeError::attribute(name, ints));
        match (ints, line) {
            (&[w], true) => Ok([default, number(w)?]),
            (&[h, w], false) => Ok([number(h)?, number(w)?]),
            _ => Err(NodeError::attribute(name, ints)),
        }
    }
}
