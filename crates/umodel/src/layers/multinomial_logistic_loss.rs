use super::{Facts, legacy, loss, pair};
use crate::Shape;
use crate::error::LayerError;

layer! {
    /// Logistic loss of probabilities.
    ///
    /// # Shapes
    /// probabilities `[N, ...]`, labels `[N]`, top a scalar.
    ///
    /// # Formula
    /// mean over N of `−log max(p[label], 1e-20)`
    ///
    /// # Source
    /// BVLC Caffe, MultinomialLogisticLossLayer.
    MultinomialLogisticLoss;

    fn facts(&self) -> Facts<'_> {
        Facts::LOSS
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [_, labels] = pair(bottoms)?;
        let [expected, c, h, w] = legacy(labels)?;
        if [c, h, w] != [1, 1, 1] {
            return Err(LayerError::Labels { expected, found: labels.to_vec() });
        }
        loss(bottoms, tops)
    }
}
