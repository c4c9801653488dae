//! LMDB's tree and overflow pages.
//!
//! A page begins with its number u64, a spare u16, flags u16 and, in tree pages, the ends of the
//! lower (offsets of the nodes, u16 each) and the upper part (the nodes); an overflow page has the
//! number of its pages, u32, there. A node is two u16 of size, u16 flags, u16 key size, key, data. In
//! a branch the first three make the child's page number; in a leaf, if the first flag is set, the
//! data are the number of the overflow page that holds them.

use super::{Fault, PageKind};
use crate::bytes::{size, u16_at, u32_at, u64_at};

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
    Outside(&'a [u8], u64, u32),
}

impl Page {
    /// Checks the header of the page of this number that should be a branch or a leaf.
    pub(super) fn new(bytes: Vec<u8>, number: u64, expected: PageKind) -> Result<Page, Fault> {
        header(&bytes, number, expected)?;
        let (lower, upper) = (short(&bytes, 12)?, short(&bytes, 14)?);
        let nodes = usize::from(lower).saturating_sub(HEADER) / 2;
        let in_order = lower % 2 == 0 && lower <= upper && usize::from(upper) <= bytes.len();
        if !in_order || nodes == 0 {
            return Err(Fault::Filled { page: number, lower, upper });
        }
        Ok(Page { bytes, nodes })
    }

    /// The number of nodes.
    pub(super) fn len(&self) -> usize {
        self.nodes
    }

    /// The child's page number in a node of a branch.
    pub(super) fn child(&self, index: usize) -> Result<u64, Fault> {
        let node = self.node(index)?;
        let part = |at| short(node, at).map(u64::from);
        Ok(part(0)? | part(2)? << 16 | part(4)? << 32)
    }

    /// A node of a leaf.
    pub(super) fn leaf(&self, index: usize) -> Result<Leaf<'_>, Fault> {
        let node = self.node(index)?;
        let length = u32::from(short(node, 0)?) | u32::from(short(node, 2)?) << 16;
        let (flags, key_size) = (short(node, 4)?, usize::from(short(node, 6)?));
        let key = node.get(8..8 + key_size).ok_or(Fault::KeyBeyondPage)?;
        let data = node.get(8 + key_size..).unwrap_or_default();
        match flags {
            0 => match data.get(..size(length)) {
                Some(value) => Ok(Leaf::Inside(key, value)),
                None => Err(Fault::ValueBeyondPage { size: length }),
            },
            BIG_DATA => {
                let number = u64_at(data, 0).ok_or(Fault::OverflowBeyondPage)?;
                Ok(Leaf::Outside(key, number, length))
            }
            SUB_DATABASE => {
                Err(Fault::NamedDatabase { name: String::from_utf8_lossy(key).into_owned() })
            }
            flags if flags & DUPLICATES != 0 => Err(Fault::DuplicateValues),
            flags => Err(Fault::NodeFlags { flags }),
        }
    }

    fn node(&self, index: usize) -> Result<&[u8], Fault> {
        let offset = short(&self.bytes, HEADER + 2 * index)?;
        let node = self.bytes.get(offset.into()..).filter(|node| node.len() >= 8);
        let is_behind = usize::from(offset) >= HEADER + 2 * self.nodes;
        node.filter(|_| is_behind).ok_or(Fault::NodeOffset { offset })
    }
}

/// Checks the header of an overflow page and gives the number of pages that it continues on.
pub(super) fn overflow_pages(bytes: &[u8], number: u64) -> Result<u64, Fault> {
    header(bytes, number, PageKind::Overflow)?;
    u32_at(bytes, 12).map(u64::from).ok_or(Fault::ShortPage)
}

/// Checks that the page of this number is of this kind.
fn header(bytes: &[u8], page: u64, expected: PageKind) -> Result<(), Fault> {
    let found = u64_at(bytes, 0).ok_or(Fault::ShortPage)?;
    let flags = short(bytes, 10)?;
    let kind = match expected {
        PageKind::Branch => BRANCH,
        PageKind::Leaf => LEAF,
        PageKind::Overflow => OVERFLOW,
    };
    if found != page || flags & !IN_MEMORY != kind {
        return Err(Fault::PageKind { page, expected, flags, found });
    }
    Ok(())
}

fn short(bytes: &[u8], at: usize) -> Result<u16, Fault> {
    u16_at(bytes, at).ok_or(Fault::ShortPage)
}
