use super::arg_max::check_top_k;
use super::softmax::around;
use super::softmax_with_loss::check_labels;
use super::{Facts, LayerParam, one_top, size, wire};
use crate::Shape;
use crate::error::{LayerError, ValueError};
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
        Ok(Accuracy { top_k: size(p.top_k()), axis: p.axis(), ignore_label: p.ignore_label })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.accuracy_param.mut_or_insert_default();
        p.set_top_k(wire(self.top_k));
        p.axis = (self.axis != 1).then_some(self.axis);
        p.ignore_label = self.ignore_label;
    }

    fn check(&self) -> Result<(), LayerError> {
        check_top_k("accuracy_param.top_k", self.top_k)
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [_, classes, _] = check_labels(bottoms, |scores| self.matrix(scores))?;
        if self.top_k > classes {
            let reason = ValueError::Classes(classes);
            return Err(LayerError::bad("accuracy_param.top_k", self.top_k, reason));
        }
        one_top(tops, Vec::new())
    }
}
