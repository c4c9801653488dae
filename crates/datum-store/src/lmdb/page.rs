//! LMDB's tree and overflow pages.
//!
//! A page begins with its number u64, a spare u16, flags u16 and, in tree pages, the ends of the
//! lower (offsets of the nodes, u16 each) and the upper part (the nodes); an overflow page has the
//! number of its pages, u32, there. A node is two u16 of size, u16 flags, u16 key size, key, data. In
//! a branch the first three make the child's page number; in a leaf, if the first flag is set, the
//! data are the number of the overflow page that holds them.

use byteorder::{ByteOrder, LittleEndian};

pub(super) const HEADER: usize = 16;
/// The root of an empty tree.
pub(super) const INVALID: u64 = u64::MAX;

const BRANCH: u16 = 0x01;
const LEAF: u16 = 0x02;
const OVERFLOW: u16 = 0x04;
/// Marks that only mean something in memory: dirty, loose, keep.
const IN_MEMORY: u16 = 0x10 | 0x4000 | 0x8000;

const BIG_DATA: u16 = 0x01;
const SUB_DATABASE: u16 = 0x02;
const DUPLICATES: u16 = 0x04;

/// A checked tree page: the header is sound, its nodes are not yet.
pub(super) struct Page {
    bytes: Vec<u8>,
    nodes: usize,
}

/// What a leaf's node holds.
pub(super) enum Leaf<'a> {
    /// Key and value.
    Inside(&'a [u8], &'a [u8]),
    /// Key, first overflow page, length of the value.
    Outside(&'a [u8], u64, usize),
}

impl Page {
    /// Checks the header of the page of this number that should be a branch or a leaf.
    pub(super) fn new(bytes: Vec<u8>, number: u64, is_leaf: bool) -> Result<Page, String> {
        let (found, flags) = header(&bytes)?;
        let kind = if is_leaf { LEAF } else { BRANCH };
        if found != number || flags & !IN_MEMORY != kind {
            let kind = if is_leaf { "leaf" } else { "branch" };
            return Err(format!(
                "page {number} should be a {kind}, found flags {flags:#x} of page {found}"
            ));
        }
        let (lower, upper) = (short(&bytes, 12)?, short(&bytes, 14)?);
        let sound = lower >= HEADER && lower % 2 == 0 && lower <= upper && upper <= bytes.len();
        let nodes = lower.saturating_sub(HEADER) / 2;
        if !sound || nodes == 0 {
            return Err(format!("page {number} is filled from {lower} and {upper}"));
        }
        Ok(Page { bytes, nodes })
    }

    /// The number of nodes.
    pub(super) fn len(&self) -> usize {
        self.nodes
    }

    /// The child's page number in a node of a branch.
    pub(super) fn child(&self, index: usize) -> Result<u64, String> {
        let node = self.node(index)?;
        let part = |at| short(node, at).map(|part| part as u64);
        Ok(part(0)? | part(2)? << 16 | part(4)? << 32)
    }

    /// A node of a leaf.
    pub(super) fn leaf(&self, index: usize) -> Result<Leaf<'_>, String> {
        let node = self.node(index)?;
        let size = short(node, 0)? | short(node, 2)? << 16;
        let (flags, key_size) = (short(node, 4)? as u16, short(node, 6)?);
        let key = node.get(8..8 + key_size).ok_or("a key reaches beyond its page")?;
        let data = node.get(8 + key_size..).unwrap_or_default();
        match flags {
            0 => match data.get(..size) {
                Some(value) => Ok(Leaf::Inside(key, value)),
                None => Err(format!("a value of {size} bytes reaches beyond its page")),
            },
            BIG_DATA => match data.get(..8) {
                Some(number) => Ok(Leaf::Outside(key, LittleEndian::read_u64(number), size)),
                None => Err("an overflow page's number reaches beyond its page".to_owned()),
            },
            SUB_DATABASE => Err(format!(
                "it holds the named database {:?}; Caffe's records are in the unnamed one",
                String::from_utf8_lossy(key)
            )),
            flags if flags & DUPLICATES != 0 => {
                Err("it holds several values under one key, which Caffe's never do".to_owned())
            }
            flags => Err(format!("a node has unknown flags {flags:#x}")),
        }
    }

    fn node(&self, index: usize) -> Result<&[u8], String> {
        let offset = short(&self.bytes, HEADER + 2 * index)?;
        let lowest = HEADER + 2 * self.nodes;
        if offset < lowest || offset + 8 > self.bytes.len() {
            return Err(format!("a node is at byte {offset} of its page"));
        }
        Ok(&self.bytes[offset..])
    }
}

/// Checks the header of an overflow page and gives the number of pages that it continues on.
pub(super) fn overflow_pages(bytes: &[u8], number: u64) -> Result<u64, String> {
    let (found, flags) = header(bytes)?;
    if found != number || flags & !IN_MEMORY != OVERFLOW {
        return Err(format!(
            "page {number} should be an overflow page, found flags {flags:#x} of page {found}"
        ));
    }
    let pages = bytes.get(12..16).ok_or("a page is too short")?;
    Ok(u64::from(LittleEndian::read_u32(pages)))
}

fn header(bytes: &[u8]) -> Result<(u64, u16), String> {
    let number = bytes.get(..8).ok_or("a page is too short")?;
    Ok((LittleEndian::read_u64(number), short(bytes, 10)? as u16))
}

fn short(bytes: &[u8], at: usize) -> Result<usize, String> {
    let bytes = bytes.get(at..at + 2).ok_or("a page is too short")?;
    Ok(usize::from(LittleEndian::read_u16(bytes)))
}
