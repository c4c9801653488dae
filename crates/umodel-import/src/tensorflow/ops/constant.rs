//! Const, and constants that are made at run time.

use ndarray::ArrayD;

use super::super::tensor::{self, Kind};
use super::shape::sizes;
use super::{Call, Outcome};
use crate::error::NodeError;
use crate::graph::{Result, Tensor, Value, volume};
use crate::ops::constants;

pub(super) fn import(call: &mut Call<'_>) -> Result<Outcome> {
    let made = match call.node.op.as_str() {
        "Const" | "HostConst" => tensor::decode(call.node.tensor("value")?)?,
        "Fill" => {
            let shape = sizes(&call.ints(0)?);
            volume(&shape)?;
            let value = call.constant(1)?;
            if value.len() != 1 {
                return Err(NodeError::shapes(format!("{} values to fill with", value.len())));
            }
            value.reshaped(&vec![1; shape.len()])?.broadcast(&shape)?
        }
        "Range" => constants::range(call.constant(0)?, call.constant(1)?, call.constant(2)?)?,
        "ZerosLike" => like(call.input(0)?, 0.0)?,
        "OnesLike" => like(call.input(0)?, 1.0)?,
        "Cast" => return cast(call),
        _ => return Ok(Outcome::Unknown),
    };
    Ok(Value::from(made).into())
}

/// As many equal values as another tensor has.
fn like(value: &Value, fill: f32) -> Result<Tensor> {
    volume(value.shape())?;
    let floats = ArrayD::from_elem(value.shape().to_vec(), fill);
    Ok(match value {
        Value::Constant(Tensor::I64(_)) => floats.mapv(|value| value as i64).into(),
        Value::Constant(Tensor::Bool(_)) => floats.mapv(|value| value != 0.0).into(),
        Value::Constant(Tensor::F32(_)) | Value::Blob(_) => floats.into(),
    })
}

/// Blobs are fp32 whatever the graph says; constants change their type.
fn cast(call: &Call<'_>) -> Result<Outcome> {
    let to = call.node.dtype("DstT").and_then(tensor::kind);
    let value = call.input(0)?;
    Ok(match (value, to) {
        (Value::Constant(constant), Some(Kind::Float)) => {
            Value::from(Tensor::F32(constant.to_f32())).into()
        }
        (Value::Constant(constant), Some(Kind::Integer)) => {
            Value::from(Tensor::I64(constant.to_i64())).into()
        }
        (Value::Constant(constant), Some(Kind::Bool)) => {
            Value::from(Tensor::Bool(constant.to_bool())).into()
        }
        (Value::Blob(_), Some(Kind::Float)) => value.clone().into(),
        (Value::Blob(_), _) | (_, None) => {
            return Err(NodeError::unsupported("a blob that becomes integers"));
        }
    })
}
