use super::{Facts, same_shape};
use crate::Shape;
use crate::error::LayerError;

layer! {
    /// Binomial normal log likelihood, element by element.
    ///
    /// # Formula
    /// `y = log(1 + exp(x))`
    ///
    /// # Source
    /// BVLC Caffe, BNLLLayer.
    Bnll;

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        same_shape(bottoms, tops)
    }
}
