use super::{LayerParam, canonical_axis, one};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::LayerParameter;

/// Cuts a blob along an axis into as many tops as there are.
///
/// # Shapes
/// The tops as the bottom, but for `axis`: pieces of equal length, or cut at `points`.
///
/// # Source
/// BVLC Caffe, SliceLayer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice {
    /// The axis that is cut; negative counts from the end.
    pub axis: i32,
    /// Where pieces after the first begin, in rising order; empty for equal pieces.
    pub points: Vec<usize>,
}

impl LayerParam for Slice {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.slice_param;
        let axis = match (p.axis, p.slice_dim) {
            (Some(_), Some(dim)) => {
                return Err(LayerError::BadValue {
                    field: "slice_param.slice_dim",
                    value: dim.to_string(),
                    reason: "either axis or slice_dim, not both".into(),
                });
            }
            (None, Some(dim)) => i32::try_from(dim).unwrap_or(i32::MAX),
            _ => p.axis(),
        };
        let points = p.slice_point.iter().map(|&point| point as usize).collect();
        Ok(Slice { axis, points })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.slice_param.mut_or_insert_default();
        p.slice_dim = None;
        p.axis = (self.axis != 1).then_some(self.axis);
        p.slice_point = self.points.iter().map(|&point| point as u32).collect();
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let bottom = one(bottoms)?;
        let axis = canonical_axis("slice_param.axis", self.axis, bottom.len())?;
        let length = bottom[axis];
        let bad = |reason: String| LayerError::BadValue {
            field: "slice_param.slice_point",
            value: format!("{:?}", self.points),
            reason,
        };
        let lengths: Vec<usize> = if self.points.is_empty() {
            if tops == 0 || !length.is_multiple_of(tops) {
                return Err(bad(format!("{length} cannot be cut into {tops} equal tops")));
            }
            vec![length / tops; tops]
        } else {
            if self.points.len() + 1 != tops {
                return Err(bad(format!("{tops} tops need one point less")));
            }
            let ends = self.points.iter().copied().chain([length]);
            let starts = std::iter::once(0).chain(self.points.iter().copied());
            let lengths = starts.zip(ends).map(|(start, end)| end.checked_sub(start));
            let lengths: Option<Vec<usize>> = lengths.map(|length| length.filter(|&l| l > 0)).collect();
            lengths.ok_or_else(|| bad(format!("points must rise within 1 to {length}, the end excluded")))?
        };
        let top = |length| {
            let mut top = bottom.to_vec();
            top[axis] = length;
            top
        };
        Ok(lengths.into_iter().map(top).collect())
    }
}
