use super::{Facts, same_shape};
use crate::Shape;
use crate::error::LayerError;

layer! {
    /// Absolute value, element by element.
    ///
    /// # Formula
    /// `y = |x|`
    ///
    /// # Source
    /// BVLC Caffe, AbsValLayer.
    AbsVal;

    fn facts(&self) -> Facts<'_> {
        Facts::VALUE
    }

    fn value(&self, x: f64) -> Option<f64> {
        Some(x.abs())
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        same_shape(bottoms, tops)
    }
}
