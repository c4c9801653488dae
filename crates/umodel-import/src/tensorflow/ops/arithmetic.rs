//! Functions of two or more values, element by element.

use super::{Call, Outcome};
use crate::error::NodeError;
use crate::graph::{Result, Tensor, Value};
use crate::ops::binary::{self, Binary};
use crate::ops::unary::{Unary, unary};

pub(super) fn import(call: &mut Call<'_>) -> Result<Outcome> {
    let function = match call.node.op.as_str() {
        "Add" | "AddV2" => Binary::Add,
        "Sub" => Binary::Sub,
        "Mul" => Binary::Mul,
        "RealDiv" | "Div" => Binary::Div,
        "Maximum" => Binary::Max,
        "Minimum" => Binary::Min,
        "Pow" => Binary::Pow,
        "AddN" | "AccumulateNV2" => {
            return Ok(binary::many(call.importer, call.site, Binary::Add, call.inputs)?.into());
        }
        "SquaredDifference" => {
            let (a, b) = (call.input(0)?.clone(), call.input(1)?.clone());
            let site = call.site.sub("difference");
            let difference = binary::binary(call.importer, &site, Binary::Sub, &a, &b)?;
            return Ok(unary(call.importer, call.site, Unary::Square, &difference)?.into());
        }
        _ => return Ok(Outcome::Unknown),
    };
    let (a, b) = (call.input(0)?.clone(), call.input(1)?.clone());
    if function == Binary::Div && divides_by_zero(&a, &b) {
        return Err(NodeError::shapes("integers are divided by zero"));
    }
    Ok(binary::binary(call.importer, call.site, function, &a, &b)?.into())
}

fn divides_by_zero(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Constant(Tensor::I64(_)), Value::Constant(Tensor::I64(b))) => {
            b.iter().any(|&value| value == 0)
        }
        _ => false,
    }
}
