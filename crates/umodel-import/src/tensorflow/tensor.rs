//! TensorProto: weights and other constants.

use std::rc::Rc;

use half::{bf16, f16};

use super::proto::TensorProto;
use crate::error::TensorError;
use crate::graph::{Array, Budget, Room, Tensor, narrowed};

/// TensorFlow's numbers of the types that are read (types.proto).
pub(super) mod dtype {
    pub(in super::super) const FLOAT: i32 = 1;
    pub(in super::super) const DOUBLE: i32 = 2;
    pub(in super::super) const INT32: i32 = 3;
    pub(in super::super) const UINT8: i32 = 4;
    pub(in super::super) const INT16: i32 = 5;
    pub(in super::super) const INT8: i32 = 6;
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
pub(super) fn decode(message: &TensorProto, budget: &Rc<Budget>) -> Result<Tensor, TensorError> {
    let values = Values { shape: shape(message)?, bytes: &message.tensor_content, budget };
    let ints = &message.int_val;
    let halves = &message.half_val;
    let half = |bits| f16::from_bits(bits).to_f32();
    let brain = |bits| bf16::from_bits(bits).to_f32();
    // Values beyond i64 have no use as sizes or indices.
    let long = u64::cast_signed;
    Ok(match message.dtype {
        dtype::FLOAT => values.read(f32::from_le_bytes, &message.float_val, |v| v)?.into(),
        dtype::DOUBLE => {
            let narrow = |bytes| narrowed(f64::from_le_bytes(bytes));
            values.read(narrow, &message.double_val, narrowed)?.into()
        }
        dtype::HALF => {
            let from_bytes = |bytes| half(u16::from_le_bytes(bytes));
            values.read(from_bytes, halves, |bits| half(low_bits(bits)))?.into()
        }
        dtype::BFLOAT16 => {
            let from_bytes = |bytes| brain(u16::from_le_bytes(bytes));
            values.read(from_bytes, halves, |bits| brain(low_bits(bits)))?.into()
        }
        dtype::INT32 => {
            values.read(|bytes| i64::from(i32::from_le_bytes(bytes)), ints, i64::from)?.into()
        }
        dtype::INT16 => {
            values.read(|bytes| i64::from(i16::from_le_bytes(bytes)), ints, i64::from)?.into()
        }
        dtype::INT8 => {
            values.read(|bytes| i64::from(i8::from_le_bytes(bytes)), ints, i64::from)?.into()
        }
        dtype::UINT8 => values.read(|[byte]| i64::from(byte), ints, i64::from)?.into(),
        dtype::UINT16 => {
            values.read(|bytes| i64::from(u16::from_le_bytes(bytes)), ints, i64::from)?.into()
        }
        dtype::UINT32 => {
            let from_bytes = |bytes| i64::from(u32::from_le_bytes(bytes));
            values.read(from_bytes, &message.uint32_val, i64::from)?.into()
        }
        dtype::UINT64 => {
            let from_bytes = |bytes| long(u64::from_le_bytes(bytes));
            values.read(from_bytes, &message.uint64_val, long)?.into()
        }
        dtype::INT64 => values.read(i64::from_le_bytes, &message.int64_val, |v| v)?.into(),
        dtype::BOOL => values.read(|[byte]| byte != 0, &message.bool_val, |v| v)?.into(),
        data_type => return Err(TensorError::Type { data_type }),
    })
}

fn shape(message: &TensorProto) -> Result<Vec<usize>, TensorError> {
    let Some(shape) = &message.tensor_shape else { return Ok(Vec::new()) };
    let sizes = shape.dim.iter().map(|dim| usize::try_from(dim.size).ok());
    let sizes: Option<Vec<usize>> = sizes.collect();
    sizes.filter(|_| !shape.unknown_rank).ok_or(TensorError::OpenShape)
}

/// The values of a tensor, as bytes or as a list.
struct Values<'a> {
    shape: Vec<usize>,
    bytes: &'a [u8],
    budget: &'a Rc<Budget>,
}

impl Values<'_> {
    /// Values from their bytes, or else from the list that a type has. The last one of a list stands for all that
    /// are not listed.
    fn read<const N: usize, L: Copy + Default, T: Clone>(
        &self,
        from_bytes: impl Fn([u8; N]) -> T,
        list: &[L],
        from_list: impl Fn(L) -> T,
    ) -> Result<Array<T>, TensorError> {
        let room: Room<T> = self.budget.room(&self.shape)?;
        let (count, shape) = (room.volume(), || self.shape.clone());
        let values: Vec<T> = if self.bytes.is_empty() {
            if list.len() > count {
                return Err(TensorError::Values { found: list.len(), shape: shape() });
            }
            // TensorFlow leaves out a list of nothing but zeros.
            let last = from_list(list.last().copied().unwrap_or_default());
            let mut values = Vec::with_capacity(count);
            values.extend(list.iter().map(|&value| from_list(value)));
            values.resize(count, last);
            values
        } else {
            let (values, rest) = self.bytes.as_chunks::<N>();
            if values.len() != count || !rest.is_empty() {
                let (found, expected) = (self.bytes.len(), count.saturating_mul(N));
                return Err(TensorError::Bytes { found, expected, shape: shape() });
            }
            values.iter().map(|&bytes| from_bytes(bytes)).collect()
        };
        room.values(values).map_err(|_| TensorError::Values { found: count, shape: shape() })
    }
}

/// Halves stand in lists of integers as their bits.
fn low_bits(value: i32) -> u16 {
    let [low, high, ..] = value.to_le_bytes();
    u16::from_le_bytes([low, high])
}

#[cfg(test)]
mod tests {
    use super::super::proto::{TensorShapeProto, tensor_shape_proto::Dim};
    use super::*;

    fn decode(message: &TensorProto) -> Result<Tensor, TensorError> {
        super::decode(message, &Budget::new(None, 0))
    }

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
        for wrong in [many, cut, huge, unknown, message(7, &[1]), message(99, &[1])] {
            assert!(decode(&wrong).is_err(), "{wrong:?}");
        }
    }
}
