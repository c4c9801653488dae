use std::fmt;

use thiserror::Error;
use umodel::Shape;

/// Why bytes are no model.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// They are no protobuf message of this kind.
    #[cfg(any(feature = "onnx", feature = "tensorflow"))]
    #[error(transparent)]
    Malformed(#[from] MalformedMessage),
    /// A model without a graph.
    #[error("it has no graph")]
    NoGraph,
    /// A graph without nodes, as a SavedModel seems to be: its graph is one message deeper.
    #[error("it has no nodes")]
    NoNodes,
    /// A node without a name or an operator.
    #[error("a node has no name or no operator")]
    UnnamedNode,
}

/// What the decoder of protobuf messages says.
#[cfg(any(feature = "onnx", feature = "tensorflow"))]
#[derive(Debug, Error)]
#[error("{0}")]
pub struct MalformedMessage(pub(crate) prost::DecodeError);

/// What is wrong with a graph.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum GraphError {
    /// The operator set is too old.
    #[error("operator set {found}, the oldest that is read is {oldest}")]
    OperatorSet {
        /// The model's.
        found: i64,
        /// The oldest that is read.
        oldest: i64,
    },
    /// A node reads a tensor that no node in front of it writes.
    #[error("node \"{node}\" reads \"{tensor}\", which nobody writes before it")]
    NotWritten {
        /// The node that reads.
        node: String,
        /// What it reads.
        tensor: String,
    },
    /// Two nodes, or a node twice, write one tensor.
    #[error("tensor \"{tensor}\" is written twice, at last by node \"{node}\"")]
    WrittenTwice {
        /// The tensor.
        tensor: String,
        /// The later node.
        node: String,
    },
    /// The graph declares two inputs or two weights of one name.
    #[error("{what} \"{tensor}\" is declared twice")]
    DeclaredTwice {
        /// Which of them: an input or an initializer.
        what: &'static str,
        /// The tensor.
        tensor: String,
    },
    /// Two nodes have one name.
    #[error("two nodes are named \"{name}\"")]
    NamedTwice {
        /// The name.
        name: String,
    },
    /// A node reads its own results.
    #[error("a loop through node \"{node}\" ({op}); give names of tensors behind it as inputs")]
    Loop {
        /// A node of the loop.
        node: String,
        /// Its operator.
        op: String,
    },
    /// An output lies in the branch of a condition that is not taken.
    #[error("output \"{name}\" is in a branch that is not taken")]
    DeadOutput {
        /// The output.
        name: String,
    },
    /// Functions make too many nodes.
    #[error("its functions make more than {limit} calls and nodes")]
    TooManyNodes {
        /// The largest number.
        limit: usize,
    },
    /// Functions make too long names.
    #[error("its functions make nodes with more than {limit} bytes of names")]
    NamesTooLong {
        /// The largest number.
        limit: usize,
    },
    /// Functions call each other too deeply.
    #[error("calls are {limit} deep at node \"{node}\"")]
    CallDepth {
        /// The last call.
        node: String,
        /// The deepest that is read.
        limit: usize,
    },
    /// A call with another number of inputs than the function has.
    #[error("node \"{node}\" gives {found} inputs to function \"{function}\" of {expected}")]
    CallInputs {
        /// The call.
        node: String,
        /// The function.
        function: String,
        /// How many inputs the function has.
        expected: usize,
        /// How many the call gives.
        found: usize,
    },
    /// A function for another operator set than the model's.
    #[error("function \"{function}\" is of operator set {found}, the model of {expected}")]
    FunctionSet {
        /// The function.
        function: String,
        /// Its operator set.
        found: i64,
        /// The model's.
        expected: i64,
    },
    /// An output that the function does not have.
    #[error("\"{tensor}\" is not there: the call has {outputs}")]
    CallOutput {
        /// What is read.
        tensor: String,
        /// How many outputs there are.
        outputs: usize,
    },
}

/// What is wrong with an input's shape.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum InputShapeError {
    /// A shape that was given with another number of axes than the model's.
    #[error("shape {given:?}, the model has {own}")]
    Differs {
        /// The caller's.
        given: Shape,
        /// The model's.
        own: OpenShape,
    },
    /// The model leaves other axes open than the batch, and the caller gave no shape.
    #[error("the model leaves its shape open, {own}; give one")]
    Open {
        /// The model's.
        own: OpenShape,
    },
    /// The model has no shape, and the caller gave none.
    #[error("the model does not tell its shape; give one")]
    Unknown,
}

/// A shape of which axes may be open: those are `None`, printed as `?`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenShape(pub Vec<Option<usize>>);

impl fmt::Display for OpenShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = |size: &Option<usize>| size.map_or("?".to_owned(), |size| size.to_string());
        let sizes: Vec<String> = self.0.iter().map(size).collect();
        write!(f, "[{}]", sizes.join(", "))
    }
}

impl OpenShape {
    /// Whether a shape with as many axes has other sizes than those that the model fixes.
    pub(crate) fn differs(&self, given: &[usize]) -> bool {
        self.0.iter().zip(given).any(|(own, size)| own.is_some_and(|own| own != *size))
    }
}

/// The first input whose sizes the caller changed.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) name: String,
    pub(crate) given: Shape,
    pub(crate) own: OpenShape,
}

impl Change {
    /// The model's batch and the caller's, if they differ.
    pub(crate) fn batch(&self) -> Option<[usize; 2]> {
        let (Some(&Some(own)), Some(&given)) = (self.own.0.first(), self.given.first()) else {
            return None;
        };
        (own != given).then_some([own, given])
    }

    /// The error of an import with these sizes, which may be what is wrong.
    pub(crate) fn explain(self, error: super::Error) -> super::Error {
        match error {
            super::Error::Node { .. } | super::Error::Net(_) => super::Error::Resized {
                name: self.name,
                given: self.given,
                own: self.own,
                source: Box::new(error),
            },
            other => other,
        }
    }
}
