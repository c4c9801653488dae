use ndarray::{ArrayD, Dimension, IxDyn};
use umodel::{BlobFormat, DType};

use crate::kernels::requantize::quantize;
use crate::plan::{Plan, kind};

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

    /// The inverse of [`Value::to_bytes`]; none if the bytes are not exactly those of this shape.
    pub fn from_bytes(dtype: DType, shape: &[usize], bytes: &[u8]) -> Option<Value> {
        let shape = IxDyn(shape);
        Some(match dtype {
            DType::F32 => {
                let (values, rest) = bytes.as_chunks();
                let whole = rest.is_empty();
                let values = values.iter().map(|&value| f32::from_le_bytes(value)).collect();
                Value::F32(ArrayD::from_shape_vec(shape, values).ok().filter(|_| whole)?)
            }
            DType::I8 => {
                let values = bytes.iter().map(|byte| byte.cast_signed()).collect();
                Value::I8(ArrayD::from_shape_vec(shape, values).ok()?)
            }
            DType::U8 => Value::U8(ArrayD::from_shape_vec(shape, bytes.to_vec()).ok()?),
        })
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
        // Every array of a forward pass stands in C order: see `standard` and `array`.
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

    /// The first values along an axis, in the same buffer.
    pub(crate) fn cut(self, axis: usize, length: usize) -> Value {
        fn cut<T: Copy + Default>(array: ArrayD<T>, axis: usize, length: usize) -> ArrayD<T> {
            let mut shape = array.raw_dim();
            let Some(&whole) = shape.slice().get(axis).filter(|&&whole| whole > length) else {
                return array;
            };
            let inner: usize = shape.slice()[axis + 1..].iter().product();
            shape.slice_mut()[axis] = length;
            let mut values = array.into_raw_vec_and_offset().0;
            for outer in 1..values.len() / (whole * inner).max(1) {
                let from = outer * whole * inner;
                values.copy_within(from..from + length * inner, outer * length * inner);
            }
            values.truncate(shape.size());
            self::array(values, shape)
        }
        match self {
            Value::F32(array) => Value::F32(cut(array, axis, length)),
            Value::I8(array) => Value::I8(cut(array, axis, length)),
            Value::U8(array) => Value::U8(cut(array, axis, length)),
        }
    }

    /// The same values in C order, which kernels rely on.
    pub(crate) fn standard(self) -> Value {
        fn standard<T: Clone>(array: ArrayD<T>) -> ArrayD<T> {
            // A batch of pictures is large: it is copied only if it has to be.
            if array.is_standard_layout() { array } else { array.as_standard_layout().into_owned() }
        }
        match self {
            Value::F32(array) => Value::F32(standard(array)),
            Value::I8(array) => Value::I8(standard(array)),
            Value::U8(array) => Value::U8(standard(array)),
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

/// The buffers of a net's blobs, as many and as long as its [`Plan`] says. They are kept from one forward pass to
/// the next: fresh memory costs a page fault for every 4 KiB, more than many a layer.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    floats: Vec<Vec<f32>>,
    signed: Vec<Vec<i8>>,
    unsigned: Vec<Vec<u8>>,
}

impl Buffers {
    /// A value in one of the buffers; what it holds is left from others.
    pub(crate) fn take(
        &mut self,
        plan: &Plan,
        dtype: DType,
        buffer: usize,
        shape: &[usize],
    ) -> Value {
        let lengths = plan.lengths(kind(dtype));
        let shape = IxDyn(shape);
        match dtype {
            DType::F32 => Value::F32(array(take(&mut self.floats, lengths, buffer), shape)),
            DType::I8 => Value::I8(array(take(&mut self.signed, lengths, buffer), shape)),
            DType::U8 => Value::U8(array(take(&mut self.unsigned, lengths, buffer), shape)),
        }
    }

    /// Gives a value's buffer back.
    pub(crate) fn give(&mut self, buffer: usize, value: Value) {
        match value {
            Value::F32(array) => give(&mut self.floats, buffer, array),
            Value::I8(array) => give(&mut self.signed, buffer, array),
            Value::U8(array) => give(&mut self.unsigned, buffer, array),
        }
    }

    /// What the buffers that are not in use hold, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        let floats: usize = self.floats.iter().map(Vec::capacity).sum();
        let signed: usize = self.signed.iter().map(Vec::capacity).sum();
        let unsigned: usize = self.unsigned.iter().map(Vec::capacity).sum();
        floats * size_of::<f32>() + signed + unsigned
    }
}

/// The buffer of this number, with its planned capacity; [`array`] gives it its length.
fn take<T>(buffers: &mut [Vec<T>], lengths: &[usize], buffer: usize) -> Vec<T> {
    let length = lengths.get(buffer).copied().unwrap_or(0);
    let kept = buffers.get_mut(buffer).map(std::mem::take).unwrap_or_default();
    // One that another net has left may be too short.
    if kept.capacity() >= length { kept } else { Vec::with_capacity(length) }
}

fn give<T>(buffers: &mut Vec<Vec<T>>, buffer: usize, array: ArrayD<T>) {
    if buffers.len() <= buffer {
        buffers.resize_with(buffer + 1, Vec::new);
    }
    buffers[buffer] = array.into_raw_vec_and_offset().0;
}

fn array<T: Clone + Default>(mut buffer: Vec<T>, shape: IxDyn) -> ArrayD<T> {
    buffer.resize(shape.size(), T::default());
    // The buffer has the shape's volume, so the fallback never serves.
    ArrayD::from_shape_vec(shape.clone(), buffer)
        .unwrap_or_else(|_| ArrayD::from_elem(shape, T::default()))
}
