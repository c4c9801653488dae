use super::{Facts, one_top};
use crate::Shape;
use crate::error::{Count, LayerError};

layer! {
    /// Boxes from YOLO maps.
    ///
    /// # Shapes
    /// bottoms: YOLO maps; top `[1, 1, boxes, 7]`. How many boxes there are is only known when it runs; the graph
    /// says 1.
    ///
    /// # Source
    /// Caffe forks with YOLO for MobileNet, YoloDetectionOutputLayer. Anchors are kept as the prototxt
    /// has them.
    YoloDetectionOutput from yolo_detection_output_param {
        /// Classes.
        num_classes: usize,
        /// Boxes at each position.
        num_box: usize,
        /// Coordinates of a box.
        coords: usize,
        /// Boxes of less confidence are dropped.
        confidence_threshold: f32,
        /// Boxes that overlap more than this with a better one are dropped.
        nms_threshold: f32,
    }

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        if bottoms.is_empty() {
            return Err(LayerError::bottoms(Count::AtLeast(1), 0));
        }
        one_top(tops, vec![1, 1, 1, 7])
    }
}
