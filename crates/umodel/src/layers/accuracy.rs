use super::softmax::around;
use super::softmax_with_loss::check_labels;
use super::{LayerParam, one_top};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::LayerParameter;

/// Share of predictions whose label is among the `top_k` best scores.
///
/// # Shapes
/// bottoms: scores and labels, one label for every `outer · inner` position; top `[]`.
///
/// # Formula
/// A prediction counts when fewer than `top_k` other classes score at least as high as the label.
///
/// # Source
/// BVLC Caffe, AccuracyLayer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accuracy {
    /// How many of the best scores count, at least 1.
    pub top_k: usize,
    /// The class axis; negative counts from the end.
    pub axis: i32,
    /// Labels with this value are left out of the count.
    pub ignore_label: Option<i32>,
}

impl Accuracy {
    /// `[outer, classes, inner]`: the scores as seen from the class axis.
    pub fn matrix(&self, bottom: &[usize]) -> Result<[usize; 3], LayerError> {
        around(self.axis, bottom)
    }
}

impl LayerParam for Accuracy {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.accuracy_param;
        if p.top_k() == 0 {
            return Err(LayerError::BadValue {
                field: "accuracy_param.top_k",
                value: "0".into(),
                reason: "must be at least 1".into(),
            });
        }
        Ok(Accuracy { top_k: p.top_k() as usize, axis: p.axis(), ignore_label: p.ignore_label })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.accuracy_param.mut_or_insert_default();
        p.set_top_k(self.top_k as u32);
        p.axis = (self.axis != 1).then_some(self.axis);
        p.ignore_label = self.ignore_label;
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        check_labels(bottoms, |scores| self.matrix(scores))?;
        let classes = self.matrix(bottoms[0])?[1];
        if self.top_k > classes {
            return Err(LayerError::BadValue {
                field: "accuracy_param.top_k",
                value: self.top_k.to_string(),
                reason: format!("the bottom has {classes} classes"),
            });
        }
        one_top(tops, Vec::new())
    }
}
