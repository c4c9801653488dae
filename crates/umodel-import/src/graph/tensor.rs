//! Constants: weights, and what shapes are computed with.

use umodel::Shape;

use super::Result;
use super::room::{Array, Room};
use crate::error::ShapeError;

/// A constant. All float types are kept in fp32, all integers in i64.
#[derive(Clone, Debug)]
pub(crate) enum Tensor {
    F32(Array<f32>),
    I64(Array<i64>),
    Bool(Array<bool>),
}

/// Runs a body for whatever type a tensor has.
macro_rules! for_tensor {
    ($tensor:expr, $array:ident => $body:expr) => {
        match $tensor {
            $crate::graph::Tensor::F32($array) => $body,
            $crate::graph::Tensor::I64($array) => $body,
            $crate::graph::Tensor::Bool($array) => $body,
        }
    };
}
pub(crate) use for_tensor;

impl From<Array<f32>> for Tensor {
    fn from(array: Array<f32>) -> Self {
        Tensor::F32(array)
    }
}

impl From<Array<i64>> for Tensor {
    fn from(array: Array<i64>) -> Self {
        Tensor::I64(array)
    }
}

impl From<Array<bool>> for Tensor {
    fn from(array: Array<bool>) -> Self {
        Tensor::Bool(array)
    }
}

/// A size as a signed number. Sizes are below 2^31 once [`volume`](super::volume) has seen them.
pub(crate) fn signed(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

/// The number of an axis as layers have it. There are at most 32 axes.
pub(crate) fn layer_axis(axis: usize) -> i32 {
    i32::try_from(axis).unwrap_or(i32::MAX)
}

/// An integer in fp32, rounded.
pub(crate) fn to_float(value: i64) -> f32 {
    value as f32
}

/// A number as an integer, cut towards zero, the nearest one where there is none.
#[expect(clippy::cast_possible_truncation, reason = "`as` gives the nearest number, as wanted")]
pub(crate) fn to_int(value: f32) -> i64 {
    value as i64
}

/// A double in fp32, rounded; infinite where it is too large.
#[expect(clippy::cast_possible_truncation, reason = "`as` rounds, as wanted")]
pub(crate) fn narrowed(value: f64) -> f32 {
    value as f32
}

impl Tensor {
    pub(crate) fn shape(&self) -> &[usize] {
        for_tensor!(self, array => array.shape())
    }

    pub(crate) fn len(&self) -> usize {
        for_tensor!(self, array => array.len())
    }

    /// Room for another constant, of the same model.
    pub(crate) fn room<T>(&self, shape: &[usize]) -> Result<Room<T>> {
        for_tensor!(self, array => array.room(shape))
    }

    /// The values in fp32.
    pub(crate) fn to_f32(&self) -> Result<Array<f32>> {
        match self {
            Tensor::F32(array) => Ok(array.clone()),
            Tensor::I64(array) => array.map(|&value| to_float(value)),
            Tensor::Bool(array) => array.map(|&value| f32::from(u8::from(value))),
        }
    }

    /// The values as integers, cut towards zero.
    pub(crate) fn to_i64(&self) -> Result<Array<i64>> {
        match self {
            Tensor::F32(array) => array.map(|&value| to_int(value)),
            Tensor::I64(array) => Ok(array.clone()),
            Tensor::Bool(array) => array.map(|&value| i64::from(value)),
        }
    }

    /// Whether each value is not zero.
    pub(crate) fn to_bool(&self) -> Result<Array<bool>> {
        match self {
            Tensor::F32(array) => array.map(|&value| value != 0.0),
            Tensor::I64(array) => array.map(|&value| value != 0),
            Tensor::Bool(array) => Ok(array.clone()),
        }
    }

    /// All values in order, in fp32. For short lists.
    pub(crate) fn floats(&self) -> Vec<f32> {
        match self {
            Tensor::F32(array) => array.iter().copied().collect(),
            Tensor::I64(array) => array.iter().map(|&value| to_float(value)).collect(),
            Tensor::Bool(array) => array.iter().map(|&value| f32::from(u8::from(value))).collect(),
        }
    }

    /// All values in order, as integers. For short lists.
    pub(crate) fn ints(&self) -> Vec<i64> {
        match self {
            Tensor::F32(array) => array.iter().map(|&value| to_int(value)).collect(),
            Tensor::I64(array) => array.iter().copied().collect(),
            Tensor::Bool(array) => array.iter().map(|&value| i64::from(value)).collect(),
        }
    }

    /// The value, if there is exactly one, whatever the shape.
    pub(crate) fn single(&self) -> Option<f32> {
        (self.len() == 1).then(|| self.floats())?.first().copied()
    }

    /// As [`Tensor::single`].
    ///
    /// # Errors
    /// If there are more values, or none.
    pub(crate) fn number(&self) -> Result<f32> {
        let shape = || ShapeError::OneNumber { shape: self.shape().to_vec() };
        Ok(self.single().ok_or_else(shape)?)
    }

    /// The only value, as an integer.
    ///
    /// # Errors
    /// If there are more values, or none.
    pub(crate) fn integer(&self) -> Result<i64> {
        let bad = || ShapeError::OneNumber { shape: self.shape().to_vec() };
        match self {
            _ if self.len() != 1 => Err(bad().into()),
            Tensor::F32(array) => Ok(array.first().map(|&value| to_int(value)).ok_or_else(bad)?),
            Tensor::I64(array) => Ok(array.first().copied().ok_or_else(bad)?),
            Tensor::Bool(array) => Ok(array.first().map(|&v| i64::from(v)).ok_or_else(bad)?),
        }
    }

    /// The values as sizes.
    ///
    /// # Errors
    /// If one is negative.
    pub(crate) fn sizes(&self) -> Result<Shape> {
        let dims = self.ints();
        let sizes: Option<Shape> = dims.iter().map(|&dim| usize::try_from(dim).ok()).collect();
        Ok(sizes.ok_or(ShapeError::Negative { dims })?)
    }

    /// The same values with another shape of the same volume.
    pub(crate) fn reshaped(&self, shape: &[usize]) -> Result<Tensor> {
        for_tensor!(self, array => Ok(array.reshaped(shape)?.into()))
    }

    /// Axis i of the result is axis `order[i]`, which must be a permutation.
    pub(crate) fn permuted(&self, order: &[usize]) -> Result<Tensor> {
        for_tensor!(self, array => Ok(array.permuted(order)?.into()))
    }

    /// Repeated along axes of size one, as numpy does it.
    pub(crate) fn broadcast(&self, shape: &[usize]) -> Result<Tensor> {
        for_tensor!(self, array => Ok(array.broadcast(shape)?.into()))
    }
}

/// The shape that two shapes are broadcast to by numpy's rules.
pub(crate) fn broadcast_shape(a: &[usize], b: &[usize]) -> Result<Shape> {
    let rank = a.len().max(b.len());
    let at = |shape: &[usize], axis: usize| {
        let axis = (axis + shape.len()).checked_sub(rank);
        axis.and_then(|axis| shape.get(axis)).copied().unwrap_or(1)
    };
    let shape = (0..rank)
        .map(|axis| match (at(a, axis), at(b, axis)) {
            (x, y) if x == y => Ok(x),
            (1, y) => Ok(y),
            (x, 1) => Ok(x),
            _ => Err(ShapeError::Broadcast { a: a.to_vec(), b: b.to_vec() }.into()),
        })
        .collect::<Result<Shape>>()?;
    super::volume(&shape)?;
    Ok(shape)
}
