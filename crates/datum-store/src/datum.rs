use byteorder::{ByteOrder, LittleEndian};
use prost::Message;

use crate::error::Error;
use crate::proto;
use crate::proto::datum::ElementType;

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
    /// [`Error::DatumLength`] if pixels or values are not C·H·W in number.
    pub fn new(shape: [usize; 3], data: DatumData, label: i32) -> Result<Self, Error> {
        Datum { shape, dims: None, data, label }.checked()
    }

    /// The same in the convention of the vendor's `LMDB_Dataset`: `dims` is the shape of the net's
    /// input, N×C×H×W, C×H×W, N×C or C.
    ///
    /// # Errors
    /// [`Error::DatumDims`] for other shapes, [`Error::DatumLength`] if the data do not fit it.
    pub fn with_dims(dims: &[usize], data: DatumData, label: i32) -> Result<Self, Error> {
        let shape = match *dims {
            [_, c, h, w] | [c, h, w] => [c, h, w],
            [_, c] | [c] => [c, 1, 1],
            _ => {
                let dims = dims.iter().map(|&dim| dim as i64).collect();
                return Err(Error::DatumDims { dims });
            }
        };
        Datum { shape, dims: Some(dims.to_vec()), data, label }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        let found = match &self.data {
            DatumData::Bytes(bytes) => bytes.len(),
            DatumData::Floats(values) => values.len(),
            DatumData::Encoded(_) => return Ok(self),
        };
        let volume = self.shape.iter().try_fold(self.batch(), |v, &dim| v.checked_mul(dim));
        if volume != Some(found) {
            let (shape, expected) = (self.shape, volume.unwrap_or(usize::MAX));
            return Err(Error::DatumLength { shape, expected, found });
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
    /// The reason as text, without the record's place: not a Datum message, a shape out of range,
    /// data of the wrong length.
    pub fn from_wire(bytes: &[u8]) -> Result<Self, String> {
        Datum::from_message(proto::Datum::decode(bytes).map_err(|error| error.to_string())?)
    }

    pub(crate) fn from_message(message: proto::Datum) -> Result<Self, String> {
        let stored = match &message.shape {
            Some(shape) => shape.dim.clone(),
            None => [message.channels(), message.height(), message.width()].map(i64::from).to_vec(),
        };
        let volume = stored.iter().try_fold(1i64, |product, &dim| {
            if dim < 0 { None } else { product.checked_mul(dim).filter(|&v| v < 1 << 31) }
        });
        let dims: Option<Vec<usize>> =
            volume.and_then(|_| stored.iter().map(|&dim| usize::try_from(dim).ok()).collect());
        let dims = dims.ok_or_else(|| Error::DatumDims { dims: stored }.to_string())?;
        let label = message.label();
        let data = if message.encoded() {
            DatumData::Encoded(message.data.unwrap_or_default())
        } else if message.data.as_ref().is_none_or(Vec::is_empty) && !message.float_data.is_empty()
        {
            DatumData::Floats(message.float_data)
        } else {
            elements(message.dtype, message.data.unwrap_or_default())?
        };
        let datum = match (message.shape, dims.as_slice()) {
            (None, &[c, h, w]) => Datum::new([c, h, w], data, label),
            _ => Datum::with_dims(&dims, data, label),
        };
        datum.map_err(|error| error.to_string())
    }

    /// The record as C++ Caffe writes it, byte for byte; with [`Datum::with_dims`] as the vendor's
    /// `LMDB_Dataset` does.
    pub fn to_wire(&self) -> Vec<u8> {
        self.to_message().encode_to_vec()
    }

    pub(crate) fn to_message(&self) -> proto::Datum {
        let mut message = proto::Datum { label: Some(self.label), ..Default::default() };
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
            let dim = dims.iter().map(|&dim| dim as i64).collect();
            message.shape = Some(proto::datum::Shape { dim });
            message.dtype = dtype.map(i32::from);
            message.encoded = encoded.filter(|&encoded| encoded);
            return message;
        }
        message.encoded = encoded;
        // Caffe does not note the size of a picture that it stores as it is.
        if encoded != Some(true) || self.shape != [0; 3] {
            let [channels, height, width] = self.shape.map(|dim| Some(dim as i32));
            (message.channels, message.height, message.width) = (channels, height, width);
        }
        message
    }
}

/// `data` by its element type; little-endian.
fn elements(dtype: Option<i32>, data: Vec<u8>) -> Result<DatumData, String> {
    let dtype = match dtype {
        None => ElementType::Uint8,
        Some(number) => ElementType::try_from(number)
            .map_err(|_| format!("its element type {number} is unknown"))?,
    };
    let size = match dtype {
        ElementType::Uint8 => return Ok(DatumData::Bytes(data)),
        ElementType::Int8 => 1,
        ElementType::Fp16 | ElementType::Int16 | ElementType::Uint16 => 2,
        ElementType::Fp32 | ElementType::Int32 | ElementType::Uint32 => 4,
    };
    if !data.len().is_multiple_of(size) {
        return Err(format!("{} bytes are no whole number of {size}-byte values", data.len()));
    }
    let value = |bytes: &[u8]| match dtype {
        ElementType::Uint8 => f32::from(bytes[0]),
        ElementType::Int8 => f32::from(bytes[0] as i8),
        ElementType::Fp16 => half::f16::from_bits(LittleEndian::read_u16(bytes)).to_f32(),
        ElementType::Int16 => f32::from(LittleEndian::read_i16(bytes)),
        ElementType::Uint16 => f32::from(LittleEndian::read_u16(bytes)),
        ElementType::Fp32 => LittleEndian::read_f32(bytes),
        ElementType::Int32 => LittleEndian::read_i32(bytes) as f32,
        ElementType::Uint32 => LittleEndian::read_u32(bytes) as f32,
    };
    Ok(DatumData::Floats(data.chunks_exact(size).map(value).collect()))
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
        assert!(matches!(wrong, Err(Error::DatumLength { expected: 12, found: 11, .. })));
        let huge = [8, 255, 255, 255, 255, 7, 16, 255, 255, 255, 255, 7, 24, 9];
        assert!(Datum::from_wire(&huge).unwrap_err().contains("not usable"));
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
            let bytes = (0..3 * h * w).map(|i| (i as u8).wrapping_mul(seed)).collect();
            let datum = Datum::new([3, h, w], DatumData::Bytes(bytes), label).expect("fits");
            prop_assert_eq!(Datum::from_wire(&datum.to_wire()), Ok(datum));
        }

        #[test]
        fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = Datum::from_wire(&bytes);
        }
    }
}
