use super::{Facts, Int8Form, LayerParam, Role, one, one_top};
use crate::Shape;
use crate::blob;
use crate::error::{LayerError, ValueError};
use crate::movement::{Axis, Movement, strides};
use crate::proto::LayerParameter;

/// Cuts a blob along all axes, with strides.
///
/// # Shapes
/// along each axis the indices begin, begin + stride, … before end. Negative indices count from the end; then
/// they are clipped to the axis, so that `i32::MAX` or, with a negative stride, `i32::MIN` is an open end.
///
/// # Source
/// Python's slices, as in ONNX and TensorFlow without masks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StridedSlice {
    /// The first index along each axis.
    pub begin: Vec<i32>,
    /// One behind the last index along each axis.
    pub end: Vec<i32>,
    /// The steps, none 0; a negative one turns the axis around.
    pub stride: Vec<i32>,
}

/// What a [`StridedSlice`] takes of one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SliceRange {
    /// The first index.
    pub begin: usize,
    /// The distance of the next.
    pub stride: i32,
    /// How many; at least 1.
    pub count: usize,
}

impl StridedSlice {
    /// The range of each axis of a bottom of this shape.
    ///
    /// # Errors
    /// For another number of axes, or if nothing of an axis is left; for impossible parameters.
    pub fn ranges(&self, bottom: &[usize]) -> Result<Vec<SliceRange>, LayerError> {
        self.check()?;
        blob::check_shape(bottom)?;
        if bottom.len() != self.begin.len() {
            let expected = self.begin.len();
            return Err(LayerError::AxisCount { expected, found: bottom.to_vec() });
        }
        let axes = bottom.iter().zip(&self.begin).zip(&self.end).zip(&self.stride);
        axes.map(|(((&length, &begin), &end), &stride)| {
            range(length, begin, end, stride).ok_or_else(|| {
                let slice = format_args!("{begin}:{end}:{stride}");
                LayerError::bad("strided_slice_param", slice, ValueError::EmptySlice(length))
            })
        })
        .collect()
    }
}

fn range(length: usize, begin: i32, end: i32, stride: i32) -> Option<SliceRange> {
    let length = i64::try_from(length).ok()?;
    let index = |index: i32| {
        let index = i64::from(index);
        if index < 0 { index + length } else { index }
    };
    let step = i64::from(stride);
    // Going down, one behind the last index can be -1.
    let count = if step > 0 {
        let (begin, end) = (index(begin).clamp(0, length), index(end).clamp(0, length));
        (begin, (end - begin + step - 1).div_euclid(step))
    } else {
        let (begin, end) = (index(begin).clamp(-1, length - 1), index(end).clamp(-1, length - 1));
        (begin, (begin - end - step - 1).div_euclid(-step))
    };
    let (begin, count) = (usize::try_from(count.0).ok()?, usize::try_from(count.1).ok()?);
    (count > 0).then_some(SliceRange { begin, stride, count })
}

impl LayerParam for StridedSlice {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.strided_slice_param;
        Ok(StridedSlice { begin: p.begin.clone(), end: p.end.clone(), stride: p.stride.clone() })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.strided_slice_param.mut_or_insert_default();
        (p.begin, p.end, p.stride) = (self.begin.clone(), self.end.clone(), self.stride.clone());
    }

    fn check(&self) -> Result<(), LayerError> {
        let axes = self.begin.len();
        if self.end.len() != axes || self.stride.len() != axes || self.stride.contains(&0) {
            let stride = format_args!("{:?}", self.stride);
            return Err(LayerError::bad("strided_slice_param.stride", stride, ValueError::Slices));
        }
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        Facts { role: Role::Computes, int8: Int8Form::Cut }
    }

    fn movement(
        &self,
        bottom: &[usize],
        _: &[&[usize]],
        _: usize,
    ) -> Result<Option<Movement>, LayerError> {
        let axes =
            strides(bottom).into_iter().zip(self.ranges(bottom)?).map(|(distance, range)| {
                // Steps may go down; each index lies inside the axis.
                let step = isize::try_from(range.stride).unwrap_or(0);
                let index =
                    |index: usize| range.begin.wrapping_add_signed(index.cast_signed() * step);
                Axis::of((0..range.count).map(|place| Some(index(place) * distance)))
            });
        Ok(Some(Movement::new(axes.collect())))
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let ranges = self.ranges(one(bottoms)?)?;
        one_top(tops, ranges.iter().map(|range| range.count).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exact: what Python makes of `range(length)[begin:end:stride]`.
    #[test]
    fn ranges_are_pythons() {
        let found = |length, begin, end, stride| {
            range(length, begin, end, stride).map(|range| (range.begin, range.count))
        };
        let (open, low) = (i32::MAX, i32::MIN);
        for (arguments, expected) in [
            ((5, 0, open, 1), Some((0, 5))),
            ((5, 1, open, 2), Some((1, 2))),
            ((5, 0, 5, 2), Some((0, 3))),
            ((5, -3, -1, 1), Some((2, 2))),
            ((5, -1, low, -1), Some((4, 5))),
            ((5, 9, 0, -2), Some((4, 2))),
            ((5, 3, -5, -3), Some((3, 1))),
            ((5, 3, 3, 1), None),
            ((5, 3, 2, 1), None),
            ((5, 7, open, 1), None),
            ((5, 1, 3, -1), None),
            ((0, 0, open, 1), None),
        ] {
            let (length, begin, end, stride) = arguments;
            assert_eq!(found(length, begin, end, stride), expected, "{arguments:?}");
        }
    }
}
