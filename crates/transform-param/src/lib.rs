#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod decode;
mod encode;
mod error;
mod mean;
mod ops;
mod param;
mod picture;
mod pixels;
mod resize;

pub use decode::{ColorMode, Limits, decode, decode_with};
pub use encode::encode;
pub use error::Error;
pub use param::TransformParam;
pub use picture::{PictureOptions, picture_to_datum};
pub use pixels::Pixels;
pub use resize::{Interpolation, Sample, resize};

mod proto {
    #![allow(missing_docs, unreachable_pub, clippy::all)]
    include!(concat!(env!("OUT_DIR"), "/caffe.rs"));
}
