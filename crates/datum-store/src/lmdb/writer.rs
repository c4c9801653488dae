use std::io::Write;
use std::path::{Path, PathBuf};

use heed::types::Bytes;
use heed::{Database, Env, EnvFlags, EnvOpenOptions, MdbError, WithoutTls};

use crate::bytes::long;
use crate::error::{Action, Error};
use crate::staging::Staging;
use crate::store::{Backend, Existing, StoreWriter};

/// Records in one transaction, at most.
const BATCH: usize = 1000;
/// Bytes in one transaction, about.
const BATCH_BYTES: usize = 4 << 20;
/// The map at the start; it doubles whenever it is full.
const FIRST_MAP: usize = 16 << 20;

/// Writes a new database.
pub struct Writer {
    staging: Staging,
    env: Option<Env<WithoutTls>>,
    map_size: usize,
    batch: Vec<(Vec<u8>, Vec<u8>)>,
    batch_bytes: usize,
    written: u64,
}

impl Writer {
    /// Starts a database that will stand at `path`.
    ///
    /// # Errors
    /// [`Error::Exists`] if there is something that may not be replaced, [`Error::Io`] if nothing can
    /// be written beside it.
    pub fn create(path: impl Into<PathBuf>, existing: Existing) -> Result<Self, Error> {
        Writer::within(Staging::new(path.into(), existing)?)
    }

    /// Starts a database that goes where the staging folder says.
    pub(crate) fn within(staging: Staging) -> Result<Self, Error> {
        // LMDB would make the file for its owner alone. One that is there keeps the mode that the
        // process gives to all of its files.
        std::fs::File::create(staging.folder().join("data.mdb")).map_err(|source| Error::Io {
            action: Action::Create,
            path: staging.target().to_owned(),
            source,
        })?;
        let mut writer = Writer {
            staging,
            env: None,
            map_size: FIRST_MAP,
            batch: Vec::new(),
            batch_bytes: 0,
            written: 0,
        };
        writer.reopen()?;
        Ok(writer)
    }

    fn flush(&mut self) -> Result<(), Error> {
        loop {
            match self.store() {
                Ok(()) => break,
                Err(heed::Error::Mdb(MdbError::MapFull)) => {
                    self.map_size = self.map_size.saturating_mul(2);
                    self.reopen()?;
                }
                Err(source) => return Err(self.failed(source)),
            }
        }
        self.written += long(self.batch.len());
        self.batch.clear();
        self.batch_bytes = 0;
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
        self.close();
        let env = open_env(&self.staging.folder(), self.map_size);
        self.env = Some(env.map_err(|source| self.failed(source))?);
        Ok(())
    }

    fn close(&mut self) {
        if let Some(env) = self.env.take() {
            env.prepare_for_closing().wait();
        }
    }

    fn failed(&self, source: heed::Error) -> Error {
        let path = self.staging.target().to_owned();
        if let heed::Error::Io(error) = &source
            && error.raw_os_error() == Some(EIO)
            && let Err(source) = self.more()
        {
            return Error::Io { action: Action::Create, path, source };
        }
        Error::Write { backend: Backend::Lmdb, path, source: Box::new(source) }
    }
}

/// What LMDB says where the system has written less than was asked for.
const EIO: i32 = 5;

impl Writer {
    /// Writes as much again as the batch has, behind the database that is given up, and so finds out why LMDB could
    /// not: a full disk, or a limit to the size of files.
    fn more(&self) -> std::io::Result<()> {
        let path = self.staging.folder().join("data.mdb");
        let mut file = std::fs::OpenOptions::new().append(true).open(path)?;
        let block = vec![0; 1 << 16];
        for _ in 0..=(self.batch_bytes / block.len()).max(16) * 2 {
            file.write_all(&block)?;
        }
        file.sync_all()
    }
}

impl StoreWriter for Writer {
    fn put(&mut self, key: &[u8], value: &[u8]) -> Result<(), Error> {
        self.batch_bytes += key.len() + value.len();
        self.batch.push((key.to_owned(), value.to_owned()));
        let full = self.batch.len() >= BATCH || self.batch_bytes >= BATCH_BYTES;
        if full { self.flush() } else { Ok(()) }
    }

    fn written(&self) -> u64 {
        self.written + long(self.batch.len())
    }

    fn finish(mut self: Box<Self>) -> Result<(), Error> {
        self.flush()?;
        if self.written == 0 {
            return Err(Error::Empty { path: self.staging.target().to_owned() });
        }
        if let Some(env) = &self.env {
            env.force_sync().map_err(|source| self.failed(source))?;
        }
        self.close();
        self.staging.publish()
    }
}

#[allow(unsafe_code)]
fn open_env(path: &Path, map_size: usize) -> Result<Env<WithoutTls>, heed::Error> {
    let mut options = EnvOpenOptions::new().read_txn_without_tls();
    options.map_size(map_size);
    // SAFETY: the file must not change or shrink behind the map. It was made by this writer, in a
    // folder of its own that no one else knows, and holds only what LMDB has written there. It is
    // synced once, in `finish`, before it gets its name.
    unsafe {
        options.flags(EnvFlags::NO_SYNC | EnvFlags::NO_LOCK);
        options.open(path)
    }
}
