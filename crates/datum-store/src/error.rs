use std::path::PathBuf;

use thiserror::Error;

use crate::store::Backend;

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
    /// Something stands where a database shall be written.
    #[error("{} exists already{}", path.display(), if *is_database { "" } else { " and is no database" })]
    Exists {
        /// What is there.
        path: PathBuf,
        /// Whether it is a database, which [`crate::Existing::Overwrite`] would replace.
        is_database: bool,
    },
    /// The database holds no records.
    #[error("{} holds no records", path.display())]
    Empty {
        /// The database.
        path: PathBuf,
    },
    /// Not a database of this kind, or a damaged one.
    #[error("{} is not a sound {backend} database: {reason}", path.display())]
    Corrupt {
        /// The database, or the file in it that is damaged.
        path: PathBuf,
        /// The kind that it should be.
        backend: Backend,
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
    /// LevelDB's writer reports a failure.
    #[error("LevelDB failed on {}", path.display())]
    LevelDb {
        /// The database.
        path: PathBuf,
        /// Its reason.
        source: rusty_leveldb::Status,
    },
    /// A record is not what it shall be.
    #[error("record {key:?} of {} is not of type {kind}: {reason}", path.display())]
    Record {
        /// The database.
        path: PathBuf,
        /// The record's key.
        key: String,
        /// The message type: "Datum" or "AnnotatedDatum".
        kind: &'static str,
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
    /// A Datum's shape is negative, beyond 2^31 values or has a number of axes without a meaning.
    #[error("datum shape {dims:?} is not usable")]
    DatumDims {
        /// The shape as stored.
        dims: Vec<i64>,
    },
    /// A line of a list file is not what it shall be.
    #[error("{}:{line}: expected {expected}, found {text:?}", path.display())]
    ListLine {
        /// The list file.
        path: PathBuf,
        /// Its line, from 1.
        line: usize,
        /// What was expected.
        expected: &'static str,
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
    #[error("{picture}: incorrect data field size {found}, the first picture has {expected}")]
    SizeDiffers {
        /// The picture.
        picture: String,
        /// Values of the first picture.
        expected: usize,
        /// Values of this one.
        found: usize,
    },
    /// A file of annotations is not what it shall be.
    #[error("cannot read the annotations {}: {reason}", path.display())]
    Annotations {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file of annotations names a class that the label map does not have.
    #[error("{}: unknown name {name:?}", path.display())]
    UnknownClass {
        /// The file.
        path: PathBuf,
        /// The class.
        name: String,
    },
    /// A label map is not what it shall be.
    #[error("{}:{line}: {reason}", path.display())]
    LabelMap {
        /// The file.
        path: PathBuf,
        /// Its line, from 1.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
    /// Labels or keys are not as many as pictures.
    #[error("{found} {what} for {expected} pictures")]
    Count {
        /// "labels" or "keys".
        what: &'static str,
        /// Number of pictures.
        expected: usize,
        /// Number of labels or keys.
        found: usize,
    },
}
