#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

#[cfg(feature = "coco")]
pub mod coco;
mod error;
mod fit;
mod head;
mod nms;
pub mod precision;
mod rect;

pub use error::Error;
pub use fit::{Fit, Place};
pub use head::{Decoding, Head, Level, Ssd, Yolov3, Yolov5, Yolov8, Yolox};
/// The crate of the arrays that [`Head::decode`] takes.
pub use ndarray;
pub use nms::Nms;
pub use rect::{Detection, Rect};
