//! Room for constants: every constant is sized here, before anything is allocated for it.

use std::cell::Cell;
use std::marker::PhantomData;
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;

use ndarray::{ArrayD, ArrayViewD, IxDyn};
use umodel::Shape;

use super::{Result, Weight};
use crate::error::{ShapeError, SizeError};

/// Values of a tensor at most: Caffe's limit for a blob.
const MAX_VALUES: usize = i32::MAX as usize;
/// Axes of a tensor at most: Caffe's limit for a blob.
const MAX_AXES: usize = 32;
/// Values of a constant at most.
const MAX_CONSTANT: usize = 1 << 28;
/// Bytes that the constants of the smallest model may take together.
const LEAST_BYTES: u64 = 1 << 28;
/// By how much the constants may be larger than the model: weights of one byte that become fp32 are
/// converted, transposed and scaled, and every step counts.
const GROWTH: u64 = 32;

/// The number of values of a shape.
///
/// # Errors
/// Beyond what a tensor may have. Axes of size 0 count as 1, so that no other axis is beyond the limit.
pub(crate) fn volume(shape: &[usize]) -> std::result::Result<usize, SizeError> {
    let product = shape.iter().try_fold(1usize, |product, &dim| product.checked_mul(dim.max(1)));
    let product = product.filter(|&product| product <= MAX_VALUES && shape.len() <= MAX_AXES);
    match product {
        Some(_) if shape.contains(&0) => Ok(0),
        Some(product) => Ok(product),
        None => Err(SizeError::TooLarge { shape: shape.to_vec() }),
    }
}

/// What the constants of a model may take together. All that are made count, whether they are still there or not.
#[derive(Debug)]
pub(crate) struct Budget {
    limit: Cell<u64>,
    used: Cell<u64>,
    /// Whether the caller chose the limit, so that further files do not raise it.
    chosen: bool,
}

impl Budget {
    /// The caller's limit, or the one for a model of so many bytes.
    pub(crate) fn new(chosen: Option<u64>, model_bytes: u64) -> Rc<Budget> {
        let usual = LEAST_BYTES.saturating_add(model_bytes.saturating_mul(GROWTH));
        let limit = Cell::new(chosen.unwrap_or(usual));
        Rc::new(Budget { limit, used: Cell::new(0), chosen: chosen.is_some() })
    }

    /// More bytes belong to the model.
    pub(crate) fn add_file(&self, bytes: u64) {
        if !self.chosen {
            let more = bytes.saturating_mul(GROWTH);
            self.limit.set(self.limit.get().saturating_add(more));
        }
    }

    /// Room for a constant of this shape.
    ///
    /// # Errors
    /// If it is too large, alone or with all others.
    pub(crate) fn room<T>(
        self: &Rc<Self>,
        shape: &[usize],
    ) -> std::result::Result<Room<T>, SizeError> {
        let volume = volume(shape)?;
        if volume > MAX_CONSTANT {
            return Err(SizeError::TooLarge { shape: shape.to_vec() });
        }
        let bytes = u64::try_from(volume.saturating_mul(size_of::<T>())).unwrap_or(u64::MAX);
        let (limit, used) = (self.limit.get(), self.used.get().saturating_add(bytes));
        if used > limit {
            return Err(SizeError::OutOfRoom { limit });
        }
        self.used.set(used);
        let (shape, budget) = (shape.to_vec(), self.clone());
        Ok(Room { shape, volume, budget, values: PhantomData })
    }
}

/// Room for one constant, the only way to make an [`Array`].
#[derive(Debug)]
pub(crate) struct Room<T> {
    shape: Shape,
    volume: usize,
    budget: Rc<Budget>,
    values: PhantomData<T>,
}

impl<T: Clone> Room<T> {
    /// The number of values.
    pub(crate) fn volume(&self) -> usize {
        self.volume
    }

    /// One value everywhere.
    pub(crate) fn fill(self, value: T) -> Array<T> {
        let array = ArrayD::from_elem(IxDyn(&self.shape), value);
        Array { values: Arc::new(array), budget: self.budget }
    }

    /// For each place a value.
    pub(crate) fn by_place(self, mut value: impl FnMut(&[usize]) -> T) -> Array<T> {
        use ndarray::Dimension;
        let array = ArrayD::from_shape_fn(IxDyn(&self.shape), |place| value(place.slice()));
        Array { values: Arc::new(array), budget: self.budget }
    }

    /// These values, in order.
    ///
    /// # Errors
    /// If they are more or fewer.
    pub(crate) fn values(self, values: Vec<T>) -> std::result::Result<Array<T>, ShapeError> {
        let found = values.len();
        let array = ArrayD::from_shape_vec(IxDyn(&self.shape), values)
            .map_err(|_| ShapeError::Values { found, shape: self.shape })?;
        Ok(Array { values: Arc::new(array), budget: self.budget })
    }

    /// As [`Room::values`]; a longer iterator is not read to its end.
    pub(crate) fn collect(self, values: impl IntoIterator<Item = T>) -> Result<Array<T>> {
        let mut all = Vec::with_capacity(self.volume);
        all.extend(values.into_iter().take(self.volume.saturating_add(1)));
        Ok(self.values(all)?)
    }

    /// An array that exists already, for functions that allocate themselves.
    ///
    /// # Errors
    /// If it has another shape.
    pub(crate) fn array(self, array: ArrayD<T>) -> Result<Array<T>> {
        if array.shape() != self.shape {
            return Err(ShapeError::Values { found: array.len(), shape: self.shape }.into());
        }
        // Layers keep their weights in the order of their axes.
        let array = if array.is_standard_layout() { array } else { in_order(&array) };
        Ok(Array { values: Arc::new(array), budget: self.budget })
    }
}

fn in_order<T: Clone>(array: &ArrayD<T>) -> ArrayD<T> {
    array.as_standard_layout().into_owned()
}

/// The values of a constant, in the order of their axes.
#[derive(Clone, Debug)]
pub(crate) struct Array<T> {
    values: Arc<ArrayD<T>>,
    budget: Rc<Budget>,
}

impl<T> Deref for Array<T> {
    type Target = ArrayD<T>;

    fn deref(&self) -> &ArrayD<T> {
        &self.values
    }
}

impl Array<f32> {
    /// The values as weights of a layer.
    pub(crate) fn weight(&self) -> Weight {
        self.values.clone()
    }
}

impl<T: Clone> Array<T> {
    /// Room for another constant, of the same model.
    pub(crate) fn room<U>(&self, shape: &[usize]) -> Result<Room<U>> {
        Ok(self.budget.room(shape)?)
    }

    /// A function of each value.
    pub(crate) fn map<U: Clone>(&self, function: impl FnMut(&T) -> U) -> Result<Array<U>> {
        self.room(self.shape())?.collect(self.values.iter().map(function))
    }

    /// The same values with another shape of the same volume.
    pub(crate) fn reshaped(&self, shape: &[usize]) -> Result<Array<T>> {
        if self.shape() == shape {
            return Ok(self.clone());
        }
        if volume(shape)? != self.len() {
            let to = shape.iter().map(|&size| super::signed(size)).collect();
            return Err(ShapeError::Reshape { from: self.shape().to_vec(), to }.into());
        }
        self.room(shape)?.collect(self.values.iter().cloned())
    }

    /// Axis i of the result is axis `order[i]`, which must be a permutation.
    pub(crate) fn permuted(&self, order: &[usize]) -> Result<Array<T>> {
        let turned = self.values.view().permuted_axes(IxDyn(order));
        self.room(turned.shape())?.collect(turned.iter().cloned())
    }

    /// Seen as repeated along axes of size one, as numpy does it.
    pub(crate) fn wide(&self, shape: &[usize]) -> Result<ArrayViewD<'_, T>> {
        let bad = || ShapeError::Broadcast { a: self.shape().to_vec(), b: shape.to_vec() };
        Ok(self.values.broadcast(IxDyn(shape)).ok_or_else(bad)?)
    }

    /// Repeated along axes of size one, as numpy does it.
    pub(crate) fn broadcast(&self, shape: &[usize]) -> Result<Array<T>> {
        self.room(shape)?.collect(self.wide(shape)?.iter().cloned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::NodeError;

    #[test]
    fn room_is_limited_before_it_is_taken() {
        let budget = Budget::new(Some(100), 1 << 40);
        let array = budget.room::<f32>(&[3, 4]).expect("48 bytes").fill(1.0);
        assert!(array.map(|v| *v).is_ok(), "96 bytes");
        assert!(matches!(
            array.map(|v| *v),
            Err(NodeError::Size(SizeError::OutOfRoom { limit: 100 }))
        ));
        budget.add_file(1 << 20);
        assert!(array.map(|v| *v).is_err(), "the caller's limit stays");

        let usual = Budget::new(None, 0);
        let whole = [usize::try_from(LEAST_BYTES / 4).expect("a size")];
        assert!(usual.room::<f32>(&whole).is_ok());
        assert!(usual.room::<bool>(&[1]).is_err());
        usual.add_file(1);
        assert!(usual.room::<bool>(&[32]).is_ok());

        let endless = Budget::new(Some(u64::MAX), 0);
        for shape in [&[MAX_CONSTANT + 1][..], &[0, 1 << 40], &[1 << 40, 1 << 40], &[1; 33]] {
            let found = endless.room::<f32>(shape).map(|room| room.volume());
            assert!(matches!(found, Err(SizeError::TooLarge { .. })), "{shape:?}");
        }
    }
}
