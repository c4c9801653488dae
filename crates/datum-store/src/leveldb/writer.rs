use std::path::PathBuf;

use rusty_leveldb::{DB, Options, WriteBatch};

use crate::error::Error;
use crate::staging::Staging;
use crate::store::{Backend, Existing, StoreWriter};

/// Records in one batch.
const BATCH: u32 = 1000;
/// Bytes in one batch, about.
const BATCH_BYTES: usize = 16 << 20;

/// Writes a new database.
pub struct Writer {
    staging: Staging,
    database: DB,
    batch: WriteBatch,
    batch_bytes: usize,
    written: u64,
}

impl Writer {
    /// Starts a database that will stand at `path`.
    ///
    /// # Errors
    /// [`Error::Exists`] if there is something that may not be replaced, [`Error::Io`] if nothing can
    /// be written beside it, [`Error::Write`].
    pub fn create(path: impl Into<PathBuf>, existing: Existing) -> Result<Self, Error> {
        let staging = Staging::new(path.into(), existing)?;
        // Caffe's block size; its write buffer of 256 MiB would be memory without use here.
        let options = Options {
            create_if_missing: true,
            block_size: 65536,
            write_buffer_size: 32 << 20,
            ..Options::default()
        };
        let database =
            DB::open(staging.folder(), options).map_err(|source| failed(&staging, source))?;
        Ok(Writer { staging, database, batch: WriteBatch::default(), batch_bytes: 0, written: 0 })
    }

    fn flush(&mut self) -> Result<(), Error> {
        let batch = std::mem::take(&mut self.batch);
        self.batch_bytes = 0;
        self.database.write(batch, false).map_err(|source| failed(&self.staging, source))
    }
}

fn failed(staging: &Staging, source: rusty_leveldb::Status) -> Error {
    let path = staging.target().to_owned();
    Error::Write { backend: Backend::LevelDb, path, source: Box::new(source) }
}

impl StoreWriter for Writer {
    fn put(&mut self, key: &[u8], value: &[u8]) -> Result<(), Error> {
        self.batch.put(key, value);
        self.batch_bytes += key.len() + value.len();
        self.written += 1;
        let full = self.batch.count() >= BATCH || self.batch_bytes >= BATCH_BYTES;
        if full { self.flush() } else { Ok(()) }
    }

    fn written(&self) -> u64 {
        self.written
    }

    fn finish(mut self: Box<Self>) -> Result<(), Error> {
        if self.written == 0 {
            return Err(Error::Empty { path: self.staging.target().to_owned() });
        }
        self.flush()?;
        self.database.close().map_err(|source| failed(&self.staging, source))?;
        self.staging.publish()
    }
}
