#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod error;
mod folders;
mod hook;
mod new_folders;
mod registry;
mod repair;
mod set;
mod staging;
mod target;

pub use error::Error;
pub use registry::abandon_all;
pub use repair::repair;
pub use set::FileSet;
pub use target::is_stream;
