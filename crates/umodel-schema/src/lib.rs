#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![allow(missing_docs, clippy::all, clippy::pedantic)]

include!(concat!(env!("OUT_DIR"), "/schema/mod.rs"));

pub use self::blob::{BlobProto, BlobShape, RawType};
pub use self::transform::{AnnotatedDataParameter, TransformationParameter};
pub use self::umodel::*;
