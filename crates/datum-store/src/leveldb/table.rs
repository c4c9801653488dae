//! Tables: data blocks, an index of them, and a footer of 48 bytes that says where the index is.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use byteorder::{ByteOrder, LittleEndian};

use super::block::{Block, TRAILER, unpack};
use super::log::Failure;
use super::varint::take_u64;

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
pub(super) fn split_key(stored: &[u8]) -> Result<(&[u8], u64, Kind), String> {
    let size = stored.len().checked_sub(8).ok_or("a key is too short")?;
    let (key, tag) = stored.split_at(size);
    let tag = LittleEndian::read_u64(tag);
    Ok((key, tag >> 8, kind(tag as u8)?))
}

/// Which kind a byte stands for.
pub(super) fn kind(byte: u8) -> Result<Kind, String> {
    match byte {
        0 => Ok(Kind::Deletion),
        1 => Ok(Kind::Value),
        other => Err(format!("entries of kind {other} are unknown")),
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
        let length = file.metadata().map_err(Failure::Io)?.len();
        if length != size || length < FOOTER {
            let reason = format!("truncated or changed: {size} bytes are noted, it has {length}");
            return Err(Failure::Corrupt(reason));
        }
        let footer = read(&mut file, length - FOOTER, FOOTER as usize).map_err(Failure::Io)?;
        let (offset, size) = index_handle(&footer).map_err(Failure::Corrupt)?;
        let index = read_block(&mut file, length, offset, size)?;
        Ok(TableReader { file, length, index, block: None })
    }

    /// Goes to the next entry; false at the end.
    pub(super) fn advance(&mut self) -> Result<bool, Failure> {
        loop {
            if let Some(block) = &mut self.block
                && block.advance().map_err(Failure::Corrupt)?
            {
                return Ok(true);
            }
            if !self.index.advance().map_err(Failure::Corrupt)? {
                return Ok(false);
            }
            let (offset, size) = handle(&mut self.index.value()).map_err(Failure::Corrupt)?;
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
pub(super) fn index_handle(footer: &[u8]) -> Result<(u64, u64), String> {
    let (mut handles, magic) = footer.split_last_chunk::<8>().ok_or("it is too short")?;
    if LittleEndian::read_u64(magic) != MAGIC {
        return Err("its last bytes are not those of a table".to_owned());
    }
    handle(&mut handles)?;
    handle(&mut handles)
}

/// An offset and a size.
fn handle(input: &mut &[u8]) -> Result<(u64, u64), String> {
    Ok((take_u64(input)?, take_u64(input)?))
}

fn read_block(file: &mut File, length: u64, offset: u64, size: u64) -> Result<Block, Failure> {
    let stored = size.checked_add(TRAILER as u64);
    let end = stored.and_then(|stored| stored.checked_add(offset));
    let (Some(stored), Some(end)) = (stored, end) else {
        return Err(Failure::Corrupt(format!("a block of {size} bytes at byte {offset}")));
    };
    if end > length - FOOTER || size > u32::MAX.into() {
        return Err(Failure::Corrupt(format!("a block of {size} bytes at byte {offset}")));
    }
    let stored = read(file, offset, stored as usize).map_err(Failure::Io)?;
    unpack(stored)
        .and_then(Block::new)
        .map_err(|reason| Failure::Corrupt(format!("byte {offset}: {reason}")))
}

fn read(file: &mut File, offset: u64, length: usize) -> std::io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = vec![0; length];
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
        LittleEndian::write_u64(&mut footer[40..], MAGIC);
        assert_eq!(index_handle(&footer), Ok((128, 9)));
        footer[47] ^= 1;
        assert!(index_handle(&footer).is_err());
        let key = [b'k', 1, 5, 0, 0, 0, 0, 0, 0];
        assert_eq!(split_key(&key), Ok((&b"k"[..], 5, Kind::Value)));
        assert!(split_key(&key[2..]).is_err());
        assert!(split_key(&[2, 5, 0, 0, 0, 0, 0, 0]).is_err());
    }
}
