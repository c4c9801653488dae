#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod asked;
mod auto;
mod bias_bits;
mod calibrate;
mod equalize;
mod error;
mod evaluate;
mod float;
mod fuse;
mod grid;
mod histogram;
mod judge;
mod keep;
mod misfit;
mod mixed;
mod operands;
mod output;
mod passes;
mod quantize;
pub mod recover;
mod regress;
mod rules;
mod scales;
mod statistics;
pub mod threshold;

pub use auto::Search;
pub use bias_bits::BiasLoss;
pub use calibrate::{Calibration, Options, Pass, Progress, calibrate};
pub use detection::precision::ssd::{ApVersion, Detections};
pub use error::{Error, FixedThreshold};
pub use evaluate::{
    OutputMean, OutputPair, Similarity, evaluate, evaluate_each, similarity, similarity_each,
};
pub use float::{FloatLayer, FloatReason};
pub use histogram::Histogram;
pub use keep::Keep;
pub use misfit::Misfit;
pub use mixed::{Sensitivity, Target};
pub use output::OutputFiles;
pub use quantize::{prepare, quantize};
pub use statistics::Statistics;
pub use threshold::Method;
