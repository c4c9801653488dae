//! TensorProto: weights and other constants.

use half::{bf16, f16};

use super::proto::TensorProto;
use crate::error::NodeError;
use crate::graph::{Result, Tensor, array, volume};

/// TensorFlow's numbers of the types that are read (types.proto).
pub(super) mod dtype {
    pub(in super::super) const FLOAT: i32 = 1;
    pub(in super::super) const DOUBLE: i32 = 2;
    pub(in super::super) const INT32: i32 = 3;
    pub(in super::super) const UINT8: i32 = 4;
    pub(in super::super) const INT16: i32 = 5;
    pub(in super::super) const INT8: i32 = 6;
    pub(in super::super) const STRING: i32 = 7;
    pub(in super::super) const INT64: i32 = 9;
    pub(in super::super) const BOOL: i32 = 10;
    pub(in super::super) const BFLOAT16: i32 = 14;
    pub(in super::super) const UINT16: i32 = 17;
    pub(in super::super) const HALF: i32 = 19;
    pub(in super::super) const UINT32: i32 = 22;
    pub(in super::super) const UINT64: i32 = 23;
}

/// What a type's values are kept as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Float,
    Integer,
    Bool,
}

/// How values of this type are kept, if they are numbers.
pub(super) fn kind(dtype: i32) -> Option<Kind> {
    match dtype {
        dtype::FLOAT | dtype::DOUBLE | dtype::HALF | dtype::BFLOAT16 => Some(Kind::Float),
        dtype::INT32 | dtype::UINT8 | dtype::INT16 | dtype::INT8 | dtype::INT64 => {
            Some(Kind::Integer)
        }
        dtype::UINT16 | dtype::UINT32 | dtype::UINT64 => Some(Kind::Integer),
        dtype::BOOL => Some(Kind::Bool),
        _ => None,
    }
}

/// The values of a message.
///
/// # Errors
/// For types that are no numbers, shapes that are not known, and values that do not fit the shape.
pub(super) fn decode(message: &TensorProto) -> Result<Tensor> {
    let shape = shape(message)?;
    let count = volume(&shape)?;
    let bytes = message.tensor_content.as_ref();
    macro_rules! values {
        ($list:expr, $convert:expr, $kind:ty, $from_bytes:expr) => {{
            let listed = $list.iter().copied().map($convert);
            let values: Vec<_> = if bytes.is_empty() {
                filled(listed.collect(), count)?
            } else {
                contents::<{ size_of::<$kind>() }, _>(bytes, count, |b| {
                    $from_bytes(<$kind>::from_le_bytes(b))
                })?
            };
            array(&shape, values)?.into()
        }};
    }
    let half = |bits: i32| bits as u16;
    Ok(match message.dtype {
        dtype::FLOAT => values!(message.float_val, |v| v, f32, |v| v),
        dtype::DOUBLE => values!(message.double_val, |v| v as f32, f64, |v| v as f32),
        dtype::HALF => {
            let value = |bits| f16::from_bits(bits).to_f32();
            values!(message.half_val, |bits| value(half(bits)), u16, value)
        }
        dtype::BFLOAT16 => {
            let value = |bits| bf16::from_bits(bits).to_f32();
            values!(message.half_val, |bits| value(half(bits)), u16, value)
        }
        dtype::INT32 => values!(message.int_val, i64::from, i32, i64::from),
        dtype::INT16 => values!(message.int_val, i64::from, i16, i64::from),
        dtype::INT8 => values!(message.int_val, i64::from, i8, i64::from),
        dtype::UINT8 => values!(message.int_val, i64::from, u8, i64::from),
        dtype::UINT16 => values!(message.int_val, i64::from, u16, i64::from),
        dtype::UINT32 => values!(message.uint32_val, i64::from, u32, i64::from),
        // Values beyond i64 have no use as sizes or indices.
        dtype::UINT64 => values!(message.uint64_val, |v| v as i64, u64, |v| v as i64),
        dtype::INT64 => values!(message.int64_val, |v| v, i64, |v| v),
        dtype::BOOL => values!(message.bool_val, |v| v, u8, |v| v != 0),
        dtype::STRING => return Err(NodeError::unsupported("values that are strings")),
        other => return Err(NodeError::unsupported(format!("values of type {other}"))),
    })
}

fn shape(message: &TensorProto) -> Result<Vec<usize>> {
    let Some(shape) = &message.tensor_shape else { return Ok(Vec::new()) };
    let sizes = shape.dim.iter().map(|dim| usize::try_from(dim.size).ok());
    let sizes: Option<Vec<usize>> = sizes.collect();
    sizes
        .filter(|_| !shape.unknown_rank)
        .ok_or_else(|| NodeError::attribute("value", "its shape is not known"))
}

/// A list of values; the last one stands for all that are not listed.
fn filled<T: Clone + Default>(mut values: Vec<T>, count: usize) -> Result<Vec<T>> {
    if values.len() > count {
        return Err(mismatch(values.len(), count));
    }
    // TensorFlow leaves out a list of nothing but zeros.
    let last = values.last().cloned().unwrap_or_default();
    values.resize(count, last);
    Ok(values)
}

fn contents<const N: usize, T>(
    bytes: &[u8],
    count: usize,
    value: impl Fn([u8; N]) -> T,
) -> Result<Vec<T>> {
    let (values, rest) = bytes.as_chunks::<N>();
    if values.len() != count || !rest.is_empty() {
        return Err(NodeError::attribute(
            "value",
            format!("{} bytes for {count} values of {N} bytes", bytes.len()),
        ));
    }
    Ok(values.iter().map(|&value_bytes| value(value_bytes)).collect())
}

fn mismatch(found: usize, count: usize) -> NodeError {
    NodeError::attribute("value", format!("{found} values in a tensor of {count}"))
}

#[cfg(test)]
mod tests {
    use super::super::proto::{TensorShapeProto, tensor_shape_proto::Dim};
    use super::*;

    fn message(dtype: i32, shape: &[i64]) -> TensorProto {
        let dim = shape.iter().map(|&size| Dim { size }).collect();
        let tensor_shape = Some(TensorShapeProto { dim, unknown_rank: false });
        TensorProto { dtype, tensor_shape, ..Default::default() }
    }

    #[test]
    fn every_way_to_write_values() {
        let listed = TensorProto { float_val: vec![1.0, 2.0], ..message(dtype::FLOAT, &[4]) };
        assert_eq!(decode(&listed).expect("filled").floats(), [1.0, 2.0, 2.0, 2.0]);
        let zeros = message(dtype::INT32, &[2]);
        assert_eq!(decode(&zeros).expect("zeros").ints(), [0, 0]);
        let half = TensorProto { half_val: vec![0x3c00, 0xc100], ..message(dtype::HALF, &[2]) };
        assert_eq!(decode(&half).expect("half").floats(), [1.0, -2.5]);
        let content = vec![0x80, 0x3f, 0x00, 0xc0].into();
        let brain = TensorProto { tensor_content: content, ..message(dtype::BFLOAT16, &[2]) };
        assert_eq!(decode(&brain).expect("bfloat16").floats(), [1.0, -2.0]);
        let bytes = TensorProto {
            tensor_content: vec![0xff, 0x01].into(),
            ..message(dtype::INT8, &[2, 1])
        };
        let signed = decode(&bytes).expect("int8");
        assert_eq!((signed.shape(), signed.ints()), (&[2, 1][..], vec![-1, 1]));
        let scalar = TensorProto { bool_val: vec![true], ..message(dtype::BOOL, &[]) };
        assert_eq!(decode(&scalar).expect("scalar").ints(), [1]);
    }

    #[test]
    fn mistakes_are_errors() {
        let many = TensorProto { int_val: vec![1, 2], ..message(dtype::INT32, &[1]) };
        let cut = TensorProto { tensor_content: vec![0; 7].into(), ..message(dtype::FLOAT, &[2]) };
        let huge =
            TensorProto { float_val: vec![1.0], ..message(dtype::FLOAT, &[1 << 40, 1 << 40]) };
        let unknown = message(dtype::FLOAT, &[-1]);
        for wrong in [many, cut, huge, unknown, message(dtype::STRING, &[1]), message(99, &[1])] {
            assert!(decode(&wrong).is_err(), "{wrong:?}");
        }
    }
}
