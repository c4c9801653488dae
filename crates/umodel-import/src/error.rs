//! What can be wrong with a model of another framework.

use std::fmt;
use std::path::PathBuf;

use thiserror::Error;
use umodel::Shape;

/// An error of this crate.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: std::io::Error,
    },
    /// The file is longer than protobuf allows.
    #[error("{found} bytes, a model has at most {limit}")]
    TooLong {
        /// Its size.
        found: u64,
        /// The largest that is read.
        limit: u64,
    },
    /// The bytes are truncated or are no message of this format.
    #[error("not a readable {format}: {reason}")]
    Decode {
        /// What was expected, such as "ONNX model".
        format: &'static str,
        /// What the decoder says.
        reason: String,
    },
    /// The graph itself is wrong: cycles, names that nobody writes.
    #[error("the graph is not valid: {reason}")]
    Graph {
        /// What is wrong.
        reason: String,
    },
    /// The graph still has variables: only frozen graphs have their weights in them.
    #[error(
        "the graph is not frozen: {} are variables; freeze it (TensorFlow 1: \
         tf.graph_util.convert_variables_to_constants; TensorFlow 2: \
         convert_variables_to_constants_v2)",
        names.join(", ")
    )]
    NotFrozen {
        /// Their nodes.
        names: Vec<String>,
    },
    /// A name that the caller gave is not in the graph.
    #[error("no {what} \"{name}\"{}", candidates(nearest))]
    UnknownName {
        /// "input" or "output".
        what: &'static str,
        /// The name.
        name: String,
        /// Names that were probably meant, the nearest first.
        nearest: Vec<String>,
    },
    /// More or fewer input shapes than inputs.
    #[error("{found} input shapes were given for {expected} inputs")]
    ShapeCount {
        /// Number of inputs.
        expected: usize,
        /// Number of shapes.
        found: usize,
    },
    /// A shape that contradicts the model's, or none where the model leaves one open.
    #[error("input \"{name}\": {reason}")]
    InputShape {
        /// The input's name.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// Operators that have no counterpart here; all of them.
    #[error("unsupported {format} operators: {}", list(nodes))]
    Unsupported {
        /// The model's format.
        format: &'static str,
        /// One for each node, in the graph's order.
        nodes: Vec<UnsupportedNode>,
    },
    /// A node is wrong: its attributes, or the shapes of its inputs.
    #[error("node \"{node}\" ({op})")]
    Node {
        /// The node's name.
        node: String,
        /// Its operator.
        op: String,
        /// What is wrong with it.
        source: NodeError,
    },
    /// A weight tensor is wrong.
    #[error("tensor \"{name}\": {reason}")]
    Tensor {
        /// Its name.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// An output that no input has an influence on.
    #[error("output \"{name}\" is constant")]
    ConstantOutput {
        /// The output's name.
        name: String,
    },
    /// A net that cannot read a database of pictures.
    #[error("a Data layer gives one picture of four axes, the net has {found}")]
    NoPicture {
        /// What it has.
        found: String,
    },
    /// The finished net is not valid.
    #[error("the imported net")]
    Net(#[source] umodel::Error),
}

/// A node that cannot be imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsupportedNode {
    /// The node's name.
    pub node: String,
    /// Its operator.
    pub op: String,
    /// What about it; empty if nothing is known about the operator at all.
    pub reason: String,
}

impl fmt::Display for UnsupportedNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (node \"{}\"", self.op, self.node)?;
        if !self.reason.is_empty() {
            write!(f, ": {}", self.reason)?;
        }
        f.write_str(")")
    }
}

/// What is wrong with a node.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NodeError {
    /// The node is valid, but nothing here can do what it asks for.
    #[error("unsupported: {reason}")]
    Unsupported {
        /// What it asks for.
        reason: String,
    },
    /// An attribute's value is missing or makes no sense.
    #[error("attribute {name}: {reason}")]
    Attribute {
        /// The attribute.
        name: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// An input is missing.
    #[error("input {index} is missing")]
    MissingInput {
        /// Counted from 0.
        index: usize,
    },
    /// Shapes that do not fit together.
    #[error("shapes do not fit: {reason}")]
    Shapes {
        /// What does not fit.
        reason: String,
    },
    /// A constant would take too much space.
    #[error("a constant of shape {shape:?} is too large")]
    TooLarge {
        /// Its shape.
        shape: Shape,
    },
    /// The layer that it becomes is not valid.
    #[error(transparent)]
    Layer(#[from] Box<umodel::Error>),
}

impl NodeError {
    pub(crate) fn unsupported(reason: impl Into<String>) -> Self {
        NodeError::Unsupported { reason: reason.into() }
    }

    pub(crate) fn attribute(name: &'static str, reason: impl Into<String>) -> Self {
        NodeError::Attribute { name, reason: reason.into() }
    }

    pub(crate) fn shapes(reason: impl Into<String>) -> Self {
        NodeError::Shapes { reason: reason.into() }
    }
}

fn list(nodes: &[UnsupportedNode]) -> String {
    let texts: Vec<String> = nodes.iter().map(UnsupportedNode::to_string).collect();
    texts.join(", ")
}

fn candidates(nearest: &[String]) -> String {
    if nearest.is_empty() {
        return String::new();
    }
    let quoted: Vec<String> = nearest.iter().map(|name| format!("\"{name}\"")).collect();
    format!("; did you mean {}?", quoted.join(" or "))
}
