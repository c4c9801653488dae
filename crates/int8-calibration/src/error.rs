use std::fmt;

use thiserror::Error;

use crate::keep::Keep;

/// An error of this crate.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The net cannot be run.
    #[error(transparent)]
    Execution(#[from] uframework::Error),
    /// The net cannot be edited.
    #[error(transparent)]
    Model(#[from] umodel::Error),
    /// The files cannot be written.
    #[error(transparent)]
    Write(#[from] file_set::Error),
    /// A blob has infinite values or NaN.
    #[error(
        "layer {layer:?} ({kind}): blob {blob:?} has {count} values that are infinite or not a number"
    )]
    NotFinite {
        /// The layer that writes it: the first one that has such values.
        layer: String,
        /// Its type.
        kind: &'static str,
        /// The blob.
        blob: String,
        /// How many such values.
        count: u64,
    },
    /// A blob that pictures come in is 0 everywhere, so that every threshold would be 0.
    #[error(
        "blob {blob:?} is 0 in every picture of layer {layer:?} ({kind}): look at scale and mean_value of its \
         transform_param, and at the pictures"
    )]
    AllZero {
        /// The blob.
        blob: String,
        /// The layer that reads the pictures.
        layer: String,
        /// Its type.
        kind: &'static str,
    },
    /// A layer has infinite weights or NaN.
    #[error(
        "layer {layer:?}: weight blob {index} has {count} values that are infinite or not a number"
    )]
    WeightNotFinite {
        /// The layer.
        layer: String,
        /// Which of its weight blobs, from 0.
        index: usize,
        /// How many such values.
        count: usize,
    },
    /// No pass over the data was asked for.
    #[error("iterations must be at least 1")]
    NoIterations,
    /// The name of no threshold method.
    #[error("{name:?} is not a threshold method: {} are", crate::Method::NAMES.join(", "))]
    Method {
        /// The name.
        name: String,
    },
    /// A pattern of [`Options::keep`](crate::Options::keep) that describes no layer.
    #[error("{keep}: no layer has the name {pattern:?}{}", meant(nearest))]
    UnknownLayer {
        /// What was to be kept.
        keep: Keep,
        /// The pattern.
        pattern: String,
        /// Names of layers that were probably meant, the nearest first.
        nearest: Vec<String>,
    },
    /// Two layers fix thresholds for blobs that have one scale.
    #[error(
        "{first} and {second}, but these blobs share one scale: give both the same threshold, or only one of them"
    )]
    TwoThresholds {
        /// One of them.
        first: FixedThreshold,
        /// The other one.
        second: FixedThreshold,
    },
    /// All that has an int8 form is to stay in fp32.
    #[error(
        "every layer that has an int8 form is kept in fp32: take names of fewer layers for -fpfwd_inputs, \
         -fpfwd_outputs and -fpfwd_blocks"
    )]
    AllKept,
    /// A [`Target`](crate::Target) that is missed with all but one layer in fp32.
    #[error(
        "the target {wanted} cannot be reached: with {layers} layers in fp32, all but one of those that have an int8 form, it \
         is {quality:.6}"
    )]
    Target {
        /// What was to be reached.
        wanted: f64,
        /// What is reached.
        quality: f64,
        /// The layers that stay in fp32 for it.
        layers: usize,
    },
    /// A target for the best class of a net whose outputs are no scores of classes.
    #[error(
        "the net has no output with one value for each class, so that no class is the best one"
    )]
    NoClasses,
    /// A net without layers that have an int8 form.
    #[error("the net has no layer with an int8 form")]
    NothingToQuantize,
}

/// A threshold that the prototxt fixes for a blob.
#[derive(Clone, Debug, PartialEq)]
pub struct FixedThreshold {
    /// The layer whose `threshold` it is.
    pub layer: String,
    /// Its top.
    pub blob: String,
    /// The threshold.
    pub threshold: f32,
}

impl fmt::Display for FixedThreshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let FixedThreshold { layer, blob, threshold } = self;
        write!(f, "layer {layer:?} has threshold: {threshold} for blob {blob:?}")
    }
}

/// Names that were probably meant, as the end of a message.
fn meant(nearest: &[String]) -> String {
    match nearest {
        [] => String::new(),
        names => format!("; did you mean {}?", names.join(", ")),
    }
}
