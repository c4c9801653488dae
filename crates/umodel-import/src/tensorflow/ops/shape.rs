//! Shapes and axes: Reshape, Squeeze, ExpandDims, Transpose, Shape and what is computed of them.

use super::{Call, Outcome};
use crate::graph::{Result, Tensor};
use crate::ops::axes;

pub(super) fn import(call: &mut Call<'_>) -> Result<Outcome> {
    Ok(match call.node.op.as_str() {
        "Reshape" => {
            let dims = call.ints(1)?;
            axes::reshape_to(call.site, call.input(0)?, &dims, true)?.into()
        }
        "Squeeze" => {
            let mut listed = call.node.ints("squeeze_dims");
            if listed.is_empty() {
                listed = call.node.ints("axis");
            }
            let listed = (!listed.is_empty()).then_some(listed);
            axes::squeeze(call.site, call.input(0)?, listed)?.into()
        }
        "ExpandDims" => {
            let axis = call.int(1)?;
            axes::unsqueeze(call.site, call.input(0)?, &[axis])?.into()
        }
        "Transpose" => {
            let rank = call.input(0)?.shape().len();
            let order = axes::order(&call.ints(1)?, rank)?;
            let x = call.input(0)?.clone();
            axes::transpose(call.importer, call.site, &x, &order)?.into()
        }
        "Shape" => tensor(axes::shape_of(call.input(0)?, 0, None)),
        "ShapeN" => {
            let shapes = call.inputs.iter().map(|value| axes::shape_of(value, 0, None).into());
            Outcome::Values(shapes.collect())
        }
        "Rank" => tensor(integer(call.input(0)?.shape().len())?),
        "Size" => tensor(integer(call.input(0)?.shape().iter().product())?),
        "Tile" => {
            let repeats = sizes(&call.ints(1)?);
            let x = call.input(0)?.clone();
            axes::tile(call.importer, call.site, &x, &repeats)?.into()
        }
        "BroadcastTo" => {
            let shape = sizes(&call.ints(1)?);
            let x = call.input(0)?.clone();
            axes::expand(call.importer, call.site, &x, &shape)?.into()
        }
        _ => Outcome::Unknown,
    })
}

fn tensor(tensor: Tensor) -> Outcome {
    Outcome::Values(vec![tensor.into()])
}

fn integer(value: usize) -> Result<Tensor> {
    Tensor::integers([value as i64]).reshaped(&[])
}

/// Sizes, none of them negative.
pub(super) fn sizes(values: &[i64]) -> Vec<usize> {
    values.iter().map(|&value| usize::try_from(value).unwrap_or(0)).collect()
}
