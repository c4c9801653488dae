//! What is subtracted from a picture.

use std::path::Path;
use std::sync::Arc;

use crate::error::{Error, MeanFileError, ValueError, WireError};
use crate::param::wire::{self, Wire};
use crate::pixels::Pixels;

/// The mean of a `mean_value` list or a `mean_file`.
#[derive(Clone, Debug)]
pub(crate) enum Mean {
    /// Nothing is subtracted.
    None,
    /// One value for all channels, or one for each.
    Values(Vec<f32>),
    /// A whole picture.
    Picture(Arc<Pixels<f32>>),
}

impl Mean {
    /// At most one of the two may be given.
    pub(crate) fn new(
        field: &'static str,
        values: &[f32],
        file: Option<&str>,
    ) -> Result<Self, Error> {
        match (values, file) {
            ([], None) => Ok(Mean::None),
            (values, None) => Ok(Mean::Values(values.to_vec())),
            ([], Some(file)) => Ok(Mean::Picture(Arc::new(read(Path::new(file))?))),
            (_, Some(_)) => {
                let reason = ValueError::Both { field: "mean_file", other: "mean_value" };
                Err(Error::Value { field, reason })
            }
        }
    }

    /// The mean for a picture of this shape. `field` names the list in errors.
    ///
    /// # Errors
    /// [`Error::Value`] for a list of the wrong length, [`Error::Mean`] for a mean picture of another
    /// shape.
    pub(crate) fn of(
        &self,
        field: &'static str,
        picture: [usize; 3],
    ) -> Result<FittingMean<'_>, Error> {
        Ok(match self {
            Mean::None => FittingMean::Channels(vec![0.0; picture[0]]),
            Mean::Values(values) => FittingMean::Channels(per_channel(field, values, picture[0])?),
            Mean::Picture(mean) if mean.shape() == picture => FittingMean::Picture(mean.data()),
            Mean::Picture(mean) => return Err(Error::Mean { mean: mean.shape(), picture }),
        })
    }
}

/// A mean that fits a picture.
pub(crate) enum FittingMean<'a> {
    Channels(Vec<f32>),
    Picture(&'a [f32]),
}

impl FittingMean<'_> {
    /// The mean of `count` neighbouring values of a channel; the first has this index in the picture.
    pub(crate) fn row(
        &self,
        channel: usize,
        index: usize,
        count: usize,
    ) -> impl DoubleEndedIterator<Item = f32> + ExactSizeIterator {
        let (constant, values) = match self {
            FittingMean::Channels(means) => (means[channel], None),
            FittingMean::Picture(values) => (0.0, Some(&values[index..index + count])),
        };
        (0..count).map(move |at| values.map_or(constant, |values| values[at]))
    }
}

/// One value for all channels, or one for each.
pub(crate) fn per_channel(
    field: &'static str,
    values: &[f32],
    channels: usize,
) -> Result<Vec<f32>, Error> {
    match values {
        [all] => Ok(vec![*all; channels]),
        each if each.len() == channels => Ok(each.to_vec()),
        _ => {
            let reason = ValueError::Count { found: values.len(), channels };
            Err(Error::Value { field, reason })
        }
    }
}

/// Reads a mean file: a BlobProto with one picture.
fn read(path: &Path) -> Result<Pixels<f32>, Error> {
    let bytes =
        std::fs::read(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
    let fail = |reason| Error::MeanFile { path: path.to_owned(), reason };
    let blob = Blob::decode(&bytes).map_err(|reason| fail(MeanFileError::Wire(reason)))?;
    let dims = blob.shape.unwrap_or_else(|| blob.old_shape.to_vec());
    let sizes: Option<Vec<usize>> = dims.iter().map(|&dim| usize::try_from(dim).ok()).collect();
    let values = blob.data.len();
    match sizes.as_deref() {
        Some(&([1, c, h, w] | [c, h, w])) => Pixels::new([c, h, w], blob.data).ok(),
        _ => None,
    }
    .ok_or_else(|| fail(MeanFileError::Shape { shape: dims, values }))
}

/// What is needed of a BlobProto.
#[derive(Default)]
struct Blob {
    /// N, C, H, W.
    old_shape: [i64; 4],
    shape: Option<Vec<i64>>,
    data: Vec<f32>,
}

impl Blob {
    fn decode(mut bytes: &[u8]) -> Result<Self, WireError> {
        let mut blob = Blob::default();
        while let Some((number, value)) = wire::next(&mut bytes)? {
            match (number, value) {
                (1, Wire::Varint(value)) => blob.old_shape[0] = value.cast_signed(),
                (2, Wire::Varint(value)) => blob.old_shape[1] = value.cast_signed(),
                (3, Wire::Varint(value)) => blob.old_shape[2] = value.cast_signed(),
                (4, Wire::Varint(value)) => blob.old_shape[3] = value.cast_signed(),
                (1..=4, _) => return Err(WireError::Type { field: "num to width" }),
                (5, Wire::Fixed32(value)) => blob.data.push(f32::from_le_bytes(value)),
                (5, Wire::Bytes(mut values)) => {
                    blob.data.reserve(values.len() / 4);
                    while !values.is_empty() {
                        blob.data.push(f32::from_le_bytes(wire::fixed32(&mut values)?));
                    }
                }
                (5, _) => return Err(WireError::Type { field: "data" }),
                (7, Wire::Bytes(shape)) => {
                    Blob::shape(shape, blob.shape.get_or_insert_default())?;
                }
                (7, _) => return Err(WireError::Type { field: "shape" }),
                _ => {}
            }
        }
        Ok(blob)
    }

    fn shape(mut bytes: &[u8], dims: &mut Vec<i64>) -> Result<(), WireError> {
        while let Some((number, value)) = wire::next(&mut bytes)? {
            match (number, value) {
                (1, Wire::Varint(value)) => dims.push(value.cast_signed()),
                (1, Wire::Bytes(mut values)) => {
                    while !values.is_empty() {
                        dims.push(wire::varint(&mut values)?.cast_signed());
                    }
                }
                (1, _) => return Err(WireError::Type { field: "dim" }),
                _ => {}
            }
        }
        Ok(())
    }
}
