use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;

use crate::Part;

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
    #[error(transparent)]
    Write(#[from] file_set::Error),
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
    #[error("the {section} ends at byte {end}, the file at byte {length}")]
    Truncated {
        /// Which section.
        section: Section,
        /// Where that section ends.
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
    Tables(#[source] TablesError),
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
        part: Part,
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
    /// A command stream is not a whole number of commands.
    #[error("group {group}: {length} bytes of {part} are no whole number of 128-byte commands")]
    StreamLength {
        /// The group, counted from 0.
        group: usize,
        /// Which stream.
        part: Part,
        /// Its bytes.
        length: usize,
    },
    /// A command stream is longer than the tables' 32-bit numbers can state.
    #[error("group {group}: {length} bytes of {part} are more than a bmodel can state")]
    StreamTooLong {
        /// The group, counted from 0.
        group: usize,
        /// Which stream.
        part: Part,
        /// Its bytes.
        length: usize,
    },
    /// The tables are longer than the header's 32-bit number can state.
    #[error("its tables have {length} bytes, more than a bmodel can state")]
    TablesTooLong {
        /// Their bytes.
        length: usize,
    },
    /// A tensor has more bytes than 64 bits can count.
    #[error("tensor {tensor:?}: the shape {shape:?} has more bytes than 64 bits can count")]
    Volume {
        /// The tensor.
        tensor: String,
        /// Its shape.
        shape: Vec<u64>,
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
        /// Which differ.
        ports: Ports,
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

/// Where in a FlatBuffers block damage was found, and what it is.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct TablesError(planus::Error);

impl Error {
    pub(crate) fn tables(error: planus::Error) -> Error {
        Error::Tables(TablesError(error))
    }
}

/// A section of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// The first 64 bytes.
    Header,
    /// The FlatBuffers block.
    Tables,
    /// The binary block.
    Binary,
}

impl Display for Section {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Section::Header => "header",
            Section::Tables => "table block",
            Section::Binary => "binary block",
        })
    }
}

/// Inputs or outputs of a net.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ports {
    /// Its inputs.
    Inputs,
    /// Its outputs.
    Outputs,
}

impl Display for Ports {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Ports::Inputs => "inputs",
            Ports::Outputs => "outputs",
        })
    }
}
