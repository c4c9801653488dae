//! Mean files: a BlobProto with one picture.

#![deny(clippy::indexing_slicing, clippy::as_conversions)]

use std::path::Path;

use datum_store::read_file;

use crate::error::{Error, MeanFileError, WireError};
use crate::param::wire::{self, Wire};
use crate::pixels::Pixels;

/// Bytes of a file at most: values of the largest picture that is resized, and their message.
const MAX_BYTES: u64 = 1 << 31;

/// Reads the one picture of a file.
pub(crate) fn read(path: &Path) -> Result<Pixels<f32>, Error> {
    let bytes = read_file(path, MAX_BYTES)
        .map_err(|source| Error::Read { path: path.to_owned(), source })?;
    let fail = |reason| Error::MeanFile { path: path.to_owned(), reason };
    let blob = Blob::decode(&bytes).map_err(|reason| fail(MeanFileError::Wire(reason)))?;
    let dims = blob.shape.unwrap_or_else(|| blob.old_shape.to_vec());
    let sizes: Option<Vec<usize>> = dims.iter().map(|&dim| usize::try_from(dim).ok()).collect();
    let values = blob.data.len();
    match sizes.as_deref() {
        Some(&([1, c, h, w] | [c, h, w])) if values > 0 => Pixels::new([c, h, w], blob.data).ok(),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8]) -> Result<Pixels<f32>, Error> {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("mean.binaryproto");
        std::fs::write(&path, bytes).expect("writes");
        read(&path)
    }

    #[test]
    fn a_shape_in_either_form() {
        let one = 1f32.to_le_bytes();
        let data = [&[0x2A, 8][..], &one, &one].concat();
        let old = [&[0x08, 1, 0x10, 1, 0x18, 1, 0x20, 2][..], &data].concat();
        let new = [&[0x3A, 5, 0x0A, 3, 1, 1, 2][..], &data].concat();
        for file in [old, new] {
            assert_eq!(of(&file).expect("sound").shape(), [1, 1, 2]);
            for end in 1..file.len() {
                assert!(of(&file[..end]).is_err(), "{end}");
            }
        }
    }

    #[test]
    fn mistakes_have_types() {
        let Err(Error::MeanFile { reason, .. }) = of(&[0x2A, 9]) else { panic!("read") };
        assert_eq!(reason, MeanFileError::Wire(WireError::Truncated));
        let Err(Error::MeanFile { reason, .. }) = of(&[0x3A, 3, 0x0A, 1, 7]) else {
            panic!("read")
        };
        assert_eq!(reason, MeanFileError::Shape { shape: vec![7], values: 0 });
        let Err(Error::MeanFile { reason, .. }) = of(&[0x2D, 0, 0, 0, 0]) else { panic!("read") };
        assert_eq!(reason, MeanFileError::Shape { shape: vec![0; 4], values: 1 });
    }
}
