//! HDF5 files, read by the hdf5-pure crate.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use hdf5_pure::{Dataset, Datatype, File, FormatError};
use umodel::Shape;

use super::hdf5::Array;
use crate::error::Hdf5Error;

/// Blobs have fewer values.
const LIMIT: u64 = 1 << 31;
/// Deflate packs no more than so many bytes into one.
const LARGEST_RATIO: u64 = 1032;

/// The shapes of datasets, which have the same number of rows.
pub(super) fn shapes(path: &Path, datasets: &[&str]) -> Result<Vec<Shape>, Hdf5Error> {
    let found = contained(|| open_all(path, datasets))?;
    Ok(found.into_iter().map(|(_, shape)| shape).collect())
}

/// Datasets, which have the same number of rows, converted to fp32.
pub(super) fn arrays(path: &Path, datasets: &[&str]) -> Result<Vec<Array>, Hdf5Error> {
    contained(|| {
        let found = open_all(path, datasets)?.into_iter().zip(datasets);
        let array = |((dataset, shape), name): ((Dataset, Shape), &&str)| {
            let values = dataset.read_f32().map_err(|error| unreadable(Some(name), error))?;
            let (expected, found) = (shape.iter().product::<usize>(), values.len());
            if found == expected {
                return Ok(Array { shape, values });
            }
            Err(unreadable(Some(name), format!("{found} values, its shape has {expected}")))
        };
        found.map(array).collect()
    })
}

/// Turns a panic of the reader, which none is known of, into an error.
fn contained<T>(read: impl FnOnce() -> Result<T, Hdf5Error>) -> Result<T, Hdf5Error> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(unreadable(None, "damaged file")))
}

fn open_all(path: &Path, datasets: &[&str]) -> Result<Vec<(Dataset, Shape)>, Hdf5Error> {
    let file = File::open_streaming(path).map_err(|error| unreadable(None, error))?;
    let (expected, found) = (file.superblock().eof_address, file.file_size());
    if found < expected {
        return Err(Hdf5Error::Truncated { expected, found });
    }
    let found: Vec<(Dataset, Shape)> =
        datasets.iter().map(|name| open(&file, name)).collect::<Result<_, _>>()?;
    let rows = found.first().map_or(0, |(_, shape)| shape[0]);
    for ((_, shape), name) in found.iter().zip(datasets) {
        if shape[0] != rows {
            return Err(Hdf5Error::Rows {
                first: datasets[0].to_owned(),
                expected: rows,
                dataset: (*name).to_owned(),
                found: shape[0],
            });
        }
    }
    Ok(found)
}

/// Checks the dataset before its values are asked for.
///
/// # Source
/// BVLC Caffe, hdf5_load_nd_dataset_helper.
fn open(file: &File, name: &str) -> Result<(Dataset, Shape), Hdf5Error> {
    let dataset = || name.to_owned();
    let fail = |error| unreadable(Some(name), error);
    let opened = match file.dataset(name) {
        Err(hdf5_pure::Error::Format(FormatError::PathNotFound(_))) => {
            return Err(Hdf5Error::Missing { dataset: dataset() });
        }
        opened => opened.map_err(fail)?,
    };
    match opened.datatype().map_err(fail)? {
        Datatype::FixedPoint { .. } | Datatype::FloatingPoint { .. } => {}
        other => {
            return Err(Hdf5Error::Type { dataset: dataset(), found: other.to_string() });
        }
    }
    let extent = opened.shape().map_err(fail)?;
    let shape = || extent.clone().into_boxed_slice();
    if extent.is_empty() {
        return Err(Hdf5Error::NoAxes { dataset: dataset() });
    }
    if extent.contains(&0) {
        return Err(Hdf5Error::Empty { dataset: dataset(), shape: shape() });
    }
    let axes = extent.iter().map(|&axis| usize::try_from(axis).ok()).collect::<Option<Shape>>();
    let values = extent.iter().try_fold(1, |product: u64, &axis| product.checked_mul(axis));
    let (Some(axes), Some(values @ ..LIMIT)) = (axes, values) else {
        return Err(Hdf5Error::TooLarge { dataset: dataset(), shape: shape() });
    };
    let bytes = values.saturating_mul(opened.element_size().map_err(fail)?);
    let length = file.file_size();
    if bytes > length.saturating_mul(LARGEST_RATIO) {
        return Err(Hdf5Error::TooLong { dataset: dataset(), found: bytes, length });
    }
    Ok((opened, axes))
}

fn unreadable(dataset: Option<&str>, reason: impl ToString) -> Hdf5Error {
    Hdf5Error::Read { dataset: dataset.map(str::to_owned), reason: reason.to_string() }
}
