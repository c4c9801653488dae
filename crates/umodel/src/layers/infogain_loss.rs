use super::softmax::around;
use super::softmax_with_loss::{parse_loss, write_loss};
use super::{Facts, LayerParam, Normalization, Scalar, legacy, loss, mismatch, product};
use crate::Shape;
use crate::error::{Count, LayerError};
use crate::proto::LayerParameter;

/// What an [`InfogainLoss`] of newer Caffe says beyond the matrix: its first bottom has scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InfogainScores {
    /// The class axis; negative counts from the end.
    pub axis: i32,
    /// Labels with this value add nothing.
    pub ignore_label: Option<i32>,
    /// What the sum is divided by.
    pub normalization: Normalization,
}

/// Information gain loss.
///
/// # Shapes
/// probabilities `[N, ...]`, labels `[N]`, optionally the infogain matrix H `[1, 1, K, K]` with K values for each
/// of N; top a scalar. In its newer form scores of K classes along an axis, a label for each of the other
/// positions, the matrix; tops: the scalar and, optionally, the probabilities with the scores' shape.
///
/// # Formula
/// `−Σ H[label, k] · log(max(p[k], 1e-20)) / normalizer`, the normalizer N; in the newer form p is the softmax of the
/// scores, and the normalizer as of a SoftmaxWithLoss.
///
/// # Source
/// BVLC Caffe, InfogainLossLayer. Until 2017 the first bottom has probabilities, as in the SSD fork; later ones compute
/// them. A layer is taken as of the newer form if it has `infogain_loss_param.axis` or `loss_param`, which older
/// Caffe does not have here.
#[derive(Clone, Debug, PartialEq)]
pub struct InfogainLoss {
    /// File of the matrix, where it is not a bottom.
    pub source: String,
    /// The newer form.
    pub scores: Option<InfogainScores>,
}

impl LayerParam for InfogainLoss {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.infogain_loss_param;
        let newer = p.axis.is_some() || layer.loss_param.is_some();
        let scores = || -> Result<InfogainScores, LayerError> {
            let (ignore_label, normalization) = parse_loss(layer, Normalization::Valid)?;
            Ok(InfogainScores { axis: p.axis(), ignore_label, normalization })
        };
        let scores = if newer { Some(scores()?) } else { None };
        Ok(InfogainLoss { source: p.source().to_owned(), scores })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.infogain_loss_param.mut_or_insert_default();
        p.source = (!self.source.is_empty()).then(|| self.source.clone());
        p.axis = self.scores.map(|scores| scores.axis);
        match self.scores {
            None => layer.loss_param.clear(),
            Some(InfogainScores { ignore_label, normalization, .. }) => {
                write_loss(layer, ignore_label, normalization, Normalization::Valid);
            }
        }
    }

    fn check(&self) -> Result<(), LayerError> {
        self.source.fits("infogain_loss_param.source")
    }

    fn facts(&self) -> Facts<'_> {
        Facts::LOSS
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let (scores, labels) = match bottoms {
            [scores, labels] if !self.source.is_empty() => (scores, labels),
            [_, _] => return Err(LayerError::MissingField { field: "infogain_loss_param.source" }),
            [scores, labels, _] => (scores, labels),
            _ => return Err(LayerError::bottoms(Count::Either(2, 3), bottoms.len())),
        };
        let [outer, classes, inner] = self.matrix(scores)?;
        if let Some(gains) = bottoms.get(2)
            && legacy(gains)? != [1, 1, classes, classes]
        {
            return Err(LayerError::BottomShape {
                index: 2,
                expected: vec![1, 1, classes, classes],
                found: gains.to_vec(),
            });
        }
        if self.scores.is_none() {
            let [_, c, h, w] = legacy(labels)?;
            if [c, h, w] != [1, 1, 1] {
                return Err(LayerError::Labels { expected: outer, found: labels.to_vec() });
            }
            return loss(bottoms, tops);
        }
        let expected = outer.saturating_mul(inner);
        if product(labels) != expected {
            return Err(LayerError::Labels { expected, found: labels.to_vec() });
        }
        match tops {
            1 => Ok(vec![Vec::new()]),
            2 => Ok(vec![Vec::new(), scores.to_vec()]),
            _ => Err(LayerError::tops(Count::Either(1, 2), tops)),
        }
    }
}

impl InfogainLoss {
    /// `[outer, classes, inner]`: the first bottom as seen from the classes.
    ///
    /// # Errors
    /// For a bottom that has no such axis.
    pub fn matrix(&self, bottom: &[usize]) -> Result<[usize; 3], LayerError> {
        match (self.scores, bottom) {
            (Some(scores), _) => around(scores.axis, bottom),
            (None, [outer, rest @ ..]) => Ok([*outer, product(rest), 1]),
            (None, []) => Err(mismatch(&[1, 1], bottom)),
        }
    }
}
