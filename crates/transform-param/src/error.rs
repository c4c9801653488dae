use std::path::PathBuf;

use thiserror::Error;

/// An error of this crate.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: std::io::Error,
    },
    /// A picture cannot be decoded.
    #[error("cannot decode the picture: {reason}")]
    Decode {
        /// The decoder's reason.
        reason: String,
    },
    /// A picture cannot be encoded.
    #[error("cannot encode the picture as {format:?}: {reason}")]
    Encode {
        /// The format that was asked for.
        format: String,
        /// The encoder's reason.
        reason: String,
    },
    /// transform_param is no such message.
    #[error("transform_param is not readable: {reason}")]
    Wire {
        /// The decoder's reason.
        reason: String,
    },
    /// A step that works on bytes only met a picture of floats.
    #[error("transform_param: {field} needs a picture of bytes, this one is of floats")]
    FloatPicture {
        /// The field that asks for the step.
        field: &'static str,
    },
    /// A step for coloured pictures met another one.
    #[error("transform_param: {field} needs 3 channels, the picture has {found}")]
    Channels {
        /// The field that asks for the step.
        field: &'static str,
        /// Channels of the picture.
        found: usize,
    },
    /// A field of transform_param with an unusable value.
    #[error("transform_param: {field}: {reason}")]
    Value {
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The crop is larger than the picture.
    #[error("cannot crop {crop:?} (h, w) from a picture of {picture:?}")]
    Crop {
        /// Height and width of the crop.
        crop: [usize; 2],
        /// Height and width of the picture.
        picture: [usize; 2],
    },
    /// The mean does not fit the picture.
    #[error("the mean has shape {mean:?} (c, h, w), the picture {picture:?}")]
    Mean {
        /// C, H, W of the mean.
        mean: [usize; 3],
        /// C, H, W of the picture.
        picture: [usize; 3],
    },
    /// The output buffer has the wrong length.
    #[error("the output has {found} values, the picture {expected}")]
    OutputLength {
        /// C·H·W.
        expected: usize,
        /// The buffer's length.
        found: usize,
    },
}
