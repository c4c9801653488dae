use ndarray::{ArrayD, IxDyn};
use umodel::{BlobFormat, DType};

use crate::kernels::requantize::quantize;

/// The contents of one blob.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// fp32.
    F32(ArrayD<f32>),
    /// Signed 8-bit integers.
    I8(ArrayD<i8>),
    /// Unsigned 8-bit integers.
    U8(ArrayD<u8>),
}

impl Value {
    /// The axes, as the blob's shape.
    pub fn shape(&self) -> &[usize] {
        match self {
            Value::F32(array) => array.shape(),
            Value::I8(array) => array.shape(),
            Value::U8(array) => array.shape(),
        }
    }

    /// How the values are stored.
    pub fn dtype(&self) -> DType {
        match self {
            Value::F32(_) => DType::F32,
            Value::I8(_) => DType::I8,
            Value::U8(_) => DType::U8,
        }
    }

    /// The real values: stored integers times `scale`; fp32 as it is.
    pub fn to_f32(&self, scale: f32) -> ArrayD<f32> {
        match self {
            Value::F32(array) => array.clone(),
            Value::I8(array) => array.mapv(|value| f32::from(value) * scale),
            Value::U8(array) => array.mapv(|value| f32::from(value) * scale),
        }
    }

    /// The stored values one behind the other, fp32 in little-endian: a blob as a file has it.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Value::F32(array) => array.iter().flat_map(|value| value.to_le_bytes()).collect(),
            Value::I8(array) => array.iter().map(|value| value.cast_unsigned()).collect(),
            Value::U8(array) => array.iter().copied().collect(),
        }
    }

    /// fp32 values in this format: rounded half away from zero and saturated; anything that is
    /// stored so already stays.
    pub fn into_format(self, format: BlobFormat) -> Value {
        let inverse = 1.0 / format.scale;
        match (self, format.dtype) {
            (Value::F32(array), DType::I8) => Value::I8(array.mapv(|v| quantize(v, inverse))),
            (Value::F32(array), DType::U8) => Value::U8(array.mapv(|v| quantize(v, inverse))),
            (value, _) => value,
        }
    }

    pub(crate) fn view(&self) -> View<'_> {
        // Every array of this crate stands in C order; see `Workspace`.
        match self {
            Value::F32(array) => View::F32(array.as_slice().unwrap_or_default()),
            Value::I8(array) => View::I8(array.as_slice().unwrap_or_default()),
            Value::U8(array) => View::U8(array.as_slice().unwrap_or_default()),
        }
    }

    pub(crate) fn view_mut(&mut self) -> ViewMut<'_> {
        match self {
            Value::F32(array) => ViewMut::F32(array.as_slice_mut().unwrap_or_default()),
            Value::I8(array) => ViewMut::I8(array.as_slice_mut().unwrap_or_default()),
            Value::U8(array) => ViewMut::U8(array.as_slice_mut().unwrap_or_default()),
        }
    }

    /// The same values in C order, which kernels rely on.
    pub(crate) fn standard(self) -> Value {
        match self {
            Value::F32(array) => Value::F32(array.as_standard_layout().into_owned()),
            Value::I8(array) => Value::I8(array.as_standard_layout().into_owned()),
            Value::U8(array) => Value::U8(array.as_standard_layout().into_owned()),
        }
    }
}

/// A blob's values, read only.
#[derive(Clone, Copy, Debug)]
pub(crate) enum View<'a> {
    F32(&'a [f32]),
    I8(&'a [i8]),
    U8(&'a [u8]),
}

/// A blob's values, to be written.
#[derive(Debug)]
pub(crate) enum ViewMut<'a> {
    F32(&'a mut [f32]),
    I8(&'a mut [i8]),
    U8(&'a mut [u8]),
}

/// Buffers of blobs that are no longer needed, for the next ones: fresh memory costs a page fault
/// for every 4 KiB, more than many a layer.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    floats: Vec<Vec<f32>>,
    signed: Vec<Vec<i8>>,
    unsigned: Vec<Vec<u8>>,
}

impl Pool {
    pub(crate) fn take(&mut self, dtype: DType, shape: &[usize]) -> Value {
        let length = shape.iter().product();
        let shape = IxDyn(shape);
        match dtype {
            DType::F32 => Value::F32(array(best(&mut self.floats, length), shape)),
            DType::I8 => Value::I8(array(best(&mut self.signed, length), shape)),
            DType::U8 => Value::U8(array(best(&mut self.unsigned, length), shape)),
        }
    }

    pub(crate) fn give(&mut self, value: Value) {
        match value {
            Value::F32(array) => self.floats.push(array.into_raw_vec_and_offset().0),
            Value::I8(array) => self.signed.push(array.into_raw_vec_and_offset().0),
            Value::U8(array) => self.unsigned.push(array.into_raw_vec_and_offset().0),
        }
    }
}

/// The smallest buffer that is large enough, resized; else a new one.
fn best<T: Copy + Default>(buffers: &mut Vec<Vec<T>>, length: usize) -> Vec<T> {
    let fits = buffers.iter().enumerate().filter(|(_, buffer)| buffer.capacity() >= length);
    let index = fits.min_by_key(|(_, buffer)| buffer.capacity()).map(|(index, _)| index);
    let mut buffer = index.map(|index| buffers.swap_remove(index)).unwrap_or_default();
    buffer.resize(length, T::default());
    buffer
}

fn array<T: Clone + Default>(buffer: Vec<T>, shape: IxDyn) -> ArrayD<T> {
    // The buffer has the shape's volume, so the fallback never serves.
    ArrayD::from_shape_vec(shape.clone(), buffer)
        .unwrap_or_else(|_| ArrayD::from_elem(shape, T::default()))
}
