use super::{Facts, canonical_axis, one_top, pair};
use crate::Shape;
use crate::error::{LayerError, ValueError};

layer! {
    /// Takes entries by their numbers.
    ///
    /// # Shapes
    /// bottoms: data `[A…, P…, B…]` with `num_axes` axes P from `axis` on, which count as one, and indices of any
    /// shape I; top `[A…, I…, B…]`
    ///
    /// # Formula
    /// `y[a, i, b] = data[a, indices[i], b]`; negative numbers count from the end. One that is not there is an
    /// error when the net runs.
    ///
    /// # Source
    /// ONNX Gather and, with places that the import has worked out, GatherElements and GatherND. Constant indices
    /// come from a [`Parameter`](super::Parameter) layer.
    Gather from gather_param {
        /// The first axis of which entries are taken; negative counts from the end.
        axis: i32,
        /// How many axes count as one; at least 1.
        num_axes: usize,
    }

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()?;
        check_axes("gather_param.num_axes", self.num_axes)
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [data, indices] = pair(bottoms)?;
        let [from, to] = axes("gather_param.axis", self.axis, self.num_axes, data)?;
        one_top(tops, [&data[..from], indices, &data[to..]].concat())
    }
}

impl Gather {
    /// The first axis of which entries are taken, and the one behind the last.
    ///
    /// # Errors
    /// If the blob does not have them.
    pub fn axes(&self, data: &[usize]) -> Result<[usize; 2], LayerError> {
        axes("gather_param.axis", self.axis, self.num_axes, data)
    }
}

/// At least one axis.
pub(super) fn check_axes(field: &'static str, num_axes: usize) -> Result<(), LayerError> {
    match num_axes {
        0 => Err(LayerError::bad(field, num_axes, ValueError::AtLeast(1))),
        _ => Ok(()),
    }
}

/// A blob's axes that count as one: the first and the one behind the last.
pub(super) fn axes(
    field: &'static str,
    axis: i32,
    num_axes: usize,
    data: &[usize],
) -> Result<[usize; 2], LayerError> {
    let from = canonical_axis(field, axis, data.len())?;
    let to = from.checked_add(num_axes).filter(|&to| to <= data.len());
    let to = to.ok_or_else(|| LayerError::bad(field, axis, ValueError::Axis(data.len())))?;
    Ok([from, to])
}
