use super::yolo::{check_head, map};
use super::{Facts, LayerParam, check_given, fit, one_top, product, size, wire};
use crate::Shape;
use crate::error::{Count, LayerError, ValueError};
use crate::proto::LayerParameter;

/// The boxes of YOLOv3's maps.
///
/// # Shapes
/// bottoms: maps `[N, num_box·(5 + num_classes), H, W]`, each box x, y, width, height, objectness, classes (with
/// `gaussian_box`, each of the four followed by its uncertainty); top `[1, 1, boxes, 7]`, each row `[item, class,
/// confidence, x, y, width, height]` in parts of the picture, x and y the centre, classes from 0. How many boxes there
/// are is only known when it runs; the graph says the most that there can be, where Caffe's says 1.
///
/// # Formula
/// With σ the logistic function, (cx, cy) the place on the map, a the anchor that `mask` names and s the map's
/// `anchors_scale`:
/// ```text
/// x = (σ(tx) + cx) / W      width  = e^tw · a_w / (W·s)
/// y = (σ(ty) + cy) / H      height = e^th · a_h / (H·s)
/// confidence = σ(objectness) · σ(class)
/// ```
/// and with `gaussian_box` the objectness times (4 − Σ σ(uncertainty)) / 4. Each class of a box whose confidence is
/// above the threshold is a box of its own. From the best one on, equal ones in the order of maps, places, boxes,
/// classes, a box stays unless its IoU with one that stays reaches the threshold, whatever their classes are. If no
/// item has a box, there is a row for each item, with −1 behind its number.
///
/// # Source
/// eric612's MobileNet-YOLO (commit 69b4441), Yolov3DetectionOutputLayer, for fields, arithmetic and suppression. Its
/// rows have the class plus 1 and corners. Centre and size are the vendor's, of its user guide and its YOLOv3 sample.
/// That its classes count from 0 is an assumption: the sample takes the number as the category. The fork throws
/// the items of a batch together and calls all of them 0; here each is suppressed by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Yolov3DetectionOutput {
    /// Classes.
    pub num_classes: usize,
    /// Boxes at each position.
    pub num_box: usize,
    /// Boxes of no more confidence are dropped.
    pub confidence_threshold: f32,
    /// Boxes that overlap a better one this much are dropped.
    pub nms_threshold: f32,
    /// Width and height of each anchor, in pixels of the net's input.
    pub biases: Vec<f32>,
    /// Pixels of the net's input for one of each map.
    pub anchors_scale: Vec<usize>,
    /// Maps, one for each bottom.
    pub mask_group_num: usize,
    /// The anchors of each map, one for each box.
    pub mask: Vec<usize>,
    /// Whether each coordinate has an uncertainty (Gaussian YOLOv3).
    pub gaussian_box: bool,
}

impl Yolov3DetectionOutput {
    /// Values of a box.
    pub fn width(&self) -> usize {
        self.num_classes.saturating_add(if self.gaussian_box { 9 } else { 5 })
    }
}

impl LayerParam for Yolov3DetectionOutput {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.yolov3_detection_output_param;
        Ok(Yolov3DetectionOutput {
            num_classes: size(p.num_classes()),
            num_box: size(p.num_box()),
            confidence_threshold: p.confidence_threshold(),
            nms_threshold: p.nms_threshold(),
            biases: p.biases.clone(),
            anchors_scale: p.anchors_scale.iter().map(|&scale| size(scale)).collect(),
            mask_group_num: size(p.mask_group_num()),
            mask: p.mask.iter().map(|&anchor| size(anchor)).collect(),
            gaussian_box: p.gaussian_box(),
        })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.yolov3_detection_output_param.mut_or_insert_default();
        p.num_classes = Some(wire(self.num_classes));
        p.num_box = Some(wire(self.num_box));
        p.confidence_threshold = Some(self.confidence_threshold);
        p.nms_threshold = Some(self.nms_threshold);
        p.biases = self.biases.clone();
        p.anchors_scale = self.anchors_scale.iter().map(|&scale| wire(scale)).collect();
        p.mask_group_num = Some(wire(self.mask_group_num));
        p.mask = self.mask.iter().map(|&anchor| wire(anchor)).collect();
        p.gaussian_box = self.gaussian_box.then_some(true);
    }

    fn check(&self) -> Result<(), LayerError> {
        check_given("yolov3_detection_output_param.num_classes", self.num_classes)?;
        check_given("yolov3_detection_output_param.num_box", self.num_box)?;
        check_given("yolov3_detection_output_param.mask_group_num", self.mask_group_num)?;
        let anchors = self.biases.len() / 2;
        check_head(
            ["yolov3_detection_output_param.biases", "yolov3_detection_output_param.nms_threshold"],
            &self.biases,
            self.biases.len().next_multiple_of(2).max(2),
            self.nms_threshold,
        )?;
        let (maps, boxes) = (self.mask_group_num, self.mask_group_num.saturating_mul(self.num_box));
        for (field, of, list, expected) in [
            ("yolov3_detection_output_param.anchors_scale", "map", &self.anchors_scale, maps),
            ("yolov3_detection_output_param.mask", "box of each map", &self.mask, boxes),
        ] {
            let found = list.len();
            if found != expected {
                let value = format_args!("{list:?}");
                return Err(LayerError::bad(
                    field,
                    value,
                    ValueError::OneFor { of, expected, found },
                ));
            }
        }
        if let Some(&anchor) = self.mask.iter().find(|&&anchor| anchor >= anchors) {
            let field = "yolov3_detection_output_param.mask";
            return Err(LayerError::bad(field, anchor, ValueError::NoSuchAnchor(anchors)));
        }
        for &scale in &self.anchors_scale {
            let field = "yolov3_detection_output_param.anchors_scale";
            if scale == 0 {
                return Err(LayerError::bad(field, scale, ValueError::Positive));
            }
            fit(&[(field, scale)])?;
        }
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        if bottoms.len() != self.mask_group_num {
            return Err(LayerError::bottoms(Count::Exactly(self.mask_group_num), bottoms.len()));
        }
        let channels = self.num_box.saturating_mul(self.width());
        let mut most = 0usize;
        for (index, bottom) in bottoms.iter().enumerate() {
            let [_, _, height, width] = map(bottoms, index, channels)?;
            let boxes = product(&[height, width, self.num_box, self.num_classes]);
            most = most.saturating_add(boxes);
            // Pixels of the input are counted as the fork's C++ does.
            if i32::try_from(product(&[height.max(width), self.anchors_scale[index]])).is_err() {
                return Err(LayerError::TooLarge { shape: bottom.to_vec() });
            }
        }
        let items = bottoms.first().and_then(|bottom| bottom.first()).copied().unwrap_or(1);
        one_top(tops, vec![1, 1, items.saturating_mul(most.max(1)), 7])
    }

    fn counted_axis(&self, _: usize, _: &[usize]) -> Option<usize> {
        Some(2)
    }
}
