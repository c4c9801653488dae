use thiserror::Error;

/// What is wrong with a file of a LevelDB.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum Fault {
    /// Something is wrong at a known place of the file.
    #[error("byte {offset}: {fault}")]
    At {
        /// Byte of the file.
        offset: u64,
        /// What is wrong there.
        fault: Box<Fault>,
    },
    /// `CURRENT` does not hold the name of a manifest.
    #[error("it names no manifest")]
    NoManifest,
    /// The manifest has no edits.
    #[error("it is empty")]
    NoEdits,
    /// Keys are not ordered as byte strings.
    #[error("its keys are ordered by {comparator}")]
    Comparator {
        /// The order's name.
        comparator: String,
    },
    /// The manifest has a field of an unknown number.
    #[error("field {number} is unknown")]
    Field {
        /// The number.
        number: u64,
    },
    /// There are seven levels of tables.
    #[error("level {level} is unknown")]
    Level {
        /// The level.
        level: u64,
    },
    /// A fragment of a log is not of type 1 to 4, but is not empty either.
    #[error("a fragment has no type")]
    NoFragmentType,
    /// A fragment of a log is of a type beyond 4.
    #[error("a fragment is of the unknown type {kind}")]
    FragmentType {
        /// The type.
        kind: u8,
    },
    /// A fragment of a log crosses the end of its block.
    #[error("a fragment is longer than its block")]
    FragmentLength,
    /// A fragment of a log does not have the checksum that it notes.
    #[error("checksum mismatch")]
    FragmentChecksum,
    /// A fragment of a log does not continue the one before.
    #[error("parts of a record are missing")]
    MissingParts,
    /// A batch of records has more bytes than its entries.
    #[error("a batch of {count} entries has {rest} bytes too many")]
    BatchLength {
        /// The number of its entries.
        count: u32,
        /// Bytes behind them.
        rest: usize,
    },
    /// A table does not have the length that the manifest notes.
    #[error("truncated or changed: {noted} bytes are noted, it has {found}")]
    TableLength {
        /// The length that is noted.
        noted: u64,
        /// The length of the file.
        found: u64,
    },
    /// A table does not end as a table does.
    #[error("its last bytes are not those of a table")]
    NoTable,
    /// A block would be outside of its table.
    #[error("a block of {size} bytes at byte {offset}")]
    BlockBounds {
        /// Bytes of the block.
        size: u64,
        /// Byte of the file.
        offset: u64,
    },
    /// A block is too short for what stands at its end.
    #[error("a block is too short")]
    ShortBlock,
    /// A block does not have the checksum that it notes.
    #[error("block checksum mismatch")]
    BlockChecksum,
    /// A block is compressed by another method than Snappy.
    #[error("blocks compressed by method {method} are not supported")]
    Compression {
        /// The method's number.
        method: u8,
    },
    /// A block claims to be larger than Snappy's compression allows.
    #[error("a block of {packed} bytes claims to unpack to {unpacked}")]
    BlockRatio {
        /// Bytes of the file.
        packed: usize,
        /// Bytes in memory.
        unpacked: usize,
    },
    /// A block is not what Snappy makes.
    #[error("a block cannot be unpacked")]
    Snappy,
    /// A block has more restarts than it has room for.
    #[error("a block has {count} restarts")]
    Restarts {
        /// How many it claims to have.
        count: u32,
    },
    /// A key shares more bytes with the one before than that has.
    #[error("a key shares {shared} bytes with one of {known}")]
    SharedKey {
        /// Bytes that it shares.
        shared: usize,
        /// Bytes of the key before.
        known: usize,
    },
    /// A key is shorter than the tag at its end.
    #[error("a key is too short")]
    ShortKey,
    /// An entry is neither a value nor a deletion.
    #[error("entries of kind {kind} are unknown")]
    EntryKind {
        /// The kind.
        kind: u8,
    },
    /// A key is not larger than the one before it.
    #[error("its keys are not in order at {key:?}")]
    KeyOrder {
        /// The key.
        key: String,
    },
    /// A number goes on beyond its end.
    #[error("a number does not end")]
    NumberLength,
    /// A size has more than 32 bits.
    #[error("a size of {size} bytes")]
    Size {
        /// The size.
        size: u64,
    },
    /// Something ends too early.
    #[error("{wanted} bytes are wanted where {left} are left")]
    Short {
        /// Bytes wanted.
        wanted: usize,
        /// Bytes left.
        left: usize,
    },
}

impl Fault {
    /// The same at a place of a file.
    pub(super) fn at(self, offset: u64) -> Fault {
        Fault::At { offset, fault: Box::new(self) }
    }
}
