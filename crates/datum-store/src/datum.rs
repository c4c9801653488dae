use prost::Message;

use crate::error::Error;
use crate::proto;

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

/// One stored picture and its label.
#[derive(Clone, Debug, PartialEq)]
pub struct Datum {
    shape: [usize; 3],
    data: DatumData,
    label: i32,
}

impl Datum {
    /// Joins a shape C, H, W, the data and a label.
    ///
    /// # Errors
    /// [`Error::DatumLength`] if pixels or values are not C·H·W in number.
    pub fn new(shape: [usize; 3], data: DatumData, label: i32) -> Result<Self, Error> {
        let found = match &data {
            DatumData::Bytes(bytes) => bytes.len(),
            DatumData::Floats(values) => values.len(),
            DatumData::Encoded(_) => return Ok(Datum { shape, data, label }),
        };
        let expected = shape.iter().try_fold(1usize, |product, &dim| product.checked_mul(dim));
        if expected != Some(found) {
            let expected = expected.unwrap_or(usize::MAX);
            return Err(Error::DatumLength { shape, expected, found });
        }
        Ok(Datum { shape, data, label })
    }

    /// C, H, W; of an encoded picture what its writer noted, maybe zeros.
    pub fn shape(&self) -> [usize; 3] {
        self.shape
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

    /// Decodes a stored record.
    ///
    /// # Errors
    /// The reason as text, without the record's place: not a Datum message, a shape out of range,
    /// data of the wrong length.
    pub fn from_wire(bytes: &[u8]) -> Result<Self, String> {
        let message = proto::Datum::decode(bytes).map_err(|error| error.to_string())?;
        let dims = [message.channels(), message.height(), message.width()];
        let volume = dims.iter().try_fold(1i64, |product, &dim| {
            if dim < 0 { None } else { product.checked_mul(dim.into()).filter(|&v| v < 1 << 31) }
        });
        if volume.is_none() {
            let [channels, height, width] = dims.map(i64::from);
            return Err(Error::DatumShape { channels, height, width }.to_string());
        }
        let shape = dims.map(|dim| dim.unsigned_abs() as usize);
        let label = message.label();
        let data = if message.encoded() {
            DatumData::Encoded(message.data.unwrap_or_default())
        } else if message.data.as_ref().is_none_or(Vec::is_empty) && !message.float_data.is_empty()
        {
            DatumData::Floats(message.float_data)
        } else {
            DatumData::Bytes(message.data.unwrap_or_default())
        };
        Datum::new(shape, data, label).map_err(|error| error.to_string())
    }

    /// The record as C++ Caffe writes it, byte for byte.
    pub fn to_wire(&self) -> Vec<u8> {
        let [channels, height, width] = self.shape.map(|dim| Some(dim as i32));
        let mut message =
            proto::Datum { channels, height, width, label: Some(self.label), ..Default::default() };
        match &self.data {
            DatumData::Bytes(bytes) => {
                message.data = Some(bytes.clone());
                message.encoded = Some(false);
            }
            DatumData::Floats(values) => message.float_data = values.clone(),
            DatumData::Encoded(bytes) => {
                message.data = Some(bytes.clone());
                message.encoded = Some(true);
                // Caffe does not note the size of a picture that it stores as it is.
                if self.shape == [0; 3] {
                    (message.channels, message.height, message.width) = (None, None, None);
                }
            }
        }
        message.encode_to_vec()
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
        assert!(matches!(wrong, Err(Error::DatumLength { expected: 12, found: 11, .. })));
        let huge = [8, 255, 255, 255, 255, 7, 16, 255, 255, 255, 255, 7, 24, 9];
        assert!(Datum::from_wire(&huge).unwrap_err().contains("not usable"));
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
