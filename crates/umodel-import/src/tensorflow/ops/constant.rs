//! Const, and constants that are made at run time.

use super::super::tensor::{self, Kind};
use super::{Call, Outcome};
use crate::error::{NodeError, TensorError, Unsupported};
use crate::graph::{Result, Tensor, Value};
use crate::ops::constants;

pub(super) fn constant(call: &mut Call<'_>) -> Result<Outcome> {
    let message = call.node.tensor("value")?;
    let decoded = tensor::decode(message, call.importer.budget());
    let value = decoded.map_err(|source| match source {
        TensorError::Type { data_type } => {
            NodeError::from(Unsupported::Type { data_type: data_type.into() })
        }
        source => NodeError::Tensor { name: "value", source },
    })?;
    Ok(value.into())
}

pub(super) fn fill(call: &mut Call<'_>) -> Result<Outcome> {
    let shape = call.constant(0)?.sizes()?;
    let value = call.constant(1)?;
    // One number, whatever its axes.
    value.number()?;
    Ok(value.reshaped(&vec![1; shape.len()])?.broadcast(&shape)?.into())
}

pub(super) fn range(call: &mut Call<'_>) -> Result<Outcome> {
    Ok(constants::range(call.constant(0)?, call.constant(1)?, call.constant(2)?)?.into())
}

/// As many equal values as another tensor has, of its type.
pub(super) fn like(call: &mut Call<'_>, one: bool) -> Result<Outcome> {
    let value = call.input(0)?;
    let (importer, shape) = (&call.importer, value.shape());
    let filled: Tensor = match value {
        Value::Constant(Tensor::I64(_)) => importer.room(shape)?.fill(i64::from(one)).into(),
        Value::Constant(Tensor::Bool(_)) => importer.room(shape)?.fill(one).into(),
        Value::Constant(Tensor::F32(_)) | Value::Blob(_) => {
            importer.room(shape)?.fill(f32::from(u8::from(one))).into()
        }
    };
    Ok(filled.into())
}

/// Blobs are fp32 whatever the graph says; constants change their type.
pub(super) fn cast(call: &mut Call<'_>) -> Result<Outcome> {
    let to = call.node.dtype("DstT").unwrap_or(0);
    let kind = tensor::kind(to).ok_or(Unsupported::Type { data_type: to.into() })?;
    Ok(match (call.input(0)?, kind) {
        (Value::Constant(constant), Kind::Float) => Tensor::F32(constant.to_f32()?).into(),
        (Value::Constant(constant), Kind::Integer) => Tensor::I64(constant.to_i64()?).into(),
        (Value::Constant(constant), Kind::Bool) => Tensor::Bool(constant.to_bool()?).into(),
        (blob @ Value::Blob(_), Kind::Float) => blob.clone().into(),
        (Value::Blob(_), Kind::Integer) => {
            return Err(Unsupported::BlobAs { data_type: "integers" }.into());
        }
        (Value::Blob(_), Kind::Bool) => {
            return Err(Unsupported::BlobAs { data_type: "truth values" }.into());
        }
    })
}
