use crate::error::{Error, ValueError};
use crate::param::TransformOp;
use crate::pixels::length;
use crate::resize::Interpolation;
use crate::scene::Scene;

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
        match (op.resize_side, [op.resize_h, op.resize_w].map(length)) {
            (Some(side), [0, 0]) if side > 0 => Ok(Resize::Side(length(side))),
            (None, [h, w]) if h > 0 && w > 0 => Ok(Resize::Size([h, w])),
            _ => {
                let reason = ValueError::OneOf { ways: "it, or resize_h and resize_w" };
                Err(Error::Value { field: "transform_op.resize_side", reason })
            }
        }
    }

    /// The list `resize` of the plain fields: the shorter side, or height and width.
    pub(crate) fn from_list(list: &[u32]) -> Result<Option<Self>, Error> {
        match *list {
            [] => Ok(None),
            [side] if side > 0 => Ok(Some(Resize::Side(length(side)))),
            [h, w] if h > 0 && w > 0 => Ok(Some(Resize::Size([h, w].map(length)))),
            _ => {
                let reason = ValueError::OneOf { ways: "the shorter side, or height and width" };
                Err(Error::Value { field: "resize", reason })
            }
        }
    }

    pub(crate) fn apply(self, scene: &mut Scene) -> Result<(), Error> {
        let frame = scene.take();
        let (field, size) = match self {
            Resize::Size(size) => ("transform_op.resize_h", size),
            Resize::Side(side) => {
                let [h, w] = frame.size();
                let short = h.min(w).max(1);
                let size = [h, w].map(|length| scaled(length, side, short));
                ("transform_op.resize_side", size)
            }
        };
        scene.frame = frame.resize(field, size, Interpolation::Linear)?;
        Ok(())
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "not negative; what is too large for a size is refused after this"
)]
fn scaled(length: usize, side: usize, short: usize) -> usize {
    ((length as f64 * side as f64 / short as f64).round() as usize).max(1)
}
