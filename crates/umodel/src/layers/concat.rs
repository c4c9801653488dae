use super::{Facts, Int8Form, LayerParam, Role, canonical_axis, one_top};
use crate::Shape;
use crate::error::{Count, LayerError, ValueError};
use crate::proto::LayerParameter;

/// Joins its bottoms along one axis; all other axes agree.
///
/// # Source
/// BVLC Caffe, ConcatLayer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Concat {
    /// The axis along which the bottoms are joined; negative counts from the end.
    pub axis: i32,
}

impl Concat {
    /// The axis as an index into a bottom of this shape.
    pub fn canonical_axis(&self, bottom: &[usize]) -> Result<usize, LayerError> {
        canonical_axis("concat_param.axis", self.axis, bottom.len())
    }
}

impl LayerParam for Concat {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.concat_param;
        let axis = match (p.concat_dim, p.axis) {
            (Some(dim), Some(_)) => {
                let reason = ValueError::Both { one: "axis", other: "concat_dim" };
                return Err(LayerError::bad("concat_param.concat_dim", dim, reason));
            }
            (Some(dim), None) => i32::try_from(dim).unwrap_or(i32::MAX),
            _ => p.axis(),
        };
        Ok(Concat { axis })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.concat_param.mut_or_insert_default();
        p.concat_dim = None;
        p.set_axis(self.axis);
    }

    fn check(&self) -> Result<(), LayerError> {
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        Facts { role: Role::Joins, int8: Int8Form::Concat }
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let Some(first) = bottoms.first() else {
            return Err(LayerError::bottoms(Count::AtLeast(1), 0));
        };
        let axis = self.canonical_axis(first)?;
        let mut top = first.to_vec();
        for (index, bottom) in bottoms.iter().enumerate().skip(1) {
            let mut expected = first.to_vec();
            let length = bottom.get(axis).copied().unwrap_or(0);
            expected[axis] = length;
            if *bottom != expected {
                return Err(LayerError::BottomShape { index, expected, found: bottom.to_vec() });
            }
            top[axis] += length;
        }
        one_top(tops, top)
    }
}
