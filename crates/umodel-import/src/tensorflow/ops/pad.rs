//! Pad, PadV2 and MirrorPad.

use super::window::MAX_SIZE;
use super::{Call, Outcome};
use crate::error::{AttributeError, Found, NodeError, ShapeError};
use crate::graph::Result;
use crate::ops::pad::{self, Padding};

pub(super) fn zeros(call: &mut Call<'_>) -> Result<Outcome> {
    pad(call, Padding::Constant(0.0))
}

pub(super) fn constant(call: &mut Call<'_>) -> Result<Outcome> {
    let value = call.constant(2)?.number()?;
    pad(call, Padding::Constant(value))
}

pub(super) fn mirror(call: &mut Call<'_>) -> Result<Outcome> {
    match call.node.text("mode") {
        "REFLECT" => pad(call, Padding::Reflect),
        "SYMMETRIC" => pad(call, Padding::Symmetric),
        mode => Err(NodeError::attribute("mode", mode)),
    }
}

fn pad(call: &mut Call<'_>, padding: Padding) -> Result<Outcome> {
    let (x, paddings) = (call.input(0)?, call.constant(1)?);
    if paddings.shape() != [x.shape().len(), 2] {
        let (found, shape) = (paddings.shape().to_vec(), x.shape().to_vec());
        return Err(ShapeError::Paddings { found, shape }.into());
    }
    let values = paddings.ints();
    if !values.iter().all(|pad| (0..=MAX_SIZE).contains(pad)) {
        let (found, highest) = (Found::Ints(values), MAX_SIZE);
        return Err(AttributeError::Range { found, lowest: 0, highest }.of("paddings"));
    }
    let (pads, _) = values.as_chunks::<2>();
    Ok(pad::pad(call.importer, call.site, x, pads, padding)?.into())
}
