use super::yolo::map;
use super::{Facts, LayerParam, check_given, fit, one, same_shape, size, wire};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::{LayerParameter, RegionParameter};

/// The activation of YOLOv2's last map, each place's values side by side.
///
/// # Shapes
/// bottom `[N, boxes·(coords + 1 + classes), H, W]`, each box its coordinates, objectness, classes; top of the same
/// shape, but with the values in the order of `[N, H, W, boxes, coords + 1 + classes]`.
///
/// # Formula
/// The objectness passes the logistic function, and the classes are made their softmax if `softmax` is set. Coordinates
/// stay as they are: those who read the top put x and y through the logistic function.
///
/// # Source
/// RegionLayer of the Caffe forks for YOLOv2 that have `boxes_of_each_grid`, read in a public copy whose repository is
/// not known. That copy never reads `softmax`; it counts here, as the forks' prototxts mean it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// Classes.
    pub classes: usize,
    /// Coordinates of a box.
    pub coords: usize,
    /// Boxes at each position.
    pub boxes: usize,
    /// Softmax of the classes.
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
        check_given("region_param.classes", self.classes)?;
        check_given("region_param.boxes_of_each_grid", self.boxes)?;
        fit(&[("region_param.coords", self.coords)])
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        one(bottoms)?;
        let width = self.coords.saturating_add(1).saturating_add(self.classes);
        map(bottoms, 0, self.boxes.saturating_mul(width))?;
        same_shape(bottoms, tops)
    }
}
