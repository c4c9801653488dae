use super::{Facts, legacy, loss, mismatch, product};
use crate::Shape;
use crate::error::{Count, LayerError};

layer! {
    /// Information gain loss.
    ///
    /// # Shapes
    /// probabilities `[N, ...]`, labels `[N]`, optionally the infogain matrix `[1, 1, K, K]` with K values for each
    /// of N; top a scalar.
    ///
    /// # Source
    /// BVLC Caffe, InfogainLossLayer.
    InfogainLoss from infogain_loss_param {
        /// File of the matrix, where it is not a bottom.
        source: String,
    }

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()
    }

    fn facts(&self) -> Facts<'_> {
        Facts::LOSS
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let (scores, labels) = match bottoms {
            [scores, labels] if !self.source.is_empty() => (scores, labels),
            [_, _] => return Err(LayerError::MissingField { field: "infogain_loss_param.source" }),
            [scores, labels, gains] => {
                let values = product(scores.get(1..).unwrap_or_default());
                let [n, c, h, w] = legacy(gains)?;
                if [n, c, h, w] != [1, 1, values, values] {
                    return Err(mismatch(&[1, 1, values, values], gains));
                }
                (scores, labels)
            }
            _ => return Err(LayerError::bottoms(Count::Either(2, 3), bottoms.len())),
        };
        let [expected, ..] = legacy(scores)?;
        let [_, c, h, w] = legacy(labels)?;
        if [c, h, w] != [1, 1, 1] {
            return Err(LayerError::Labels { expected, found: labels.to_vec() });
        }
        loss(bottoms, tops)
    }
}
