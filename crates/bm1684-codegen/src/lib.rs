#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod command;
mod compile;
mod emit;
mod error;
mod form;
mod lower;
mod plan;
mod schedule;
mod tile;
mod write;

pub use compile::{LayerCost, Port, Program, compile};
pub use error::{Error, Int8Form, Reason, Remedy, Size};
pub use form::Form;
pub use lower::lowerings;
pub use write::{References, foreign_references};
