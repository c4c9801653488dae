//! What the write-ahead logs hold: the records that are not in a table yet.
//!
//! Each record of a log is a batch: sequence number u64 of its first entry, number of entries u32,
//! then for each the kind u8, the key and, unless it is a deletion, the value. Caffe's logs grow to
//! 256 MiB and more, so that only keys are kept, and where the values are.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::sync::Arc;

use super::log::{Fragment, LogReader, LogRecord};
use super::table::{Kind, kind};
use super::varint::{take_array, take_string};
use super::{Failure, Fault};
use crate::bytes::{long, size};

/// Where a value is in its log.
#[derive(Clone, Debug)]
pub(super) struct Place {
    log: usize,
    fragments: Arc<[Fragment]>,
    offset: usize,
    length: usize,
}

/// The newest entry of each key.
#[derive(Debug, Default)]
pub(super) struct Memory {
    logs: Vec<File>,
    /// `None` for a deletion.
    pub(super) entries: BTreeMap<Vec<u8>, (u64, Option<Place>)>,
}

impl Memory {
    /// Adds what a log holds.
    pub(super) fn add(&mut self, file: File) -> Result<(), Failure> {
        let mut log = LogReader::new(file.try_clone()?);
        let number = self.logs.len();
        self.logs.push(file);
        while let Some(record) = log.next_record()? {
            self.add_batch(number, record)?;
        }
        Ok(())
    }

    pub(super) fn add_batch(&mut self, log: usize, record: LogRecord) -> Result<(), Fault> {
        let fragments: Arc<[Fragment]> = record.fragments.into();
        let mut input = record.data.as_slice();
        let first = u64::from_le_bytes(take_array(&mut input)?);
        let count = u32::from_le_bytes(take_array(&mut input)?);
        for index in 0..u64::from(count) {
            let [byte] = take_array(&mut input)?;
            let kind = kind(byte)?;
            let key = take_string(&mut input)?.to_vec();
            let place = match kind {
                Kind::Deletion => None,
                Kind::Value => {
                    let length = take_string(&mut input)?.len();
                    let offset = record.data.len() - input.len() - length;
                    Some(Place { log, fragments: fragments.clone(), offset, length })
                }
            };
            let sequence = first.saturating_add(index);
            let newest = self.entries.get(&key).is_none_or(|(known, _)| *known <= sequence);
            if newest {
                self.entries.insert(key, (sequence, place));
            }
        }
        if input.is_empty() { Ok(()) } else { Err(Fault::BatchLength { count, rest: input.len() }) }
    }

    /// Reads a value. Its checksum was verified when the log was added.
    pub(super) fn value(&mut self, place: &Place) -> std::io::Result<Vec<u8>> {
        let Some(file) = self.logs.get_mut(place.log) else { return Ok(Vec::new()) };
        let mut value = Vec::with_capacity(place.length);
        let mut start = 0;
        let end = place.offset + place.length;
        for fragment in place.fragments.iter() {
            let length = size(fragment.length);
            let from = place.offset.clamp(start, start + length);
            let to = end.clamp(start, start + length);
            if from < to {
                file.seek(SeekFrom::Start(fragment.offset + long(from - start)))?;
                let filled = value.len();
                value.resize(filled + to - from, 0);
                let (_, rest) = value.split_at_mut(filled);
                file.read_exact(rest)?;
            }
            start += length;
            if start >= end {
                break;
            }
        }
        Ok(value)
    }
}
