//! LMDB's meta pages, checked before the file is mapped: LMDB trusts them, and touching a page
//! behind the end of a truncated file would kill the process.
//!
//! Layout (LMDB 0.9, 64-bit, little-endian): two meta pages at the start of the file. Each has a
//! 16-byte page header, then magic u32, version u32, address u64, map size u64, two 48-byte
//! database records of which the first begins with the page size u32, last page u64, transaction
//! u64. The page with the larger transaction counts.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use byteorder::{ByteOrder, LittleEndian};

use crate::error::Error;

const HEADER: usize = 16;
const MAGIC: u32 = 0xBEEF_C0DE;
const VERSION: u32 = 1;
const META: usize = HEADER + 24 + 2 * 48 + 16;

struct Meta {
    page_size: u64,
    last_page: u64,
    transaction: u64,
}

/// Checks `data.mdb` at `path` and gives its length in bytes.
pub(crate) fn check(path: &Path) -> Result<u64, Error> {
    let io = |source| Error::Io { action: "read", path: path.to_owned(), source };
    let corrupt = |reason: String| Error::Corrupt { path: path.to_owned(), reason };
    let mut file = File::open(path).map_err(io)?;
    let length = file.metadata().map_err(io)?.len();
    let mut read = |offset: u64| -> Result<Meta, Error> {
        if length < offset + META as u64 {
            return Err(corrupt(format!("{length} bytes are too few for its meta pages")));
        }
        let mut bytes = [0u8; META];
        file.seek(SeekFrom::Start(offset)).map_err(io)?;
        file.read_exact(&mut bytes).map_err(io)?;
        parse(&bytes).ok_or_else(|| corrupt(format!("no meta page at byte {offset}")))
    };
    let first = read(0)?;
    let second = read(first.page_size)?;
    let newest = if second.transaction > first.transaction { second } else { first };
    let pages = newest.last_page.checked_add(1);
    let needed = pages.and_then(|pages| pages.checked_mul(newest.page_size));
    match needed {
        Some(needed) if needed <= length => Ok(length),
        needed => {
            let needed = needed.map_or("more than 2^64".to_owned(), |needed| needed.to_string());
            Err(corrupt(format!("truncated: {needed} bytes are in use, the file has {length}")))
        }
    }
}

fn parse(bytes: &[u8; META]) -> Option<Meta> {
    let word = |at: usize| LittleEndian::read_u32(&bytes[at..]);
    let long = |at: usize| LittleEndian::read_u64(&bytes[at..]);
    let page_size = u64::from(word(HEADER + 24));
    let sound = word(HEADER) == MAGIC
        && word(HEADER + 4) == VERSION
        && page_size.is_power_of_two()
        && (256..=65536).contains(&page_size);
    let end = HEADER + 24 + 2 * 48;
    sound.then(|| Meta { page_size, last_page: long(end), transaction: long(end + 8) })
}
