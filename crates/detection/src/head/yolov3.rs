use super::anchored::{Anchored, Level};
use super::tensors::Tensor;
use super::{Decoding, pixels, place, sigmoid};
use crate::error::Error;
use crate::rect::{Detection, Rect};

/// The heads of YOLOv3 and YOLOv4.
///
/// # Shapes
/// For each stride one map `[N, A·(5 + classes), H, W]`, or `[N, A, H, W, 5 + classes]`, of A anchors: x, y, width,
/// height, objectness and a score for each class, before any function. H and W are the input's sides divided by the
/// stride, rounded up.
///
/// # Formula
/// With σ the logistic function, (cx, cy) the place, (aw, ah) the anchor and s the level's `scale_xy`:
/// ```text
/// x = (s·σ(tx) − (s − 1)/2 + cx) · stride      width  = aw · e^tw
/// y = (s·σ(ty) − (s − 1)/2 + cy) · stride      height = ah · e^th
/// score = σ(objectness) · σ(class)
/// ```
///
/// # Source
/// Redmon and Farhadi, "YOLOv3: An Incremental Improvement", section 2.1. Bochkovskiy et al., "YOLOv4", section 3.4,
/// for `scale_xy` ("eliminate grid sensitivity"); anchors and scales from darknet's `yolov3.cfg` and `yolov4.cfg`.
#[derive(Clone, Debug, PartialEq)]
pub struct Yolov3 {
    pub(super) common: Anchored,
    pub(super) scale_xy: Vec<f32>,
}

impl Yolov3 {
    /// YOLOv3 with these levels.
    ///
    /// # Errors
    /// [`Error::Value`] for no or too many classes, levels or anchors, and for sides that are no positive numbers.
    pub fn new(classes: usize, levels: impl Into<Vec<Level>>) -> Result<Self, Error> {
        let common = Anchored::new("yolov3", classes, levels.into())?;
        Ok(Yolov3 { scale_xy: vec![1.0; common.levels.len()], common })
    }

    /// With YOLOv4's scale of the place for each level.
    ///
    /// # Errors
    /// [`Error::Levels`] if there are more or fewer; [`Error::Value`] for a scale that is not finite and positive.
    pub fn scale_xy(self, scales: impl Into<Vec<f32>>) -> Result<Self, Error> {
        let (scale_xy, head, key) = (scales.into(), "yolov3", "scale_xy");
        if scale_xy.len() != self.common.levels.len() {
            let (expected, found) = (self.common.levels.len(), scale_xy.len());
            return Err(Error::Levels { head, key, expected, found });
        }
        if !scale_xy.iter().all(|scale| *scale > 0.0 && scale.is_finite()) {
            let (expected, found) =
                ("a positive number for each stride", super::spec::list(&scale_xy));
            return Err(Error::Value { head, key, expected, found });
        }
        Ok(Yolov3 { scale_xy, ..self })
    }

    /// How many classes it tells apart.
    pub fn classes(&self) -> usize {
        self.common.classes
    }

    /// Its levels, in the order of its boxes.
    pub fn levels(&self) -> &[Level] {
        &self.common.levels
    }

    pub(super) fn decode(
        &self,
        tensors: &[Tensor<'_>],
        decoding: &Decoding,
    ) -> Result<Vec<Vec<Detection>>, Error> {
        let grids = self.common.with_levels(decoding.input, |levels| levels.grids(tensors))?;
        let mut all = Vec::with_capacity(decoding.pictures);
        for picture in 0..decoding.pictures {
            let mut boxes = Vec::new();
            for ((grid, level), scale) in grids.iter().zip(self.levels()).zip(&self.scale_xy) {
                let stride = pixels(grid.stride);
                let shift = (scale - 1.0) / 2.0;
                for cell in 0..grid.cells() {
                    for (index, anchor) in level.anchors.iter().enumerate() {
                        let first = index * self.common.width();
                        let at = |value: usize| grid.at(picture, first + value, cell);
                        let object = sigmoid(at(4));
                        if object < decoding.score_threshold {
                            continue;
                        }
                        let rect = || {
                            let [cx, cy] = place(cell, grid.size[1]);
                            let x = (scale * sigmoid(at(0)) - shift + cx) * stride;
                            let y = (scale * sigmoid(at(1)) - shift + cy) * stride;
                            Rect::around([x, y], [anchor[0] * at(2).exp(), anchor[1] * at(3).exp()])
                        };
                        let score = |label| object * sigmoid(at(5 + label));
                        decoding.add(&mut boxes, self.classes(), score, rect);
                    }
                }
            }
            all.push(boxes);
        }
        Ok(all)
    }
}
