use super::tensors::{Grid, Levels, Order, Rows, Tensor, one};
use super::{Decoding, check_classes, check_strides, pixels, place, sigmoid};
use crate::error::Error;
use crate::rect::{Detection, Rect};

/// The heads of YOLOv8 and its kin (YOLOv9, YOLO11): without anchors, each side of a box as a distribution of its
/// distance.
///
/// # Shapes
/// For each stride one map `[N, 4·bins + classes, H, W]`: the bins of the distances to the left, upper, right and
/// lower side, then a score for each class, before any function. H and W are the input's sides divided by the stride,
/// rounded up. Distances and scores may be two tensors of the same size, in this order. All levels may stand one behind
/// the other in one tensor `[N, 4·bins + classes, places]`.
///
/// Or one tensor `[N, 4 + classes, boxes]` of boxes that the net has decoded, as most exports have it: the centre,
/// width and height in pixels of the input, then scores from 0 to 1. The last two axes may have changed places.
///
/// # Formula
/// A distance is the mean of its distribution, in strides: `d = Σ i·pᵢ` with p the softmax of its bins, i from 0; with
/// a single bin, the value itself. From the middle of the place (cx, cy):
/// ```text
/// x0 = (cx + 0.5 − left)  · stride      y0 = (cy + 0.5 − upper) · stride
/// x1 = (cx + 0.5 + right) · stride      y1 = (cy + 0.5 + lower) · stride
/// score = σ(class)
/// ```
///
/// # Source
/// Li et al., "Generalized Focal Loss", equations 5 and 6, for the distributions; Ultralytics' documentation of
/// YOLOv8's head.
#[derive(Clone, Debug, PartialEq)]
pub struct Yolov8 {
    pub(super) classes: usize,
    pub(super) bins: usize,
    pub(super) strides: Vec<usize>,
}

impl Yolov8 {
    /// With so many classes, bins of a distance, and levels of these strides.
    ///
    /// # Errors
    /// [`Error::Value`] for what is none or too many.
    pub fn new(classes: usize, bins: usize, strides: impl Into<Vec<usize>>) -> Result<Self, Error> {
        let (head, strides) = ("yolov8", strides.into());
        check_classes(head, classes)?;
        check_strides(head, &strides)?;
        if !(1..=1024).contains(&bins) {
            let (key, expected, found) = ("bins", "from 1 to 1024", bins.to_string());
            return Err(Error::Value { head, key, expected, found });
        }
        Ok(Yolov8 { classes, bins, strides })
    }

    /// How many classes it tells apart.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// How many bins a distance has.
    pub fn bins(&self) -> usize {
        self.bins
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
        let channels = vec![4 * self.bins + self.classes; self.strides.len()];
        let groups = vec![1; self.strides.len()];
        let levels = Levels {
            input: decoding.input,
            strides: &self.strides,
            channels: &channels,
            groups: &groups,
        };
        let [only] = tensors else { return Ok(self.boxes(&levels.grids(tensors)?, decoding)) };
        if levels.has(only) {
            return Ok(self.boxes(&levels.grids(tensors)?, decoding));
        }
        if let Ok(grids) = levels.joined(0, only, Order::First) {
            return Ok(self.boxes(&grids, decoding));
        }
        let rows = Rows::new(0, one("yolov8", tensors)?, 4 + self.classes, Order::First)?;
        let of = |picture: usize| {
            let mut boxes = Vec::new();
            for row in 0..rows.count {
                let at = |value: usize| rows.at(picture, row, value);
                let rect = || Rect::around([at(0), at(1)], [at(2), at(3)]);
                decoding.add(&mut boxes, self.classes, |label| at(4 + label), rect);
            }
            boxes
        };
        Ok((0..decoding.pictures).map(of).collect())
    }

    fn boxes(&self, grids: &[Grid<'_>], decoding: &Decoding) -> Vec<Vec<Detection>> {
        let mut all = Vec::with_capacity(decoding.pictures);
        for picture in 0..decoding.pictures {
            let mut boxes = Vec::new();
            for grid in grids {
                let stride = pixels(grid.stride);
                for cell in 0..grid.cells() {
                    let at = |channel: usize| grid.at(picture, channel, cell);
                    let rect = || {
                        let [cx, cy] = place(cell, grid.size[1]);
                        let side = |side: usize| self.distance(|bin| at(side * self.bins + bin));
                        Rect {
                            x0: (cx + 0.5 - side(0)) * stride,
                            y0: (cy + 0.5 - side(1)) * stride,
                            x1: (cx + 0.5 + side(2)) * stride,
                            y1: (cy + 0.5 + side(3)) * stride,
                        }
                    };
                    let score = |label: usize| sigmoid(at(4 * self.bins + label));
                    decoding.add(&mut boxes, self.classes, score, rect);
                }
            }
            all.push(boxes);
        }
        all
    }

    /// The mean of a distribution. The largest value is subtracted first, so that nothing overflows.
    fn distance(&self, at: impl Fn(usize) -> f32) -> f32 {
        if self.bins == 1 {
            return at(0);
        }
        let largest = (0..self.bins).map(&at).fold(f32::NEG_INFINITY, f32::max);
        let (mut sum, mut weighted, mut index) = (0.0, 0.0, 0.0);
        for bin in 0..self.bins {
            let share = (at(bin) - largest).exp();
            sum += share;
            weighted += share * index;
            index += 1.0;
        }
        weighted / sum
    }
}
