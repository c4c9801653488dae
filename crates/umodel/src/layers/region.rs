use super::{Facts, LayerParam, fit, same_shape, size, wire};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::{LayerParameter, RegionParameter};

/// The activation of YOLOv2's last map.
///
/// # Shapes
/// bottom and top `[N, boxes·(coords + 1 + classes), H, W]`.
///
/// # Source
/// Caffe forks with YOLOv2, RegionLayer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// Classes.
    pub classes: usize,
    /// Coordinates of a box.
    pub coords: usize,
    /// Boxes at each position.
    pub boxes: usize,
    /// Softmax instead of sigmoids for the classes.
    pub softmax: bool,
}

impl LayerParam for Region {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p: RegionParameter = super::fork(layer, &layer.region_param, &[149]);
        Ok(Region {
            classes: size(p.classes()),
            coords: size(p.coords()),
            boxes: size(p.boxes_of_each_grid()),
            softmax: p.softmax(),
        })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.region_param.mut_or_insert_default();
        p.classes = Some(wire(self.classes));
        p.coords = Some(wire(self.coords));
        p.boxes_of_each_grid = Some(wire(self.boxes));
        p.softmax = Some(self.softmax);
    }

    fn check(&self) -> Result<(), LayerError> {
        fit(&[
            ("region_param.classes", self.classes),
            ("region_param.coords", self.coords),
            ("region_param.boxes_of_each_grid", self.boxes),
        ])
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        same_shape(bottoms, tops)
    }
}
