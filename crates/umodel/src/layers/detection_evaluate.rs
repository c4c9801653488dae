use super::{Facts, check_given, legacy, mismatch, one_top, pair};
use crate::Shape;
use crate::error::LayerError;

layer! {
    /// Compares detections with the truth.
    ///
    /// # Shapes
    /// detections `[1, 1, K, 7]`, ground truth `[1, 1, M, 8]`, top `[1, 1, classes + K, 5]`, the background not
    /// counted.
    ///
    /// # Source
    /// SSD, DetectionEvaluateLayer. Overlaps are those of boxes in fractions of the picture, as in SSD without a
    /// `name_size_file`: the file is not read. With it, SSD counts in pixels and adds one to each side, which may
    /// decide differently about a box whose overlap is near the threshold.
    DetectionEvaluate from detection_evaluate_param {
        /// Classes, the background among them.
        num_classes: usize,
        /// The class that is no object.
        background_label_id: usize,
        /// Overlap from which on a box is found.
        overlap_threshold: f32,
        /// Whether difficult boxes count.
        evaluate_difficult_gt: bool,
        /// File with names and sizes of pictures.
        name_size_file: String,
    }

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()?;
        check_given("detection_evaluate_param.num_classes", self.num_classes)
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [found, truth] = pair(bottoms)?;
        let [n, c, boxes, width] = legacy(found)?;
        if [n, c, width] != [1, 1, 7] {
            return Err(mismatch(&[1, 1, boxes, 7], found));
        }
        let [n, c, count, width] = legacy(truth)?;
        if [n, c, width] != [1, 1, 8] {
            return Err(mismatch(&[1, 1, count, 8], truth));
        }
        one_top(tops, vec![1, 1, boxes.saturating_add(self.num_classes.saturating_sub(1)), 5])
    }
}
