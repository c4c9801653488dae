//! What conditions and sizes are computed with: only for constants.

use ndarray::ArrayD;

use super::{Call, Outcome};
use crate::error::NodeError;
use crate::graph::{Result, Tensor, Value};
use crate::ops::binary::{self, Binary};
use crate::ops::constants::{self, Comparison};

pub(super) fn import(call: &mut Call<'_>) -> Result<Outcome> {
    let result: Tensor = match call.node.op.as_str() {
        "Greater" => compare(call, Comparison::Greater)?,
        "GreaterEqual" => compare(call, Comparison::GreaterOrEqual)?,
        "Less" => compare(call, Comparison::Less)?,
        "LessEqual" => compare(call, Comparison::LessOrEqual)?,
        "Equal" => compare(call, Comparison::Equal)?,
        "NotEqual" => constants::not(&compare(call, Comparison::Equal)?),
        "LogicalAnd" => compare(call, Comparison::And)?,
        "LogicalOr" => compare(call, Comparison::Or)?,
        "LogicalNot" => constants::not(call.constant(0)?),
        "All" => single(call.constant(0)?.to_bool().iter().all(|&value| value)),
        "Any" => single(call.constant(0)?.to_bool().iter().any(|&value| value)),
        "FloorDiv" => floor_div(call)?,
        "FloorMod" | "Mod" => {
            let (a, b) = (call.constant(0)?, call.constant(1)?);
            binary::constants(Binary::Mod, a, b)?
        }
        "Prod" => product(call)?,
        "Select" | "SelectV2" => return select(call),
        "Floor" | "Ceil" | "Round" | "Rint" => {
            let rounded: fn(f32) -> f32 = match call.node.op.as_str() {
                "Floor" => f32::floor,
                "Ceil" => f32::ceil,
                _ => f32::round_ties_even,
            };
            call.constant(0)?.to_f32().mapv(rounded).into()
        }
        _ => return Ok(Outcome::Unknown),
    };
    Ok(Value::from(result).into())
}

fn compare(call: &Call<'_>, comparison: Comparison) -> Result<Tensor> {
    constants::compare(comparison, call.constant(0)?, call.constant(1)?)
}

fn single(value: bool) -> Tensor {
    ArrayD::from_elem(Vec::new(), value).into()
}

/// With one condition for everything, which of two values goes on, blobs included.
fn select(call: &Call<'_>) -> Result<Outcome> {
    let condition = call.constant(0)?;
    let value = match condition.single() {
        Some(0.0) => call.input(2)?.clone(),
        Some(_) => call.input(1)?.clone(),
        None => constants::select(condition, call.constant(1)?, call.constant(2)?)?.into(),
    };
    Ok(value.into())
}

/// Rounded towards minus infinity, `(a − a mod b) / b`.
fn floor_div(call: &Call<'_>) -> Result<Tensor> {
    let (a, b) = (call.constant(0)?, call.constant(1)?);
    if b.floats().contains(&0.0) {
        return Err(NodeError::shapes("division by zero"));
    }
    let rest = binary::constants(Binary::Mod, a, b)?;
    binary::constants(Binary::Div, &binary::constants(Binary::Sub, a, &rest)?, b)
}

fn product(call: &Call<'_>) -> Result<Tensor> {
    let x = call.constant(0)?;
    let axes = call.ints(1)?;
    if x.shape().len() != 1 || !matches!(axes[..], [] | [0] | [-1]) {
        return Err(NodeError::unsupported("a product along some axes"));
    }
    let product = x.ints().into_iter().try_fold(1i64, |product, value| product.checked_mul(value));
    let product = product.ok_or_else(|| NodeError::shapes("the product is too large"))?;
    let shape = if call.node.flag("keep_dims") { vec![1] } else { vec![] };
    Tensor::integers([product]).reshaped(&shape)
}
