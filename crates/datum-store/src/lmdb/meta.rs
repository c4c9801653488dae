//! LMDB's meta pages.
//!
//! Layout (LMDB 0.9, 64-bit, little-endian): two meta pages at the start of the file. Each has a
//! 16-byte page header, then magic u32, version u32, address u64, map size u64, the 48-byte records
//! of the list of free pages and of the main database, last page u64, transaction u64. The first
//! record's first field is the page size. The meta page with the larger transaction counts.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use super::page::{HEADER, INVALID};
use super::{Failure, Fault};
use crate::bytes::{long, u16_at, u32_at, u64_at};

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

impl Meta {
    /// Reads and checks both meta pages of a file.
    pub(super) fn read(file: &mut File) -> Result<Meta, Failure> {
        let length = file.metadata()?.len();
        let mut page = |offset: u64| -> Result<Meta, Failure> {
            if offset.checked_add(long(META)).is_none_or(|end| end > length) {
                return Err(Fault::NoMetaPages { length }.into());
            }
            let mut bytes = [0u8; META];
            file.seek(SeekFrom::Start(offset))?;
            file.read_exact(&mut bytes)?;
            Ok(parse(&bytes, offset)?)
        };
        let first = page(0)?;
        let second = page(first.page_size)?;
        if first.page_size != second.page_size {
            return Err(Fault::PageSizesDiffer.into());
        }
        let newest = if second.transaction > first.transaction { second } else { first };
        newest.check(length)?;
        Ok(newest)
    }

    fn check(&self, length: u64) -> Result<(), Fault> {
        let pages = self.last_page.checked_add(1);
        match pages.and_then(|pages| pages.checked_mul(self.page_size)) {
            Some(needed) if needed <= length => {}
            needed => return Err(Fault::Truncated { needed, found: length }),
        }
        if self.flags & DUPLICATES != 0 {
            return Err(Fault::DuplicateValues);
        }
        let Meta { depth, entries, root, .. } = *self;
        if depth > MAX_DEPTH {
            return Err(Fault::Depth { found: depth });
        }
        if (root == INVALID) != (depth == 0) || (root == INVALID) != (entries == 0) {
            return Err(Fault::Tree { entries, depth, root });
        }
        Ok(())
    }
}

fn parse(bytes: &[u8; META], offset: u64) -> Result<Meta, Fault> {
    let short = |at| u16_at(bytes, at).ok_or(Fault::ShortPage);
    let word = |at| u32_at(bytes, at).ok_or(Fault::ShortPage);
    let number = |at| u64_at(bytes, at).ok_or(Fault::ShortPage);
    if word(HEADER)? != MAGIC {
        return Err(Fault::NotLmdb { offset });
    }
    let version = word(HEADER + 4)?;
    if version != VERSION {
        return Err(Fault::Version { offset, found: version });
    }
    let page_size = word(HEADER + 24)?;
    if !page_size.is_power_of_two() || !(256..=65536).contains(&page_size) {
        return Err(Fault::PageSize { offset, found: page_size });
    }
    let main = HEADER + 24 + RECORD;
    let end = main + RECORD;
    let flags = short(main + 4)?;
    Ok(Meta {
        page_size: page_size.into(),
        last_page: number(end)?,
        depth: short(main + 6)?,
        entries: number(main + 32)?,
        root: number(main + 40)?,
        ascending: flags & UNUSUAL_ORDER == 0,
        transaction: number(end + 8)?,
        flags,
    })
}
