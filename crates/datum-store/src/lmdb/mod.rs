//! Databases in LMDB, as Caffe keeps them: a folder with `data.mdb` (or that file alone), records in
//! key order in the unnamed database.
//!
//! Reading is this crate's own: LMDB trusts its pages, so that a damaged file would crash the
//! process. [`Reader`] checks every number before it follows it and needs neither a lock file nor a
//! memory map. Writing is LMDB's.

mod meta;
mod page;
mod reader;
mod writer;

pub use reader::Reader;
pub use writer::Writer;
