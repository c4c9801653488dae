//! Tables: data blocks, an index of them, and a footer of 48 bytes that says where the index is.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use super::block::{Block, TRAILER, unpack};
use super::varint::take_u64;
use super::{Failure, Fault};
use crate::bytes::{long, size};

const FOOTER: u64 = 48;
const MAGIC: u64 = 0xDB47_7524_8B80_FB57;

/// What a key's tag says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Deletion,
    Value,
}

/// Splits a stored key into the user's key, the sequence number and the kind: the tag is the last
/// eight bytes.
pub(super) fn split_key(stored: &[u8]) -> Result<(&[u8], u64, Kind), Fault> {
    let (key, tag) = stored.split_last_chunk::<8>().ok_or(Fault::ShortKey)?;
    let [lowest, ..] = *tag;
    Ok((key, u64::from_le_bytes(*tag) >> 8, kind(lowest)?))
}

/// Which kind a byte stands for.
pub(super) fn kind(byte: u8) -> Result<Kind, Fault> {
    match byte {
        0 => Ok(Kind::Deletion),
        1 => Ok(Kind::Value),
        kind => Err(Fault::EntryKind { kind }),
    }
}

/// Walks over the entries of one table.
#[derive(Debug)]
pub(super) struct TableReader {
    file: File,
    length: u64,
    index: Block,
    block: Option<Block>,
}

impl TableReader {
    /// Opens a table that its manifest says to be of `size` bytes.
    pub(super) fn open(mut file: File, size: u64) -> Result<TableReader, Failure> {
        let length = file.metadata()?.len();
        if length != size || length < FOOTER {
            return Err(Fault::TableLength { noted: size, found: length }.into());
        }
        let footer = read(&mut file, length - FOOTER, FOOTER)?;
        let (offset, size) = index_handle(&footer)?;
        let index = read_block(&mut file, length, offset, size)?;
        Ok(TableReader { file, length, index, block: None })
    }

    /// Goes to the next entry; false at the end.
    pub(super) fn advance(&mut self) -> Result<bool, Failure> {
        loop {
            if let Some(block) = &mut self.block
                && block.advance()?
            {
                return Ok(true);
            }
            if !self.index.advance()? {
                return Ok(false);
            }
            let (offset, size) = handle(&mut self.index.value())?;
            self.block = Some(read_block(&mut self.file, self.length, offset, size)?);
        }
    }

    /// The current entry: stored key and value.
    pub(super) fn entry(&self) -> Option<(&[u8], &[u8])> {
        self.block.as_ref().map(|block| (block.key(), block.value()))
    }
}

/// Where the index is, by the footer: two handles (of which the first is that of an index for
/// filters), padding, magic.
pub(super) fn index_handle(footer: &[u8]) -> Result<(u64, u64), Fault> {
    let (mut handles, magic) = footer.split_last_chunk::<8>().ok_or(Fault::NoTable)?;
    if u64::from_le_bytes(*magic) != MAGIC {
        return Err(Fault::NoTable);
    }
    handle(&mut handles)?;
    handle(&mut handles)
}

/// An offset and a size.
fn handle(input: &mut &[u8]) -> Result<(u64, u64), Fault> {
    Ok((take_u64(input)?, take_u64(input)?))
}

fn read_block(file: &mut File, length: u64, offset: u64, size: u64) -> Result<Block, Failure> {
    let stored = size.checked_add(long(TRAILER)).filter(|_| size <= u32::MAX.into());
    let end = stored.and_then(|stored| stored.checked_add(offset));
    let stored = match (stored, end) {
        (Some(stored), Some(end)) if end <= length - FOOTER => stored,
        _ => return Err(Fault::BlockBounds { size, offset }.into()),
    };
    let stored = read(file, offset, stored)?;
    unpack(stored).and_then(Block::new).map_err(|fault| Failure::Corrupt(fault.at(offset)))
}

fn read(file: &mut File, offset: u64, length: u64) -> std::io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = vec![0; size(length)];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn footers_and_keys() {
        let mut footer = [0; 48];
        footer[..6].copy_from_slice(&[1, 2, 0x80, 1, 9, 0]);
        footer[40..].copy_from_slice(&MAGIC.to_le_bytes());
        assert_eq!(index_handle(&footer), Ok((128, 9)));
        footer[47] ^= 1;
        assert!(index_handle(&footer).is_err());
        let key = [b'k', 1, 5, 0, 0, 0, 0, 0, 0];
        assert_eq!(split_key(&key), Ok((&b"k"[..], 5, Kind::Value)));
        assert!(split_key(&key[2..]).is_err());
        assert!(split_key(&[2, 5, 0, 0, 0, 0, 0, 0]).is_err());
    }
}
