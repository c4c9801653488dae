#![doc = include_str!("../README.md")]

mod annotated;
pub mod annotations;
mod bytes;
mod dataset;
mod datum;
mod error;
mod excerpt;
mod features;
pub mod imageset;
pub mod in_flight;
mod in_order;
pub mod leveldb;
pub mod lmdb;
mod random;
mod read_file;
// Generated; `tests/schema.rs` compares it with what the generator writes, so that rustfmt must not change it.
#[rustfmt::skip]
#[allow(missing_docs, unreachable_pub, dead_code, clippy::all)]
mod schema;
#[cfg(any(feature = "lmdb", feature = "leveldb"))]
mod staging;
mod store;
#[cfg(feature = "lmdb")]
mod store_set;

pub use annotated::{AnnotatedDatum, Annotation, AnnotationGroup, AnnotationType, NormalizedBBox};
pub use dataset::{Element, LmdbDataset};
pub use datum::{Datum, DatumData, DatumError, WireError};
pub use error::{Action, Corruption, Error, Feature, PerPicture, RecordKind};
pub use features::Features;
/// The crate of the arrays that [`LmdbDataset`] takes.
pub use ndarray;
pub use random::SplitMix64;
pub use read_file::{STREAM_LIMIT, TooLong, read_file, read_text};
pub use store::{Backend, Existing, Record, Store, StoreWriter, create, open};
#[cfg(feature = "lmdb")]
pub use store_set::StoreSet;
