//! From the tensors at the end of a detector to boxes.

mod anchored;
mod spec;
mod ssd;
mod tensors;
mod yolov3;
mod yolov5;
mod yolov8;
mod yolox;

use ndarray::ArrayViewD;

pub use anchored::Level;
pub use ssd::Ssd;
pub use yolov3::Yolov3;
pub use yolov5::Yolov5;
pub use yolov8::Yolov8;
pub use yolox::Yolox;

use crate::error::Error;
use crate::rect::{Detection, Rect};
use tensors::Tensor;

/// Classes of a head at most.
pub(crate) const MAX_CLASSES: usize = 1 << 16;

/// The kinds of heads, with their parameters. A text such as `yolov8:classes=3,bins=8,strides=8:16` is parsed to one,
/// and printed again with all parameters.
///
/// | text | parameters and their defaults |
/// | --- | --- |
/// | `yolov3` | `classes=80`, `strides=8:16:32`, `anchors=` those of the darknet file, `scale_xy=1:1:1` |
/// | `yolov4` | the same with its own `anchors` and `scale_xy=1.2:1.1:1.05` |
/// | `yolov5`, `yolov7` | `classes=80`, `strides=8:16:32`, `anchors=` those of its COCO models |
/// | `yolov8`, `yolov9`, `yolo11` | `classes=80`, `bins=16`, `strides=8:16:32` |
/// | `yolox` | `classes=80`, `strides=8:16:32`, `scores=probabilities` (or `logits`), `decoded=false` |
/// | `ssd` | `background=0` (or `none`) |
///
/// Anchors are width × height in pixels of the net's input, those of a stride with `:` between them, the strides' with
/// `/` in their order: `yolov5:classes=2,strides=16:32,anchors=10x14:23x27/81x82:135x169`.
///
/// ```
/// use detection::Head;
/// let head: Head = "yolov8:classes=3,bins=8,strides=8:16".parse()?;
/// assert_eq!(head.to_string(), "yolov8:classes=3,bins=8,strides=8:16");
/// let mistyped = "yolov8:clases=3".parse::<Head>().unwrap_err().to_string();
/// assert!(mistyped.contains("did you mean classes?"), "{mistyped}");
/// # Ok::<(), detection::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Head {
    /// YOLOv3 and YOLOv4.
    Yolov3(Yolov3),
    /// YOLOv5 and YOLOv7.
    Yolov5(Yolov5),
    /// YOLOv8, YOLOv9, YOLO11.
    Yolov8(Yolov8),
    /// YOLOX.
    Yolox(Yolox),
    /// The rows of SSD's DetectionOutput layer.
    Ssd(Ssd),
}

/// What [`Head::decode`] has to know beside the head.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Decoding {
    /// Height and width of the net's input.
    pub input: [usize; 2],
    /// How many pictures the tensors belong to.
    pub pictures: usize,
    /// Boxes of lower scores are left out.
    pub score_threshold: f32,
    /// Whether a place that is good for several classes gives a box of each, not of the best one alone.
    pub all_classes: bool,
}

impl Decoding {
    /// Of one picture, for an input of this height and width: boxes of a score of at least 0.25, each of its best
    /// class.
    pub fn new(input: [usize; 2]) -> Self {
        Decoding { input, pictures: 1, score_threshold: 0.25, all_classes: false }
    }

    /// With so many pictures.
    pub fn pictures(self, pictures: usize) -> Self {
        Decoding { pictures, ..self }
    }

    /// With this score threshold.
    pub fn score_threshold(self, score_threshold: f32) -> Self {
        Decoding { score_threshold, ..self }
    }

    /// With a box for each class that is good enough, or with the best one alone.
    pub fn all_classes(self, all_classes: bool) -> Self {
        Decoding { all_classes, ..self }
    }

    /// Adds the boxes of one place. `rect` is computed only if a score is good enough; a box with corners beyond the
    /// numbers is left out.
    fn add(
        &self,
        boxes: &mut Vec<Detection>,
        classes: usize,
        score: impl Fn(usize) -> f32,
        rect: impl FnOnce() -> Rect,
    ) {
        let scores = (0..classes).map(|label| (label, score(label)));
        if self.all_classes {
            let good = scores.filter(|&(_, score)| score >= self.score_threshold);
            let good: Vec<(usize, f32)> = good.collect();
            if good.is_empty() {
                return;
            }
            let rect = rect();
            if rect.is_finite() {
                boxes.extend(good.into_iter().map(|(label, score)| Detection {
                    label,
                    score,
                    rect,
                }));
            }
            return;
        }
        // Of equal scores, the first class.
        let best = scores.reduce(|best, other| if other.1 > best.1 { other } else { best });
        if let Some((label, score)) = best.filter(|&(_, score)| score >= self.score_threshold) {
            let rect = rect();
            if rect.is_finite() {
                boxes.push(Detection { label, score, rect });
            }
        }
    }
}

impl Head {
    /// The boxes of each picture, in pixels of the net's input, not yet suppressed: see [`Nms`](crate::Nms). They come
    /// level by level as the head lists its strides, row by row, place by place, anchor by anchor.
    ///
    /// The tensors of the levels may come in any order. A level may be cut into several tensors of its size: their
    /// channels follow one another in the order in which the tensors are given.
    ///
    /// # Errors
    /// For tensors whose shapes do not fit the head or `decoding`, and [`Error::NotFinite`] for NaN and infinite
    /// values in them. A box of finite values that is beyond the numbers, such as one of width e^100, is left out.
    pub fn decode(
        &self,
        tensors: &[ArrayViewD<'_, f32>],
        decoding: &Decoding,
    ) -> Result<Vec<Vec<Detection>>, Error> {
        let [height, width] = decoding.input;
        crate::Fit::warp(decoding.input, decoding.input)
            .map_err(|_| Error::Side { height, width })?;
        let tensors = Tensor::all(tensors)?;
        if let Head::Ssd(head) = self {
            return head.decode(&tensors, decoding);
        }
        let good = |tensor: &&Tensor| tensor.shape().first() == Some(&decoding.pictures);
        if let Some((index, tensor)) = tensors.iter().enumerate().find(|(_, tensor)| !good(tensor))
        {
            let (shape, pictures) = (tensor.shape().to_vec(), decoding.pictures);
            return Err(Error::Pictures { tensor: index, shape, pictures });
        }
        match self {
            Head::Yolov3(head) => head.decode(&tensors, decoding),
            Head::Yolov5(head) => head.decode(&tensors, decoding),
            Head::Yolov8(head) => head.decode(&tensors, decoding),
            Head::Yolox(head) => head.decode(&tensors, decoding),
            Head::Ssd(head) => head.decode(&tensors, decoding),
        }
    }

    /// How many classes it tells apart; unknown of SSD's rows.
    pub fn classes(&self) -> Option<usize> {
        match self {
            Head::Yolov3(head) => Some(head.classes()),
            Head::Yolov5(head) => Some(head.classes()),
            Head::Yolov8(head) => Some(head.classes()),
            Head::Yolox(head) => Some(head.classes()),
            Head::Ssd(_) => None,
        }
    }

    /// Whether its boxes have been suppressed by the net itself.
    pub fn is_suppressed(&self) -> bool {
        matches!(self, Head::Ssd(_))
    }
}

/// The logistic function.
pub(crate) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// A place of a grid, which is exact: sides are at most 2²² pixels.
pub(crate) fn place(cell: usize, width: usize) -> [f32; 2] {
    [(cell % width) as f32, (cell / width) as f32]
}

/// A stride, which is exact: at most 2¹⁶.
pub(crate) fn pixels(stride: usize) -> f32 {
    stride as f32
}

/// Checks a number of classes.
pub(crate) fn check_classes(head: &'static str, classes: usize) -> Result<(), Error> {
    if (1..=MAX_CLASSES).contains(&classes) {
        return Ok(());
    }
    let (key, expected, found) = ("classes", "from 1 to 65536", classes.to_string());
    Err(Error::Value { head, key, expected, found })
}

/// Checks strides: at least one, at most 16, each from 1 to 65536 and none twice.
pub(crate) fn check_strides(head: &'static str, strides: &[usize]) -> Result<(), Error> {
    let good = |(index, stride): (usize, &usize)| {
        (1..=1 << 16).contains(stride) && !strides[..index].contains(stride)
    };
    if (1..=16).contains(&strides.len()) && strides.iter().enumerate().all(good) {
        return Ok(());
    }
    let (key, expected) = ("strides", "1 to 16 different numbers from 1 to 65536, as 8:16:32");
    Err(Error::Value { head, key, expected, found: spec::list(strides) })
}
