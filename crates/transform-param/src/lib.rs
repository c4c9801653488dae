#![doc = include_str!("../README.md")]
#![deny(unsafe_code)]

mod boxes;
mod chance;
mod colorspace;
pub mod decode;
pub mod encode;
mod equalize;
mod error;
mod format;
mod frame;
mod mean;
mod memory;
pub mod param;
mod picture;
mod pixels;
mod prepared;
pub mod resize;
mod scene;
mod simd;
mod steps;
mod transform;

pub use chance::Chance;
#[cfg(all(feature = "jpeg", any(fuzzing, test)))]
pub use decode::fuzzing;
pub use decode::{ColorMode, Limits, decode, decode_with};
pub use encode::{EncodeOptions, encode, encode_with};
pub use error::{DecodeError, EncodeError, Error, MeanFileError, TextError, ValueError, WireError};
pub use format::Format;
pub use param::{
    AnnotatedDataParam, AnnotationType, BatchSampler, DistortParam, EmitConstraint, EmitType,
    ExpandParam, NoiseParam, Op, PadMode, ResizeMode, ResizeParam, SaltPepperParam,
    SampleConstraint, Sampler, TransformOp, TransformParam,
};
pub use picture::{PictureOptions, StoredPicture, picture_to_datum, store_picture};
pub use pixels::Pixels;
pub use prepared::Prepared;
pub use resize::{Interpolation, Sample, resize};
pub use transform::Transform;
