use super::{Facts, same_shape};
use crate::Shape;
use crate::error::LayerError;

layer! {
    /// The error function, element by element.
    ///
    /// # Formula
    /// `y = 2 / √π · ∫₀ˣ exp(−t²) dt`
    ///
    /// # Source
    /// ONNX Erf.
    Erf;

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        same_shape(bottoms, tops)
    }
}
