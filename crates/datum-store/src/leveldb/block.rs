//! Blocks of a table: sorted entries that share the beginnings of their keys.
//!
//! An entry is: bytes shared with the key before, other bytes of the key, bytes of the value (three
//! numbers), the key's other bytes, the value. The offsets of entries that share nothing follow, u32
//! each, and their count. Reading from the first entry on does not need them.

use std::ops::Range;

use super::varint::{take, take_size};
use super::{Fault, unmask};
use crate::bytes::{size, u32_at};

/// Compression type (a byte) and checksum behind a block.
pub(super) const TRAILER: usize = 5;

/// Snappy makes at most 64 bytes of 3.
const SNAPPY_RATIO: usize = 22;

/// Checks a stored block with its trailer and unpacks it.
pub(super) fn unpack(mut stored: Vec<u8>) -> Result<Vec<u8>, Fault> {
    let (contents, trailer) = stored.split_last_chunk::<TRAILER>().ok_or(Fault::ShortBlock)?;
    let [method, noted @ ..] = *trailer;
    let checksum = crc32c::crc32c_append(crc32c::crc32c(contents), &[method]);
    if checksum != unmask(u32::from_le_bytes(noted)) {
        return Err(Fault::BlockChecksum);
    }
    let size = contents.len();
    match method {
        0 => {
            stored.truncate(size);
            Ok(stored)
        }
        1 => {
            let unpacked = snap::raw::decompress_len(contents).map_err(|_| Fault::Snappy)?;
            if unpacked > size.saturating_mul(SNAPPY_RATIO) {
                return Err(Fault::BlockRatio { packed: size, unpacked });
            }
            snap::raw::Decoder::new().decompress_vec(contents).map_err(|_| Fault::Snappy)
        }
        method => Err(Fault::Compression { method }),
    }
}

/// Walks over an unpacked block.
#[derive(Debug)]
pub(super) struct Block {
    bytes: Vec<u8>,
    end: usize,
    position: usize,
    key: Vec<u8>,
    value: Range<usize>,
}

impl Block {
    /// Checks the end of an unpacked block.
    pub(super) fn new(bytes: Vec<u8>) -> Result<Block, Fault> {
        let restarts = bytes.len().checked_sub(4).ok_or(Fault::ShortBlock)?;
        let count = u32_at(&bytes, restarts).ok_or(Fault::ShortBlock)?;
        let end = size(count).checked_mul(4).and_then(|size| restarts.checked_sub(size));
        let end = end.ok_or(Fault::Restarts { count })?;
        Ok(Block { bytes, end, position: 0, key: Vec::new(), value: 0..0 })
    }

    /// Goes to the next entry; false at the end.
    pub(super) fn advance(&mut self) -> Result<bool, Fault> {
        let mut input = self.bytes.get(self.position..self.end).unwrap_or_default();
        if input.is_empty() {
            return Ok(false);
        }
        let shared = take_size(&mut input)?;
        let others = take_size(&mut input)?;
        let length = take_size(&mut input)?;
        if shared > self.key.len() {
            return Err(Fault::SharedKey { shared, known: self.key.len() });
        }
        let suffix = take(&mut input, others)?;
        let start = self.end - input.len();
        take(&mut input, length)?;
        self.key.truncate(shared);
        self.key.extend_from_slice(suffix);
        self.value = start..start + length;
        self.position = start + length;
        Ok(true)
    }

    /// The current entry's key.
    pub(super) fn key(&self) -> &[u8] {
        &self.key
    }

    /// The current entry's value.
    pub(super) fn value(&self) -> &[u8] {
        self.bytes.get(self.value.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(contents: &[u8], method: u8) -> Vec<u8> {
        let checksum = crc32c::crc32c_append(crc32c::crc32c(contents), &[method]);
        let masked = checksum.rotate_right(15).wrapping_add(0xA282_EAD8);
        [contents, &[method], &masked.to_le_bytes()[..]].concat()
    }

    type Entry = (Vec<u8>, Vec<u8>);

    fn entries(bytes: &[u8]) -> Result<Vec<Entry>, Fault> {
        let mut block = Block::new(bytes.to_vec())?;
        let mut entries = Vec::new();
        while block.advance()? {
            entries.push((block.key().to_vec(), block.value().to_vec()));
        }
        Ok(entries)
    }

    const CONTENTS: [u8; 19] = [0, 2, 1, b'a', b'b', 9, 1, 1, 2, b'c', 7, 8, 0, 0, 0, 0, 1, 0, 0];

    #[test]
    fn keys_share_their_beginnings() {
        let bytes = [&CONTENTS[..], &[0][..]].concat();
        let expected = [(b"ab".to_vec(), vec![9]), (b"ac".to_vec(), vec![7, 8])];
        assert_eq!(entries(&bytes).expect("sound"), expected);
        assert_eq!(unpack(stored(&bytes, 0)).expect("sound"), bytes);
        let packed = snap::raw::Encoder::new().compress_vec(&bytes).expect("packs");
        assert_eq!(unpack(stored(&packed, 1)).expect("sound"), bytes);
        assert_eq!(unpack(stored(&bytes, 2)), Err(Fault::Compression { method: 2 }));
        let bomb = [255, 255, 255, 255, 15, 0, 0];
        let claim = Fault::BlockRatio { packed: 7, unpacked: 0xFFFF_FFFF };
        assert_eq!(unpack(stored(&bomb, 1)), Err(claim));
        assert_eq!(unpack(stored(&[5, 0xFF], 1)), Err(Fault::Snappy));
        assert_eq!(unpack(vec![0; TRAILER - 1]), Err(Fault::ShortBlock));
    }

    /// Every flipped bit of a stored block is noticed; of an unpacked one none panics.
    #[test]
    fn flipped_bits() {
        let bytes = [&CONTENTS[..], &[0][..]].concat();
        let sound = stored(&bytes, 0);
        for byte in 0..sound.len() {
            for bit in 0..8 {
                let mut flipped = sound.clone();
                flipped[byte] ^= 1 << bit;
                assert_eq!(unpack(flipped.clone()), Err(Fault::BlockChecksum));
                let _ = entries(&flipped[..bytes.len()]);
            }
        }
        for length in 0..bytes.len() {
            let _ = entries(&bytes[..length]);
        }
    }
}
