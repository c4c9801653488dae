use super::{Affine, Facts, Int8Form, LayerParam, Role, one, same_shape};
use crate::Shape;
use crate::error::{LayerError, ValueError};
use crate::proto::LayerParameter;

/// Batch normalization with the stored global statistics.
///
/// # Shapes
/// bottom and top `[N, C, ...]` (or `[C]`, one channel); weights: mean `[C]`, variance `[C]` and
/// the factor `[1]` by which both are divided.
///
/// # Formula
/// `y = (x − mean/factor) / sqrt(variance/factor + eps)`; a factor of 0 makes both statistics 0.
///
/// # Source
/// BVLC Caffe, BatchNormLayer with `use_global_stats`, the default of the TEST phase.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchNorm {
    /// Added to the variance.
    pub eps: f32,
}

impl LayerParam for BatchNorm {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.batch_norm_param;
        if p.use_global_stats == Some(false) {
            let field = "batch_norm_param.use_global_stats";
            return Err(LayerError::bad(field, false, ValueError::BatchStatistics));
        }
        Ok(BatchNorm { eps: p.eps() })
    }

    fn write(&self, layer: &mut LayerParameter) {
        layer.batch_norm_param.mut_or_insert_default().set_eps(self.eps);
    }

    fn check(&self) -> Result<(), LayerError> {
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        let role = Role::Affine(Affine::Statistics { eps: self.eps });
        Facts { role, int8: Int8Form::Float }
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        same_shape(bottoms, tops)
    }

    fn weight_shapes(&self, bottoms: &[&[usize]]) -> Result<Vec<Shape>, LayerError> {
        let bottom = one(bottoms)?;
        let channels = if bottom.len() == 1 { 1 } else { bottom.get(1).copied().unwrap_or(1) };
        Ok(vec![vec![channels], vec![channels], vec![1]])
    }
}
