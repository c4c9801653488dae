//! Databases in LevelDB, as Caffe's `backend: LEVELDB` keeps them: a folder with `CURRENT`, a
//! manifest, tables (`.ldb`, `.sst`) and write-ahead logs.
//!
//! Reading is this crate's own: read-only, without a lock, every checksum verified. (rusty-leveldb
//! passes over damaged blocks in silence, knows no `.sst` and changes what it opens.) Writing is
//! rusty-leveldb's, behind the feature `leveldb`.

#![deny(clippy::indexing_slicing, clippy::as_conversions)]

mod block;
mod fault;
#[cfg(fuzzing)]
pub mod fuzzing;
mod log;
mod manifest;
mod memory;
mod reader;
mod table;
mod varint;
#[cfg(feature = "leveldb")]
mod writer;

pub use fault::Fault;
pub use reader::Reader;
#[cfg(feature = "leveldb")]
pub use writer::Writer;

/// Why a file cannot be read.
#[derive(Debug)]
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

/// LevelDB stores checksums rotated and shifted, so that a checksum over checksums is no weaker.
fn unmask(stored: u32) -> u32 {
    stored.wrapping_sub(0xA282_EAD8).rotate_left(15)
}
