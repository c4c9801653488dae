//! Constants: weights, and what shapes are computed with.

use std::sync::Arc;

use ndarray::{ArrayD, IxDyn};
use umodel::Shape;

use super::Result;
use crate::error::NodeError;

/// Values of a constant at most, so that a few bytes of a hostile graph do not fill the memory.
const MAX_VALUES: usize = 1 << 28;

/// A constant. All float types are kept in fp32, all integers in i64.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Tensor {
    F32(Arc<ArrayD<f32>>),
    I64(Arc<ArrayD<i64>>),
    Bool(Arc<ArrayD<bool>>),
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

impl From<ArrayD<f32>> for Tensor {
    fn from(array: ArrayD<f32>) -> Self {
        Tensor::F32(Arc::new(standard(array)))
    }
}

impl From<ArrayD<i64>> for Tensor {
    fn from(array: ArrayD<i64>) -> Self {
        Tensor::I64(Arc::new(standard(array)))
    }
}

impl From<ArrayD<bool>> for Tensor {
    fn from(array: ArrayD<bool>) -> Self {
        Tensor::Bool(Arc::new(standard(array)))
    }
}

/// The array in C order, as layers keep their weights.
pub(crate) fn standard<T: Clone>(array: ArrayD<T>) -> ArrayD<T> {
    if array.is_standard_layout() { array } else { array.as_standard_layout().into_owned() }
}

/// The number of values of a shape.
///
/// # Errors
/// Beyond what a constant may have.
pub(crate) fn volume(shape: &[usize]) -> Result<usize> {
    let volume = shape.iter().try_fold(1usize, |product, &dim| product.checked_mul(dim));
    volume
        .filter(|&volume| volume <= MAX_VALUES)
        .ok_or_else(|| NodeError::TooLarge { shape: shape.to_vec() })
}

/// Values in C order as an array of this shape.
pub(crate) fn array<T>(shape: &[usize], values: Vec<T>) -> Result<ArrayD<T>> {
    let found = values.len();
    ArrayD::from_shape_vec(IxDyn(shape), values)
        .map_err(|_| NodeError::shapes(format!("{found} values for shape {shape:?}")))
}

impl Tensor {
    /// A one-dimensional tensor of integers, such as a shape.
    pub(crate) fn integers(values: impl IntoIterator<Item = i64>) -> Tensor {
        let values: Vec<i64> = values.into_iter().collect();
        Tensor::from(ArrayD::from_shape_fn(vec![values.len()], |at| values[at[0]]))
    }

    /// A tensor without axes.
    pub(crate) fn scalar(value: f32) -> Tensor {
        Tensor::from(ArrayD::from_elem(Vec::new(), value))
    }

    pub(crate) fn shape(&self) -> &[usize] {
        for_tensor!(self, array => array.shape())
    }

    pub(crate) fn len(&self) -> usize {
        for_tensor!(self, array => array.len())
    }

    /// The values in fp32.
    pub(crate) fn to_f32(&self) -> Arc<ArrayD<f32>> {
        match self {
            Tensor::F32(array) => array.clone(),
            Tensor::I64(array) => Arc::new(array.mapv(|value| value as f32)),
            Tensor::Bool(array) => Arc::new(array.mapv(|value| f32::from(u8::from(value)))),
        }
    }

    /// The values as integers, cut towards zero.
    pub(crate) fn to_i64(&self) -> Arc<ArrayD<i64>> {
        match self {
            Tensor::F32(array) => Arc::new(array.mapv(|value| value as i64)),
            Tensor::I64(array) => array.clone(),
            Tensor::Bool(array) => Arc::new(array.mapv(i64::from)),
        }
    }

    /// Whether each value is not zero.
    pub(crate) fn to_bool(&self) -> Arc<ArrayD<bool>> {
        match self {
            Tensor::F32(array) => Arc::new(array.mapv(|value| value != 0.0)),
            Tensor::I64(array) => Arc::new(array.mapv(|value| value != 0)),
            Tensor::Bool(array) => array.clone(),
        }
    }

    /// All values in order, in fp32.
    pub(crate) fn floats(&self) -> Vec<f32> {
        self.to_f32().iter().copied().collect()
    }

    /// All values in order, as integers.
    pub(crate) fn ints(&self) -> Vec<i64> {
        self.to_i64().iter().copied().collect()
    }

    /// The value, if there is exactly one, whatever the shape.
    pub(crate) fn single(&self) -> Option<f32> {
        let floats = (self.len() == 1).then(|| self.to_f32())?;
        floats.first().copied()
    }

    /// The same values with another shape of the same volume.
    pub(crate) fn reshaped(&self, shape: &[usize]) -> Result<Tensor> {
        let bad = || NodeError::shapes(format!("{:?} cannot become {shape:?}", self.shape()));
        if self.shape() == shape {
            return Ok(self.clone());
        }
        for_tensor!(self, array => {
            let array = array.as_ref().clone().into_shape_with_order(IxDyn(shape));
            Ok(array.map_err(|_| bad())?.into())
        })
    }

    /// Axis i of the result is axis `order[i]`, which must be a permutation.
    pub(crate) fn permuted(&self, order: &[usize]) -> Tensor {
        for_tensor!(self, array => {
            array.view().permuted_axes(IxDyn(order)).to_owned().into()
        })
    }

    /// Repeated along axes of size one, as numpy does it.
    pub(crate) fn broadcast(&self, shape: &[usize]) -> Result<Tensor> {
        volume(shape)?;
        let bad =
            || NodeError::shapes(format!("{:?} cannot be broadcast to {shape:?}", self.shape()));
        for_tensor!(self, array => {
            Ok(array.broadcast(IxDyn(shape)).ok_or_else(bad)?.to_owned().into())
        })
    }
}

/// The shape that two shapes are broadcast to by numpy's rules.
pub(crate) fn broadcast_shape(a: &[usize], b: &[usize]) -> Result<Shape> {
    let rank = a.len().max(b.len());
    let at = |shape: &[usize], axis: usize| {
        (axis + shape.len()).checked_sub(rank).map_or(1, |axis| shape[axis])
    };
    (0..rank)
        .map(|axis| match (at(a, axis), at(b, axis)) {
            (x, y) if x == y => Ok(x),
            (1, y) => Ok(y),
            (x, 1) => Ok(x),
            _ => Err(NodeError::shapes(format!("{a:?} and {b:?} cannot be broadcast"))),
        })
        .collect()
}
