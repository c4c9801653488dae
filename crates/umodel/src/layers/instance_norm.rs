use super::{Facts, same_shape};
use crate::Shape;
use crate::error::{LayerError, ValueError};
use crate::quant::float::{Float, Step};

layer! {
    /// Normalizes mean and variance of each channel of each image. Factors and offsets of the channels are a
    /// [`Scale`](super::Scale) layer behind it.
    ///
    /// # Shapes
    /// bottom `[N, C, ...]` with at least one axis behind C, top the same.
    ///
    /// # Formula
    /// `y = (x − mean) / sqrt(variance + eps)`, the variance being that of all values, not an estimate
    ///
    /// # Source
    /// ONNX InstanceNormalization. [`Mvn`](super::Mvn) adds eps to the standard deviation instead.
    InstanceNorm from instance_norm_param {
        /// Added to the variance.
        eps: f32,
    }

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()?;
        if !(self.eps >= 0.0 && self.eps.is_finite()) {
            return Err(LayerError::bad("instance_norm_param.eps", self.eps, ValueError::NotNegative));
        }
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        let length = float.top.iter().skip(2).product::<usize>().max(1);
        float.normalized(length, Some(&|variance| (variance + self.eps).rsqrt()))
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        match bottoms {
            [bottom] if bottom.len() < 3 => {
                Err(LayerError::AxisCount { expected: 4, found: bottom.to_vec() })
            }
            _ => same_shape(bottoms, tops),
        }
    }
}
