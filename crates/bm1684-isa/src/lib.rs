#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod check;
pub mod commands;
pub mod cycles;
mod engine;
mod error;
pub mod field;
pub mod memory;
pub mod shape;
pub mod text;
pub mod timeline;

pub use engine::Engine;
pub use error::Error;
pub use field::{COMMAND_BYTES, Encoded};
