//! Weights between messages and arrays.

use std::borrow::Cow;
use std::sync::Arc;

use ndarray::{ArrayD, IxDyn};
use protobuf::{Enum, UnknownValueRef};

use crate::Shape;
use crate::error::{LayerError, ValueError};
use crate::proto::{BlobProto, BlobShape, RawType};

/// The weights of a layer, shared between copies of a net; they never change.
pub type Weights = Vec<Arc<ArrayD<f32>>>;

/// The number of values of a shape; `None` beyond 2^31 − 1, Caffe's limit for a blob. Axes of length 0 do not
/// allow longer ones beside them, so that no product of some axes exceeds the limit, either.
pub(crate) fn volume(shape: &[usize]) -> Option<usize> {
    let largest = shape.iter().try_fold(1usize, |product, &dim| product.checked_mul(dim.max(1)))?;
    (largest < 1 << 31).then(|| shape.iter().product())
}

/// An error for a shape that no blob can have.
pub(crate) fn check_shape(shape: &[usize]) -> Result<(), LayerError> {
    match volume(shape) {
        Some(_) => Ok(()),
        None => Err(LayerError::TooLarge { shape: shape.to_vec() }),
    }
}

/// The shape that a message's numbers state.
pub(crate) fn shape_from(field: &'static str, dims: &[i64]) -> Result<Shape, LayerError> {
    let shape: Option<Shape> = dims.iter().map(|&dim| usize::try_from(dim).ok()).collect();
    shape
        .filter(|shape| volume(shape).is_some())
        .ok_or_else(|| LayerError::bad(field, format_args!("{dims:?}"), ValueError::Dims))
}

/// The shape that a message states, from `shape` or from the four legacy numbers.
pub(crate) fn shape_of(blob: &BlobProto) -> Result<Shape, LayerError> {
    let legacy = blob.num.is_some()
        || blob.channels.is_some()
        || blob.height.is_some()
        || blob.width.is_some();
    if blob.shape.is_none() && legacy {
        let dims = [blob.num(), blob.channels(), blob.height(), blob.width()];
        return shape_from("blobs.shape", &dims.map(i64::from));
    }
    shape_from("blobs.shape", &blob.shape.dim)
}

/// The fp32 array of a weight message; values of an owned one are moved.
pub(crate) fn from_proto(blob: Cow<'_, BlobProto>) -> Result<Arc<ArrayD<f32>>, LayerError> {
    let shape = shape_of(&blob)?;
    let values = if let Some(raw) = &blob.raw_data {
        raw_values(raw, raw_type(&blob)?)?
    } else if blob.double_data.is_empty() {
        match blob {
            Cow::Borrowed(blob) => blob.data.clone(),
            Cow::Owned(blob) => blob.data,
        }
    } else {
        blob.double_data.iter().map(|&value| narrow(value)).collect()
    };
    let found = values.len();
    let array = ArrayD::from_shape_vec(IxDyn(&shape), values);
    array.map(Arc::new).map_err(|_| LayerError::BlobLength { shape, found })
}

/// The nearest fp32 number.
#[expect(clippy::cast_possible_truncation, reason = "weights are kept in fp32")]
pub(crate) fn narrow(value: f64) -> f32 {
    value as f32
}

/// How many values a weight message holds, of whatever type.
pub(crate) fn count(blob: &BlobProto) -> usize {
    let raw = || {
        let bytes = match raw_type(blob) {
            Ok(RawType::DOUBLE) => 8,
            Ok(RawType::FLOAT16) => 2,
            Ok(RawType::FLOAT | RawType::INT | RawType::UINT) | Err(_) => 4,
        };
        blob.raw_data().len() / bytes
    };
    let ints = blob.int8_data().len().max(blob.int32_data.len());
    [blob.data.len(), blob.double_data.len(), raw(), ints].into_iter().max().unwrap_or(0)
}

/// The type of NVCaffe's raw data: in binary files the number 10 as a varint, which this schema has as
/// bytes, so that it is an unknown field; in text a field of its own.
fn raw_type(blob: &BlobProto) -> Result<RawType, LayerError> {
    let unknown = match blob.special_fields.unknown_fields().get(10) {
        Some(UnknownValueRef::Varint(number)) => i32::try_from(number).ok(),
        _ => None,
    };
    let named = blob.raw_data_type.map(|kind| kind.value());
    let number = named.or(unknown);
    number.and_then(RawType::from_i32).ok_or_else(|| {
        let value = number.map_or_else(|| "nothing".to_owned(), |number| number.to_string());
        LayerError::bad("blobs.raw_data_type", value, ValueError::RawType)
    })
}

/// Little-endian values as fp32.
fn raw_values(bytes: &[u8], kind: RawType) -> Result<Vec<f32>, LayerError> {
    fn all<const N: usize>(bytes: &[u8], value: impl Fn([u8; N]) -> f32) -> Option<Vec<f32>> {
        let (values, rest) = bytes.as_chunks::<N>();
        rest.is_empty().then(|| values.iter().map(|&bytes| value(bytes)).collect())
    }
    let (name, values) = match kind {
        RawType::DOUBLE => ("DOUBLE", all(bytes, |bytes| narrow(f64::from_le_bytes(bytes)))),
        RawType::FLOAT => ("FLOAT", all(bytes, f32::from_le_bytes)),
        RawType::FLOAT16 => {
            ("FLOAT16", all(bytes, |bytes| half::f16::from_le_bytes(bytes).to_f32()))
        }
        RawType::INT => ("INT", all(bytes, |bytes| i32::from_le_bytes(bytes) as f32)),
        RawType::UINT => ("UINT", all(bytes, |bytes| u32::from_le_bytes(bytes) as f32)),
    };
    values.ok_or_else(|| {
        let value = format_args!("{} bytes", bytes.len());
        LayerError::bad("blobs.raw_data", value, ValueError::RawLength(name))
    })
}

/// The message of a weight array.
pub(crate) fn to_proto(weights: &ArrayD<f32>) -> BlobProto {
    let mut blob = BlobProto::new();
    blob.shape = Some(shape_message(weights.shape())).into();
    blob.data = weights.iter().copied().collect();
    blob
}

pub(crate) fn shape_message(shape: &[usize]) -> BlobShape {
    let mut message = BlobShape::new();
    message.dim = shape.iter().map(|&dim| i64::try_from(dim).unwrap_or(i64::MAX)).collect();
    message
}

/// Brings weights to the shapes that the layer expects. Caffe's older files pad shapes with ones
/// in front, so those do not count.
pub(crate) fn fit_weights(weights: &Weights, expected: &[Shape]) -> Result<Weights, LayerError> {
    if weights.len() != expected.len() {
        return Err(LayerError::WeightCount { expected: expected.len(), found: weights.len() });
    }
    let significant = |shape: &[usize]| {
        shape.iter().position(|&dim| dim != 1).map_or(Vec::new(), |at| shape[at..].to_vec())
    };
    let fit = |(index, (array, shape)): (usize, (&Arc<ArrayD<f32>>, &Shape))| {
        if array.shape() == shape.as_slice() {
            return Ok(array.clone());
        }
        let mismatch = || LayerError::WeightShape {
            index,
            expected: shape.clone(),
            found: array.shape().to_vec(),
        };
        if significant(array.shape()) != significant(shape) {
            return Err(mismatch());
        }
        let fitted = array.as_ref().clone().into_shape_with_order(IxDyn(shape));
        fitted.map(Arc::new).map_err(|_| mismatch())
    };
    weights.iter().zip(expected).enumerate().map(fit).collect()
}

#[cfg(test)]
mod tests {
    use protobuf::Message;

    use super::*;

    /// NVCaffe's blobs: 10 is the type, a varint, where this schema has bytes.
    #[test]
    fn raw_data_of_nvcaffe() {
        let half = [0x3a, 3, 0x0a, 1, 2, 0x50, 2, 0x62, 4, 0x00, 0x3c, 0x00, 0xc1];
        let blob = BlobProto::parse_from_bytes(&half).expect("message");
        let array = from_proto(Cow::Borrowed(&blob)).expect("values");
        assert_eq!((array.shape(), array.as_slice()), (&[2][..], Some(&[1.0, -2.5][..])));
        assert_eq!(count(&blob), 2);
        assert_eq!(blob.write_to_bytes().expect("bytes").len(), half.len());
        let cut = BlobProto { raw_data: Some(vec![0; 3]), ..blob.clone() };
        assert!(from_proto(Cow::Owned(cut)).is_err(), "half a value");
        let mut text = BlobProto { raw_data: Some(vec![0, 0, 128, 63]), ..BlobProto::new() };
        text.shape = Some(shape_message(&[1])).into();
        assert!(from_proto(Cow::Borrowed(&text)).is_err(), "no type");
        text.set_raw_data_type(RawType::FLOAT);
        assert_eq!(from_proto(Cow::Owned(text)).expect("named type")[[0]], 1.0);
    }
}
