#![doc = include_str!("../README.md")]
#![deny(clippy::unwrap_used, clippy::indexing_slicing, clippy::as_conversions)]

mod build;
mod combine;
mod container;
mod describe;
mod error;
mod expansion;
mod parts;
pub mod schema;

pub use build::{Builder, TensorInfo};
pub use combine::{combine, extract};
pub use container::Bmodel;
pub use describe::{DataType, StoreMode, info};
pub use error::{Error, Ports, Section, TablesError};
pub use parts::Part;
