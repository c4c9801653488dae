#![doc = include_str!("../README.md")]
#![deny(unsafe_code)]

mod boxes;
mod chance;
mod colorspace;
mod decode;
mod distort;
mod encode;
mod equalize;
mod error;
mod expand;
mod frame;
mod mean;
mod noise;
mod ops;
mod param;
mod picture;
mod pixels;
mod prepared;
mod resize;
mod resize_policy;
mod run;
mod sampler;
mod simd;

pub use chance::{Chance, SplitMix};
#[cfg(any(fuzzing, test))]
pub use decode::fuzzing;
pub use decode::{ColorMode, Limits, decode, decode_with};
pub use encode::encode;
pub use error::Error;
pub use param::TransformParam;
pub use picture::{PictureOptions, picture_to_datum};
pub use pixels::Pixels;
pub use prepared::Prepared;
pub use resize::{Interpolation, Sample, resize};
pub use sampler::Samplers;

mod proto {
    #![allow(missing_docs, unreachable_pub, clippy::all)]
    include!(concat!(env!("OUT_DIR"), "/caffe.rs"));
}
