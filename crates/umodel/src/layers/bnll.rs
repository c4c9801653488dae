use super::{Facts, same_shape};
use crate::Shape;
use crate::error::LayerError;
use crate::quant::float::{Float, Step};

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
        Facts::VALUE
    }

    fn value(&self, x: f64) -> Option<f64> {
        // The exponential of a positive number could overflow.
        Some(x.max(0.0) + (-x.abs()).exp().ln_1p())
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        float.map(|x| x.max(0.0) + ((x.abs() * -1.0).exp() + 1.0).ln())
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        same_shape(bottoms, tops)
    }
}
