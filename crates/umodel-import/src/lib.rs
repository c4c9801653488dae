#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
// Each front end uses a part of the common functions.
#![cfg_attr(not(all(feature = "onnx", feature = "tensorflow")), allow(dead_code, unused_imports))]

pub mod cf_to_umodel;
pub mod convert;
pub mod dataset;
mod error;
mod graph;
#[cfg(test)]
mod hostile;
mod imported;
#[cfg(feature = "onnx")]
pub mod on_to_umodel;
#[cfg(feature = "onnx")]
pub mod onnx;
mod ops;
mod passes;
#[cfg(feature = "tensorflow")]
pub mod pb_to_umodel;
#[cfg(any(feature = "onnx", feature = "tensorflow"))]
mod read_file;
#[cfg(feature = "tensorflow")]
pub mod tensorflow;

#[cfg(any(feature = "onnx", feature = "tensorflow"))]
pub use error::MalformedMessage;
pub use error::{
    AttributeError, DecodeError, Error, ExternalError, Format, Found, GraphError, InputShapeError,
    NodeError, OpenShape, Role, ShapeError, SizeError, TensorError, Unsupported, UnsupportedNode,
};
pub use imported::{Imported, Options, TensorBlob};
