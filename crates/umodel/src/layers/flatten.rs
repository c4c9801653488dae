use super::{Facts, LayerParam, Role, canonical_axis, one, one_top, product};
use crate::Shape;
use crate::error::{LayerError, ValueError};
use crate::proto::LayerParameter;

/// Joins a range of axes into one; the values stay where they are.
///
/// # Source
/// BVLC Caffe, FlattenLayer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flatten {
    /// First axis joined; negative counts from the end.
    pub axis: i32,
    /// Last axis joined, included; negative counts from the end.
    pub end_axis: i32,
}

impl LayerParam for Flatten {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.flatten_param;
        Ok(Flatten { axis: p.axis(), end_axis: p.end_axis() })
    }

    fn write(&self, layer: &mut LayerParameter) {
        if self.axis != 1 || self.end_axis != -1 {
            let p = layer.flatten_param.mut_or_insert_default();
            p.set_axis(self.axis);
            p.set_end_axis(self.end_axis);
        }
    }

    fn check(&self) -> Result<(), LayerError> {
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        Facts::moves(Role::Reshapes)
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let bottom = one(bottoms)?;
        let start = canonical_axis("flatten_param.axis", self.axis, bottom.len())?;
        let end = canonical_axis("flatten_param.end_axis", self.end_axis, bottom.len())?;
        if end < start {
            let reason = ValueError::BeforeAxis;
            return Err(LayerError::bad("flatten_param.end_axis", self.end_axis, reason));
        }
        let mut top = bottom[..start].to_vec();
        top.push(product(&bottom[start..=end]));
        top.extend(&bottom[end + 1..]);
        one_top(tops, top)
    }
}
