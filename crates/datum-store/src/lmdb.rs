//! `Datum` databases in LMDB, as Caffe keeps them: a directory with `data.mdb`, records in key
//! order in the unnamed database.

use std::collections::HashMap;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, Weak};

use heed::types::Bytes;
use heed::{Database, Env, EnvFlags, EnvOpenOptions, MdbError, WithoutTls};

use crate::datum::Datum;
use crate::error::Error;
use crate::meta;

/// Records in one transaction of a [`Writer`].
const BATCH: usize = 1000;
/// The map that a [`Writer`] starts with; it doubles whenever it is full.
const FIRST_MAP: usize = 16 << 20;

struct Open {
    env: Env<WithoutTls>,
    records: Database<Bytes, Bytes>,
}

/// LMDB forbids opening one database twice in a process, so that readers share it.
static OPEN: LazyLock<Mutex<HashMap<PathBuf, Weak<Open>>>> = LazyLock::new(Mutex::default);

#[allow(unsafe_code)]
fn open_env(path: &Path, flags: EnvFlags, map_size: usize) -> Result<Env<WithoutTls>, heed::Error> {
    let mut options = EnvOpenOptions::new().read_txn_without_tls();
    options.map_size(map_size);
    // SAFETY: the file must not change or shrink behind the map. A `Reader` has checked that all
    // pages in use lie inside the file and only reads databases that are finished (LMDB writers
    // never touch pages that the current root can reach without a lock file's consent, and a
    // database that calibration reads is not being written); a `Writer` works in a directory of its
    // own that no one else knows. Without NO_LOCK a read-only directory could not be read.
    unsafe {
        options.flags(flags | EnvFlags::NO_LOCK);
        options.open(path)
    }
}

/// Reads all records of a database in key order.
///
/// The iterator ends after the last record; [`Reader::rewind`] starts over.
pub struct Reader {
    open: Arc<Open>,
    path: PathBuf,
    last_key: Option<Vec<u8>>,
}

impl Reader {
    /// Opens a database for reading. The directory may be read-only and needs no `lock.mdb`.
    ///
    /// # Errors
    /// [`Error::Io`] if there is no database, [`Error::Corrupt`] for a file that is not LMDB's or is
    /// truncated, [`Error::Empty`] for one without records.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let io = |source| Error::Io { action: "open", path: path.to_owned(), source };
        let key = path.canonicalize().map_err(io)?;
        let mut table = OPEN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let open = match table.get(&key).and_then(Weak::upgrade) {
            Some(open) => open,
            None => {
                let length = meta::check(&path.join("data.mdb"))?;
                let open = Arc::new(open_read_only(path, length)?);
                table.insert(key, Arc::downgrade(&open));
                open
            }
        };
        let reader = Reader { open, path: path.to_owned(), last_key: None };
        if reader.len()? == 0 {
            return Err(Error::Empty { path: path.to_owned() });
        }
        Ok(reader)
    }

    /// The number of records.
    ///
    /// # Errors
    /// [`Error::Lmdb`].
    #[allow(clippy::len_without_is_empty)] // an empty database is an error of `open`
    pub fn len(&self) -> Result<u64, Error> {
        let count = || {
            let txn = self.open.env.read_txn()?;
            self.open.records.len(&txn)
        };
        count().map_err(|source| self.failed(source))
    }

    /// Starts over with the first record.
    pub fn rewind(&mut self) {
        self.last_key = None;
    }

    fn failed(&self, source: heed::Error) -> Error {
        Error::Lmdb { path: self.path.clone(), source }
    }

    fn read_next(&mut self) -> Result<Option<(Vec<u8>, Datum)>, Error> {
        let txn = self.open.env.read_txn().map_err(|source| self.failed(source))?;
        let start = match &self.last_key {
            Some(key) => Bound::Excluded(key.as_slice()),
            None => Bound::Unbounded,
        };
        let range = (start, Bound::Unbounded);
        let mut records =
            self.open.records.range(&txn, &range).map_err(|source| self.failed(source))?;
        let Some(record) = records.next() else { return Ok(None) };
        let (key, value) = record.map_err(|source| self.failed(source))?;
        let datum = Datum::from_wire(value).map_err(|reason| Error::Record {
            path: self.path.clone(),
            key: String::from_utf8_lossy(key).into_owned(),
            reason,
        })?;
        self.last_key = Some(key.to_owned());
        Ok(Some((key.to_owned(), datum)))
    }
}

impl Iterator for Reader {
    type Item = Result<(Vec<u8>, Datum), Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read_next().transpose()
    }
}

fn open_read_only(path: &Path, length: u64) -> Result<Open, Error> {
    let failed = |source| Error::Lmdb { path: path.to_owned(), source };
    let map_size = usize::try_from(length.next_multiple_of(1 << 16)).unwrap_or(usize::MAX);
    let env = open_env(path, EnvFlags::READ_ONLY, map_size).map_err(failed)?;
    let txn = env.read_txn().map_err(failed)?;
    let records = env.open_database(&txn, None).map_err(failed)?;
    drop(txn);
    let records = records.ok_or_else(|| Error::Empty { path: path.to_owned() })?;
    Ok(Open { env, records })
}

/// Writes a new database. It gets its name only when [`Writer::finish`] has stored everything: a
/// writer that is dropped or killed before leaves no database.
pub struct Writer {
    target: PathBuf,
    folder: tempfile::TempDir,
    env: Option<Env<WithoutTls>>,
    map_size: usize,
    batch: Vec<(Vec<u8>, Vec<u8>)>,
    written: usize,
}

impl Writer {
    /// Starts a database that will stand at `path`.
    ///
    /// # Errors
    /// [`Error::Exists`] if there is something already, [`Error::Io`] if nothing can be written
    /// beside it.
    pub fn create(path: impl AsRef<Path>) -> Result<Self, Error> {
        let target = path.as_ref().to_owned();
        if target.symlink_metadata().is_ok() {
            return Err(Error::Exists { path: target });
        }
        let parent = match target.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let io = |source| Error::Io { action: "create", path: target.clone(), source };
        let mut builder = tempfile::Builder::new();
        let folder = builder.prefix(".partial-lmdb-").tempdir_in(parent).map_err(io)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let everyone = std::fs::Permissions::from_mode(0o755);
            std::fs::set_permissions(folder.path(), everyone).map_err(io)?;
        }
        let mut writer = Writer {
            target,
            folder,
            env: None,
            map_size: FIRST_MAP,
            batch: Vec::with_capacity(BATCH),
            written: 0,
        };
        writer.reopen()?;
        Ok(writer)
    }

    /// Adds a record. Keys may come in any order; one that is given twice keeps the later record.
    ///
    /// # Errors
    /// [`Error::Lmdb`], for example when the disk is full.
    pub fn put(&mut self, key: &[u8], datum: &Datum) -> Result<(), Error> {
        self.batch.push((key.to_owned(), datum.to_wire()));
        if self.batch.len() == BATCH { self.flush() } else { Ok(()) }
    }

    /// The number of records stored so far.
    pub fn written(&self) -> usize {
        self.written + self.batch.len()
    }

    /// Stores what is left and gives the database its name.
    ///
    /// # Errors
    /// [`Error::Empty`] without any record; [`Error::Lmdb`]; [`Error::Io`] if the name is taken by
    /// now.
    pub fn finish(mut self) -> Result<(), Error> {
        self.flush()?;
        if self.written == 0 {
            return Err(Error::Empty { path: self.target });
        }
        if let Some(env) = self.env.take() {
            let failed = |source| Error::Lmdb { path: self.target.clone(), source };
            env.force_sync().map_err(failed)?;
            env.prepare_for_closing().wait();
        }
        if self.target.symlink_metadata().is_ok() {
            return Err(Error::Exists { path: self.target });
        }
        let target = self.target.clone();
        let io = |source| Error::Io { action: "create", path: target, source };
        std::fs::rename(self.folder.path(), &self.target).map_err(io)?;
        // The folder has moved: nothing is left to remove.
        let _ = self.folder.keep();
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Error> {
        loop {
            match self.store() {
                Ok(()) => break,
                Err(heed::Error::Mdb(MdbError::MapFull)) => {
                    self.map_size = self.map_size.saturating_mul(2);
                    self.reopen()?;
                }
                Err(source) => return Err(Error::Lmdb { path: self.target.clone(), source }),
            }
        }
        self.written += self.batch.len();
        self.batch.clear();
        Ok(())
    }

    /// One transaction: all of the batch or nothing.
    fn store(&self) -> Result<(), heed::Error> {
        let Some(env) = &self.env else { return Ok(()) };
        let mut txn = env.write_txn()?;
        let records: Database<Bytes, Bytes> = env.create_database(&mut txn, None)?;
        for (key, value) in &self.batch {
            records.put(&mut txn, key, value)?;
        }
        txn.commit()
    }

    fn reopen(&mut self) -> Result<(), Error> {
        if let Some(env) = self.env.take() {
            env.prepare_for_closing().wait();
        }
        // The database is synced once, in `finish`, before it gets its name.
        let opened = open_env(self.folder.path(), EnvFlags::NO_SYNC, self.map_size);
        self.env =
            Some(opened.map_err(|source| Error::Lmdb { path: self.target.clone(), source })?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::datum::DatumData;

    fn datum(value: u8, size: usize) -> Datum {
        Datum::new([1, 1, size], DatumData::Bytes(vec![value; size]), value.into()).expect("fits")
    }

    fn store(path: &Path, count: usize, size: usize) {
        let mut writer = Writer::create(path).expect("new");
        for index in (0..count).rev() {
            let key = format!("{index:08}");
            writer.put(key.as_bytes(), &datum(index as u8, size)).expect("put");
        }
        writer.finish().expect("finish");
    }

    #[test]
    fn records_come_back_in_key_order_and_again() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("db");
        store(&path, 1200, 3);
        let mut reader = Reader::open(&path).expect("open");
        let second = Reader::open(&path).expect("a second reader in the same process");
        assert_eq!(second.len().expect("len"), 1200);
        for _ in 0..2 {
            let labels: Vec<i32> = reader.by_ref().map(|r| r.expect("record").1.label()).collect();
            let expected: Vec<i32> = (0..1200).map(|index| i32::from(index as u8)).collect();
            assert_eq!(labels, expected);
            reader.rewind();
        }
    }

    #[test]
    fn the_map_grows() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("db");
        store(&path, 60, 1 << 20);
        assert_eq!(Reader::open(&path).expect("open").count(), 60);
    }

    #[test]
    fn an_existing_or_unfinished_database_is_no_database() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("db");
        let mut writer = Writer::create(&path).expect("new");
        writer.put(b"a", &datum(1, 1)).expect("put");
        drop(writer);
        assert_eq!(std::fs::read_dir(folder.path()).expect("folder").count(), 0);
        store(&path, 1, 1);
        assert!(matches!(Writer::create(&path), Err(Error::Exists { .. })));
        let empty = Writer::create(folder.path().join("empty")).expect("new").finish();
        assert!(matches!(empty, Err(Error::Empty { .. })));
    }

    #[test]
    fn truncated_or_foreign_files_are_errors() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("db");
        store(&path, 40, 5000);
        let whole = std::fs::read(path.join("data.mdb")).expect("file");
        for length in (0..whole.len()).step_by(997) {
            let cut = folder.path().join(format!("cut{length}"));
            std::fs::create_dir(&cut).expect("folder");
            std::fs::write(cut.join("data.mdb"), &whole[..length]).expect("write");
            assert!(matches!(Reader::open(&cut), Err(Error::Corrupt { .. })), "{length}");
        }
        let foreign = folder.path().join("foreign");
        std::fs::create_dir(&foreign).expect("folder");
        std::fs::write(foreign.join("data.mdb"), vec![7; 100_000]).expect("write");
        assert!(matches!(Reader::open(&foreign), Err(Error::Corrupt { .. })));
        assert!(matches!(Reader::open(folder.path().join("none")), Err(Error::Io { .. })));
    }

    #[test]
    fn a_database_without_records_is_an_error() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("db");
        std::fs::create_dir(&path).expect("folder");
        let env = open_env(&path, EnvFlags::empty(), FIRST_MAP).expect("open");
        let mut txn = env.write_txn().expect("transaction");
        let _: Database<Bytes, Bytes> = env.create_database(&mut txn, None).expect("database");
        txn.commit().expect("commit");
        env.prepare_for_closing().wait();
        assert!(matches!(Reader::open(&path), Err(Error::Empty { .. })));
    }

    #[test]
    fn a_record_that_is_no_datum_is_named() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("db");
        let mut writer = Writer::create(&path).expect("new");
        writer.batch.push((b"bad".to_vec(), vec![255; 9]));
        writer.finish().expect("finish");
        let error = Reader::open(&path).expect("open").next().expect("one").unwrap_err();
        assert!(error.to_string().contains("record \"bad\""), "{error}");
    }
}
