use std::path::PathBuf;

/// What can go wrong with a bmodel.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Something in a file is wrong.
    #[error("{}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: Box<Error>,
    },
    /// The first four bytes are not those of a bmodel.
    #[error("not a bmodel: it starts with {found:#010x} instead of 0xff55aaee")]
    Magic {
        /// The first four bytes.
        found: u32,
    },
    /// The file ends too early.
    #[error("the {part} ends at byte {end}, the file at byte {length}")]
    Truncated {
        /// Which part.
        part: &'static str,
        /// Where that part ends.
        end: u64,
        /// The file's length.
        length: u64,
    },
    /// The header has another size.
    #[error("its header has {found} bytes instead of 64")]
    Header {
        /// The stated size.
        found: u32,
    },
    /// The FlatBuffers block is damaged.
    #[error("its tables are damaged")]
    Tables(#[from] planus::Error),
    /// The tables refer to the same data so often that they would become far larger than the file.
    #[error("its tables share so much that they expand beyond their {limit} bytes")]
    Expansion {
        /// The bytes that they have in the file.
        limit: usize,
    },
    /// A part lies outside the binary block.
    #[error("{part}: bytes {start} to {start} + {size} are outside the binary block of {length}")]
    Outside {
        /// Which part.
        part: &'static str,
        /// Its first byte.
        start: u64,
        /// Its length.
        size: u64,
        /// The binary block's length.
        length: usize,
    },
    /// The coefficients are not those that the file was made with.
    #[error("net {net:?}: the coefficients' SHA-256 is not the stated one")]
    Checksum {
        /// The net.
        net: String,
    },
    /// Files for different chips cannot be combined.
    #[error("{first} and {second} models cannot be combined")]
    Chip {
        /// The first file's chip.
        first: String,
        /// Another file's chip.
        second: String,
    },
    /// Static and dynamic stages cannot be combined.
    #[error("net {net:?} has static and dynamic stages, which cannot be combined")]
    Dynamic {
        /// The net.
        net: String,
    },
    /// Stages with different ways of addressing inputs and outputs cannot be combined.
    #[error("net {net:?} has stages of address modes {first} and {second}")]
    AddressMode {
        /// The net.
        net: String,
        /// The mode of its first stages.
        first: i32,
        /// Another mode.
        second: i32,
    },
    /// Stages of a net have different inputs or outputs.
    #[error("net {net:?}: {ports} of two stages differ in number, name, type or store mode")]
    Ports {
        /// The net.
        net: String,
        /// "inputs" or "outputs".
        ports: &'static str,
    },
    /// Two stages of a net are for the same shapes; the runtime could not choose one.
    #[error("net {net:?} has two stages for inputs of the same shapes")]
    SameShapes {
        /// The net.
        net: String,
    },
    /// There is nothing to combine.
    #[error("no models to combine")]
    Nothing,
    /// Files whose coefficients were merged cannot be taken apart or combined.
    #[error("its stages share coefficients at offsets that only the tool that combined it knows")]
    SharedCoefficients,
}
