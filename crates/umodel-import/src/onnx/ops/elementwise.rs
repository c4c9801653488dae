use umodel::layers::{LayerOp, RoundMode};

use crate::error::{NodeError, Unsupported};
use crate::graph::{Importer, Result, Tensor, Value};
use crate::onnx::node::Node;
use crate::onnx::proto::tensor_proto::DataType;
use crate::ops::binary::{self as core, Binary};
use crate::ops::compare as choices;
use crate::ops::constants::Comparison;
use crate::ops::unary::{self as functions, Unary};

pub(super) fn unary(
    importer: &mut Importer,
    node: &Node<'_>,
    function: Unary,
) -> Result<Vec<Value>> {
    Ok(vec![functions::unary(importer, &node.site(), function, node.input(0)?)?])
}

/// A product with one number.
fn times(
    importer: &mut Importer,
    node: &Node<'_>,
    part: &str,
    x: &Value,
    by: f32,
) -> Result<Value> {
    let site = if part.is_empty() { node.site() } else { node.site().sub(part) };
    let by = importer.scalar(by)?.into();
    core::binary(importer, &site, Binary::Mul, x, &by)
}

pub(super) fn selu(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let alpha = node.float("alpha", 1.673_263_2);
    let gamma = node.float("gamma", 1.050_701);
    let elu = Unary::Elu(alpha);
    let elu = functions::unary(importer, &node.site().sub("elu"), elu, node.input(0)?)?;
    Ok(vec![times(importer, node, "", &elu, gamma)?])
}

pub(super) fn celu(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let alpha = node.float("alpha", 1.0);
    let x = times(importer, node, "scaled", node.input(0)?, 1.0 / alpha)?;
    let elu = functions::unary(importer, &node.site().sub("elu"), Unary::Elu(1.0), &x)?;
    Ok(vec![times(importer, node, "", &elu, alpha)?])
}

pub(super) fn softsign(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let (site, x) = (node.site(), node.input(0)?);
    let size = functions::unary(importer, &site.sub("abs"), Unary::Abs, x)?;
    let one = importer.scalar(1.0)?.into();
    let size = core::binary(importer, &site.sub("plus"), Binary::Add, &size, &one)?;
    let size = functions::unary(importer, &site.sub("inverse"), Unary::Reciprocal, &size)?;
    Ok(vec![core::binary(importer, &site, Binary::Mul, x, &size)?])
}

pub(super) fn mish(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let (site, x) = (node.site(), node.input(0)?);
    let gate = functions::unary(importer, &site.sub("softplus"), Unary::Softplus, x)?;
    let gate = functions::unary(importer, &site.sub("tanh"), Unary::Tanh, &gate)?;
    Ok(vec![core::binary(importer, &site, Binary::Mul, x, &gate)?])
}

pub(super) fn swish(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let function = Unary::Swish(node.float("alpha", 1.0));
    Ok(vec![functions::unary(importer, &node.site(), function, node.input(0)?)?])
}

/// Limits are attributes before operator set 11, inputs from then on.
pub(super) fn clip(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let limit = |name: &str, index: usize, open: f32| -> Result<f32> {
        if node.has(name) {
            return Ok(node.float(name, open));
        }
        match node.optional_constant(index)? {
            None => Ok(open),
            Some(limit) => limit.number(),
        }
    };
    let low = limit("min", 1, f32::NEG_INFINITY)?;
    let high = limit("max", 2, f32::INFINITY)?;
    Ok(vec![functions::unary(importer, &node.site(), Unary::Clip(low, high), node.input(0)?)?])
}

pub(super) fn prelu(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let (site, x, slopes) = (node.site(), node.input(0)?, node.input(1)?);
    if let Value::Constant(slopes) = slopes {
        let lead = x.shape().len().saturating_sub(slopes.shape().len());
        let moving = slopes.shape().iter().position(|&size| size != 1);
        match functions::prelu(importer, &site, x, slopes, moving.map_or(1, |at| at + lead)) {
            Err(NodeError::Unsupported { .. }) => {}
            done => return Ok(vec![done?]),
        }
    }
    // max(x, 0) − slope · max(−x, 0)
    let above = functions::unary(importer, &site.sub("above"), Unary::Relu, x)?;
    let below = functions::unary(importer, &site.sub("negated"), Unary::Neg, x)?;
    let below = functions::unary(importer, &site.sub("below"), Unary::Relu, &below)?;
    let below = core::binary(importer, &site.sub("scaled"), Binary::Mul, &below, slopes)?;
    Ok(vec![core::binary(importer, &site, Binary::Sub, &above, &below)?])
}

/// A function that only constants can go through.
pub(super) fn constant_unary(node: &Node<'_>, function: fn(f32) -> f32) -> Result<Vec<Value>> {
    Ok(vec![Tensor::from(node.constant(0)?.to_f32()?.map(|&value| function(value))?).into()])
}

/// −1, 0 or 1.
pub(super) fn sign(x: f32) -> f32 {
    if x > 0.0 {
        1.0
    } else if x < 0.0 {
        -1.0
    } else {
        0.0
    }
}

pub(super) fn binary(
    importer: &mut Importer,
    node: &Node<'_>,
    function: Binary,
) -> Result<Vec<Value>> {
    Ok(vec![core::binary(importer, &node.site(), function, node.input(0)?, node.input(1)?)?])
}

/// The sum, the largest or the smallest of any number of values.
pub(super) fn variadic(
    importer: &mut Importer,
    node: &Node<'_>,
    function: Binary,
) -> Result<Vec<Value>> {
    Ok(vec![core::many(importer, &node.site(), function, &node.all_inputs()?)?])
}

pub(super) fn mean(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let values = node.all_inputs()?;
    let sum = core::many(importer, &node.site().sub("sum"), Binary::Add, &values)?;
    #[expect(clippy::as_conversions, reason = "a number of inputs, rounded")]
    let share = 1.0 / values.len() as f32;
    Ok(vec![times(importer, node, "", &sum, share)?])
}

pub(super) fn compare(
    importer: &mut Importer,
    node: &Node<'_>,
    comparison: Comparison,
) -> Result<Vec<Value>> {
    let (a, b) = (node.input(0)?, node.input(1)?);
    Ok(vec![choices::compare(importer, &node.site(), comparison, a, b)?])
}

pub(super) fn not(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    Ok(vec![choices::not(importer, &node.site(), node.input(0)?)?])
}

pub(super) fn select(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let (condition, a, b) = (node.input(0)?, node.input(1)?, node.input(2)?);
    Ok(vec![choices::select(importer, &node.site(), condition, a, b)?])
}

pub(super) fn gelu(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let name = node.string("approximate", "none");
    let tanh = match name.as_str() {
        "none" => false,
        "tanh" => true,
        other => return Err(NodeError::attribute("approximate", other)),
    };
    unary(importer, node, Unary::Gelu { tanh })
}

/// Quotients of integers are cut towards zero.
pub(super) fn div(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let blobs =
        [node.input(0)?, node.input(1)?].into_iter().any(|value| value.constant().is_none());
    if !(blobs && node.integers) {
        return binary(importer, node, Binary::Div);
    }
    let at = node.site().sub("quotient");
    let quotient = core::binary(importer, &at, Binary::Div, node.input(0)?, node.input(1)?)?;
    let cut = Unary::Round(RoundMode::Truncate);
    Ok(vec![functions::unary(importer, &node.site(), cut, &quotient)?])
}

pub(super) fn identity(_: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    Ok(vec![node.input(0)?.clone()])
}

pub(super) fn dropout(_: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    if node.has_output(1) {
        return Err(Unsupported::DropoutMask.into());
    }
    if node.optional(2).is_some() && node.constant(2)?.single() != Some(0.0) {
        return Err(Unsupported::Training.into());
    }
    Ok(vec![node.input(0)?.clone()])
}

pub(super) fn cast_like(_: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    Ok(vec![match (node.input(0)?, node.input(1)?) {
        (x, Value::Blob(_)) => x.clone(),
        (Value::Constant(x), Value::Constant(like)) => match like {
            Tensor::F32(_) => Tensor::F32(x.to_f32()?).into(),
            Tensor::I64(_) => Tensor::I64(x.to_i64()?).into(),
            Tensor::Bool(_) => Tensor::Bool(x.to_bool()?).into(),
        },
        // Blobs are fp32 whatever the model calls them.
        (x @ Value::Blob(_), Value::Constant(Tensor::F32(_))) => x.clone(),
        (Value::Blob(_), Value::Constant(Tensor::I64(_))) => {
            return Err(Unsupported::BlobAs { data_type: DataType::Int64.as_str_name() }.into());
        }
        (Value::Blob(_), Value::Constant(Tensor::Bool(_))) => {
            return Err(Unsupported::BlobAs { data_type: DataType::Bool.as_str_name() }.into());
        }
    }])
}

pub(super) fn cast(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let to = node.int("to", 0);
    let kind = i32::try_from(to).ok().and_then(|to| DataType::try_from(to).ok());
    let kind = kind.ok_or(Unsupported::Type { data_type: to })?;
    let float =
        matches!(kind, DataType::Float | DataType::Double | DataType::Float16 | DataType::Bfloat16);
    Ok(vec![match node.input(0)? {
        // Blobs are fp32 whatever the model calls them.
        x @ Value::Blob(_) if float => x.clone(),
        x @ Value::Blob(view) => {
            let made = importer.producer(&view.blob).map(|layer| &layer.op);
            let truth = matches!(made, Some(LayerOp::Compare(_)));
            match kind {
                _ if truth => x.clone(),
                DataType::Bool => choices::truth(importer, &node.site(), x)?,
                DataType::Int32 | DataType::Int64 if node.integers => x.clone(),
                DataType::Int32 | DataType::Int64 => {
                    let cut = Unary::Round(RoundMode::Truncate);
                    functions::unary(importer, &node.site(), cut, x)?
                }
                _ => return Err(Unsupported::BlobAs { data_type: kind.as_str_name() }.into()),
            }
        }
        Value::Constant(x) => match kind {
            _ if float => Tensor::F32(x.to_f32()?).into(),
            DataType::Bool => Tensor::Bool(x.to_bool()?).into(),
            DataType::Uint8 => wrapped(x, 8, false)?,
            DataType::Int8 => wrapped(x, 8, true)?,
            DataType::Uint16 => wrapped(x, 16, false)?,
            DataType::Int16 => wrapped(x, 16, true)?,
            DataType::Int32 => wrapped(x, 32, true)?,
            DataType::Uint32 => wrapped(x, 32, false)?,
            DataType::Int64 | DataType::Uint64 => Tensor::I64(x.to_i64()?).into(),
            _ => return Err(Unsupported::Type { data_type: to }.into()),
        },
    }])
}

/// The lowest bits of each value, as a number of so many bits.
fn wrapped(x: &Tensor, bits: u32, signed: bool) -> Result<Value> {
    let above = i64::BITS - bits;
    let wrap = |&value: &i64| match signed {
        true => value << above >> above,
        false => value & !(-1 << bits),
    };
    Ok(Tensor::from(x.to_i64()?.map(wrap)?).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Budget;

    #[test]
    fn integers_wrap_as_in_c() {
        let budget = Budget::new(None, 0);
        let values = vec![-1, 127, 128, 300, 40_000, 1 << 32, i64::MIN + 5];
        let x = Tensor::from(budget.room(&[7]).expect("room").values(values).expect("seven"));
        for (bits, signed, expected) in [
            (8, true, [-1, 127, -128, 44, 64, 0, 5]),
            (8, false, [255, 127, 128, 44, 64, 0, 5]),
            (16, true, [-1, 127, 128, 300, -25536, 0, 5]),
            (32, false, [0xffff_ffff, 127, 128, 300, 40_000, 0, 5]),
        ] {
            let Value::Constant(found) = wrapped(&x, bits, signed).expect("wrapped") else {
                panic!("a blob");
            };
            assert_eq!(found.ints(), expected, "{bits} {signed}");
        }
    }
}
