//! What conditions and sizes are computed with: only for constants, but for rounding.

use umodel::layers::RoundMode;

use super::activation::unary;
use super::{Call, Outcome};
use crate::error::{ShapeError, Unsupported};
use crate::graph::{Result, Tensor, Value};
use crate::ops::binary::{self, Binary};
use crate::ops::constants::{self, Comparison};
use crate::ops::unary::Unary;

pub(super) fn compare(call: &mut Call<'_>, comparison: Comparison) -> Result<Outcome> {
    Ok(constants::compare(comparison, call.constant(0)?, call.constant(1)?)?.into())
}

pub(super) fn not_equal(call: &mut Call<'_>) -> Result<Outcome> {
    let equal = constants::compare(Comparison::Equal, call.constant(0)?, call.constant(1)?)?;
    Ok(constants::not(&equal)?.into())
}

pub(super) fn not(call: &mut Call<'_>) -> Result<Outcome> {
    Ok(constants::not(call.constant(0)?)?.into())
}

/// Whether all values are true, or whether any is.
pub(super) fn quantor(call: &mut Call<'_>, all: bool) -> Result<Outcome> {
    let values = call.constant(0)?.to_bool()?;
    let mut values = values.iter().copied();
    let value = if all { values.all(|value| value) } else { values.any(|value| value) };
    Ok(Tensor::from(call.importer.room(&[])?.fill(value)).into())
}

pub(super) fn round(call: &mut Call<'_>, mode: RoundMode) -> Result<Outcome> {
    unary(call, Unary::Round(mode))
}

/// With one condition for everything, which of two values goes on, blobs included.
pub(super) fn select(call: &mut Call<'_>) -> Result<Outcome> {
    let condition = call.constant(0)?;
    let value: Value = match condition.single() {
        Some(0.0) => call.input(2)?.clone(),
        Some(_) => call.input(1)?.clone(),
        None => constants::select(condition, call.constant(1)?, call.constant(2)?)?.into(),
    };
    Ok(value.into())
}

pub(super) fn modulo(call: &mut Call<'_>) -> Result<Outcome> {
    Ok(binary::constants(Binary::Mod, call.constant(0)?, call.constant(1)?)?.into())
}

/// Rounded towards minus infinity, `(a − a mod b) / b`.
pub(super) fn floor_div(call: &mut Call<'_>) -> Result<Outcome> {
    let (a, b) = (call.constant(0)?, call.constant(1)?);
    if b.floats().contains(&0.0) {
        return Err(ShapeError::DivisionByZero.into());
    }
    let rest = binary::constants(Binary::Mod, a, b)?;
    let whole = binary::constants(Binary::Sub, a, &rest)?;
    Ok(binary::constants(Binary::Div, &whole, b)?.into())
}

pub(super) fn product(call: &mut Call<'_>) -> Result<Outcome> {
    let x = call.constant(0)?;
    let axes = call.ints(1)?;
    if x.shape().len() != 1 || !matches!(axes.as_slice(), [] | [0] | [-1]) {
        return Err(Unsupported::ProductAxes.into());
    }
    let product = x.ints().into_iter().try_fold(1i64, |product, value| product.checked_mul(value));
    let product = product.ok_or(ShapeError::Overflow)?;
    let shape: &[usize] = if call.node.flag("keep_dims") { &[1] } else { &[] };
    Ok(call.importer.integer(product)?.reshaped(shape)?.into())
}
