#![deny(clippy::indexing_slicing, clippy::as_conversions)]

use prost::Message;
use thiserror::Error;

use crate::bytes::{float, half};
use crate::schema;
use crate::schema::datum::ElementType;

/// A shape has fewer values than this.
const VOLUME_LIMIT: i64 = 1 << 31;

/// Why something is no sound record.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum DatumError {
    /// The data do not have the length that the shape asks for.
    #[error("a datum of shape {shape:?} needs {expected} values, found {found}")]
    Length {
        /// C, H, W.
        shape: [usize; 3],
        /// N·C·H·W.
        expected: usize,
        /// Number of values.
        found: usize,
    },
    /// The shape is negative, has 2^31 values or more, or a number of axes without a meaning.
    #[error("datum shape {dims:?} is not usable")]
    Dims {
        /// The shape as stored.
        dims: Vec<i64>,
    },
    /// The bytes are not a message of this type.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// The values are of a type that the vendor's enum does not have.
    #[error("its element type {number} is unknown")]
    ElementType {
        /// The type's number.
        number: i32,
    },
    /// The data end within a value.
    #[error("{bytes} bytes are no whole number of {size}-byte values")]
    Elements {
        /// Bytes of data.
        bytes: usize,
        /// Bytes of each value.
        size: usize,
    },
    /// An annotated datum without a datum.
    #[error("it has no datum")]
    NoDatum,
    /// A coordinate is infinite or not a number.
    #[error("a box of class {label} is not finite: {bbox:?}")]
    Box {
        /// The class.
        label: i32,
        /// xmin, ymin, xmax, ymax.
        bbox: [f32; 4],
    },
}

/// Where and why bytes are not a protobuf message.
#[derive(Clone, Debug, PartialEq, Error)]
#[error(transparent)]
pub struct WireError(prost::DecodeError);

/// Decodes a message.
pub(crate) fn decode<M: Message + Default>(bytes: &[u8]) -> Result<M, WireError> {
    M::decode(bytes).map_err(WireError)
}

/// The contents of a [`Datum`].
#[derive(Clone, Debug, PartialEq)]
pub enum DatumData {
    /// Pixels in C, H, W order; colour as B, G, R.
    Bytes(Vec<u8>),
    /// Values in C, H, W order.
    Floats(Vec<f32>),
    /// A whole picture file (JPEG, PNG, …); the shape need not be known.
    Encoded(Vec<u8>),
}

/// One stored picture and its label; by the vendor's convention, a whole batch of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Datum {
    shape: [usize; 3],
    dims: Option<Vec<usize>>,
    data: DatumData,
    label: i32,
}

impl Datum {
    /// Joins a shape C, H, W, the data and a label.
    ///
    /// # Errors
    /// [`DatumError::Length`] if pixels or values are not C·H·W in number, [`DatumError::Dims`] for
    /// 2^31 of them or more.
    pub fn new(shape: [usize; 3], data: DatumData, label: i32) -> Result<Self, DatumError> {
        Datum { shape, dims: None, data, label }.checked()
    }

    /// The same in the convention of the vendor's `LMDB_Dataset`: `dims` is the shape of the net's
    /// input, N×C×H×W, C×H×W, N×C or C.
    ///
    /// # Errors
    /// [`DatumError::Dims`] for other shapes, [`DatumError::Length`] if the data do not fit it.
    pub fn with_dims(dims: &[usize], data: DatumData, label: i32) -> Result<Self, DatumError> {
        let shape = match *dims {
            [_, c, h, w] | [c, h, w] => [c, h, w],
            [_, c] | [c] => [c, 1, 1],
            _ => return Err(unusable(dims)),
        };
        Datum { shape, dims: Some(dims.to_vec()), data, label }.checked()
    }

    /// Whatever exists can be written: all axes and their product fit into the record's numbers.
    fn checked(self) -> Result<Self, DatumError> {
        let dims = self.dims.as_deref().unwrap_or(&self.shape);
        if stored(dims).and_then(|dims| volume(&dims)).is_none() {
            return Err(unusable(dims));
        }
        let found = match &self.data {
            DatumData::Bytes(bytes) => bytes.len(),
            DatumData::Floats(values) => values.len(),
            DatumData::Encoded(_) => return Ok(self),
        };
        let volume = self.shape.iter().try_fold(self.batch(), |v, &dim| v.checked_mul(dim));
        if volume != Some(found) {
            let (shape, expected) = (self.shape, volume.unwrap_or(usize::MAX));
            return Err(DatumError::Length { shape, expected, found });
        }
        Ok(self)
    }

    /// C, H, W of one picture; of an encoded picture what its writer noted, maybe zeros.
    pub fn shape(&self) -> [usize; 3] {
        self.shape
    }

    /// The shape as the vendor's convention stores it; `None` in Caffe's records.
    pub fn dims(&self) -> Option<&[usize]> {
        self.dims.as_deref()
    }

    /// The number of pictures, N: 1 in Caffe's records. There are N·C·H·W pixels or values.
    pub fn batch(&self) -> usize {
        match self.dims.as_deref() {
            Some([n, _, _, _] | [n, _]) => *n,
            _ => 1,
        }
    }

    /// The N pictures of a batch, each with this datum's label and a shape of its own; an encoded
    /// picture stays one.
    pub fn into_pictures(self) -> Vec<Datum> {
        if self.batch() == 1 {
            return vec![self];
        }
        let (shape, label) = (self.shape, self.label);
        let size = shape.iter().product::<usize>().max(1);
        // What has no H and W keeps having none.
        let dims = match self.dims.as_deref() {
            Some([_, c]) => Some(vec![*c]),
            _ => None,
        };
        let datum = |data| Datum { shape, dims: dims.clone(), data, label };
        match self.data {
            DatumData::Bytes(bytes) => {
                bytes.chunks(size).map(|part| datum(DatumData::Bytes(part.to_vec()))).collect()
            }
            DatumData::Floats(values) => {
                values.chunks(size).map(|part| datum(DatumData::Floats(part.to_vec()))).collect()
            }
            encoded @ DatumData::Encoded(_) => vec![datum(encoded)],
        }
    }

    /// Pixels, values or an encoded picture.
    pub fn data(&self) -> &DatumData {
        &self.data
    }

    /// The label; 0 if none was given.
    pub fn label(&self) -> i32 {
        self.label
    }

    /// The same datum with another label.
    pub fn with_label(self, label: i32) -> Self {
        Datum { label, ..self }
    }

    /// Decodes a stored record. Values of the vendor's other element types become floats.
    ///
    /// # Errors
    /// The reason, without the record's place: not a Datum message, a shape out of range, data of the
    /// wrong length.
    pub fn from_wire(bytes: &[u8]) -> Result<Self, DatumError> {
        Datum::from_message(decode(bytes)?)
    }

    pub(crate) fn from_message(message: schema::Datum) -> Result<Self, DatumError> {
        let stored = match &message.shape {
            Some(shape) => shape.dim.clone(),
            None => [message.channels(), message.height(), message.width()].map(i64::from).to_vec(),
        };
        let dims: Option<Vec<usize>> = volume(&stored)
            .and_then(|_| stored.iter().map(|&dim| usize::try_from(dim).ok()).collect());
        let dims = dims.ok_or(DatumError::Dims { dims: stored })?;
        let label = message.label();
        let data = if message.encoded() {
            DatumData::Encoded(message.data.unwrap_or_default())
        } else if message.data.as_ref().is_none_or(Vec::is_empty) && !message.float_data.is_empty()
        {
            DatumData::Floats(message.float_data)
        } else {
            elements(message.dtype, message.data.unwrap_or_default())?
        };
        match (message.shape, dims.as_slice()) {
            (None, &[c, h, w]) => Datum::new([c, h, w], data, label),
            _ => Datum::with_dims(&dims, data, label),
        }
    }

    /// The record as C++ Caffe writes it, byte for byte; with [`Datum::with_dims`] as the vendor's
    /// `LMDB_Dataset` does.
    pub fn to_wire(&self) -> Vec<u8> {
        self.to_message().encode_to_vec()
    }

    pub(crate) fn to_message(&self) -> schema::Datum {
        let mut message = schema::Datum { label: Some(self.label), ..Default::default() };
        let (dtype, encoded) = match &self.data {
            DatumData::Bytes(bytes) => {
                message.data = Some(bytes.clone());
                (Some(ElementType::Uint8), Some(false))
            }
            DatumData::Floats(values) => {
                message.float_data = values.clone();
                (Some(ElementType::Fp32), None)
            }
            DatumData::Encoded(bytes) => {
                message.data = Some(bytes.clone());
                (None, Some(true))
            }
        };
        if let Some(dims) = &self.dims {
            let dim = stored(dims).unwrap_or_default();
            message.shape = Some(schema::datum::Shape { dim });
            message.dtype = dtype.map(i32::from);
            message.encoded = encoded.filter(|&encoded| encoded);
            return message;
        }
        message.encoded = encoded;
        // Caffe does not note the size of a picture that it stores as it is.
        if encoded != Some(true) || self.shape != [0; 3] {
            let [channels, height, width] = self.shape.map(|dim| i32::try_from(dim).ok());
            (message.channels, message.height, message.width) = (channels, height, width);
        }
        message
    }
}

fn unusable(dims: &[usize]) -> DatumError {
    let dims = dims.iter().map(|&dim| i64::try_from(dim).unwrap_or(i64::MAX)).collect();
    DatumError::Dims { dims }
}

/// A shape as records have it, if each of its numbers fits there.
fn stored(dims: &[usize]) -> Option<Vec<i64>> {
    dims.iter().map(|&dim| i32::try_from(dim).map(i64::from).ok()).collect()
}

/// The number of values of a shape, if it is a usable one.
fn volume(dims: &[i64]) -> Option<i64> {
    dims.iter().try_fold(1i64, |product, &dim| {
        let more = product.checked_mul(dim).filter(|_| dim >= 0);
        more.filter(|&product| product < VOLUME_LIMIT)
    })
}

/// `data` by its element type; little-endian.
fn elements(dtype: Option<i32>, data: Vec<u8>) -> Result<DatumData, DatumError> {
    let dtype = match dtype {
        None => ElementType::Uint8,
        Some(number) => {
            ElementType::try_from(number).map_err(|_| DatumError::ElementType { number })?
        }
    };
    let values = match dtype {
        ElementType::Uint8 => return Ok(DatumData::Bytes(data)),
        ElementType::Int8 => values(&data, |bytes| f32::from(i8::from_le_bytes(bytes))),
        ElementType::Fp16 => values(&data, |bytes| half(u16::from_le_bytes(bytes))),
        ElementType::Int16 => values(&data, |bytes| f32::from(i16::from_le_bytes(bytes))),
        ElementType::Uint16 => values(&data, |bytes| f32::from(u16::from_le_bytes(bytes))),
        ElementType::Fp32 => values(&data, f32::from_le_bytes),
        ElementType::Int32 => values(&data, |bytes| float(i32::from_le_bytes(bytes).into())),
        ElementType::Uint32 => values(&data, |bytes| float(u32::from_le_bytes(bytes).into())),
    };
    values.map(DatumData::Floats)
}

/// Values of `N` bytes each.
fn values<const N: usize>(data: &[u8], value: fn([u8; N]) -> f32) -> Result<Vec<f32>, DatumError> {
    let (values, rest) = data.as_chunks::<N>();
    if rest.is_empty() {
        Ok(values.iter().map(|&bytes| value(bytes)).collect())
    } else {
        Err(DatumError::Elements { bytes: data.len(), size: N })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Bit-exact: what C++ protobuf prints for the same fields.
    #[test]
    fn wire_form_is_caffes() {
        let datum = Datum::new([1, 1, 2], DatumData::Bytes(vec![3, 255]), 7).expect("fits");
        assert_eq!(datum.to_wire(), [8, 1, 16, 1, 24, 2, 34, 2, 3, 255, 40, 7, 56, 0]);
        let floats = Datum::new([1, 1, 1], DatumData::Floats(vec![1.0]), 0).expect("fits");
        assert_eq!(floats.to_wire(), [8, 1, 16, 1, 24, 1, 40, 0, 53, 0, 0, 128, 63]);
    }

    #[test]
    fn a_shape_that_does_not_fit_is_an_error() {
        let wrong = Datum::new([3, 2, 2], DatumData::Bytes(vec![0; 11]), 0);
        assert!(matches!(wrong, Err(DatumError::Length { expected: 12, found: 11, .. })));
        let huge = [8, 255, 255, 255, 255, 7, 16, 255, 255, 255, 255, 7, 24, 9];
        let dims = vec![i32::MAX.into(), i32::MAX.into(), 9];
        assert_eq!(Datum::from_wire(&huge), Err(DatumError::Dims { dims }));
    }

    /// Numbers that a record cannot hold are refused before they are cut off.
    #[test]
    fn shapes_that_no_record_can_hold_are_errors() {
        let encoded = || DatumData::Encoded(vec![0]);
        for shape in [[1 << 32, 1, 1], [1 << 16, 1 << 15, 1], [usize::MAX; 3]] {
            let wrong = Datum::new(shape, encoded(), 0);
            assert!(matches!(wrong, Err(DatumError::Dims { .. })), "{shape:?}");
            let wrong = Datum::with_dims(&shape, encoded(), 0);
            assert!(matches!(wrong, Err(DatumError::Dims { .. })), "{shape:?}");
        }
        assert!(matches!(Datum::with_dims(&[], encoded(), 0), Err(DatumError::Dims { .. })));
    }

    /// Exact: every element type of the vendor's enum, the least number of bytes that tells it.
    #[test]
    fn element_types() {
        for (dtype, data, expected) in [
            (0, vec![0, 0, 0x80, 0xBF], -1.0),
            (1, vec![0, 0xC0], -2.0),
            (2, vec![0x80], -128.0),
            (4, vec![0, 0x80], -32768.0),
            (5, vec![0, 0x80], 32768.0),
            (6, vec![0, 0, 0, 0x80], -2_147_483_648.0),
            (7, vec![0, 0, 0, 0x80], 2_147_483_648.0),
        ] {
            assert_eq!(elements(Some(dtype), data), Ok(DatumData::Floats(vec![expected])));
        }
        assert_eq!(elements(Some(3), vec![200]), Ok(DatumData::Bytes(vec![200])));
        assert_eq!(elements(Some(8), vec![]), Err(DatumError::ElementType { number: 8 }));
        let wrong = Err(DatumError::Elements { bytes: 3, size: 2 });
        assert_eq!(elements(Some(1), vec![0; 3]), wrong);
    }

    /// Bit-exact: as Python's protobuf prints the vendor's record of `np.float32` 1×1×1×2.
    #[test]
    fn the_vendors_convention() {
        let floats = DatumData::Floats(vec![1.0, 2.0]);
        let datum = Datum::with_dims(&[1, 1, 1, 2], floats, 0).expect("fits");
        let wire = [40, 0, 53, 0, 0, 128, 63, 53, 0, 0, 0, 64, 66, 6, 10, 4, 1, 1, 1, 2, 72, 0];
        assert_eq!(datum.to_wire(), wire);
        assert_eq!(Datum::from_wire(&wire), Ok(datum.clone()));
        assert_eq!((datum.shape(), datum.batch()), ([1, 1, 2], 1));
        // INT16 in `data`: 2×1×1×1.
        let shorts = [34, 4, 255, 255, 3, 0, 66, 6, 10, 4, 2, 1, 1, 1, 72, 4];
        let datum = Datum::from_wire(&shorts).expect("sound");
        assert_eq!(datum.data(), &DatumData::Floats(vec![-1.0, 3.0]));
        assert_eq!((datum.shape(), datum.batch()), ([1, 1, 1], 2));
        let pictures = datum.into_pictures();
        assert_eq!(pictures[1], Datum::new([1; 3], DatumData::Floats(vec![3.0]), 0).expect("fits"));
        let rows = Datum::with_dims(&[2, 3], DatumData::Floats(vec![0.5; 6]), 0).expect("fits");
        for row in rows.into_pictures() {
            assert_eq!((row.shape(), row.dims(), row.batch()), ([3, 1, 1], Some(&[3][..]), 1));
        }
        assert!(Datum::from_wire(&[34, 1, 0, 66, 3, 10, 1, 1, 72, 4]).is_err());
        assert!(Datum::from_wire(&[34, 1, 0, 66, 3, 10, 1, 1, 72, 9]).is_err());
    }

    proptest! {
        #[test]
        fn wire_round_trip(h in 1usize..5, w in 1usize..5, label in any::<i32>(), seed in any::<u8>()) {
            let bytes = (0..=seed).cycle().take(3 * h * w).collect();
            let datum = Datum::new([3, h, w], DatumData::Bytes(bytes), label).expect("fits");
            prop_assert_eq!(Datum::from_wire(&datum.to_wire()), Ok(datum));
        }

        #[test]
        fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = Datum::from_wire(&bytes);
        }
    }
}
