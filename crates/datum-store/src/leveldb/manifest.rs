//! The manifest: which tables make up the database.
//!
//! Each record of its log is an edit, a sequence of tagged fields: 1 comparator, 2 log number, 3 next
//! file number, 4 last sequence number, 5 compaction pointer (level, key), 6 deleted table (level,
//! number), 7 new table (level, number, size, smallest key, largest key), 9 previous log number.

use std::collections::BTreeMap;

use super::Fault;
use super::table::split_key;
use super::varint::{take_string, take_u64};

/// The only comparator that Caffe uses: keys as byte strings.
const COMPARATOR: &[u8] = b"leveldb.BytewiseComparator";
const LEVELS: u64 = 7;

/// A table as the manifest knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TableFile {
    pub(super) number: u64,
    /// Bytes.
    pub(super) size: u64,
    /// Its smallest key.
    smallest: Vec<u8>,
}

/// The tables after all edits.
#[derive(Debug, Default)]
pub(super) struct Manifest {
    /// Tables by level and number.
    tables: BTreeMap<(u64, u64), TableFile>,
    /// The oldest log that is not yet in a table.
    pub(super) log: u64,
    /// A log from before it that is not either; 0 if there is none.
    pub(super) previous_log: u64,
}

impl Manifest {
    /// Applies one record of the manifest's log.
    pub(super) fn apply(&mut self, mut edit: &[u8]) -> Result<(), Fault> {
        let input = &mut edit;
        while !input.is_empty() {
            match take_u64(input)? {
                1 => {
                    let name = take_string(input)?;
                    if name != COMPARATOR {
                        let comparator = String::from_utf8_lossy(name).into_owned();
                        return Err(Fault::Comparator { comparator });
                    }
                }
                2 => self.log = take_u64(input)?,
                9 => self.previous_log = take_u64(input)?,
                3 | 4 => {
                    take_u64(input)?;
                }
                5 => {
                    level(input)?;
                    take_string(input)?;
                }
                6 => {
                    let table = (level(input)?, take_u64(input)?);
                    self.tables.remove(&table);
                }
                7 => {
                    let (level, number) = (level(input)?, take_u64(input)?);
                    let size = take_u64(input)?;
                    let (smallest, _, _) = split_key(take_string(input)?)?;
                    let smallest = smallest.to_vec();
                    take_string(input)?;
                    self.tables.insert((level, number), TableFile { number, size, smallest });
                }
                number => return Err(Fault::Field { number }),
            }
        }
        Ok(())
    }

    /// Groups of tables, each in the order of its keys: one group for each table of level 0, whose
    /// keys overlap, and one for each other level.
    pub(super) fn groups(&self) -> Vec<Vec<TableFile>> {
        let mut groups: Vec<Vec<TableFile>> = Vec::new();
        let mut last_level = 0;
        for (&(level, _), table) in &self.tables {
            match groups.last_mut() {
                Some(group) if level > 0 && level == last_level => group.push(table.clone()),
                _ => groups.push(vec![table.clone()]),
            }
            last_level = level;
        }
        for group in &mut groups {
            group.sort_by(|a, b| a.smallest.cmp(&b.smallest));
        }
        groups
    }
}

fn level(input: &mut &[u8]) -> Result<u64, Fault> {
    let level = take_u64(input)?;
    if level < LEVELS { Ok(level) } else { Err(Fault::Level { level }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new_table(level: u8, number: u8, smallest: u8) -> Vec<u8> {
        let key = [9, smallest, 1, 0, 0, 0, 0, 0, 0, 0];
        [&[7, level, number, 100][..], &key, &key].concat()
    }

    #[test]
    fn edits_add_up() {
        let mut manifest = Manifest::default();
        manifest.apply(&[2, 3, 9, 0, 3, 9, 4, 77, 5, 1, 1, b'k']).expect("sound");
        for (level, number, smallest) in [(0, 8, 1), (0, 7, 1), (1, 5, 9), (1, 6, 4), (2, 4, 0)] {
            manifest.apply(&new_table(level, number, smallest)).expect("sound");
        }
        manifest.apply(&[6, 2, 4]).expect("sound");
        let numbers: Vec<Vec<u64>> = manifest
            .groups()
            .iter()
            .map(|group| group.iter().map(|table| table.number).collect())
            .collect();
        assert_eq!(numbers, [vec![7], vec![8], vec![6, 5]]);
        assert_eq!((manifest.log, manifest.previous_log), (3, 0));
        let comparator = "x".to_owned();
        assert_eq!(manifest.apply(&[1, 1, b'x']), Err(Fault::Comparator { comparator }));
        assert_eq!(manifest.apply(&[8]), Err(Fault::Field { number: 8 }));
        assert_eq!(manifest.apply(&new_table(7, 1, 1)), Err(Fault::Level { level: 7 }));
        assert!(manifest.apply(&[7, 1]).is_err());
    }
}
