use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::annotated::AnnotatedDatum;
use crate::datum::{Datum, DatumError};
#[cfg(not(all(feature = "lmdb", feature = "leveldb")))]
use crate::error::Feature;
use crate::error::{Action, Error, RecordKind};
use crate::{leveldb, lmdb};

/// The kind of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Backend {
    /// A folder with `data.mdb`, or that file itself.
    Lmdb,
    /// A folder with `CURRENT`, a manifest, tables and logs.
    LevelDb,
}

impl Backend {
    /// The kind of the database at `path`, by the files that it must have; none if nothing of the kind is there.
    pub fn of(path: &Path) -> Option<Backend> {
        let file = path.is_file() && path.file_name().is_some_and(|name| name == "data.mdb");
        if file || path.join("data.mdb").is_file() {
            Some(Backend::Lmdb)
        } else if path.join("CURRENT").is_file() {
            Some(Backend::LevelDb)
        } else {
            None
        }
    }
}

impl std::fmt::Display for Backend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Backend::Lmdb => "LMDB",
            Backend::LevelDb => "LevelDB",
        })
    }
}

/// What to do if something stands where a database shall be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Existing {
    /// It is an error.
    #[default]
    Refuse,
    /// A database is replaced once the new one is complete; anything else is an error.
    Overwrite,
}

/// One record of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The key: Caffe's are `%08d_PATH`.
    pub key: Vec<u8>,
    /// The stored bytes.
    pub value: Vec<u8>,
    source: Arc<Path>,
}

impl Record {
    pub(crate) fn new(key: Vec<u8>, value: Vec<u8>, source: &Arc<Path>) -> Self {
        Record { key, value, source: source.clone() }
    }

    /// The key as text; bytes that are not UTF-8 are replaced.
    pub fn name(&self) -> String {
        String::from_utf8_lossy(&self.key).into_owned()
    }

    /// The value as a datum.
    ///
    /// # Errors
    /// [`Error::Record`] names the database and the key.
    pub fn datum(&self) -> Result<Datum, Error> {
        Datum::from_wire(&self.value).map_err(|fault| {
            let annotated = || AnnotatedDatum::from_wire(&self.value).is_ok();
            self.is_no(RecordKind::Datum, fault, RecordKind::AnnotatedDatum, annotated)
        })
    }

    /// The value as an annotated datum.
    ///
    /// # Errors
    /// [`Error::Record`] names the database and the key.
    pub fn annotated_datum(&self) -> Result<AnnotatedDatum, Error> {
        AnnotatedDatum::from_wire(&self.value).map_err(|fault| {
            let plain = || Datum::from_wire(&self.value).is_ok();
            self.is_no(RecordKind::AnnotatedDatum, fault, RecordKind::Datum, plain)
        })
    }

    /// The error of a record that is not of type `kind`; `is_other` tells whether it is of the other one.
    fn is_no(
        &self,
        kind: RecordKind,
        fault: DatumError,
        found: RecordKind,
        is_other: impl Fn() -> bool,
    ) -> Error {
        let (path, key) = (self.source.to_path_buf(), self.name());
        if is_other() {
            return Error::OtherRecord { path, key, expected: kind, found };
        }
        Error::Record { path, key, kind, fault }
    }
}

/// A database that is read in key order.
pub trait Store: Send + Sync {
    /// The next record; `None` after the last one.
    ///
    /// # Errors
    /// [`Error::Corrupt`] and [`Error::Io`]. After an error the cursor stays where it is.
    fn next_record(&mut self) -> Result<Option<Record>, Error>;

    /// Starts over with the first record.
    fn rewind(&mut self);

    /// Passes over up to `count` records and tells how many there were.
    ///
    /// # Errors
    /// As for [`Store::next_record`].
    fn skip(&mut self, count: u64) -> Result<u64, Error> {
        for skipped in 0..count {
            if self.next_record()?.is_none() {
                return Ok(skipped);
            }
        }
        Ok(count)
    }

    /// The number of records, where the database knows it without counting.
    fn len_hint(&self) -> Option<u64>;

    /// Where the database is.
    fn path(&self) -> &Path;
}

/// A database that is written. It gets its name only when [`StoreWriter::finish`] has stored
/// everything: a writer that is dropped or killed before leaves no database.
pub trait StoreWriter {
    /// Adds a record. Keys may come in any order; one that is given twice keeps the later value.
    ///
    /// # Errors
    /// [`Error::Write`] and [`Error::Io`], for example when the disk is full.
    fn put(&mut self, key: &[u8], value: &[u8]) -> Result<(), Error>;

    /// The number of records added so far.
    fn written(&self) -> u64;

    /// Stores what is left and gives the database its name.
    ///
    /// # Errors
    /// [`Error::Empty`] without any record; [`Error::Exists`] if the name is taken by now; those of
    /// [`StoreWriter::put`].
    fn finish(self: Box<Self>) -> Result<(), Error>;
}

/// Opens a database for reading. Nothing is written to its folder. If there is none at this path but a complete one
/// whose writer was killed before it gave it the name, it gets its name now.
///
/// # Errors
/// [`Error::Io`] if there is none, [`Error::OtherBackend`] if it is one of the other kind, [`Error::Corrupt`] if it
/// is not one of `backend` or is damaged, [`Error::Empty`] if it holds no records.
pub fn open(path: impl AsRef<Path>, backend: Backend) -> Result<Box<dyn Store>, Error> {
    let path = path.as_ref();
    if !path.exists() {
        file_set::repair(path.parent().unwrap_or(Path::new("")))?;
    }
    let opened = match backend {
        Backend::Lmdb => lmdb::Reader::open(path).map(|reader| Box::new(reader) as Box<dyn Store>),
        Backend::LevelDb => leveldb::Reader::open(path).map(|reader| Box::new(reader) as _),
    };
    opened.map_err(|error| match (&error, Backend::of(path)) {
        (Error::Io { action: Action::Open, .. }, Some(found)) if found != backend => {
            Error::OtherBackend { path: path.to_owned(), expected: backend, found }
        }
        _ => error,
    })
}

/// Starts a database that will stand at `path`.
///
/// # Errors
/// [`Error::Exists`] if there is something that may not be replaced, [`Error::Io`] if nothing can be
/// written beside it, [`Error::NotBuiltIn`] without the feature `lmdb` or `leveldb`.
#[cfg_attr(
    not(any(feature = "lmdb", feature = "leveldb")),
    expect(unused_variables, reason = "nothing can be written")
)]
pub fn create(
    path: impl Into<PathBuf>,
    backend: Backend,
    existing: Existing,
) -> Result<Box<dyn StoreWriter>, Error> {
    let path = path.into();
    match backend {
        #[cfg(feature = "lmdb")]
        Backend::Lmdb => Ok(Box::new(lmdb::Writer::create(path, existing)?)),
        #[cfg(not(feature = "lmdb"))]
        Backend::Lmdb => Err(Error::NotBuiltIn { feature: Feature::Lmdb }),
        #[cfg(feature = "leveldb")]
        Backend::LevelDb => Ok(Box::new(leveldb::Writer::create(path, existing)?)),
        #[cfg(not(feature = "leveldb"))]
        Backend::LevelDb => Err(Error::NotBuiltIn { feature: Feature::LevelDb }),
    }
}
