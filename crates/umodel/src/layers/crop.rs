use super::{Facts, LayerParam, Role, canonical_axis, fit, one_top, pair, size, wire};
use crate::Shape;
use crate::error::{LayerError, ValueError};
use crate::movement::Movement;
use crate::proto::LayerParameter;

/// Cuts a blob to the size of another one.
///
/// # Shapes
/// bottoms x and a reference, of which only the shape is read; top as x before `axis`, as the reference from there on.
///
/// # Source
/// BVLC Caffe, CropLayer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crop {
    /// The first axis that is cut; negative counts from the end.
    pub axis: i32,
    /// Where the cut begins: nothing for 0, one number for all axes, or one for each.
    pub offset: Vec<usize>,
}

impl LayerParam for Crop {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.crop_param;
        let offset = p.offset.iter().map(|&offset| size(offset)).collect();
        Ok(Crop { axis: p.axis(), offset })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.crop_param.mut_or_insert_default();
        p.axis = (self.axis != 2).then_some(self.axis);
        p.offset = self.offset.iter().map(|&offset| wire(offset)).collect();
    }

    fn check(&self) -> Result<(), LayerError> {
        self.offset.iter().try_for_each(|&offset| fit(&[("crop_param.offset", offset)]))
    }

    fn facts(&self) -> Facts<'_> {
        Facts::moves(Role::Computes)
    }

    fn reads_shape_only(&self, bottom: usize) -> bool {
        bottom == 1
    }

    fn movement(
        &self,
        bottom: &[usize],
        tops: &[&[usize]],
        _: usize,
    ) -> Result<Option<Movement>, LayerError> {
        let first = canonical_axis("crop_param.axis", self.axis, bottom.len())?;
        let begin: Vec<usize> = (0..bottom.len())
            .map(|axis| match (axis.checked_sub(first), self.offset.as_slice()) {
                (None, _) | (_, []) => 0,
                (_, [one]) => *one,
                (Some(index), each) => each.get(index).copied().unwrap_or(0),
            })
            .collect();
        Ok(tops.first().map(|top| Movement::part(bottom, &begin, top)))
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [x, reference] = pair(bottoms)?;
        let axis = canonical_axis("crop_param.axis", self.axis, x.len())?;
        let bad = |reason| {
            LayerError::bad("crop_param.offset", format_args!("{:?}", self.offset), reason)
        };
        if self.offset.len() > 1 && axis + self.offset.len() != x.len() {
            return Err(bad(ValueError::EachAxis(x.len() - axis)));
        }
        let mut top = x.to_vec();
        for (index, size) in top.iter_mut().enumerate().skip(axis) {
            let offset = match self.offset.as_slice() {
                [] => 0,
                [one] => *one,
                each => each[index - axis],
            };
            let wanted = *reference.get(index).ok_or_else(|| LayerError::AxisCount {
                expected: x.len(),
                found: reference.to_vec(),
            })?;
            if offset.checked_add(wanted).is_none_or(|end| end > *size) {
                return Err(bad(ValueError::Cut { axis: index, found: *size, wanted }));
            }
            *size = wanted;
        }
        one_top(tops, top)
    }
}
