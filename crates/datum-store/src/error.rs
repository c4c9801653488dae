use std::path::PathBuf;

use thiserror::Error;

/// An error of this crate.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or directory cannot be read or written.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried: "read", "create", …
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The operating system's reason.
        source: std::io::Error,
    },
    /// The database to write is already there.
    #[error("{} exists already", path.display())]
    Exists {
        /// The database.
        path: PathBuf,
    },
    /// The database holds no records.
    #[error("{} holds no records", path.display())]
    Empty {
        /// The database.
        path: PathBuf,
    },
    /// The file is no LMDB database, or is damaged.
    #[error("{} is not a sound LMDB database: {reason}", path.display())]
    Corrupt {
        /// The database.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// LMDB reports a failure.
    #[error("LMDB failed on {}", path.display())]
    Lmdb {
        /// The database.
        path: PathBuf,
        /// LMDB's reason.
        source: heed::Error,
    },
    /// A record is no Datum.
    #[error("record {key:?} of {} is not a Datum: {reason}", path.display())]
    Record {
        /// The database.
        path: PathBuf,
        /// The record's key.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A Datum's data do not have the length that its shape asks for.
    #[error("a datum of shape {shape:?} needs {expected} values, found {found}")]
    DatumLength {
        /// C, H, W.
        shape: [usize; 3],
        /// C·H·W.
        expected: usize,
        /// Number of values.
        found: usize,
    },
    /// A Datum's shape is negative or beyond 2^31 values.
    #[error("datum shape {channels} x {height} x {width} is not usable")]
    DatumShape {
        /// Channels as stored.
        channels: i64,
        /// Height as stored.
        height: i64,
        /// Width as stored.
        width: i64,
    },
    /// A line of a list file is not `PATH LABEL`.
    #[error("{}:{line}: expected a path and an integer label, found {text:?}", path.display())]
    ListLine {
        /// The list file.
        path: PathBuf,
        /// Its line, from 1.
        line: usize,
        /// The line.
        text: String,
    },
    /// No picture of a list could be stored.
    #[error("none of the {count} pictures could be read, the first one is {first}")]
    NoPictures {
        /// How many were tried.
        count: usize,
        /// The first picture and its error.
        first: String,
    },
    /// Pictures of different sizes where one size was asked for.
    #[error("{picture}: {found} bytes, the first picture has {expected}")]
    SizeDiffers {
        /// The picture.
        picture: String,
        /// Bytes of the first picture.
        expected: usize,
        /// Bytes of this one.
        found: usize,
    },
}
