use super::{legacy, loss, pair};
use crate::Shape;
use crate::error::LayerError;

layer! {
    /// Logistic loss of probabilities.
    ///
    /// # Shapes
    /// probabilities `[N, ...]`, labels `[N]`, top a scalar.
    ///
    /// # Formula
    /// mean over N of `−log p[label]`
    ///
    /// # Source
    /// BVLC Caffe, MultinomialLogisticLossLayer.
    MultinomialLogisticLoss;

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [_, labels] = pair(bottoms)?;
        let [_, c, h, w] = legacy(labels)?;
        if [c, h, w] != [1, 1, 1] {
            return Err(LayerError::Labels { expected: labels[0], found: labels.to_vec() });
        }
        loss(bottoms, tops)
    }
}
