//! Why layers stay in fp32.

use std::fmt;

use umodel::layers::Int8Form;
use umodel::{LayerOp, QuantizedNet};

use crate::keep::Keep;
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
    /// Its type has an int8 form, but not with its parameters.
    Parameters,
    /// The prototxt says `forward_with_float: true`.
    Asked,
    /// A pattern of [`Options::keep`](crate::Options::keep) describes it or a layer near it.
    Kept {
        /// What is kept around the layer that the pattern describes.
        by: Keep,
        /// That layer.
        layer: String,
    },
    /// A bottom is fp32, and the layer computes too little to be worth a cast.
    FollowsFloat {
        /// The bottom.
        bottom: String,
    },
    /// No layer with weights follows: the result of the net would only be rounded.
    Ends,
    /// It joins blobs of very different ranges, and no layer with weights follows that needs them in one scale.
    Ranges {
        /// A bottom whose values would have few steps.
        bottom: String,
    },
    /// A constant that only fp32 layers read, or none.
    Constant,
    /// Its type has an int8 form, but not with its parameters, weights and thresholds.
    NotRepresentable {
        /// What does not fit.
        misfit: Misfit,
    },
    /// It is one of those that cost the outputs most, see [`Options::target`](crate::Options::target).
    Sensitive {
        /// [`Sensitivity::sqnr`](crate::Sensitivity::sqnr).
        sqnr: f64,
    },
    /// The ReLU of a layer that stays in fp32.
    ReluOf {
        /// That layer.
        layer: String,
    },
}

impl fmt::Display for FloatReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FloatReason::NoForm => "its type has no int8 form",
            FloatReason::Parameters => "its type has no int8 form with these parameters",
            FloatReason::Asked => "forward_with_float: true",
            FloatReason::Kept { by, layer } => {
                let what = match by {
                    Keep::Inputs => "and all in front of it",
                    Keep::Outputs => "and all behind it",
                    Keep::Blocks => "and what follows, up to the next computing layer,",
                };
                return write!(f, "{by} keeps layer {layer} {what} in fp32");
            }
            FloatReason::FollowsFloat { bottom } => {
                return write!(
                    f,
                    "its bottom {bottom} is fp32, and a cast costs more than it saves"
                );
            }
            FloatReason::Ends => {
                "no layer with weights follows, so that 8 bits would only round the net's result"
            }
            FloatReason::Ranges { bottom } => {
                return write!(
                    f,
                    "the range of its bottom {bottom} is too small beside the others' for a scale of all"
                );
            }
            FloatReason::Constant => "it is a constant of fp32 layers",
            FloatReason::NotRepresentable { misfit } => return misfit.fmt(f),
            FloatReason::Sensitive { sqnr } => {
                return write!(f, "it costs most: alone in int8 it leaves the outputs {sqnr:.1} dB");
            }
            FloatReason::ReluOf { layer } => {
                return write!(f, "layer {layer} in front of it is fp32");
            }
        })
    }
}

/// Why a layer's type says that it has no int8 form; `None` if it may have one.
pub(crate) fn without_form(op: &LayerOp) -> Option<FloatReason> {
    if !matches!(op.int8_form(), Int8Form::Float) {
        return None;
    }
    let others = matches!(
        op,
        LayerOp::BroadcastBinary(_)
            | LayerOp::Pad(_)
            | LayerOp::Reduce(_)
            | LayerOp::Reduction(_)
            | LayerOp::Relu6(_)
            | LayerOp::Clip(_)
            | LayerOp::Resample(_)
    );
    Some(if others { FloatReason::Parameters } else { FloatReason::NoForm })
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
