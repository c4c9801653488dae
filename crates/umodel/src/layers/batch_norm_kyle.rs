use super::batch_norm::statistics_steps;
use super::batch_norm::{check_global, statistics};
use super::{Affine, Facts, Int8Form, LayerParam, Role, one, one_top};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::LayerParameter;
use crate::quant::float::{Float, Step};

/// Batch normalization with the stored global statistics, optionally with its own factor and bias.
///
/// # Shapes
/// bottom and top `[N, C, ...]`; weights: mean `[C]`, variance `[C]`, factor `[1]`, then with
/// `use_alpha_beta` alpha and beta `[C]`.
///
/// # Formula
/// `y = alpha · (x − mean/factor) / sqrt(variance/factor + eps) + beta`; a factor of 0 makes both statistics 0.
///
/// # Source
/// Intel and DIGITS forks, BatchNormLayer with alpha and beta, with `use_global_stats`, the default of the TEST
/// phase.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchNormKyle {
    /// Added to the variance.
    pub eps: f32,
    /// Whether alpha and beta are learnt.
    pub use_alpha_beta: bool,
}

impl LayerParam for BatchNormKyle {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.batch_norm_param;
        check_global(p)?;
        Ok(BatchNormKyle { eps: p.eps(), use_alpha_beta: p.use_alpha_beta() })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.batch_norm_param.mut_or_insert_default();
        p.set_eps(self.eps);
        p.use_alpha_beta = self.use_alpha_beta.then_some(true);
    }

    fn check(&self) -> Result<(), LayerError> {
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        let statistics = Affine::Statistics { eps: self.eps, learnt: self.use_alpha_beta };
        Facts { role: Role::Affine(statistics), int8: Int8Form::Float }
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        statistics_steps(float, self.eps, self.use_alpha_beta)
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let bottom = one(bottoms)?;
        if bottom.len() < 2 {
            return Err(LayerError::AxisCount { expected: 2, found: bottom.to_vec() });
        }
        one_top(tops, bottom.to_vec())
    }

    fn weight_shapes(&self, bottoms: &[&[usize]]) -> Result<Vec<Shape>, LayerError> {
        let channels = one(bottoms)?.get(1).copied().unwrap_or(1);
        Ok(statistics(channels, self.use_alpha_beta))
    }
}
