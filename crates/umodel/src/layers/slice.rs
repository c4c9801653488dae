use super::{Facts, Int8Form, LayerParam, Role, canonical_axis, fit, one, size, wire};
use crate::Shape;
use crate::error::{LayerError, ValueError};
use crate::movement::Movement;
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
                let reason = ValueError::Both { one: "axis", other: "slice_dim" };
                return Err(LayerError::bad("slice_param.slice_dim", dim, reason));
            }
            (None, Some(dim)) => i32::try_from(dim).unwrap_or(i32::MAX),
            _ => p.axis(),
        };
        let points = p.slice_point.iter().map(|&point| size(point)).collect();
        Ok(Slice { axis, points })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.slice_param.mut_or_insert_default();
        p.slice_dim = None;
        p.axis = (self.axis != 1).then_some(self.axis);
        p.slice_point = self.points.iter().map(|&point| wire(point)).collect();
    }

    fn check(&self) -> Result<(), LayerError> {
        self.points.iter().try_for_each(|&point| fit(&[("slice_param.slice_point", point)]))
    }

    fn facts(&self) -> Facts<'_> {
        Facts { role: Role::Computes, int8: Int8Form::Cut }
    }

    fn movement(
        &self,
        bottom: &[usize],
        tops: &[&[usize]],
        top: usize,
    ) -> Result<Option<Movement>, LayerError> {
        let axis = canonical_axis("slice_param.axis", self.axis, bottom.len())?;
        let mut begin = vec![0; bottom.len()];
        begin[axis] = tops.iter().take(top).map(|before| before[axis]).sum();
        Ok(tops.get(top).map(|top| Movement::part(bottom, &begin, top)))
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let bottom = one(bottoms)?;
        let axis = canonical_axis("slice_param.axis", self.axis, bottom.len())?;
        let length = bottom[axis];
        let points = format_args!("{:?}", self.points);
        let bad = |reason| LayerError::bad("slice_param.slice_point", points, reason);
        let lengths: Vec<usize> = if self.points.is_empty() {
            if tops == 0 || !length.is_multiple_of(tops) {
                return Err(bad(ValueError::EqualTops { length, tops }));
            }
            vec![length / tops; tops]
        } else {
            if self.points.len() + 1 != tops {
                return Err(bad(ValueError::Points(tops)));
            }
            let ends = self.points.iter().copied().chain([length]);
            let starts = std::iter::once(0).chain(self.points.iter().copied());
            let lengths = starts.zip(ends).map(|(start, end)| end.checked_sub(start));
            let lengths: Option<Vec<usize>> =
                lengths.map(|length| length.filter(|&l| l > 0)).collect();
            lengths.ok_or_else(|| bad(ValueError::Rising(length)))?
        };
        let top = |length| {
            let mut top = bottom.to_vec();
            top[axis] = length;
            top
        };
        Ok(lengths.into_iter().map(top).collect())
    }
}
