use super::{Facts, LayerParam, Role, canonical_axis, one, one_top, product};
use crate::Shape;
use crate::error::{LayerError, ValueError};
use crate::proto::{LayerParameter, ReshapeParameter};

/// Gives a range of axes another shape; the values stay where they are.
///
/// # Formula
/// `num_axes` axes of the bottom from `axis` on (−1: all that follow) are replaced by `dims`: a
/// positive number stands for itself, 0 copies the bottom's axis at the same place of the range,
/// and one −1 takes what is left.
///
/// # Source
/// BVLC Caffe, ReshapeLayer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reshape {
    /// The new axes; at most one is −1.
    pub dims: Vec<i64>,
    /// First axis replaced; −1 is behind the last.
    pub axis: i32,
    /// Number of axes replaced, −1 for all that follow.
    pub num_axes: i32,
}

impl Reshape {
    fn bad(&self, reason: ValueError) -> LayerError {
        LayerError::bad("reshape_param.shape", format_args!("{:?}", self.dims), reason)
    }
}

impl LayerParam for Reshape {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.reshape_param;
        let dims = p.shape.dim.clone();
        Ok(Reshape { dims, axis: p.axis(), num_axes: p.num_axes() })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let mut p = ReshapeParameter::new();
        p.shape.mut_or_insert_default().dim = self.dims.clone();
        p.axis = (self.axis != 0).then_some(self.axis);
        p.num_axes = (self.num_axes != -1).then_some(self.num_axes);
        layer.reshape_param = Some(p).into();
    }

    fn check(&self) -> Result<(), LayerError> {
        let inferred = self.dims.iter().filter(|&&dim| dim == -1).count();
        if inferred > 1 || self.dims.iter().any(|&dim| dim < -1) {
            return Err(self.bad(ValueError::InferredDims));
        }
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        Facts::moves(Role::Reshapes)
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let bottom = one(bottoms)?;
        let bad = |reason| self.bad(reason);
        let start = canonical_axis("reshape_param.axis", self.axis, bottom.len() + 1)?;
        // A negative number stands for all axes that follow.
        let end = usize::try_from(self.num_axes)
            .map_or(bottom.len(), |count| start.saturating_add(count));
        let replaced = bottom
            .get(start..end)
            .ok_or_else(|| bad(ValueError::AxisRange { start, end, bottom: bottom.to_vec() }))?;
        let mut middle = Vec::with_capacity(self.dims.len());
        for (index, &dim) in self.dims.iter().enumerate() {
            middle.push(match dim {
                0 => *replaced.get(index).ok_or_else(|| bad(ValueError::CopiedAxis(index)))?,
                -1 => 1,
                dim => usize::try_from(dim).map_err(|_| bad(ValueError::TooLarge))?,
            });
        }
        let volume = product(replaced);
        let given = middle
            .iter()
            .try_fold(1usize, |product, &dim| product.checked_mul(dim))
            .ok_or_else(|| bad(ValueError::TooLarge))?;
        if let Some(index) = self.dims.iter().position(|&dim| dim == -1) {
            if given == 0 || !volume.is_multiple_of(given) {
                return Err(bad(ValueError::DividesVolume {
                    values: volume,
                    bottom: bottom.to_vec(),
                }));
            }
            middle[index] = volume / given;
        } else if given != volume {
            let bottom = bottom.to_vec();
            return Err(bad(ValueError::Volume { found: given, bottom, expected: volume }));
        }
        one_top(tops, [&bottom[..start], &middle, &bottom[end..]].concat())
    }
}
