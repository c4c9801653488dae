use super::{LayerParam, canonical_axis, one, one_top};
use crate::Shape;
use crate::error::LayerError;
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

impl LayerParam for Reshape {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.reshape_param;
        let dims = p.shape.dim.clone();
        let inferred = dims.iter().filter(|&&dim| dim == -1).count();
        if inferred > 1 || dims.iter().any(|&dim| dim < -1) {
            return Err(LayerError::BadValue {
                field: "reshape_param.shape",
                value: format!("{dims:?}"),
                reason: "at most one dim may be -1, none less".into(),
            });
        }
        Ok(Reshape { dims, axis: p.axis(), num_axes: p.num_axes() })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let mut p = ReshapeParameter::new();
        p.shape.mut_or_insert_default().dim = self.dims.clone();
        p.axis = (self.axis != 0).then_some(self.axis);
        p.num_axes = (self.num_axes != -1).then_some(self.num_axes);
        layer.reshape_param = Some(p).into();
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let bottom = one(bottoms)?;
        let bad = |reason: String| LayerError::BadValue {
            field: "reshape_param.shape",
            value: format!("{:?}", self.dims),
            reason,
        };
        let start = canonical_axis("reshape_param.axis", self.axis, bottom.len() + 1)?;
        let end = if self.num_axes < 0 { bottom.len() } else { start + self.num_axes as usize };
        let replaced = bottom.get(start..end).ok_or_else(|| bad(format!("axes {start}..{end} of {bottom:?}")))?;
        let mut middle = Vec::with_capacity(self.dims.len());
        for (index, &dim) in self.dims.iter().enumerate() {
            middle.push(match dim {
                0 => *replaced
                    .get(index)
                    .ok_or_else(|| bad(format!("dim {index} is 0, the bottom has no such axis")))?,
                -1 => 1,
                dim => dim as usize,
            });
        }
        let volume: usize = replaced.iter().product();
        let given = middle
            .iter()
            .try_fold(1usize, |product, &dim| product.checked_mul(dim))
            .ok_or_else(|| bad("too large".into()))?;
        if let Some(index) = self.dims.iter().position(|&dim| dim == -1) {
            if given == 0 || !volume.is_multiple_of(given) {
                return Err(bad(format!("does not divide the {volume} values of {bottom:?}")));
            }
            middle[index] = volume / given;
        } else if given != volume {
            return Err(bad(format!("has {given} values, the bottom {bottom:?} has {volume}")));
        }
        one_top(tops, [&bottom[..start], &middle, &bottom[end..]].concat())
    }
}
