#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod blob;
mod builder;
mod channels;
mod data_changes;
mod dialects;
mod error;
mod foreign;
mod load;
pub mod movement;
mod names;
mod nearest;
mod net;
mod outline;
mod parameter;
mod position;
mod proto;
pub mod quant;
mod reader;
mod reshape;
mod state;
mod taps;
mod text;
mod thresholds;
mod trained;
mod upgrade;

pub mod layers;
pub mod passes;

pub use blob::Weights;
pub use builder::{LayerSpec, NetBuilder};
pub use data_changes::DataChanges;
pub use error::{
    BinaryError, Count, Error, LayerError, MessageError, Obstacle, QuantizationError,
    QuantizedPart, TextError, TokenError, ValueError,
};
pub use foreign::ForeignFile;
pub use layers::LayerOp;
pub use load::{NoSources, Sources};
pub use movement::Movement;
pub use nearest::nearest;
pub use net::{Blob, BlobId, Layer, Net};
pub use outline::{Outline, OutlineLayer};
pub use parameter::{LayerRecord, NetParameter};
pub use position::{LayerNumber, Position};
pub use quant::{
    Arithmetic, BlobFormat, Channels, DType, PoolFactor, QuantizedNet, Rescale, Shifts,
};
pub use reader::{Reader, read_blob};
pub use taps::Taps;
pub use thresholds::{ThresholdStrategy, Thresholds};

/// Axes of a blob from the slowest to the fastest, N, C, H, W for pictures; empty for a scalar.
pub type Shape = Vec<usize>;

/// What a net is built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Training.
    Train,
    /// Testing and deployment.
    Test,
}

impl Phase {
    /// The phase as prototxts spell it.
    pub fn name(self) -> &'static str {
        match self {
            Phase::Train => "TRAIN",
            Phase::Test => "TEST",
        }
    }
}
