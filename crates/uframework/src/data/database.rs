//! Records of Data and AnnotatedData layers.
#![deny(clippy::indexing_slicing, clippy::as_conversions)]

use datum_store::{Datum, SplitMix64, Store};
use umodel::layers::{Backend, Data};

use super::{Item, Record, Supply};
use crate::error::Error;

/// A database, read in key order and over again.
pub(super) struct Database {
    layer: String,
    kind: &'static str,
    store: Box<dyn Store>,
    annotated: bool,
    /// Pictures in a batch; 0: one record, which holds a batch.
    batch: usize,
}

impl Database {
    pub(super) fn open(
        layer: &str,
        kind: &'static str,
        data: &Data,
        annotated: bool,
        seed: Option<u64>,
    ) -> Result<Self, Error> {
        let backend = match data.backend {
            Backend::Lmdb => datum_store::Backend::Lmdb,
            Backend::LevelDb => datum_store::Backend::LevelDb,
        };
        let store = datum_store::open(&data.source, backend).map_err(|error| match error {
            datum_store::Error::OtherBackend { path, found, .. } => {
                Error::Backend { layer: layer.to_owned(), kind, path, found }
            }
            error => error.into(),
        })?;
        let batch = data.batch_size;
        let mut database = Database { layer: layer.to_owned(), kind, store, annotated, batch };
        let most = u64::try_from(data.rand_skip).unwrap_or(u64::MAX);
        if let Some(seed) = seed.filter(|_| most > 0) {
            for _ in 0..SplitMix64::new(seed).bits() % most {
                database.next()?;
            }
        }
        Ok(database)
    }

    /// The next record alone, and how many a batch has.
    pub(super) fn first(&mut self) -> Result<Option<(Item, usize)>, Error> {
        if self.batch > 0 {
            return Ok(Some((self.single()?, self.batch)));
        }
        // One record is the batch.
        let items = self.read()?;
        let count = items.len();
        Ok(items.into_iter().next().map(|first| (first, count)))
    }

    /// The records of the next batch.
    pub(super) fn read(&mut self) -> Result<Vec<Item>, Error> {
        if self.batch > 0 {
            return (0..self.batch).map(|_| self.single()).collect();
        }
        let record = self.next()?;
        let name = record.name();
        if self.annotated {
            return Ok(vec![Item { name, record: Record::Annotated(record.annotated_datum()?) }]);
        }
        let item = |datum: Datum| Item { name: name.clone(), record: Record::Plain(datum) };
        Ok(record.datum()?.into_pictures().into_iter().map(item).collect())
    }

    /// How many records the database has. One that does not know is read, but for no more batches than `most`.
    pub(super) fn supply(&mut self, most: u64) -> Result<Supply, Error> {
        // A record that holds a batch is one.
        let batch = u64::try_from(self.batch.max(1)).unwrap_or(u64::MAX);
        let records = match self.store.len_hint() {
            Some(records) => records,
            None => {
                self.store.rewind();
                self.store.skip(most.saturating_mul(batch))?
            }
        };
        let source = self.store.path().display().to_string();
        Ok(Supply { layer: self.layer.clone(), source, records, batch })
    }

    fn single(&mut self) -> Result<Item, Error> {
        let record = self.next()?;
        let name = record.name();
        let record = if self.annotated {
            Record::Annotated(record.annotated_datum()?)
        } else {
            Record::Plain(record.datum()?)
        };
        let item = Item { name, record };
        match item.datum().batch() {
            1 => Ok(item),
            found => Err(Error::RecordBatch {
                layer: self.layer.clone(),
                kind: self.kind,
                record: item.name,
                found,
            }),
        }
    }

    /// The next record; after the last one the first.
    fn next(&mut self) -> Result<datum_store::Record, Error> {
        loop {
            if let Some(record) = self.store.next_record()? {
                return Ok(record);
            }
            // A store that opens has at least one record.
            self.store.rewind();
        }
    }
}
