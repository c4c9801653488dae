//! Functions of one value, element by element, and Softmax.

use super::{Call, Outcome};
use crate::graph::{Result, Value};
use crate::ops::binary::{Binary, binary};
use crate::ops::softmax;
use crate::ops::unary::{Unary, unary};

/// SELU's constants.
const SELU_SCALE: f32 = 1.050_701;
const SELU_ALPHA: f32 = 1.673_263_2;

pub(super) fn import(call: &mut Call<'_>) -> Result<Outcome> {
    let function = match call.node.op.as_str() {
        "Relu" => Unary::Relu,
        "Relu6" => Unary::Clip(0.0, 6.0),
        "LeakyRelu" => Unary::LeakyRelu(call.node.float("alpha").unwrap_or(0.2)),
        "Elu" => Unary::Elu(1.0),
        "Sigmoid" => Unary::Sigmoid,
        "Tanh" => Unary::Tanh,
        "Softplus" => Unary::Softplus,
        "Exp" => Unary::Exp,
        "Log" => Unary::Log,
        "Sqrt" => Unary::Sqrt,
        "Rsqrt" => Unary::Rsqrt,
        "Square" => Unary::Square,
        "Reciprocal" | "Inv" => Unary::Reciprocal,
        "Abs" => Unary::Abs,
        "Neg" => Unary::Neg,
        "Selu" => return selu(call),
        "Softmax" | "LogSoftmax" => return softmax(call),
        "ClipByValue" => return clip(call),
        _ => return Ok(Outcome::Unknown),
    };
    let x = call.input(0)?.clone();
    Ok(unary(call.importer, call.site, function, &x)?.into())
}

fn selu(call: &mut Call<'_>) -> Result<Outcome> {
    let x = call.input(0)?.clone();
    let elu = unary(call.importer, &call.site.sub("elu"), Unary::Elu(SELU_ALPHA), &x)?;
    let scale = Value::from(crate::graph::Tensor::scalar(SELU_SCALE));
    Ok(binary(call.importer, call.site, Binary::Mul, &elu, &scale)?.into())
}

fn softmax(call: &mut Call<'_>) -> Result<Outcome> {
    let x = call.input(0)?.clone();
    if call.node.op == "Softmax" {
        return Ok(softmax::softmax(call.importer, call.site, &x, -1)?.into());
    }
    let softmax = softmax::softmax(call.importer, &call.site.sub("softmax"), &x, -1)?;
    Ok(softmax::log(call.importer, call.site, &softmax)?.into())
}

fn clip(call: &mut Call<'_>) -> Result<Outcome> {
    let [x, low, high] = [0, 1, 2].map(|index| call.input(index).cloned());
    let (x, low, high) = (x?, low?, high?);
    let raised = binary(call.importer, &call.site.sub("low"), Binary::Max, &x, &low)?;
    Ok(binary(call.importer, call.site, Binary::Min, &raised, &high)?.into())
}
