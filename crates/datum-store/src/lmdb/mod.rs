//! Databases in LMDB, as Caffe keeps them: a folder with `data.mdb` (or that file alone), records in
//! key order in the unnamed database.
//!
//! Reading is this crate's own: LMDB trusts its pages, so that a damaged file would crash the
//! process. [`Reader`] checks every number before it follows it and needs neither a lock file nor a
//! memory map. Writing is LMDB's, behind the feature `lmdb`.

#![deny(clippy::indexing_slicing, clippy::as_conversions)]

mod fault;
mod meta;
mod page;
mod reader;
#[cfg(feature = "lmdb")]
mod writer;

pub use fault::{Fault, PageKind};
pub use reader::Reader;
#[cfg(feature = "lmdb")]
pub use writer::Writer;

/// Why a file cannot be read.
enum Failure {
    Io(std::io::Error),
    Corrupt(Fault),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Failure::Corrupt(fault)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Failure::Io(error)
    }
}
