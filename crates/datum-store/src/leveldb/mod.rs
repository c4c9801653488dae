//! Databases in LevelDB, as Caffe's `backend: LEVELDB` keeps them: a folder with `CURRENT`, a
//! manifest, tables (`.ldb`, `.sst`) and write-ahead logs.
//!
//! Reading is this crate's own: read-only, without a lock, every checksum verified. (rusty-leveldb
//! passes over damaged blocks in silence, knows no `.sst` and changes what it opens.) Writing is
//! rusty-leveldb's.

mod block;
#[cfg(fuzzing)]
pub mod fuzzing;
mod log;
mod manifest;
mod memory;
mod reader;
mod table;
mod varint;
mod writer;

pub use reader::Reader;
pub use writer::Writer;

/// LevelDB stores checksums rotated and shifted, so that a checksum over checksums is no weaker.
fn unmask(stored: u32) -> u32 {
    stored.wrapping_sub(0xA282_EAD8).rotate_left(15)
}
