use std::fmt::{self, Display};

use thiserror::Error;

/// What is wrong with an LMDB file.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum Fault {
    /// The file ends before its meta pages do.
    #[error("{length} bytes are too few for its meta pages")]
    NoMetaPages {
        /// The file's length.
        length: u64,
    },
    /// Not a file of LMDB.
    #[error("meta page at byte {offset}: it is not one of LMDB's")]
    NotLmdb {
        /// Byte of the file.
        offset: u64,
    },
    /// A file of another version of LMDB.
    #[error("meta page at byte {offset}: version {found} is unknown")]
    Version {
        /// Byte of the file.
        offset: u64,
        /// The version.
        found: u32,
    },
    /// No power of two, too small or too large.
    #[error("meta page at byte {offset}: a page size of {found} is not usable")]
    PageSize {
        /// Byte of the file.
        offset: u64,
        /// The size.
        found: u32,
    },
    /// The meta pages do not agree.
    #[error("its meta pages differ in their page size")]
    PageSizesDiffer,
    /// The file's end is missing.
    #[error("truncated: {} bytes are in use, the file has {found}", in_use(needed))]
    Truncated {
        /// Bytes in use; none if they are more than 2^64.
        needed: Option<u64>,
        /// The file's length.
        found: u64,
    },
    /// A kind of database that Caffe does not make.
    #[error("it holds several values under one key, which Caffe's never do")]
    DuplicateValues,
    /// The tree is deeper than LMDB's cursors go.
    #[error("its tree has {found} levels")]
    Depth {
        /// Levels.
        found: u16,
    },
    /// The numbers of the tree contradict each other.
    #[error("{entries} records in {depth} levels under page {root}")]
    Tree {
        /// Records.
        entries: u64,
        /// Levels.
        depth: u16,
        /// The root's page.
        root: u64,
    },
    /// A page is not what leads to it.
    #[error("page {page} should be {expected}, found flags {flags:#x} of page {found}")]
    PageKind {
        /// The page.
        page: u64,
        /// What it should be.
        expected: PageKind,
        /// Its flags.
        flags: u16,
        /// The number that it has.
        found: u64,
    },
    /// The bounds of a page's nodes are wrong.
    #[error("page {page} is filled from {lower} and {upper}")]
    Filled {
        /// The page.
        page: u64,
        /// End of the lower part.
        lower: u16,
        /// Start of the upper part.
        upper: u16,
    },
    /// A page ends within a number.
    #[error("a page is too short")]
    ShortPage,
    /// A node stands outside of its page.
    #[error("a node is at byte {offset} of its page")]
    NodeOffset {
        /// Byte of the page.
        offset: u16,
    },
    /// A node is of an unknown kind.
    #[error("a node has unknown flags {flags:#x}")]
    NodeFlags {
        /// Its flags.
        flags: u16,
    },
    /// A key is longer than its page.
    #[error("a key reaches beyond its page")]
    KeyBeyondPage,
    /// A value is longer than its page.
    #[error("a value of {size} bytes reaches beyond its page")]
    ValueBeyondPage {
        /// Bytes of the value.
        size: u32,
    },
    /// A node ends within the number of the page that holds its value.
    #[error("an overflow page's number reaches beyond its page")]
    OverflowBeyondPage,
    /// A kind of database that Caffe does not make.
    #[error("it holds the named database {name:?}; Caffe's records are in the unnamed one")]
    NamedDatabase {
        /// The database's name.
        name: String,
    },
    /// A page's number is outside of the file.
    #[error("{pages} pages from page {page} on, of {last} pages")]
    PagesBeyondFile {
        /// How many are wanted.
        pages: u64,
        /// The first one.
        page: u64,
        /// The file's last page.
        last: u64,
    },
    /// A value is longer than the pages that hold it.
    #[error("{size} bytes in {pages} overflow pages from page {page} on")]
    ValueBeyondPages {
        /// Bytes of the value.
        size: u32,
        /// The pages.
        pages: u64,
        /// The first one.
        page: u64,
    },
    /// Another number of records than the file says.
    #[error("it has {found} records, {noted} are noted")]
    RecordCount {
        /// Records.
        found: u64,
        /// The number that the file says.
        noted: u64,
    },
    /// A key is not larger than the one before it.
    #[error("its keys are not in order at {key:?}")]
    KeyOrder {
        /// The key.
        key: String,
    },
}

/// What a page can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PageKind {
    /// It leads to other pages.
    Branch,
    /// It holds records.
    Leaf,
    /// It holds one large value.
    Overflow,
}

impl Display for PageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PageKind::Branch => "a branch",
            PageKind::Leaf => "a leaf",
            PageKind::Overflow => "an overflow page",
        })
    }
}

fn in_use(bytes: &Option<u64>) -> String {
    bytes.map_or("more than 2^64".to_owned(), |bytes| bytes.to_string())
}
