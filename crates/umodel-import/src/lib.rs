#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
// Each front end uses a part of the common functions.
#![allow(dead_code)]

mod error;
mod graph;
mod imported;
#[cfg(feature = "onnx")]
pub mod onnx;
mod ops;
mod passes;

pub use error::{Error, NodeError, UnsupportedNode};
pub use imported::{Imported, Options, TensorBlob};
