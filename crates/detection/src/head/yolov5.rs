use super::anchored::{Anchored, Level};
use super::tensors::{Order, Rows, Tensor, one};
use super::{Decoding, pixels, place, sigmoid};
use crate::error::Error;
use crate::rect::{Detection, Rect};

/// The heads of YOLOv5 and YOLOv7.
///
/// # Shapes
/// For each stride one map `[N, A·(5 + classes), H, W]`, or `[N, A, H, W, 5 + classes]`, of A anchors: x, y, width,
/// height, objectness and a score for each class, before any function. H and W are the input's sides divided by the
/// stride, rounded up.
///
/// Or one tensor `[N, boxes, 5 + classes]` of boxes that the net has decoded, as most exports have it: the centre,
/// width and height in pixels of the input, then objectness and scores from 0 to 1.
///
/// # Formula
/// With σ the logistic function, (cx, cy) the place and (aw, ah) the anchor:
/// ```text
/// x = (2·σ(tx) − 0.5 + cx) · stride      width  = aw · (2·σ(tw))²
/// y = (2·σ(ty) − 0.5 + cy) · stride      height = ah · (2·σ(th))²
/// score = σ(objectness) · σ(class)
/// ```
/// Of decoded boxes, `score = objectness · class`.
///
/// # Source
/// Ultralytics' documentation of YOLOv5's architecture, "Eliminate Grid Sensitivity"; anchors from `yolov5s.yaml` and
/// YOLOv7's `yolov7.yaml`.
#[derive(Clone, Debug, PartialEq)]
pub struct Yolov5 {
    pub(super) common: Anchored,
}

impl Yolov5 {
    /// With these levels.
    ///
    /// # Errors
    /// [`Error::Value`] for no or too many classes, levels or anchors, and for sides that are no positive numbers.
    pub fn new(classes: usize, levels: impl Into<Vec<Level>>) -> Result<Self, Error> {
        Ok(Yolov5 { common: Anchored::new("yolov5", classes, levels.into())? })
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
        if !self.common.are_maps(tensors, decoding.input) {
            let rows = Rows::new(0, one("yolov5", tensors)?, self.common.width(), Order::Last)?;
            return Ok(decoded_rows(&rows, self.classes(), decoding));
        }
        let grids = self.common.with_levels(decoding.input, |levels| levels.grids(tensors))?;
        let mut all = Vec::with_capacity(decoding.pictures);
        for picture in 0..decoding.pictures {
            let mut boxes = Vec::new();
            for (grid, level) in grids.iter().zip(self.levels()) {
                let stride = pixels(grid.stride);
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
                            let twice = |value| 2.0 * sigmoid(at(value));
                            let x = (twice(0) - 0.5 + cx) * stride;
                            let y = (twice(1) - 0.5 + cy) * stride;
                            let size = [anchor[0] * twice(2).powi(2), anchor[1] * twice(3).powi(2)];
                            Rect::around([x, y], size)
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

/// Boxes that the net has decoded: centre, width and height in pixels, objectness, a score for each class.
pub(super) fn decoded_rows(
    rows: &Rows<'_>,
    classes: usize,
    decoding: &Decoding,
) -> Vec<Vec<Detection>> {
    let of = |picture: usize| {
        let mut boxes = Vec::new();
        for row in 0..rows.count {
            let at = |value: usize| rows.at(picture, row, value);
            let rect = || Rect::around([at(0), at(1)], [at(2), at(3)]);
            decoding.add(&mut boxes, classes, |label| at(4) * at(5 + label), rect);
        }
        boxes
    };
    (0..decoding.pictures).map(of).collect()
}
