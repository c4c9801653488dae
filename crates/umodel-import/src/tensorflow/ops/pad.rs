//! Pad, PadV2 and MirrorPad.

use super::{Call, Outcome};
use crate::error::NodeError;
use crate::graph::Result;
use crate::ops::pad::{self, Padding};

pub(super) fn import(call: &mut Call<'_>) -> Result<Outcome> {
    let mode = match (call.node.op.as_str(), call.node.text("mode")) {
        ("Pad", _) => Padding::Constant(0.0),
        ("PadV2", _) => {
            let value = call.constant(2)?.single();
            Padding::Constant(value.ok_or_else(|| NodeError::shapes("several pad values"))?)
        }
        ("MirrorPad", "REFLECT") => Padding::Reflect,
        ("MirrorPad", "SYMMETRIC") => Padding::Symmetric,
        ("MirrorPad", mode) => return Err(NodeError::attribute("mode", format!("{mode:?}"))),
        _ => return Ok(Outcome::Unknown),
    };
    let x = call.input(0)?.clone();
    let paddings = call.constant(1)?;
    if paddings.shape() != [x.shape().len(), 2] {
        let reason = format!("paddings of shape {:?} for {:?}", paddings.shape(), x.shape());
        return Err(NodeError::shapes(reason));
    }
    let pads: Vec<[i64; 2]> = paddings.ints().as_chunks::<2>().0.to_vec();
    if pads.iter().flatten().any(|pad| !(0..=1 << 16).contains(pad)) {
        return Err(NodeError::attribute("paddings", format!("{pads:?}")));
    }
    Ok(pad::pad(call.importer, call.site, &x, &pads, mode)?.into())
}
