//! HDF5 files, read by the hdf5-pure crate.
#![deny(clippy::indexing_slicing, clippy::as_conversions)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use half::f16;
use hdf5_pure::{Dataset, Datatype, DatatypeByteOrder, File, FloatingPointLayout, FormatError};
use umodel::Shape;

use super::hdf5::Array;
use crate::error::Hdf5Error;

/// Bytes of a file at most, which is in memory as a whole.
const MAX_BYTES: u64 = 1 << 36;
/// Blobs have fewer values.
const LIMIT: u64 = 1 << 31;
/// Deflate packs no more than so many bytes into one.
const LARGEST_RATIO: u64 = 1032;

/// The shapes of datasets, which have the same number of rows.
pub(super) fn shapes(path: &Path, datasets: &[&str]) -> Result<Vec<Shape>, Hdf5Error> {
    let found = contained(|| open_all(path, datasets))?;
    Ok(found.into_iter().map(|found| found.shape).collect())
}

/// Datasets, which have the same number of rows, converted to fp32.
pub(super) fn arrays(path: &Path, datasets: &[&str]) -> Result<Vec<Array>, Hdf5Error> {
    contained(|| {
        let array = |(found, name): (Found, &&str)| {
            let values = found.values().map_err(|error| unreadable(name, error))?;
            let (shape, found) = (found.shape, values.len());
            let expected: usize = shape.iter().product();
            if found == expected {
                return Ok(Array { shape, values });
            }
            Err(Hdf5Error::Values { dataset: (*name).to_owned(), expected, found })
        };
        open_all(path, datasets)?.into_iter().zip(datasets).map(array).collect()
    })
}

/// A dataset that has been checked.
struct Found {
    dataset: Dataset,
    numbers: Numbers,
    /// At least one axis, none of 0.
    shape: Shape,
}

/// How numbers are stored.
#[derive(Clone, Copy)]
enum Numbers {
    F16(DatatypeByteOrder),
    F32,
    F64,
    Integer,
}

impl Numbers {
    fn of(datatype: &Datatype) -> Option<Self> {
        const F16: FloatingPointLayout = FloatingPointLayout {
            bit_offset: 0,
            bit_precision: 16,
            exponent_location: 10,
            exponent_size: 5,
            mantissa_location: 0,
            mantissa_size: 10,
            exponent_bias: 15,
        };
        match *datatype {
            Datatype::FixedPoint { .. } => Some(Numbers::Integer),
            Datatype::FloatingPoint { byte_order: DatatypeByteOrder::Vax, .. } => None,
            Datatype::FloatingPoint { size, byte_order, layout } => match (size, layout) {
                (2, F16) => Some(Numbers::F16(byte_order)),
                (4, FloatingPointLayout::IEEE754_BINARY32) => Some(Numbers::F32),
                (8, FloatingPointLayout::IEEE754_BINARY64) => Some(Numbers::F64),
                _ => None,
            },
            _ => None,
        }
    }
}

impl Found {
    /// The length of the first axis.
    fn rows(&self) -> usize {
        self.shape.first().copied().unwrap_or(0)
    }

    fn values(&self) -> Result<Vec<f32>, hdf5_pure::Error> {
        match self.numbers {
            Numbers::F32 | Numbers::Integer => self.dataset.read_f32(),
            Numbers::F64 => Ok(self.dataset.read_f64()?.into_iter().map(narrow).collect()),
            Numbers::F16(order) => {
                let value = |bytes: &[u8; 2]| match order {
                    DatatypeByteOrder::BigEndian => f16::from_be_bytes(*bytes).to_f32(),
                    _ => f16::from_le_bytes(*bytes).to_f32(),
                };
                Ok(self.dataset.read_raw()?.as_chunks().0.iter().map(value).collect())
            }
        }
    }
}

/// As libhdf5: every number beyond fp32's largest becomes infinite. Rounding alone would keep those that are less than
/// half a step above it.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "rounds, as Caffe's values are fp32"
)]
fn narrow(value: f64) -> f32 {
    if value.abs() > f64::from(f32::MAX) {
        return f32::INFINITY.copysign(value as f32);
    }
    value as f32
}

/// Turns a panic of the reader into an error. No file is known that makes it panic.
fn contained<T>(read: impl FnOnce() -> Result<T, Hdf5Error>) -> Result<T, Hdf5Error> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or(Err(Hdf5Error::Damaged))
}

fn open_all(path: &Path, datasets: &[&str]) -> Result<Vec<Found>, Hdf5Error> {
    // Read as a whole, what its parts say of their sizes is bounded by what is there. The crate's reading in parts
    // believes them.
    let bytes = datum_store::read_file(path, MAX_BYTES).map_err(Hdf5Error::Io)?;
    let file =
        File::from_bytes(bytes).map_err(|error| Hdf5Error::File { source: Box::new(error) })?;
    let (expected, found) = (file.superblock().eof_address, file.file_size());
    if found < expected {
        return Err(Hdf5Error::Truncated { expected, found });
    }
    let found: Vec<Found> =
        datasets.iter().map(|name| open(&file, name)).collect::<Result<_, _>>()?;
    let mut rows = found.iter().map(Found::rows).zip(datasets);
    let Some((expected, first)) = rows.next() else { return Ok(found) };
    match rows.find(|(rows, _)| *rows != expected) {
        None => Ok(found),
        Some((rows, dataset)) => Err(Hdf5Error::Rows {
            first: (*first).to_owned(),
            expected,
            dataset: (*dataset).to_owned(),
            found: rows,
        }),
    }
}

/// Checks the dataset before its values are asked for.
///
/// # Source
/// BVLC Caffe, hdf5_load_nd_dataset_helper.
fn open(file: &File, name: &str) -> Result<Found, Hdf5Error> {
    let dataset = || name.to_owned();
    let fail = |error| unreadable(name, error);
    let opened = match file.dataset(name) {
        Err(hdf5_pure::Error::Format(FormatError::PathNotFound(_))) => {
            return Err(Hdf5Error::Missing { dataset: dataset() });
        }
        opened => opened.map_err(fail)?,
    };
    let datatype = opened.datatype().map_err(fail)?;
    let Some(numbers) = Numbers::of(&datatype) else {
        return Err(Hdf5Error::Type { dataset: dataset(), found: datatype.to_string() });
    };
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
    Ok(Found { dataset: opened, numbers, shape: axes })
}

fn unreadable(dataset: &str, error: hdf5_pure::Error) -> Hdf5Error {
    Hdf5Error::Dataset { dataset: dataset.to_owned(), source: Box::new(error) }
}
