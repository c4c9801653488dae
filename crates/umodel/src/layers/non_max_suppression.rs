use super::{Facts, LayerParam, mismatch, one_top, pair, size, wire};
use crate::Shape;
use crate::error::{LayerError, ValueError};
use crate::proto::LayerParameter;

/// The best boxes of each class, without those that overlap better ones.
///
/// # Shapes
/// bottoms: boxes `[N, B, 4]` and scores `[N, C, B]`; top `[K, 3]`: the numbers of picture, class and box. How many
/// there are is known when it runs; K is at most `N · C · min(max_output_boxes_per_class, B)`.
///
/// # Formula
/// Boxes of a class are taken by their scores, of equal ones that with the lower number first. One is kept if its
/// intersection over union with each that is kept already is not above `iou_threshold`. Boxes without area overlap
/// with none. The top is in order of pictures, then of classes, then of scores.
///
/// # Source
/// ONNX NonMaxSuppression, as onnxruntime computes it: without a `score_threshold` all scores count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NonMaxSuppression {
    /// Whether a box is `[x, y, width, height]` around its centre; otherwise `[y, x, y, x]` of two opposite corners.
    pub center_point_box: bool,
    /// How many boxes of a class are kept at most; at least 1.
    pub max_output_boxes_per_class: usize,
    /// A box goes if one that is kept overlaps it by more.
    pub iou_threshold: f32,
    /// What a score must be above.
    pub score_threshold: Option<f32>,
}

const FIELD: &str = "non_max_suppression_param.max_output_boxes_per_class";

impl LayerParam for NonMaxSuppression {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.non_max_suppression_param;
        Ok(NonMaxSuppression {
            center_point_box: p.center_point_box(),
            max_output_boxes_per_class: size(p.max_output_boxes_per_class()),
            iou_threshold: p.iou_threshold(),
            score_threshold: p.score_threshold,
        })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.non_max_suppression_param.mut_or_insert_default();
        p.center_point_box = self.center_point_box.then_some(true);
        p.max_output_boxes_per_class = Some(wire(self.max_output_boxes_per_class));
        p.iou_threshold = Some(self.iou_threshold);
        p.score_threshold = self.score_threshold;
    }

    fn check(&self) -> Result<(), LayerError> {
        super::check_given(FIELD, self.max_output_boxes_per_class)?;
        let thresholds = [
            ("non_max_suppression_param.iou_threshold", Some(self.iou_threshold)),
            ("non_max_suppression_param.score_threshold", self.score_threshold),
        ];
        let wrong = |threshold: &f32| !threshold.is_finite();
        match thresholds.into_iter().find_map(|(field, value)| Some((field, value.filter(wrong)?)))
        {
            Some((field, value)) => Err(LayerError::bad(field, value, ValueError::Finite)),
            None => Ok(()),
        }
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn counted_axis(&self, _: usize, _: &[usize]) -> Option<usize> {
        Some(0)
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [boxes, scores] = pair(bottoms)?;
        let (&[pictures, count, 4], &[batch, classes, scored]) = (boxes, scores) else {
            return Err(mismatch(boxes, scores));
        };
        if (pictures, count) != (batch, scored) {
            return Err(mismatch(boxes, scores));
        }
        let each = self.max_output_boxes_per_class.min(count);
        let most = pictures.checked_mul(classes).and_then(|lists| lists.checked_mul(each));
        let most = most.ok_or_else(|| mismatch(boxes, scores))?;
        one_top(tops, vec![most, 3])
    }
}
