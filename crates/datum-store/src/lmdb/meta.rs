//! LMDB's meta pages.
//!
//! Layout (LMDB 0.9, 64-bit, little-endian): two meta pages at the start of the file. Each has a
//! 16-byte page header, then magic u32, version u32, address u64, map size u64, the 48-byte records
//! of the list of free pages and of the main database, last page u64, transaction u64. The first
//! record's first field is the page size. The meta page with the larger transaction counts.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use byteorder::{ByteOrder, LittleEndian};

use super::page::{HEADER, INVALID};

const MAGIC: u32 = 0xBEEF_C0DE;
const VERSION: u32 = 1;
const RECORD: usize = 48;
const META: usize = HEADER + 24 + 2 * RECORD + 16;

/// Keys compared from their last byte (2) or as integers (8).
const UNUSUAL_ORDER: u16 = 0x02 | 0x08;
/// Several values under one key.
const DUPLICATES: u16 = 0x04;
/// LMDB's cursors hold 32 pages.
const MAX_DEPTH: u16 = 32;

/// What the newer meta page says.
#[derive(Clone, Debug)]
pub(super) struct Meta {
    pub(super) page_size: u64,
    pub(super) last_page: u64,
    /// Levels of the main database's tree; 0 if it is empty.
    pub(super) depth: u16,
    /// Records of the main database.
    pub(super) entries: u64,
    /// Root page of the main database.
    pub(super) root: u64,
    /// Whether keys ascend as byte strings.
    pub(super) ascending: bool,
    transaction: u64,
    flags: u16,
}

/// Why there is no [`Meta`].
pub(super) enum Failure {
    Io(std::io::Error),
    Corrupt(String),
}

impl Meta {
    /// Reads and checks both meta pages of a file.
    pub(super) fn read(file: &mut File) -> Result<Meta, Failure> {
        let length = file.metadata().map_err(Failure::Io)?.len();
        let mut page = |offset: u64| -> Result<Meta, Failure> {
            if length < offset + META as u64 {
                let reason = format!("{length} bytes are too few for its meta pages");
                return Err(Failure::Corrupt(reason));
            }
            let mut bytes = [0u8; META];
            file.seek(SeekFrom::Start(offset)).map_err(Failure::Io)?;
            file.read_exact(&mut bytes).map_err(Failure::Io)?;
            parse(&bytes)
                .map_err(|reason| Failure::Corrupt(format!("meta page at byte {offset}: {reason}")))
        };
        let first = page(0)?;
        let second = page(first.page_size)?;
        if first.page_size != second.page_size {
            return Err(Failure::Corrupt("its meta pages differ in their page size".to_owned()));
        }
        let newest = if second.transaction > first.transaction { second } else { first };
        newest.check(length).map_err(Failure::Corrupt)?;
        Ok(newest)
    }

    fn check(&self, length: u64) -> Result<(), String> {
        let pages = self.last_page.checked_add(1);
        match pages.and_then(|pages| pages.checked_mul(self.page_size)) {
            Some(needed) if needed <= length => {}
            needed => {
                let needed = needed.map_or("more than 2^64".to_owned(), |n| n.to_string());
                return Err(format!("truncated: {needed} bytes are in use, the file has {length}"));
            }
        }
        if self.flags & DUPLICATES != 0 {
            return Err("it holds several values under one key, which Caffe's never do".to_owned());
        }
        if self.depth > MAX_DEPTH {
            return Err(format!("its tree has {} levels", self.depth));
        }
        if (self.root == INVALID) != (self.depth == 0)
            || (self.root == INVALID) != (self.entries == 0)
        {
            return Err(format!(
                "{} records in {} levels under page {}",
                self.entries, self.depth, self.root
            ));
        }
        Ok(())
    }
}

fn parse(bytes: &[u8; META]) -> Result<Meta, String> {
    let short = |at: usize| LittleEndian::read_u16(&bytes[at..]);
    let word = |at: usize| LittleEndian::read_u32(&bytes[at..]);
    let long = |at: usize| LittleEndian::read_u64(&bytes[at..]);
    if word(HEADER) != MAGIC {
        return Err("it is not one of LMDB's".to_owned());
    }
    if word(HEADER + 4) != VERSION {
        return Err(format!("version {} is unknown", word(HEADER + 4)));
    }
    let page_size = u64::from(word(HEADER + 24));
    if !page_size.is_power_of_two() || !(256..=65536).contains(&page_size) {
        return Err(format!("a page size of {page_size} is not usable"));
    }
    let main = HEADER + 24 + RECORD;
    let end = main + RECORD;
    let flags = short(main + 4);
    Ok(Meta {
        page_size,
        last_page: long(end),
        depth: short(main + 6),
        entries: long(main + 32),
        root: long(main + 40),
        ascending: flags & UNUSUAL_ORDER == 0,
        transaction: long(end + 8),
        flags,
    })
}
