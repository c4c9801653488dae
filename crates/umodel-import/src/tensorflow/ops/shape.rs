//! Shapes and axes: Reshape, Squeeze, ExpandDims, Transpose, Shape and what is computed of them.

use super::{Call, Outcome};
use crate::graph::{Result, Value, signed, volume};
use crate::ops::axes;

pub(super) fn reshape(call: &mut Call<'_>) -> Result<Outcome> {
    let dims = call.ints(1)?;
    Ok(axes::reshape_to(call.importer, call.site, call.input(0)?, &dims, true)?.into())
}

pub(super) fn squeeze(call: &mut Call<'_>) -> Result<Outcome> {
    let mut listed = call.node.ints("squeeze_dims");
    if listed.is_empty() {
        listed = call.node.ints("axis");
    }
    let listed = (!listed.is_empty()).then_some(listed);
    Ok(axes::squeeze(call.site, call.input(0)?, listed)?.into())
}

pub(super) fn expand_dims(call: &mut Call<'_>) -> Result<Outcome> {
    let axis = call.int(1)?;
    Ok(axes::unsqueeze(call.site, call.input(0)?, &[axis])?.into())
}

pub(super) fn transpose(call: &mut Call<'_>) -> Result<Outcome> {
    let x = call.input(0)?;
    let order = axes::order(&call.ints(1)?, x.shape().len())?;
    Ok(axes::transpose(call.importer, call.site, x, &order)?.into())
}

pub(super) fn shape(call: &mut Call<'_>) -> Result<Outcome> {
    Ok(axes::shape_of(call.importer, call.input(0)?, 0, None)?.into())
}

pub(super) fn shapes(call: &mut Call<'_>) -> Result<Outcome> {
    let shape = |value| axes::shape_of(call.importer, value, 0, None).map(Value::from);
    Ok(Outcome::Values(call.inputs.iter().map(shape).collect::<Result<_>>()?))
}

pub(super) fn rank(call: &mut Call<'_>) -> Result<Outcome> {
    Ok(call.importer.integer(signed(call.input(0)?.shape().len()))?.into())
}

pub(super) fn size(call: &mut Call<'_>) -> Result<Outcome> {
    Ok(call.importer.integer(signed(volume(call.input(0)?.shape())?))?.into())
}

pub(super) fn tile(call: &mut Call<'_>) -> Result<Outcome> {
    let (x, repeats) = (call.input(0)?, call.constant(1)?.sizes()?);
    Ok(axes::tile(call.importer, call.site, x, &repeats)?.into())
}

pub(super) fn broadcast_to(call: &mut Call<'_>) -> Result<Outcome> {
    let (x, shape) = (call.input(0)?, call.constant(1)?.sizes()?);
    Ok(axes::expand(call.importer, call.site, x, &shape)?.into())
}
