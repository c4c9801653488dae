//! Entrances for fuzzing behind the checksums.

use super::block::{Block, unpack};
use super::log::LogReader;
use super::manifest::Manifest;
use super::memory::Memory;
use super::table::index_handle;

/// A stored block, a table's footer, and an unpacked block.
pub fn block(bytes: &[u8]) {
    let _ = unpack(bytes.to_vec());
    let _ = index_handle(bytes);
    let Ok(mut block) = Block::new(bytes.to_vec()) else { return };
    while let Ok(true) = block.advance() {
        let _ = (block.key().len(), block.value().len());
    }
}

/// A manifest's log, and one edit of it.
pub fn manifest(bytes: &[u8]) {
    let mut manifest = Manifest::default();
    let mut log = LogReader::from_bytes(bytes);
    while let Ok(Some(record)) = log.next_record() {
        let _ = manifest.apply(&record.data);
    }
    let _ = manifest.apply(bytes);
    let _ = manifest.groups();
}

/// A batch of a write-ahead log.
pub fn batch(bytes: &[u8]) {
    let record = super::log::LogRecord { data: bytes.to_vec(), fragments: Vec::new() };
    let _ = Memory::default().add_batch(0, record);
}
