//! Nodes that only hand on: Identity and its kind, and conditions that are constant.

use super::{Call, Outcome};
use crate::error::NodeError;
use crate::graph::Result;

pub(super) fn import(call: &mut Call<'_>) -> Result<Outcome> {
    Ok(match call.node.op.as_str() {
        "Identity"
        | "StopGradient"
        | "CheckNumerics"
        | "CheckNumericsV2"
        | "PreventGradient"
        | "Snapshot"
        | "PlaceholderWithDefault"
        | "EnsureShape"
        | "DebugGradientIdentity"
        | "OptimizationBarrier" => call.input(0)?.clone().into(),
        // Assertions are for training; the shapes are known here.
        "IdentityN" => Outcome::Values(call.inputs.to_vec()),
        "NoOp" | "Assert" | "ControlTrigger" => Outcome::Values(Vec::new()),
        "Switch" | "RefSwitch" => {
            let condition = call.input(1)?.constant().and_then(|tensor| tensor.single());
            let taken = condition.ok_or_else(|| {
                NodeError::unsupported("the condition depends on the net's inputs")
            })?;
            Outcome::Switch { taken: taken != 0.0, value: call.input(0)?.clone() }
        }
        _ => Outcome::Unknown,
    })
}
