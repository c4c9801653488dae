use super::{Facts, same_shape};
use crate::Shape;
use crate::error::LayerError;

layer! {
    /// Gaussian error linear unit, element by element.
    ///
    /// # Formula
    /// `y = x / 2 · (1 + erf(x / √2))`, or with `tanh`
    /// `y = x / 2 · (1 + tanh(√(2 / π) · (x + 0.044715 · x³)))`
    ///
    /// # Source
    /// ONNX Gelu.
    Gelu from gelu_param {
        /// Whether the approximation by the hyperbolic tangent is meant.
        tanh: bool,
    }

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        same_shape(bottoms, tops)
    }
}
