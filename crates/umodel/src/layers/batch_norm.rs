use super::{Affine, Facts, Int8Form, LayerParam, Role, one, same_shape};
use crate::Shape;
use crate::error::{LayerError, ValueError};
use crate::proto::{BatchNormParameter, LayerParameter};
use crate::quant::float::{Float, Step};

/// Batch normalization with the stored global statistics.
///
/// # Shapes
/// bottom and top `[N, C, ...]` (or `[C]`, one channel); weights: mean `[C]`, variance `[C]` and
/// the factor `[1]` by which both are divided; with `scale_bias` also scale and bias `[C]`.
///
/// # Formula
/// `y = (x − mean/factor) / sqrt(variance/factor + eps)`; a factor of 0 makes both statistics 0. With `scale_bias`
/// the result is `scale · y + bias`.
///
/// # Source
/// BVLC Caffe, BatchNormLayer with `use_global_stats`, the default of the TEST phase; `scale_bias` is NVCaffe's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchNorm {
    /// Added to the variance.
    pub eps: f32,
    /// Whether there are a scale and a bias.
    pub scale_bias: bool,
}

/// Refuses statistics of the batch, which only training has.
pub(super) fn check_global(p: &BatchNormParameter) -> Result<(), LayerError> {
    if p.use_global_stats == Some(false) {
        let field = "batch_norm_param.use_global_stats";
        return Err(LayerError::bad(field, false, ValueError::BatchStatistics));
    }
    Ok(())
}

/// The shapes of the weights: mean, variance and factor, perhaps with a scale and a bias.
pub(super) fn statistics(channels: usize, learnt: bool) -> Vec<Shape> {
    let mut shapes = vec![vec![channels], vec![channels], vec![1]];
    shapes.resize(if learnt { 5 } else { 3 }, vec![channels]);
    shapes
}

/// By stored statistics; with two more weights, a factor and an offset of the result.
pub(super) fn statistics_steps(float: &Float<'_>, eps: f32, learnt: bool) -> Option<Vec<Step>> {
    let [mean, variance] = [float.numbers(0)?, float.numbers(1)?];
    let norm = match float.numbers(2)?.first() {
        Some(&stored) if stored != 0.0 => 1.0 / stored,
        _ => 0.0,
    };
    let mean = mean.into_iter().map(|mean| mean * norm).collect();
    let inverse = variance.into_iter().map(|variance| 1.0 / (variance * norm + eps).sqrt());
    let mut weights = vec![mean, inverse.collect()];
    if learnt {
        weights.extend([float.numbers(3)?, float.numbers(4)?]);
    }
    float.channels(&weights, |values| {
        let y = (values[0] - values[1]) * values[2];
        if learnt { y * values[3] + values[4] } else { y }
    })
}

impl LayerParam for BatchNorm {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.batch_norm_param;
        check_global(p)?;
        Ok(BatchNorm { eps: p.eps(), scale_bias: p.scale_bias() })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.batch_norm_param.mut_or_insert_default();
        p.set_eps(self.eps);
        p.scale_bias = self.scale_bias.then_some(true);
    }

    fn check(&self) -> Result<(), LayerError> {
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        let role = Role::Affine(Affine::Statistics { eps: self.eps, learnt: self.scale_bias });
        Facts { role, int8: Int8Form::Float }
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        statistics_steps(float, self.eps, self.scale_bias)
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        same_shape(bottoms, tops)
    }

    fn weight_shapes(&self, bottoms: &[&[usize]]) -> Result<Vec<Shape>, LayerError> {
        let bottom = one(bottoms)?;
        let channels = if bottom.len() == 1 { 1 } else { bottom.get(1).copied().unwrap_or(1) };
        Ok(statistics(channels, self.scale_bias))
    }
}
