use super::yolo::{check_head, map};
use super::{Facts, LayerParam, check_given, one_top, product, size, wire};
use crate::Shape;
use crate::error::{Count, LayerError, ValueError};
use crate::proto::LayerParameter;

/// The boxes of YOLOv2's map.
///
/// # Shapes
/// bottoms: one map or two `[N, num_box·(5 + num_classes), H, W]`, each box x, y, width, height, objectness, classes;
/// top `[1, 1, boxes, 7]`, each row `[item, class + 1, confidence, xmin, ymin, xmax, ymax]` in parts of the picture.
/// How many boxes there are is only known when it runs; the graph says the most that there can be, where Caffe's says
/// 1.
///
/// # Formula
/// With σ the logistic function, (cx, cy) the place on the map and a the box's anchor:
/// ```text
/// x = (σ(tx) + cx) / W      width  = e^tw · a_w / W
/// y = (σ(ty) + cy) / H      height = e^th · a_h / H
/// confidence = σ(objectness) · max softmax(classes)
/// ```
/// Boxes whose confidence reaches the threshold are suppressed as those of
/// [`Yolov3DetectionOutput`](super::Yolov3DetectionOutput) are. If no item has a box, there is a row for each item,
/// with −1 behind its number.
///
/// # Source
/// eric612's MobileNet-YOLO (commit 69b4441), YoloDetectionOutputLayer, which needs square maps. It throws the items
/// of a batch together and calls all of them 0; here each is suppressed by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct YoloDetectionOutput {
    /// Classes.
    pub num_classes: usize,
    /// Boxes at each position.
    pub num_box: usize,
    /// Coordinates of a box.
    pub coords: usize,
    /// Boxes of less confidence are dropped.
    pub confidence_threshold: f32,
    /// Boxes that overlap a better one this much are dropped.
    pub nms_threshold: f32,
    /// Width and height of the anchor of each box, in pixels of the map.
    pub biases: Vec<f32>,
}

impl LayerParam for YoloDetectionOutput {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.yolo_detection_output_param;
        Ok(YoloDetectionOutput {
            num_classes: size(p.num_classes()),
            num_box: size(p.num_box()),
            coords: size(p.coords()),
            confidence_threshold: p.confidence_threshold(),
            nms_threshold: p.nms_threshold(),
            biases: p.biases.clone(),
        })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.yolo_detection_output_param.mut_or_insert_default();
        p.num_classes = Some(wire(self.num_classes));
        p.num_box = Some(wire(self.num_box));
        p.coords = Some(wire(self.coords));
        p.confidence_threshold = Some(self.confidence_threshold);
        p.nms_threshold = Some(self.nms_threshold);
        p.biases = self.biases.clone();
    }

    fn check(&self) -> Result<(), LayerError> {
        check_given("yolo_detection_output_param.num_classes", self.num_classes)?;
        check_given("yolo_detection_output_param.num_box", self.num_box)?;
        if self.coords != 4 {
            let field = "yolo_detection_output_param.coords";
            return Err(LayerError::bad(field, self.coords, ValueError::Coordinates));
        }
        check_head(
            ["yolo_detection_output_param.biases", "yolo_detection_output_param.nms_threshold"],
            &self.biases,
            self.num_box.saturating_mul(2),
            self.nms_threshold,
        )
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let ([first] | [first, _]) = bottoms else {
            return Err(LayerError::bottoms(Count::Either(1, 2), bottoms.len()));
        };
        let channels = self.num_box.saturating_mul(self.num_classes.saturating_add(5));
        let mut most = 0usize;
        for index in 0..bottoms.len() {
            let [_, _, height, width] = map(bottoms, index, channels)?;
            most = most.saturating_add(product(&[height, width, self.num_box]));
        }
        let items = first.first().copied().unwrap_or(1);
        one_top(tops, vec![1, 1, items.saturating_mul(most.max(1)), 7])
    }

    fn counted_axis(&self, _: usize, _: &[usize]) -> Option<usize> {
        Some(2)
    }
}
