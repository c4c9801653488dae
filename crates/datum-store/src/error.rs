use std::fmt::{self, Display};
use std::path::PathBuf;

use thiserror::Error;

use crate::annotations::{AnnotationsFault, LabelMapFault};
use crate::datum::DatumError;
use crate::imageset::{ListFault, Skipped};
use crate::store::Backend;
use crate::{leveldb, lmdb};

/// An error of this crate.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or directory cannot be read or written.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried.
        action: Action,
        /// The file or directory.
        path: PathBuf,
        /// The operating system's reason.
        source: std::io::Error,
    },
    /// A database of the other kind.
    #[error("{} is a database of {found}, not of {expected}", path.display())]
    OtherBackend {
        /// The database.
        path: PathBuf,
        /// What it was opened as.
        expected: Backend,
        /// What it is.
        found: Backend,
    },
    /// Something stands where a database shall be written.
    #[error("{} exists already{}", path.display(), if *is_database { "" } else { " and is no database" })]
    Exists {
        /// What is there.
        path: PathBuf,
        /// Whether it is a database, which [`crate::Existing::Overwrite`] would replace.
        is_database: bool,
    },
    /// One of the databases of a [`StoreSet`](crate::StoreSet) was not finished.
    #[error("one of the databases that were to appear together is not complete")]
    Unfinished,
    /// Outputs cannot be published.
    #[error(transparent)]
    Output(#[from] file_set::Error),
    /// The database holds no records.
    #[error("{} holds no records", path.display())]
    Empty {
        /// The database.
        path: PathBuf,
    },
    /// Not a database of this kind, or a damaged one.
    #[error("{} is not a sound {} database: {fault}", path.display(), fault.backend())]
    Corrupt {
        /// The database, or the file in it that is damaged.
        path: PathBuf,
        /// What is wrong with it.
        fault: Corruption,
    },
    /// The library that writes a database reports a failure.
    #[error("{backend} failed on {}", path.display())]
    Write {
        /// The kind of the database.
        backend: Backend,
        /// The database.
        path: PathBuf,
        /// The library's reason.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// This crate was built without a part of it.
    #[error("{feature} needs the feature {:?} of the crate datum-store, which this build lacks", feature.name())]
    NotBuiltIn {
        /// The part.
        feature: Feature,
    },
    /// A record is not what it shall be.
    #[error("record {key:?} of {} is not of type {kind}: {fault}", path.display())]
    Record {
        /// The database.
        path: PathBuf,
        /// The record's key.
        key: String,
        /// The type that it should be of.
        kind: RecordKind,
        /// What is wrong with it.
        fault: DatumError,
    },
    /// A record is of the other type.
    #[error(
        "record {key:?} of {} is of type {found}, not {expected}: a Data layer reads the Datum records of \
         convert_imageset, an AnnotatedData layer the AnnotatedDatum records of convert_annoset", path.display()
    )]
    OtherRecord {
        /// The database.
        path: PathBuf,
        /// The record's key.
        key: String,
        /// The type that it should be of.
        expected: RecordKind,
        /// The type that it is of.
        found: RecordKind,
    },
    /// Paths of a list that begin where the root folder's name ends, because it has no slash.
    #[error(
        "{} is not there, but {} is: the root folder and the path are put together as they are, so write a slash \
         behind the folder: {}/", joined.display(), meant.display(), root.display()
    )]
    NoSlash {
        /// The root folder.
        root: PathBuf,
        /// What root and path come to.
        joined: PathBuf,
        /// The file that was probably meant.
        meant: PathBuf,
    },
    /// A picture's data and shape do not make a record.
    #[error(transparent)]
    Datum(#[from] DatumError),
    /// A line of a list file is not what it shall be.
    #[error("{}:{line}: expected {fault}, found {text:?}", path.display())]
    ListLine {
        /// The list file.
        path: PathBuf,
        /// Its line, from 1.
        line: usize,
        /// What was expected.
        fault: ListFault,
        /// The line.
        text: String,
    },
    /// No picture of a list could be stored.
    #[error("none of the {count} pictures could be read{}", first_skipped(first))]
    NoPictures {
        /// How many were tried.
        count: usize,
        /// The first picture and its error; none if the list is empty.
        first: Option<Box<Skipped>>,
    },
    /// Pictures of different sizes where one size was asked for.
    #[error("{}: incorrect data field size {found}, the first picture has {expected}", picture.display())]
    SizeDiffers {
        /// The picture.
        picture: PathBuf,
        /// Values of the first picture.
        expected: usize,
        /// Values of this one.
        found: usize,
    },
    /// A file of annotations is not what it shall be.
    #[error("cannot read the annotations {}: {fault}", path.display())]
    Annotations {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: AnnotationsFault,
    },
    /// A label map is not what it shall be.
    #[error("{}:{line}: {fault}", path.display())]
    LabelMap {
        /// The file.
        path: PathBuf,
        /// Its line, from 1.
        line: usize,
        /// What is wrong there.
        fault: LabelMapFault,
    },
    /// Labels or keys are not as many as pictures.
    #[error("{found} {what} for {expected} pictures")]
    Count {
        /// Which of them.
        what: PerPicture,
        /// Number of pictures.
        expected: usize,
        /// Number of labels or keys.
        found: usize,
    },
}

/// What was tried with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// To open it.
    Open,
    /// To read it.
    Read,
    /// To make it.
    Create,
}

/// What is wrong with a database.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum Corruption {
    /// With one of LMDB.
    #[error(transparent)]
    Lmdb(#[from] lmdb::Fault),
    /// With one of LevelDB.
    #[error(transparent)]
    LevelDb(#[from] leveldb::Fault),
}

impl Corruption {
    /// The kind that the database should be of.
    pub fn backend(&self) -> Backend {
        match self {
            Corruption::Lmdb(_) => Backend::Lmdb,
            Corruption::LevelDb(_) => Backend::LevelDb,
        }
    }
}

/// A part of this crate that a build may leave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Feature {
    /// Writing LMDB.
    Lmdb,
    /// Writing LevelDB.
    LevelDb,
    /// Annotations in XML and JSON.
    Annotations,
}

impl Feature {
    /// The name that `Cargo.toml` has for it.
    pub fn name(self) -> &'static str {
        match self {
            Feature::Lmdb => "lmdb",
            Feature::LevelDb => "leveldb",
            Feature::Annotations => "annotations",
        }
    }
}

/// The message type of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordKind {
    /// Caffe's.
    Datum,
    /// SSD's.
    AnnotatedDatum,
}

/// What there is one of for each picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PerPicture {
    /// Labels.
    Labels,
    /// Keys of records.
    Keys,
}

/// Gives each variant its words.
macro_rules! display {
    ($kind:ident: $($variant:ident => $text:literal),*) => {
        impl Display for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self {
                    $($kind::$variant => $text,)*
                })
            }
        }
    };
}

display!(Action: Open => "open", Read => "read", Create => "create");
display!(
    Feature: Lmdb => "writing LMDB",
    LevelDb => "writing LevelDB",
    Annotations => "reading annotations in XML or JSON"
);
display!(RecordKind: Datum => "Datum", AnnotatedDatum => "AnnotatedDatum");
display!(PerPicture: Labels => "labels", Keys => "keys");

fn first_skipped(first: &Option<Box<Skipped>>) -> String {
    match first {
        Some(first) => format!(", the first one is {first}"),
        None => ": the list names none".to_owned(),
    }
}
