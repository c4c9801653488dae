#![doc = include_str!("../README.md")]

#[cfg(feature = "data")]
pub mod data;
mod error;
mod exec;
mod host;
#[cfg(feature = "data")]
mod iterate;
pub mod kernels;
mod layers;
mod plan;
mod random;
mod tap;
mod value;

pub use error::{Error, Hdf5Error, KernelError, ListError};
pub use exec::{Capture, Executor, Workspace};
pub use host::HostPart;
#[cfg(feature = "data")]
pub use iterate::{extract, for_each_result, iterate};
pub use layers::NOT_COMPUTED;
/// The arrays of this crate's interface.
pub use ndarray;
pub use random::Random;
pub use tap::Tap;
pub use value::Value;
