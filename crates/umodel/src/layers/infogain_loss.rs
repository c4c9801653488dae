use super::{legacy, loss, mismatch};
use crate::Shape;
use crate::error::LayerError;

layer! {
    /// Information gain loss.
    ///
    /// # Shapes
    /// probabilities `[N, ...]`, labels `[N]`, optionally the infogain matrix `[1, 1, K, K]` with K values for each of N; top a scalar.
    ///
    /// # Source
    /// BVLC Caffe, InfogainLossLayer.
    InfogainLoss from infogain_loss_param {
        /// File of the matrix, where it is not a bottom.
        source: String,
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let (scores, labels) = match bottoms {
            [scores, labels] if !self.source.is_empty() => (scores, labels),
            [_, _] => return Err(LayerError::MissingField { field: "infogain_loss_param.source" }),
            [scores, labels, gains] => {
                let values = scores.iter().skip(1).product();
                let [n, c, h, w] = legacy(gains)?;
                if [n, c, h, w] != [1, 1, values, values] {
                    return Err(mismatch(&[1, 1, values, values], gains));
                }
                (scores, labels)
            }
            _ => return Err(LayerError::BottomCount { expected: "2 or 3", found: bottoms.len() }),
        };
        let [_, c, h, w] = legacy(labels)?;
        if [c, h, w] != [1, 1, 1] {
            return Err(LayerError::Labels { expected: scores[0], found: labels.to_vec() });
        }
        loss(bottoms, tops)
    }
}
