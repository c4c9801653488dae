//! The generated messages. Private: the rest of the world sees checked types.
#![allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic)]

include!(concat!(env!("OUT_DIR"), "/schema/mod.rs"));

pub(crate) use self::blob::{BlobProto, BlobShape, RawType};
pub(crate) use self::transform::{AnnotatedDataParameter, TransformationParameter};
pub(crate) use self::umodel::*;
