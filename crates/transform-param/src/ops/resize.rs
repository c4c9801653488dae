use super::bad;
use crate::error::Error;
use crate::frame::Frame;
use crate::proto::TransformOp;
use crate::resize::Interpolation;

/// RESIZE: bilinear, to a size or with the shorter side to a length.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Resize {
    /// To this (h, w).
    Size([usize; 2]),
    /// The shorter side to this length, the other one in proportion, rounded half up.
    Side(usize),
}

impl Resize {
    pub(crate) fn new(op: &TransformOp) -> Result<Self, Error> {
        match (op.resize_side, [op.resize_h() as usize, op.resize_w() as usize]) {
            (Some(side), [0, 0]) if side > 0 => Ok(Resize::Side(side as usize)),
            (None, [h, w]) if h > 0 && w > 0 => Ok(Resize::Size([h, w])),
            _ => bad("transform_op.resize_side", "give it, or resize_h and resize_w"),
        }
    }

    /// The list `resize` of the plain fields: the shorter side, or height and width.
    pub(crate) fn from_list(list: &[u32]) -> Result<Option<Self>, Error> {
        match list {
            [] => Ok(None),
            [side] if *side > 0 => Ok(Some(Resize::Side(*side as usize))),
            [h, w] if *h > 0 && *w > 0 => Ok(Some(Resize::Size([*h as usize, *w as usize]))),
            _ => bad("resize", "give the shorter side, or height and width"),
        }
    }

    pub(crate) fn apply(self, frame: Frame) -> Result<Frame, Error> {
        match self {
            Resize::Size(size) => {
                frame.resize("transform_op.resize_h", size, Interpolation::Linear)
            }
            Resize::Side(side) => {
                let [h, w] = frame.size();
                let short = h.min(w).max(1);
                let scaled = |length: usize| {
                    ((length as f64 * side as f64 / short as f64).round() as usize).max(1)
                };
                let size = [scaled(h), scaled(w)];
                frame.resize("transform_op.resize_side", size, Interpolation::Linear)
            }
        }
    }
}
