//! Functions of one value, element by element, and Softmax.

use super::{Call, Outcome};
use crate::graph::Result;
use crate::ops::binary::{Binary, binary};
use crate::ops::softmax;
use crate::ops::unary::{self, Unary};

/// SELU's constants.
const SELU_SCALE: f32 = 1.050_701;
const SELU_ALPHA: f32 = 1.673_263_2;

pub(super) fn unary(call: &mut Call<'_>, function: Unary) -> Result<Outcome> {
    let x = call.input(0)?;
    Ok(unary::unary(call.importer, call.site, function, x)?.into())
}

pub(super) fn selu(call: &mut Call<'_>) -> Result<Outcome> {
    let x = call.input(0)?;
    let elu = unary::unary(call.importer, &call.site.sub("elu"), Unary::Elu(SELU_ALPHA), x)?;
    let scale = call.importer.scalar(SELU_SCALE)?.into();
    Ok(binary(call.importer, call.site, Binary::Mul, &elu, &scale)?.into())
}

pub(super) fn softmax(call: &mut Call<'_>) -> Result<Outcome> {
    let x = call.input(0)?;
    Ok(softmax::softmax(call.importer, call.site, x, -1)?.into())
}

pub(super) fn log_softmax(call: &mut Call<'_>) -> Result<Outcome> {
    let x = call.input(0)?;
    let softmax = softmax::softmax(call.importer, &call.site.sub("softmax"), x, -1)?;
    Ok(softmax::log(call.importer, call.site, &softmax)?.into())
}

pub(super) fn clip(call: &mut Call<'_>) -> Result<Outcome> {
    let (x, low, high) = (call.input(0)?, call.input(1)?, call.input(2)?);
    let raised = binary(call.importer, &call.site.sub("low"), Binary::Max, x, low)?;
    Ok(binary(call.importer, call.site, Binary::Min, &raised, high)?.into())
}
