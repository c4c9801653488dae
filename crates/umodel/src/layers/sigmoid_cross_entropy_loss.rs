use super::{Facts, loss, mismatch, pair, product};
use crate::Shape;
use crate::error::LayerError;

layer! {
    /// Cross entropy of a sigmoid.
    ///
    /// # Shapes
    /// scores and targets `[N, ...]` of equally many values, top a scalar.
    ///
    /// # Formula
    /// mean over N of `−Σ (t · log σ(x) + (1 − t) · log(1 − σ(x)))`
    ///
    /// # Source
    /// BVLC Caffe, SigmoidCrossEntropyLossLayer.
    SigmoidCrossEntropyLoss;

    fn facts(&self) -> Facts<'_> {
        Facts::LOSS
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [a, b] = pair(bottoms)?;
        if product(a) != product(b) {
            return Err(mismatch(a, b));
        }
        loss(bottoms, tops)
    }
}
