use std::path::PathBuf;

use thiserror::Error;
use umodel::Shape;

/// What is wrong with a tensor of the model.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TensorError {
    /// Sizes that no tensor has.
    #[error("shape {dims:?}")]
    Dims {
        /// The sizes.
        dims: Vec<i64>,
    },
    /// Its shape is not known.
    #[error("its shape is not known")]
    OpenShape,
    /// It has no place in memory.
    #[error(transparent)]
    Size(#[from] SizeError),
    /// Values of a type that are no numbers.
    #[error("unsupported data type {data_type}")]
    Type {
        /// The format's number of the type.
        data_type: i32,
    },
    /// More or fewer bytes than the shape needs.
    #[error("{found} bytes, shape {shape:?} needs {expected}")]
    Bytes {
        /// The number of bytes.
        found: usize,
        /// The number that the shape needs.
        expected: usize,
        /// The shape.
        shape: Shape,
    },
    /// More or fewer values than the shape has.
    #[error("{found} values for shape {shape:?}")]
    Values {
        /// The number of values.
        found: usize,
        /// The shape.
        shape: Shape,
    },
    /// The values are in a file that cannot be used.
    #[error("external data {location:?}")]
    External {
        /// The file's name, as the model has it.
        location: String,
        /// What is wrong.
        source: ExternalError,
    },
}

/// Why there is no room for a tensor.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum SizeError {
    /// It has more values or axes than any tensor may have: 2^31 − 1 values (of a constant 2^28) and 32 axes.
    #[error("a tensor of shape {shape:?} is too large")]
    TooLarge {
        /// Its shape.
        shape: Shape,
    },
    /// All constants of the model together take too much space.
    #[error("the model's constants take more than {limit} bytes")]
    OutOfRoom {
        /// What they may take, see [`Options::constant_bytes`](crate::Options::constant_bytes).
        limit: u64,
    },
}

/// Why a file beside the model cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ExternalError {
    /// The model does not say which file.
    #[error("the model does not name its file")]
    NoLocation,
    /// An offset or a length that is no number.
    #[error("{key} {value:?} is no number")]
    Number {
        /// "offset" or "length".
        key: &'static str,
        /// What stands there.
        value: String,
    },
    /// The model was not read from a folder.
    #[error("there is no folder to look in")]
    NoFolder,
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: std::io::Error,
    },
    /// The file lies elsewhere.
    #[error("it lies outside the model's folder")]
    Outside,
    /// It is a folder or a device.
    #[error("it is no file")]
    NoFile,
    /// The length does not suit the tensor.
    #[error("the model tells {found} bytes, its shape needs {expected}")]
    Length {
        /// What the model tells.
        found: u64,
        /// What the shape needs.
        expected: u64,
    },
    /// The file is too short.
    #[error("it has {found} bytes, {wanted} from {offset} on are wanted")]
    TooShort {
        /// The file's length.
        found: u64,
        /// Where the tensor begins.
        offset: u64,
        /// The tensor's length.
        wanted: u64,
    },
}
