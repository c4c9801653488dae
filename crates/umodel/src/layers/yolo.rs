use super::{Facts, same_shape};
use crate::Shape;
use crate::error::LayerError;

layer! {
    /// The activation of a YOLO map.
    ///
    /// # Shapes
    /// bottom and top `[N, boxes·(coords + 1 + classes), H, W]`.
    ///
    /// # Source
    /// Caffe forks with YOLOv2 and YOLOv3, YoloLayer.
    Yolo from yolo_param {
        /// Boxes at each position.
        boxes: i32,
        /// Coordinates of a box.
        coords: i32,
        /// Classes.
        classes: i32,
        /// `V2` or `V3`.
        yolo_version: String,
        /// Softmax instead of sigmoids for the classes.
        softmax: bool,
        /// Whether the background is a class.
        background: bool,
    }

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        same_shape(bottoms, tops)
    }
}
