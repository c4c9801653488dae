use super::{Facts, canonical_axis, one, one_top};
use crate::Shape;
use crate::error::{LayerError, ValueError};
use crate::quant::float::{Float, Step};

layer! {
    /// Normalizes mean and variance over all axes from one on. Factors and offsets are a
    /// [`Scale`](super::Scale) layer behind it.
    ///
    /// # Shapes
    /// top as the bottom
    ///
    /// # Formula
    /// `y = (x − mean) / sqrt(variance + eps)`, the variance being that of all values, not an estimate
    ///
    /// # Source
    /// ONNX LayerNormalization.
    LayerNorm from layer_norm_param {
        /// The first axis that is normalized; negative counts from the end.
        axis: i32,
        /// Added to the variance.
        eps: f32,
    }

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()?;
        if !(self.eps >= 0.0 && self.eps.is_finite()) {
            return Err(LayerError::bad("layer_norm_param.eps", self.eps, ValueError::NotNegative));
        }
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        let axis = canonical_axis("layer_norm_param.axis", self.axis, float.top.len()).ok()?;
        let length = float.top[axis..].iter().product::<usize>().max(1);
        float.normalized(length, Some(&|variance| (variance + self.eps).rsqrt()))
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let bottom = one(bottoms)?;
        canonical_axis("layer_norm_param.axis", self.axis, bottom.len())?;
        one_top(tops, bottom.to_vec())
    }
}
