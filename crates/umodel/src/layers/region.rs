use super::{LayerParam, Scalar, same_shape};
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
            classes: usize::from_wire(p.classes()),
            coords: usize::from_wire(p.coords()),
            boxes: usize::from_wire(p.boxes_of_each_grid()),
            softmax: p.softmax(),
        })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.region_param.mut_or_insert_default();
        p.classes = Some(u32::from_wire(self.classes));
        p.coords = Some(u32::from_wire(self.coords));
        p.boxes_of_each_grid = Some(u32::from_wire(self.boxes));
        p.softmax = Some(self.softmax);
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        same_shape(bottoms, tops)
    }
}
