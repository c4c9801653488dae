//! Why layers stay in fp32.

use std::fmt;

use umodel::layers::Int8Form;
use umodel::{LayerOp, QuantizedNet};

use crate::misfit::Misfit;

/// A layer that [`calibrate`](crate::calibrate()) leaves in fp32.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FloatLayer {
    /// Its name in the int8 net.
    pub name: String,
    /// Its type and parameters.
    pub op: LayerOp,
    /// Why.
    pub reason: FloatReason,
    /// Whether the deployed net has it. What compares with labels is only in the test net.
    pub deployed: bool,
}

/// Why a layer stays in fp32.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum FloatReason {
    /// There is no rule for its type.
    NoForm,
    /// The prototxt says `forward_with_float: true`.
    Asked,
    /// A bottom is fp32, and the layer computes too little to be worth a cast.
    FollowsFloat {
        /// The bottom.
        bottom: String,
    },
    /// Its type has an int8 form, but not with its parameters, weights and thresholds.
    NotRepresentable {
        /// What does not fit.
        misfit: Misfit,
    },
    /// The ReLU of a layer that stays in fp32.
    ReluOf {
        /// That layer.
        layer: String,
    },
}

impl fmt::Display for FloatReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FloatReason::NoForm => f.write_str("its type has no int8 form"),
            FloatReason::Asked => f.write_str("forward_with_float: true"),
            FloatReason::FollowsFloat { bottom } => {
                write!(f, "its bottom {bottom} is fp32, and a cast costs more than it saves")
            }
            FloatReason::NotRepresentable { misfit } => misfit.fmt(f),
            FloatReason::ReluOf { layer } => write!(f, "layer {layer} in front of it is fp32"),
        }
    }
}

/// Whether a type has no int8 form at all.
pub(crate) fn has_no_form(op: &LayerOp) -> bool {
    matches!(op.int8_form(), Int8Form::Float)
}

/// Notes which layers the deployed net has.
pub(crate) fn deployed(
    layers: &mut [FloatLayer],
    quantized: &QuantizedNet,
) -> Result<(), umodel::Error> {
    let deploy = quantized.deploy()?;
    for layer in layers {
        layer.deployed = deploy.net().layer_index(&layer.name).is_some();
    }
    Ok(())
}
