#![doc = include_str!("../README.md")]

pub mod data;
mod error;
mod exec;
mod iterate;
pub mod kernels;
mod layers;
mod plan;
mod random;
mod tap;
mod value;

pub use error::{Error, Hdf5Error, KernelError};
pub use exec::{Capture, Executor, Workspace};
pub use iterate::{for_each_result, iterate};
pub use random::Random;
pub use tap::Tap;
pub use value::Value;
