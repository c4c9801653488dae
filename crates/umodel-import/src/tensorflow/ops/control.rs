//! Nodes that only hand on: Identity and its kind, and conditions that are constant.

use super::{Call, Outcome};
use crate::error::Unsupported;
use crate::graph::Result;

pub(super) fn identity(call: &mut Call<'_>) -> Result<Outcome> {
    Ok(call.input(0)?.clone().into())
}

pub(super) fn identities(call: &mut Call<'_>) -> Result<Outcome> {
    Ok(Outcome::Values(call.inputs.to_vec()))
}

/// What has no outputs. Assertions are for training; the shapes are known here.
pub(super) fn nothing(_: &mut Call<'_>) -> Result<Outcome> {
    Ok(Outcome::Values(Vec::new()))
}

pub(super) fn switch(call: &mut Call<'_>) -> Result<Outcome> {
    let condition = call.input(1)?.constant().and_then(|tensor| tensor.single());
    let taken = condition.ok_or(Unsupported::Condition)?;
    Ok(Outcome::Switch { taken: taken != 0.0, value: call.input(0)?.clone() })
}
