use super::{Facts, one, one_top};
use crate::Shape;
use crate::error::LayerError;

layer! {
    /// Batch normalization, optionally with its own factor and bias.
    ///
    /// # Shapes
    /// bottom and top `[N, C, ...]`; weights: mean `[C]`, variance `[C]`, factor `[1]`, then with
    /// `use_alpha_beta` alpha and beta `[C]`.
    ///
    /// # Formula
    /// `y = alpha · (x − mean/factor) / sqrt(variance/factor + eps) + beta`
    ///
    /// # Source
    /// Intel and DIGITS forks, BatchNormLayer with alpha and beta.
    BatchNormKyle from batch_norm_param {
        /// Added to the variance.
        eps: f32,
        /// Whether alpha and beta are learnt.
        use_alpha_beta: bool,
    }

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let bottom = one(bottoms)?;
        if bottom.len() < 2 {
            return Err(LayerError::AxisCount { expected: 2, found: bottom.to_vec() });
        }
        one_top(tops, bottom.to_vec())
    }

    fn weight_shapes(&self, bottoms: &[&[usize]]) -> Result<Vec<Shape>, LayerError> {
        let channels: Shape = one(bottoms)?.iter().skip(1).take(1).copied().collect();
        let mut shapes = vec![channels.clone(), channels.clone(), vec![1]];
        if self.use_alpha_beta {
            shapes.extend([channels.clone(), channels]);
        }
        Ok(shapes)
    }
}
