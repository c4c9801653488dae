use std::fmt;

use thiserror::Error;
use umodel::Shape;

use super::{SizeError, TensorError};

/// What is wrong with a node.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NodeError {
    /// The node is valid, but nothing here can do what it asks for.
    #[error("unsupported: {0}")]
    Unsupported(Unsupported),
    /// An attribute, or a constant input that stands for one, makes no sense.
    #[error("attribute {name}")]
    Attribute {
        /// The attribute.
        name: &'static str,
        /// What is wrong.
        source: AttributeError,
    },
    /// An input is missing.
    #[error("input {index} is missing")]
    MissingInput {
        /// Counted from 0.
        index: usize,
    },
    /// Shapes that do not fit together.
    #[error("shapes do not fit: {0}")]
    Shapes(ShapeError),
    /// There is no room for a tensor.
    #[error(transparent)]
    Size(#[from] SizeError),
    /// A tensor among the attributes is wrong.
    #[error("attribute {name}")]
    Tensor {
        /// The attribute.
        name: &'static str,
        /// What is wrong.
        source: TensorError,
    },
    /// The layer that it becomes is not valid.
    #[error(transparent)]
    Layer(#[from] Box<umodel::Error>),
}

impl From<Unsupported> for NodeError {
    fn from(reason: Unsupported) -> Self {
        NodeError::Unsupported(reason)
    }
}

impl From<ShapeError> for NodeError {
    fn from(reason: ShapeError) -> Self {
        NodeError::Shapes(reason)
    }
}

impl NodeError {
    /// An attribute whose value nothing can be made of.
    pub(crate) fn attribute(name: &'static str, found: impl Into<Found>) -> Self {
        AttributeError::Value { found: found.into() }.of(name)
    }
}

/// What a node asks for and nothing here can do.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum Unsupported {
    /// An input that must be constant depends on the net's inputs.
    #[error("input {index} is not constant")]
    NotConstant {
        /// Counted from 0.
        index: usize,
    },
    /// The condition of a switch depends on the net's inputs.
    #[error("the condition depends on the net's inputs")]
    Condition,
    /// A place for values that the caller did not choose as input.
    #[error("it is none of the inputs that were chosen")]
    NotChosen,
    /// An attribute with a value that is valid elsewhere.
    #[error("{name} {found}")]
    Value {
        /// The attribute.
        name: &'static str,
        /// Its value.
        found: Found,
    },
    /// An attribute that acts on the batch or the channels.
    #[error("{name} along the batch or the channels")]
    OtherAxes {
        /// The attribute.
        name: &'static str,
    },
    /// A window over another number of axes than one or two.
    #[error("windows over {shape:?}")]
    Windows {
        /// The shape of what the window slides over.
        shape: Shape,
    },
    /// Weights of a convolution over another number of axes than one or two.
    #[error("weights of shape {shape:?}")]
    Weights {
        /// Their shape.
        shape: Shape,
    },
    /// Something that must be a picture of four axes is none.
    #[error("{shape:?} is no picture of 4 axes")]
    NoPicture {
        /// Its shape.
        shape: Shape,
    },
    /// Resizing other axes than height and width.
    #[error("resizes {from:?} to {to:?}, not height and width")]
    ResizedAxes {
        /// The input's shape.
        from: Shape,
        /// The output's shape.
        to: Shape,
    },
    /// The places of the largest values.
    #[error("indices of maxima")]
    MaximaIndices,
    /// The mask of a dropout.
    #[error("the mask of a dropout")]
    DropoutMask,
    /// A dropout that drops.
    #[error("a dropout in training")]
    Training,
    /// A normalization by the batch's own statistics, or by those of each pixel.
    #[error("statistics of the batch or of each pixel")]
    BatchStatistics,
    /// A normalization over a region that Caffe does not have.
    #[error("a region of {size} channels")]
    LrnRegion {
        /// The region's size.
        size: usize,
    },
    /// A reduction of no axes that is not the identity.
    #[error("no axes at all")]
    NoAxes,
    /// A product along some of several axes.
    #[error("a product along some axes")]
    ProductAxes,
    /// A constant that is no number.
    #[error("no number")]
    NoNumber,
    /// A constant of a type that is not read.
    #[error("values of type {data_type}")]
    Type {
        /// The format's number of the type.
        data_type: i64,
    },
    /// A blob that becomes integers or truth values.
    #[error("a blob as {data_type}")]
    BlobAs {
        /// The type's name.
        data_type: &'static str,
    },
    /// Remainders of blobs.
    #[error("remainders of blobs")]
    Remainder,
    /// Slopes that are neither one number nor one for each channel.
    #[error("slopes of shape {slopes:?} for {shape:?}")]
    Slopes {
        /// The slopes' shape.
        slopes: Shape,
        /// The shape of what they are for.
        shape: Shape,
    },
    /// Entries that are taken or put by their numbers, of which fp32 does not have all.
    #[error("numbers of more than {limit} entries")]
    Places {
        /// How many there may be.
        limit: usize,
    },
    /// Something that needs a length that is known only when the net runs.
    #[error("it needs the number of boxes, which is known only when the net runs")]
    Counted,
    /// A letter that is twice in one term of an equation.
    #[error("the diagonal of a term")]
    Diagonal,
    /// Sequences that end before the last step.
    #[error("sequences of {lengths:?} of {steps} steps")]
    Lengths {
        /// Those that the model has.
        lengths: Vec<i64>,
        /// The number of steps.
        steps: usize,
    },
    /// A tensor of integers that stands for real numbers, read by an operator that takes the integers.
    #[error("it computes with the integers of a quantized tensor")]
    QuantizedIntegers,
    /// A quantized tensor that no QuantizeLinear makes, or makes with other scales.
    #[error("no QuantizeLinear with these scales is in front of it")]
    NotQuantized,
    /// A subgraph that is not there.
    #[error("no graph {name}")]
    NoGraph {
        /// The attribute.
        name: &'static str,
    },
    /// An output that is not computed.
    #[error("output {index} of it")]
    Output {
        /// Which one.
        index: usize,
    },
    /// A convolution between blocks that has a stride, a dilation or pads of its own.
    #[error("stride, dilation or padding between blocks")]
    BetweenBlocks,
    /// Blocks of other axes than height and width.
    #[error("blocks of {axes} axes")]
    Blocks {
        /// The number of axes.
        axes: usize,
    },
}

/// A value of an attribute.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Found {
    /// A whole number.
    Int(i128),
    /// Whole numbers.
    Ints(Vec<i64>),
    /// Sizes.
    Sizes(Vec<usize>),
    /// Numbers.
    Floats(Vec<f32>),
    /// A text.
    Text(String),
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Found::Int(value) => write!(f, "{value}"),
            Found::Ints(values) => write!(f, "{values:?}"),
            Found::Sizes(values) => write!(f, "{values:?}"),
            Found::Floats(values) => write!(f, "{values:?}"),
            Found::Text(text) => f.write_str(text),
        }
    }
}

impl From<i64> for Found {
    fn from(value: i64) -> Self {
        Found::Int(value.into())
    }
}

impl From<usize> for Found {
    fn from(value: usize) -> Self {
        // Every usize is below 2^64.
        Found::Int(i128::try_from(value).unwrap_or(i128::MAX))
    }
}

impl From<&[i64]> for Found {
    fn from(values: &[i64]) -> Self {
        Found::Ints(values.to_vec())
    }
}

impl From<&[usize]> for Found {
    fn from(values: &[usize]) -> Self {
        Found::Sizes(values.to_vec())
    }
}

impl From<&[f32]> for Found {
    fn from(values: &[f32]) -> Self {
        Found::Floats(values.to_vec())
    }
}

impl From<&str> for Found {
    fn from(text: &str) -> Self {
        Found::Text(text.to_owned())
    }
}

/// What is wrong with an attribute.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum AttributeError {
    /// It is not there.
    #[error("is missing")]
    Missing,
    /// A value that means nothing.
    #[error("{found}")]
    Value {
        /// The value.
        found: Found,
    },
    /// A value beyond its limits.
    #[error("{found}, must be from {lowest} to {highest}")]
    Range {
        /// The value.
        found: Found,
        /// The smallest that is allowed.
        lowest: i64,
        /// The largest that is allowed.
        highest: i64,
    },
    /// More or fewer values than wanted.
    #[error("{found} values, {expected} are wanted")]
    Count {
        /// How many there are.
        found: usize,
        /// How many are wanted.
        expected: usize,
    },
    /// A value that does not suit the input.
    #[error("{found} for {shape:?}")]
    Misfit {
        /// The value.
        found: Found,
        /// The input's shape.
        shape: Shape,
    },
    /// A kernel that is not the weights'.
    #[error("the weights' is {kernel:?}")]
    Kernel {
        /// Height and width by the weights.
        kernel: [usize; 2],
    },
    /// An axis that the tensor does not have.
    #[error("{axis} of a tensor of {rank} axes")]
    Axis {
        /// The axis.
        axis: i64,
        /// The number of axes.
        rank: usize,
    },
    /// An axis twice.
    #[error("{axes:?} has an axis twice")]
    AxisTwice {
        /// The axes.
        axes: Vec<i64>,
    },
    /// Something twice that may be there once.
    #[error("more than one")]
    Twice,
    /// A window that does not suit the picture.
    #[error(
        "kernel {kernel}, stride {stride}, pads {} and {}, {length} pixels",
        pads[0],
        pads[1]
    )]
    Window {
        /// The kernel along one axis.
        kernel: usize,
        /// The stride.
        stride: usize,
        /// The pads on both sides.
        pads: [usize; 2],
        /// The picture's size.
        length: usize,
    },
}

impl AttributeError {
    /// This of an attribute.
    pub(crate) fn of(self, name: &'static str) -> NodeError {
        NodeError::Attribute { name, source: self }
    }
}

/// How shapes do not fit.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum ShapeError {
    /// A reshape to another number of values.
    #[error("{from:?} cannot become {to:?}")]
    Reshape {
        /// The shape.
        from: Shape,
        /// What it shall be.
        to: Vec<i64>,
    },
    /// Two shapes without a common one by numpy's rules.
    #[error("{a:?} and {b:?} cannot be broadcast")]
    Broadcast {
        /// One shape.
        a: Shape,
        /// The other.
        b: Shape,
    },
    /// More or fewer values than a shape has.
    #[error("{found} values for shape {shape:?}")]
    Values {
        /// The number of values.
        found: usize,
        /// The shape.
        shape: Shape,
    },
    /// Sizes that are negative.
    #[error("shape {dims:?}")]
    Negative {
        /// The sizes.
        dims: Vec<i64>,
    },
    /// More or fewer axes than wanted.
    #[error("{shape:?} has not {wanted} axes")]
    Axes {
        /// The shape.
        shape: Shape,
        /// The number of axes.
        wanted: usize,
    },
    /// Where one number is wanted, more or fewer.
    #[error("one number is wanted, not {shape:?}")]
    OneNumber {
        /// The shape of what is there.
        shape: Shape,
    },
    /// Lists that must have one length.
    #[error("lists of {lengths:?} numbers must be equally long")]
    Lengths {
        /// Their lengths.
        lengths: Vec<usize>,
    },
    /// More or fewer ranges than axes.
    #[error("{found} ranges for the axes of {shape:?}")]
    Ranges {
        /// The number of ranges.
        found: usize,
        /// The shape that they cut.
        shape: Shape,
    },
    /// An index beyond its axis.
    #[error("index {index} of {size}")]
    Index {
        /// The index.
        index: i64,
        /// The axis's size.
        size: usize,
    },
    /// An axis that must have size 1 has another.
    #[error("axis {axis} of {shape:?} is not 1")]
    NotOne {
        /// The axis.
        axis: usize,
        /// The shape.
        shape: Shape,
    },
    /// Tensors that differ in other axes than that along which they are joined.
    #[error("{a:?} and {b:?} along axis {axis}")]
    Concat {
        /// One shape.
        a: Shape,
        /// The other.
        b: Shape,
        /// The axis.
        axis: usize,
    },
    /// Parts that are not the whole.
    #[error("{size} in parts of {parts:?}")]
    Parts {
        /// The whole.
        size: usize,
        /// The parts.
        parts: Vec<i64>,
    },
    /// Matrices that cannot be multiplied.
    #[error("{a:?} times {b:?}")]
    Product {
        /// One shape.
        a: Shape,
        /// The other.
        b: Shape,
    },
    /// Weights of a convolution or a product of this shape.
    #[error("weights of shape {shape:?}")]
    Weights {
        /// Their shape.
        shape: Shape,
    },
    /// Weights for another number of channels.
    #[error("{channels} channels, a filter of shape {filter:?}")]
    Filter {
        /// The number of channels.
        channels: usize,
        /// The filter's shape.
        filter: Shape,
    },
    /// More or fewer values than channels.
    #[error("{found} values for {channels} channels")]
    Channels {
        /// The number of values.
        found: usize,
        /// The number of channels.
        channels: usize,
    },
    /// A size that a transposed convolution does not have.
    #[error("{from:?} pixels do not become {to:?}")]
    Pixels {
        /// The picture's size.
        from: [usize; 2],
        /// The size that is wanted.
        to: [usize; 2],
    },
    /// Pads or crops of another shape.
    #[error("paddings of shape {found:?} for {shape:?}")]
    Paddings {
        /// Their shape.
        found: Shape,
        /// The shape that they are for.
        shape: Shape,
    },
    /// Integers are divided by zero.
    #[error("division by zero")]
    DivisionByZero,
    /// A whole number is too large.
    #[error("a product is too large")]
    Overflow,
    /// Nothing is there to reduce or to join.
    #[error("there are no values")]
    Empty,
}
