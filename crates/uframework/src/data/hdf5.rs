//! Rows of HDF5Data layers.
#![deny(clippy::indexing_slicing, clippy::as_conversions)]

use std::path::{Path, PathBuf};

use datum_store::{SplitMix64, read_text};
use umodel::layers::Hdf5Data;
use umodel::{BlobId, Net, Shape};

#[cfg(feature = "hdf5")]
use super::hdf5_file as file;
use super::value;
use crate::error::{Error, Hdf5Error, ListError};
use crate::value::Value;

const KIND: &str = "HDF5Data";
/// Bytes of a list at most.
const MAX_LIST: u64 = 1 << 28;

/// The rows of a list of HDF5 files, read from start to end and over again. One file at a time is in memory.
///
/// Shuffling puts the files in another order each time the list has been read, and the rows of each file
/// each time it is read.
///
/// Unlike Caffe, rows of all files must have the same shape, and a dataset must not reach into other files.
///
/// # Source
/// BVLC Caffe, HDF5DataLayer.
pub(super) struct Hdf5Rows {
    layer: String,
    files: Vec<PathBuf>,
    tops: Vec<Top>,
    batch: usize,
    shuffle: Option<SplitMix64>,
    /// The place in `files` of the file that is in memory.
    file: usize,
    /// The values of each top's dataset.
    values: Vec<Vec<f32>>,
    /// Its rows, as they come.
    order: Vec<usize>,
    /// The place in `order` of the next row.
    next: usize,
}

struct Top {
    id: BlobId,
    dataset: String,
    /// The axes of a row.
    row: Shape,
}

impl Top {
    fn volume(&self) -> usize {
        self.row.iter().product()
    }
}

/// The shapes of a layer's tops: `[batch_size, …]` for datasets `[N, …]` in the first file.
pub(super) fn shapes(layer: &str, p: &Hdf5Data, tops: &[String]) -> Result<Vec<Shape>, Error> {
    let files = list(layer, p)?;
    let Some(first) = files.first() else { return Ok(Vec::new()) };
    let datasets: Vec<&str> = tops.iter().map(String::as_str).collect();
    let mut shapes =
        file::shapes(first, &datasets).map_err(|source| in_file(layer, first, source))?;
    for rows in shapes.iter_mut().filter_map(|shape| shape.first_mut()) {
        *rows = p.batch_size;
    }
    Ok(shapes)
}

/// The files that the layer's list names: at least one.
fn list(layer: &str, p: &Hdf5Data) -> Result<Vec<PathBuf>, Error> {
    let path = PathBuf::from(&p.source);
    let fail = |source: ListError| Error::List {
        layer: layer.to_owned(),
        kind: KIND,
        path: path.clone(),
        source,
    };
    let text = read_text(&path, MAX_LIST).map_err(|error| fail(ListError::Io(error)))?;
    let files: Vec<PathBuf> = text.split_ascii_whitespace().map(PathBuf::from).collect();
    if files.is_empty() { Err(fail(ListError::NoHdf5Files)) } else { Ok(files) }
}

impl Hdf5Rows {
    /// Reads the list and the first file.
    pub(super) fn open(
        net: &Net,
        layer: &str,
        p: &Hdf5Data,
        tops: &[BlobId],
        seed: u64,
    ) -> Result<Self, Error> {
        let top = |&id: &BlobId| {
            let blob = net.blob(id);
            let row = blob.shape.iter().skip(1).copied().collect();
            Top { id, dataset: blob.name.clone(), row }
        };
        let mut rows = Hdf5Rows {
            layer: layer.to_owned(),
            files: list(layer, p)?,
            tops: tops.iter().map(top).collect(),
            batch: p.batch_size,
            shuffle: p.shuffle.then(|| SplitMix64::new(seed)),
            file: 0,
            values: Vec::new(),
            order: Vec::new(),
            next: 0,
        };
        if let Some(random) = &mut rows.shuffle {
            random.shuffle(&mut rows.files);
        }
        rows.load()?;
        Ok(rows)
    }

    /// The next batch.
    pub(super) fn read(&mut self, batch: &mut Vec<(BlobId, Value)>) -> Result<(), Error> {
        let mut blobs: Vec<Vec<f32>> =
            self.tops.iter().map(|top| Vec::with_capacity(self.batch * top.volume())).collect();
        for _ in 0..self.batch {
            if self.next == self.order.len() {
                self.turn()?;
            }
            let row = self.order.get(self.next).copied().unwrap_or(0);
            for ((blob, values), top) in blobs.iter_mut().zip(&self.values).zip(&self.tops) {
                let values = values.chunks_exact(top.volume().max(1)).nth(row);
                blob.extend_from_slice(values.unwrap_or_default());
            }
            self.next += 1;
        }
        for (top, blob) in self.tops.iter().zip(blobs) {
            let mut shape = vec![self.batch];
            shape.extend(&top.row);
            batch.push((top.id, value(&shape, blob)));
        }
        Ok(())
    }

    /// Goes on to the next file; after the last one to the first.
    fn turn(&mut self) -> Result<(), Error> {
        if self.files.len() == 1 {
            self.rewind();
            return Ok(());
        }
        self.file += 1;
        if self.file == self.files.len() {
            self.file = 0;
            if let Some(random) = &mut self.shuffle {
                random.shuffle(&mut self.files);
            }
        }
        self.load()
    }

    /// Brings the file into memory.
    fn load(&mut self) -> Result<(), Error> {
        let Some(path) = self.files.get(self.file) else { return Ok(()) };
        let datasets: Vec<&str> = self.tops.iter().map(|top| top.dataset.as_str()).collect();
        let arrays =
            file::arrays(path, &datasets).map_err(|source| in_file(&self.layer, path, source))?;
        let rows = arrays.first().and_then(|array| array.shape.first()).copied().unwrap_or(0);
        for (top, array) in self.tops.iter().zip(&arrays) {
            let row = array.shape.get(1..).unwrap_or_default();
            if row != top.row {
                let dataset = top.dataset.clone();
                let (expected, found) = (top.row.as_slice().into(), row.into());
                let source = Hdf5Error::RowShape { dataset, expected, found };
                return Err(in_file(&self.layer, path, source));
            }
        }
        self.values = arrays.into_iter().map(|array| array.values).collect();
        self.order = (0..rows).collect();
        self.rewind();
        Ok(())
    }

    fn rewind(&mut self) {
        self.next = 0;
        if let Some(random) = &mut self.shuffle {
            random.shuffle(&mut self.order);
        }
    }
}

fn in_file(layer: &str, path: &Path, source: Hdf5Error) -> Error {
    Error::Hdf5 { layer: layer.to_owned(), path: path.to_owned(), source }
}

/// A dataset. Its shape has at least one axis and no axis of 0.
pub(super) struct Array {
    pub(super) shape: Shape,
    pub(super) values: Vec<f32>,
}

/// Stands for the reader where it is not built in.
#[cfg(not(feature = "hdf5"))]
mod file {
    use std::path::Path;

    use umodel::Shape;

    use super::Array;
    use crate::error::Hdf5Error;

    pub(super) fn shapes(_: &Path, _: &[&str]) -> Result<Vec<Shape>, Hdf5Error> {
        Err(Hdf5Error::NotBuiltIn)
    }

    pub(super) fn arrays(_: &Path, _: &[&str]) -> Result<Vec<Array>, Hdf5Error> {
        Err(Hdf5Error::NotBuiltIn)
    }
}
