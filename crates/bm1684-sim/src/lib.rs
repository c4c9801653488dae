#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod arithmetic;
mod chip;
mod conv;
mod depthwise;
mod elements;
mod error;
mod float;
mod gdma;
mod lookup;
mod matmul;
mod memory;
mod operand;
mod program;
mod scalar;
mod special;
mod tables;
mod threads;
mod view;
mod window;

pub use chip::Chip;
pub use error::{Error, Fault};
pub use memory::{Memory, State};
pub use program::{Program, Tensor};
