use super::{Facts, Int8Form, LayerParam, Role, same_shape};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::LayerParameter;
use crate::quant::float::{Float, Step};

/// Values limited to an interval.
///
/// # Formula
/// `y = max(min, min(x, max))`
///
/// # Source
/// BVLC Caffe, ClipLayer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clip {
    /// The lower limit.
    pub min: f32,
    /// The upper limit.
    pub max: f32,
}

impl LayerParam for Clip {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.clip_param;
        let min = p.min.ok_or(LayerError::MissingField { field: "clip_param.min" })?;
        let max = p.max.ok_or(LayerError::MissingField { field: "clip_param.max" })?;
        Ok(Clip { min, max })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.clip_param.mut_or_insert_default();
        p.min = Some(self.min);
        p.max = Some(self.max);
    }

    fn check(&self) -> Result<(), LayerError> {
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        let int8 = match self.min == 0.0 && self.max > 0.0 {
            true => Int8Form::Clip { limit: self.max },
            false => Int8Form::Value,
        };
        Facts { role: Role::Computes, int8 }
    }

    fn value(&self, x: f64) -> Option<f64> {
        Some(x.min(self.max.into()).max(self.min.into()))
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        float.map(|x| x.max(self.min).min(self.max))
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        same_shape(bottoms, tops)
    }
}
