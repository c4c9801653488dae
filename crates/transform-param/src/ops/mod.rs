//! `transform_op`: steps that run in the order in which they are written.

mod crop;
mod resize;
mod stand;

use crate::boxes::Area;
use crate::error::Error;
use crate::frame::Frame;
use crate::proto::{TransformOp, transform_op::Op};

pub(crate) use crop::Crop;
pub(crate) use resize::Resize;
pub(crate) use stand::Stand;

/// One checked step.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Resize(Resize),
    Crop(Crop),
    Stand(Stand),
}

impl Step {
    /// Checks an operation; NONE is no step.
    pub(crate) fn new(op: &TransformOp) -> Result<Option<Step>, Error> {
        Ok(match op.op() {
            Op::None => None,
            Op::Resize => Some(Step::Resize(Resize::new(op)?)),
            Op::Crop => Some(Step::Crop(Crop::new(op)?)),
            Op::Stand => Some(Step::Stand(Stand::new(op)?)),
        })
    }

    /// The new picture, and which part of the old one it shows unless that is all of it.
    pub(crate) fn apply(&self, frame: Frame) -> Result<(Frame, Option<Area>), Error> {
        match self {
            Step::Resize(resize) => resize.apply(frame).map(|frame| (frame, None)),
            Step::Crop(crop) => crop.apply(frame).map(|(frame, part)| (frame, Some(part))),
            Step::Stand(stand) => stand.apply(frame).map(|frame| (frame, None)),
        }
    }
}

fn bad<T>(field: &'static str, reason: &str) -> Result<T, Error> {
    Err(Error::Value { field, reason: reason.to_owned() })
}
