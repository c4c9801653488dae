//! What can be wrong with a model of another framework.

mod graph;
mod node;
mod tensor;

use std::fmt;
use std::path::PathBuf;

use thiserror::Error;
use umodel::Shape;

pub(crate) use graph::Change;
#[cfg(any(feature = "onnx", feature = "tensorflow"))]
pub use graph::MalformedMessage;
pub use graph::{DecodeError, GraphError, InputShapeError, OpenShape};
pub use node::{AttributeError, Found, NodeError, ShapeError, Unsupported};
pub use tensor::{ExternalError, SizeError, TensorError};

/// How many names an error prints at most.
const MAX_NAMES: usize = 10;

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
    #[error("not a readable {}", format.file())]
    Decode {
        /// What was expected.
        format: Format,
        /// What is wrong with the bytes.
        source: DecodeError,
    },
    /// The graph itself is wrong: cycles, names that nobody writes.
    #[error("the graph is not valid")]
    Graph(#[from] GraphError),
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
    #[error("no {role} \"{name}\"{}", candidates(*role, nearest, others))]
    UnknownName {
        /// What the name was given as.
        role: Role,
        /// The name.
        name: String,
        /// Names that were probably meant, the nearest first.
        nearest: Vec<String>,
        /// If none is near: for an output, the graph's tensors that no node reads; for an input, the
        /// inputs that the graph has itself.
        others: Vec<String>,
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
    #[error("input \"{name}\"")]
    InputShape {
        /// The input's name.
        name: String,
        /// What is wrong.
        source: InputShapeError,
    },
    /// Sizes that are not the model's, and that the net cannot have.
    #[error("the net cannot have input \"{name}\" of shape {given:?} (the model has {own})")]
    Resized {
        /// The input.
        name: String,
        /// The shape that it was given.
        given: Shape,
        /// The shape that the model has.
        own: OpenShape,
        /// Where it does not fit.
        source: Box<Error>,
    },
    /// Operators that have no counterpart here; all of them.
    #[error("unsupported {format} operators: {}", list(nodes))]
    Unsupported {
        /// The model's format.
        format: Format,
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
        source: Box<NodeError>,
    },
    /// A weight tensor is wrong.
    #[error("tensor \"{name}\"")]
    Tensor {
        /// Its name.
        name: String,
        /// What is wrong with it.
        source: TensorError,
    },
    /// An output that no input has an influence on.
    #[error("output \"{name}\" is constant")]
    ConstantOutput {
        /// The output's name.
        name: String,
    },
    /// A net that cannot read a database of pictures, because it has not exactly one input.
    #[error("a Data layer gives one picture of four axes, the net has {found} inputs")]
    InputCount {
        /// How many it has.
        found: usize,
    },
    /// A net that cannot read a database of pictures, because its input is none.
    #[error("a Data layer gives one picture of four axes, the net has an input of shape {found:?}")]
    NoPicture {
        /// The input's shape.
        found: Shape,
    },
    /// The finished net is not valid.
    #[error("the imported net")]
    Net(#[source] umodel::Error),
}

/// A format that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// ONNX models.
    Onnx,
    /// Frozen TensorFlow graphs.
    TensorFlow,
}

impl Format {
    /// What a file of the format is.
    fn file(self) -> &'static str {
        match self {
            Format::Onnx => "ONNX model",
            Format::TensorFlow => "frozen TensorFlow graph (GraphDef)",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Onnx => "ONNX",
            Format::TensorFlow => "TensorFlow",
        })
    }
}

/// What a caller names a tensor for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The net starts there.
    Input,
    /// The net ends there.
    Output,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Role::Input => "input",
            Role::Output => "output",
        })
    }
}

/// A node that cannot be imported.
#[derive(Clone, Debug, PartialEq)]
pub struct UnsupportedNode {
    /// The node's name.
    pub node: String,
    /// Its operator.
    pub op: String,
    /// What about it; nothing if the operator is not known at all.
    pub reason: Option<Unsupported>,
}

impl fmt::Display for UnsupportedNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (node \"{}\"", self.op, self.node)?;
        if let Some(reason) = &self.reason {
            write!(f, ": {reason}")?;
        }
        f.write_str(")")
    }
}

fn list(nodes: &[UnsupportedNode]) -> String {
    let texts: Vec<String> = nodes.iter().map(UnsupportedNode::to_string).collect();
    texts.join(", ")
}

fn candidates(role: Role, nearest: &[String], others: &[String]) -> String {
    let quoted = |names: &[String]| -> Vec<String> {
        names.iter().take(MAX_NAMES).map(|name| format!("\"{name}\"")).collect()
    };
    if !nearest.is_empty() {
        return format!("; did you mean {}?", quoted(nearest).join(" or "));
    }
    if others.is_empty() {
        return String::new();
    }
    let what = match role {
        Role::Input => "the graph's own inputs are",
        Role::Output => "of the graph's tensors, nobody reads",
    };
    let more = match others.len().saturating_sub(MAX_NAMES) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("; {what} {}{more}", quoted(others).join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_names_come_with_candidates() {
        let error = |role, nearest: &[&str], others: usize| {
            let nearest = nearest.iter().map(|&name| name.to_owned()).collect();
            let others = (0..others).map(|k| format!("t{k}")).collect();
            Error::UnknownName { role, name: "x".into(), nearest, others }.to_string()
        };
        assert_eq!(error(Role::Input, &["y"], 0), "no input \"x\"; did you mean \"y\"?");
        assert_eq!(error(Role::Input, &[], 1), "no input \"x\"; the graph's own inputs are \"t0\"");
        let many = error(Role::Output, &[], 12);
        assert!(many.starts_with("no output \"x\"; of the graph's tensors, nobody reads \"t0\", "));
        assert!(many.ends_with("\"t9\" and 2 more"), "{many}");
    }
}
