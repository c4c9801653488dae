use std::fmt::Write as _;

use thiserror::Error;

/// What is wrong with a head's specification, with tensors that it shall decode, with a picture's size, or with a name.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum Error {
    /// A picture or an input without pixels, or with too many.
    #[error("{height}x{width} is no size of a picture: sides are from 1 to 2^22")]
    Side {
        /// Rows.
        height: usize,
        /// Pixels of a row.
        width: usize,
    },
    /// The name of no version of average precision.
    #[error("{name:?} is no version of average precision: 11point, MaxIntegral and Integral are")]
    ApVersion {
        /// The name.
        name: String,
    },
    /// There is no such head.
    #[error("no head {name:?}{}; there are {}", meant(nearest), known.join(", "))]
    UnknownHead {
        /// The name.
        name: String,
        /// Names that were probably meant.
        nearest: Vec<&'static str>,
        /// All names.
        known: &'static [&'static str],
    },
    /// A head has no such parameter.
    #[error("{head} has no parameter {key:?}{}; it has {}", meant(nearest), known.join(", "))]
    UnknownKey {
        /// The head.
        head: &'static str,
        /// The parameter.
        key: String,
        /// Names that were probably meant.
        nearest: Vec<&'static str>,
        /// All its parameters.
        known: &'static [&'static str],
    },
    /// A parameter without a value.
    #[error("{head}: {part:?} is no KEY=VALUE")]
    NoValue {
        /// The head.
        head: &'static str,
        /// What stands between two commas.
        part: String,
    },
    /// A parameter stands there twice.
    #[error("{head}: {key} is given twice")]
    Twice {
        /// The head.
        head: &'static str,
        /// The parameter.
        key: &'static str,
    },
    /// A parameter's value cannot be.
    #[error("{head}: {key} is {expected}, not {found:?}")]
    Value {
        /// The head.
        head: &'static str,
        /// The parameter.
        key: &'static str,
        /// What it has to be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// There is no list of anchors, or of scales, for each stride.
    #[error("{head}: {key} are given for {found} strides, and there are {expected}")]
    Levels {
        /// The head.
        head: &'static str,
        /// The parameter.
        key: &'static str,
        /// How many strides there are.
        expected: usize,
        /// How many lists there are.
        found: usize,
    },
    /// Anchors are known for strides of 8, 16 and 32 only.
    #[error("{head}: anchors have to be given for strides other than 8:16:32")]
    NoAnchors {
        /// The head.
        head: &'static str,
    },
    /// A head reads another number of tensors.
    #[error("{head} reads {expected}, {found} tensors were given")]
    TensorCount {
        /// The head.
        head: &'static str,
        /// What it reads.
        expected: &'static str,
        /// How many there are.
        found: usize,
    },
    /// A tensor belongs to another number of pictures.
    #[error("tensor {tensor} of shape {shape:?} is not for {pictures} pictures")]
    Pictures {
        /// Which tensor, from 0.
        tensor: usize,
        /// Its shape.
        shape: Vec<usize>,
        /// How many pictures there are.
        pictures: usize,
    },
    /// A tensor has a size that no level of the head has.
    #[error("tensor {tensor} of shape {shape:?} is no head: {}", expected_grids(grids, *channels))]
    Grid {
        /// Which tensor, from 0.
        tensor: usize,
        /// Its shape.
        shape: Vec<usize>,
        /// Stride, rows and columns of each level.
        grids: Vec<[usize; 3]>,
        /// Channels of each level.
        channels: usize,
    },
    /// The tensors of a level do not have its channels.
    #[error(
        "stride {stride} ({height}x{width}) has {expected} channels, the tensors of that size have {found:?}"
    )]
    Channels {
        /// The level.
        stride: usize,
        /// Rows of the level.
        height: usize,
        /// Columns of the level.
        width: usize,
        /// How many channels it has.
        expected: usize,
        /// Those of the tensors of its size, in order.
        found: Vec<usize>,
    },
    /// A tensor is no list of boxes.
    #[error("tensor {tensor} of shape {shape:?} is no list of boxes of {width} values each")]
    Rows {
        /// Which tensor, from 0.
        tensor: usize,
        /// Its shape.
        shape: Vec<usize>,
        /// Values of a box.
        width: usize,
    },
    /// A value is NaN or infinite.
    #[error("tensor {tensor} of shape {shape:?} has the value {value} at index {index}")]
    NotFinite {
        /// Which tensor, from 0.
        tensor: usize,
        /// Its shape.
        shape: Vec<usize>,
        /// Which value, in C order.
        index: usize,
        /// The value.
        value: f32,
    },
    /// A row of a DetectionOutput layer names no class or no picture.
    #[error("row {row}: {what} is {value}, a whole number below {limit} is expected")]
    Row {
        /// Which row, from 0.
        row: usize,
        /// The class, or the picture.
        what: &'static str,
        /// What the row says.
        value: f32,
        /// What it has to be below.
        limit: usize,
    },
}

fn meant(nearest: &[&'static str]) -> String {
    match nearest {
        [] => String::new(),
        names => format!(", did you mean {}?", names.join(" or ")),
    }
}

fn expected_grids(grids: &[[usize; 3]], channels: usize) -> String {
    let mut text = format!("{channels} channels are expected of");
    for (index, [stride, height, width]) in grids.iter().enumerate() {
        let comma = if index > 0 { "," } else { "" };
        // Writing to a String cannot fail.
        let _ = write!(text, "{comma} {height}x{width} (stride {stride})");
    }
    text
}
