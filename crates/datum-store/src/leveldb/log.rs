//! The log format, which manifests and write-ahead logs share.
//!
//! Blocks of 32 KiB hold fragments: checksum u32 (of type and data), length u16, type u8 (1 a whole
//! record, 2 a first, 3 a middle, 4 a last part), data. Fewer than 7 bytes at a block's end are left
//! empty. A record that the end of the file cuts off was being written when its process died: it
//! does not count. Everything else that is wrong is an error.

use std::fs::File;
use std::io::{self, BufReader, Read};

use super::{Failure, Fault, unmask};
use crate::bytes::{long, size};

const BLOCK: u64 = 32 << 10;
const HEADER: usize = 7;

/// A piece of a record in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fragment {
    /// Byte of the file at which its data begin.
    pub(super) offset: u64,
    /// Bytes of data.
    pub(super) length: u32,
}

/// One record, put together.
#[derive(Debug, Default)]
pub(super) struct LogRecord {
    pub(super) data: Vec<u8>,
    pub(super) fragments: Vec<Fragment>,
}

/// Reads a log's records one after the other.
pub(super) struct LogReader<R = BufReader<File>> {
    input: R,
    position: u64,
}

impl LogReader {
    pub(super) fn new(file: File) -> Self {
        LogReader { input: BufReader::with_capacity(1 << 16, file), position: 0 }
    }
}

impl<R: Read> LogReader<R> {
    #[cfg(any(test, fuzzing))]
    pub(super) fn from_bytes(input: R) -> Self {
        LogReader { input, position: 0 }
    }

    /// The next record; `None` at the end.
    pub(super) fn next_record(&mut self) -> Result<Option<LogRecord>, Failure> {
        let mut record = LogRecord::default();
        loop {
            let left = BLOCK - self.position % BLOCK;
            if left < long(HEADER) {
                let mut rest = vec![0; size(left)];
                if !self.fill(&mut rest)? {
                    return Ok(None);
                }
                continue;
            }
            let at = self.position;
            let mut header = [0; HEADER];
            if !self.fill(&mut header)? {
                return Ok(None);
            }
            let [noted @ .., low, high, kind] = header;
            let length = u16::from_le_bytes([low, high]);
            let corrupt = |fault: Fault| Err(Failure::Corrupt(fault.at(at)));
            if kind == 0 && length == 0 && header == [0; HEADER] {
                // Room that was reserved and not used, up to the end of the block.
                let mut rest = vec![0; size(left - long(HEADER))];
                if !self.fill(&mut rest)? {
                    return Ok(None);
                }
                if rest.iter().any(|&byte| byte != 0) {
                    return corrupt(Fault::NoFragmentType);
                }
                continue;
            }
            if long(HEADER) + u64::from(length) > left {
                return corrupt(Fault::FragmentLength);
            }
            let start = record.data.len();
            record.data.resize(start + usize::from(length), 0);
            let offset = self.position;
            let (_, data) = record.data.split_at_mut(start);
            if !self.fill(data)? {
                return Ok(None);
            }
            let checksum = crc32c::crc32c_append(crc32c::crc32c(&[kind]), data);
            if checksum != unmask(u32::from_le_bytes(noted)) {
                return corrupt(Fault::FragmentChecksum);
            }
            let is_first = record.fragments.is_empty();
            record.fragments.push(Fragment { offset, length: length.into() });
            match kind {
                1 if is_first => return Ok(Some(record)),
                2 if is_first => {}
                3 if !is_first => {}
                4 if !is_first => return Ok(Some(record)),
                1..=4 => return corrupt(Fault::MissingParts),
                _ => return corrupt(Fault::FragmentType { kind }),
            }
        }
    }

    /// Reads as much as `bytes` takes; false at the end of the file.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<bool, Failure> {
        match self.input.read_exact(bytes) {
            Ok(()) => {
                self.position += long(bytes.len());
                Ok(true)
            }
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
            Err(error) => Err(Failure::Io(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(checksum: u32) -> u32 {
        checksum.rotate_right(15).wrapping_add(0xA282_EAD8)
    }

    fn fragment(kind: u8, data: &[u8]) -> Vec<u8> {
        let checksum = mask(crc32c::crc32c_append(crc32c::crc32c(&[kind]), data));
        let length = u16::try_from(data.len()).expect("short").to_le_bytes();
        [&checksum.to_le_bytes()[..], &length, &[kind], data].concat()
    }

    fn read(bytes: &[u8]) -> Result<Vec<Vec<u8>>, Fault> {
        let mut log = LogReader::from_bytes(bytes);
        let mut records = Vec::new();
        loop {
            match log.next_record() {
                Ok(Some(record)) => records.push(record.data),
                Ok(None) => return Ok(records),
                Err(Failure::Corrupt(fault)) => return Err(fault),
                Err(Failure::Io(error)) => panic!("{error}"),
            }
        }
    }

    #[test]
    fn records_are_put_together() {
        // The second record's first part ends 3 bytes before the block does.
        let long = vec![5; size(BLOCK) - 2 * HEADER - 2 - 3];
        let bytes = [
            fragment(1, &[1, 2]),
            fragment(2, &long),
            vec![0; 3],
            fragment(3, &[6]),
            fragment(4, &[7]),
            fragment(1, &[]),
        ]
        .concat();
        let expected = vec![vec![1, 2], [long, vec![6, 7]].concat(), vec![]];
        assert_eq!(read(&bytes), Ok(expected.clone()));
        // Cut anywhere, it has the records before the cut.
        for length in (0..bytes.len()).step_by(97).chain(bytes.len() - 30..bytes.len()) {
            let records = read(&bytes[..length]).expect("a cut log is sound");
            assert_eq!(records, expected[..records.len()]);
            assert!(length > 9 || records.is_empty());
        }
    }

    #[test]
    fn damage_is_an_error() {
        let sound = [fragment(1, &[1, 2]), fragment(2, &[3]), fragment(4, &[4])].concat();
        for byte in 0..sound.len() {
            for bit in 0..8 {
                let mut bytes = sound.clone();
                bytes[byte] ^= 1 << bit;
                let Ok(records) = read(&bytes) else { continue };
                // Only a length that reaches beyond the file looks like a cut.
                assert!(
                    records.len() < 2 && [4, 5, 13, 14, 21, 22].contains(&byte),
                    "{byte} {bit}"
                );
            }
        }
        assert_eq!(read(&fragment(4, &[1])), Err(Fault::MissingParts.at(0)));
        assert_eq!(read(&fragment(9, &[1])), Err(Fault::FragmentType { kind: 9 }.at(0)));
        let twice = [fragment(2, &[1]), fragment(1, &[1])].concat();
        assert_eq!(read(&twice), Err(Fault::MissingParts.at(8)));
        assert_eq!(read(&[0; 100]), Ok(vec![]));
    }
}
