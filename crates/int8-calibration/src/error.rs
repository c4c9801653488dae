use thiserror::Error;

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
    #[error("blob {blob:?} has {count} values that are infinite or not a number")]
    NotFinite {
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
    #[error("{name:?} is not a threshold method: KL and MAX are")]
    Method {
        /// The name.
        name: String,
    },
    /// The name of no version of average precision.
    #[error("{name:?} is no version of average precision: 11point, MaxIntegral and Integral are")]
    ApVersion {
        /// The name.
        name: String,
    },
    /// A net without layers that have an int8 form.
    #[error("the net has no layer with an int8 form")]
    NothingToQuantize,
}
