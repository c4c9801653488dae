//! Functions of two or more values, element by element.

use super::{Call, Outcome};
use crate::error::ShapeError;
use crate::graph::{Result, Tensor, Value};
use crate::ops::binary::{self, Binary};
use crate::ops::unary::{Unary, unary};

pub(super) fn binary(call: &mut Call<'_>, function: Binary) -> Result<Outcome> {
    let (a, b) = (call.input(0)?, call.input(1)?);
    Ok(binary::binary(call.importer, call.site, function, a, b)?.into())
}

pub(super) fn divide(call: &mut Call<'_>) -> Result<Outcome> {
    if let (Value::Constant(Tensor::I64(_)), Value::Constant(Tensor::I64(b))) =
        (call.input(0)?, call.input(1)?)
        && b.iter().any(|&value| value == 0)
    {
        return Err(ShapeError::DivisionByZero.into());
    }
    binary(call, Binary::Div)
}

/// The sum of any number of values.
pub(super) fn sum(call: &mut Call<'_>) -> Result<Outcome> {
    Ok(binary::many(call.importer, call.site, Binary::Add, call.inputs)?.into())
}

pub(super) fn squared_difference(call: &mut Call<'_>) -> Result<Outcome> {
    let (a, b) = (call.input(0)?, call.input(1)?);
    let site = call.site.sub("difference");
    let difference = binary::binary(call.importer, &site, Binary::Sub, a, b)?;
    Ok(unary(call.importer, call.site, Unary::Square, &difference)?.into())
}
