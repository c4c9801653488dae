use super::tensors::{Grid, Levels, Order, Rows, Tensor, one};
use super::yolov5::decoded_rows;
use super::{Decoding, check_classes, check_strides, pixels, place, sigmoid};
use crate::error::Error;
use crate::rect::{Detection, Rect};

/// The heads of YOLOX: without anchors, one box for each place.
///
/// # Shapes
/// For each stride one map `[N, 5 + classes, H, W]`: x, y, width, height, objectness and a score for each class. H and
/// W are the input's sides divided by the stride, rounded up. A map may be cut into tensors of the same size: box,
/// objectness, scores, in this order. Or all levels one behind the other in one tensor `[N, places, 5 + classes]`, as
/// YOLOX's export makes it.
///
/// # Formula
/// With (cx, cy) the place:
/// ```text
/// x = (tx + cx) · stride      width  = e^tw · stride
/// y = (ty + cy) · stride      height = e^th · stride
/// score = objectness · class
/// ```
/// Objectness and scores are from 0 to 1, as YOLOX exports them; with [`logits`](Self::logits) they are values before
/// the logistic function. With [`decoded`](Self::decoded), the net itself has computed x, y, width and height in pixels
/// (its export with `--decode_in_inference`).
///
/// # Source
/// Ge et al., "YOLOX: Exceeding YOLO Series in 2021", section 2.2; YOLOX's documentation of its ONNX demo.
#[derive(Clone, Debug, PartialEq)]
pub struct Yolox {
    pub(super) classes: usize,
    pub(super) strides: Vec<usize>,
    pub(super) logits: bool,
    pub(super) decoded: bool,
}

impl Yolox {
    /// With so many classes and levels of these strides.
    ///
    /// # Errors
    /// [`Error::Value`] for what is none or too many.
    pub fn new(classes: usize, strides: impl Into<Vec<usize>>) -> Result<Self, Error> {
        let strides = strides.into();
        check_classes("yolox", classes)?;
        check_strides("yolox", &strides)?;
        Ok(Yolox { classes, strides, logits: false, decoded: false })
    }

    /// With objectness and scores before the logistic function, or behind it.
    pub fn logits(self, logits: bool) -> Self {
        Yolox { logits, ..self }
    }

    /// With boxes that the net has decoded, or not.
    pub fn decoded(self, decoded: bool) -> Self {
        Yolox { decoded, ..self }
    }

    /// How many classes it tells apart.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Pixels of the input between two places, for each level.
    pub fn strides(&self) -> &[usize] {
        &self.strides
    }

    pub(super) fn decode(
        &self,
        tensors: &[Tensor<'_>],
        decoding: &Decoding,
    ) -> Result<Vec<Vec<Detection>>, Error> {
        let width = 5 + self.classes;
        if self.decoded {
            let rows = Rows::new(0, one("yolox", tensors)?, width, Order::Last)?;
            if self.logits {
                return Ok(self.logit_rows(&rows, decoding));
            }
            return Ok(decoded_rows(&rows, self.classes, decoding));
        }
        let (channels, groups) = (vec![width; self.strides.len()], vec![1; self.strides.len()]);
        let levels = Levels {
            input: decoding.input,
            strides: &self.strides,
            channels: &channels,
            groups: &groups,
        };
        let grids = match tensors {
            [only] if only.shape().len() == 3 => levels.joined(0, only, Order::Last)?,
            _ => levels.grids(tensors)?,
        };
        Ok((0..decoding.pictures).map(|picture| self.boxes(&grids, picture, decoding)).collect())
    }

    fn boxes(&self, grids: &[Grid<'_>], picture: usize, decoding: &Decoding) -> Vec<Detection> {
        let mut boxes = Vec::new();
        for grid in grids {
            let stride = pixels(grid.stride);
            for cell in 0..grid.cells() {
                let at = |channel: usize| grid.at(picture, channel, cell);
                let rect = || {
                    let [cx, cy] = place(cell, grid.size[1]);
                    let size = [at(2).exp() * stride, at(3).exp() * stride];
                    Rect::around([(at(0) + cx) * stride, (at(1) + cy) * stride], size)
                };
                let object = self.share(at(4));
                let score = |label: usize| object * self.share(at(5 + label));
                decoding.add(&mut boxes, self.classes, score, rect);
            }
        }
        boxes
    }

    fn logit_rows(&self, rows: &Rows<'_>, decoding: &Decoding) -> Vec<Vec<Detection>> {
        let of = |picture: usize| {
            let mut boxes = Vec::new();
            for row in 0..rows.count {
                let at = |value: usize| rows.at(picture, row, value);
                let rect = || Rect::around([at(0), at(1)], [at(2), at(3)]);
                let score = |label: usize| self.share(at(4)) * self.share(at(5 + label));
                decoding.add(&mut boxes, self.classes, score, rect);
            }
            boxes
        };
        (0..decoding.pictures).map(of).collect()
    }

    /// A score from 0 to 1.
    fn share(&self, value: f32) -> f32 {
        if self.logits { sigmoid(value) } else { value }
    }
}
