//! What can be wrong with the int8 form of a layer.

use thiserror::Error;

use crate::Shape;
use crate::quant::interpolate::ResizingError;

/// What is wrong with a layer's int8 form.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum QuantizationError {
    /// The integers of an average divide by another number of values.
    #[error(
        "its integers are for averages over {expected} values, not {found}: calibrate the net at these sizes"
    )]
    AverageArea {
        /// How many they are for.
        expected: usize,
        /// How many there would be.
        found: usize,
    },
    /// The layer's type has no such arithmetic.
    #[error("the layer type has no such int8 arithmetic")]
    LayerType,
    /// The formats of the layer's blobs do not suit its arithmetic.
    #[error("the formats of its bottoms and tops do not suit its arithmetic")]
    Formats,
    /// A scale is not a positive number, or not 1 for an fp32 blob.
    #[error("scale {scale} is not usable")]
    Scale {
        /// The scale.
        scale: f32,
    },
    /// A blob has not one factor for each channel.
    #[error("blob {blob:?} has {found} factors of channels, but {expected} channels")]
    FactorCount {
        /// The blob.
        blob: String,
        /// How many channels it has.
        expected: usize,
        /// How many factors.
        found: usize,
    },
    /// The factor of a channel is not a positive number.
    #[error("blob {blob:?} has a channel with the factor {factor}, which is not usable")]
    Factor {
        /// The blob.
        blob: String,
        /// The factor.
        factor: f32,
    },
    /// The order of a blob's channels does not name each channel once.
    #[error("the order of channels of blob {blob:?} is not one of its {expected} channels")]
    ChannelOrder {
        /// The blob.
        blob: String,
        /// How many channels it has.
        expected: usize,
    },
    /// A shift is too large for the chip.
    #[error("right shift {right_shift} exceeds {limit}")]
    Shift {
        /// The shift.
        right_shift: u8,
        /// The largest that the command can hold.
        limit: u8,
    },
    /// Neither one right shift for all output channels nor one for each block of 64.
    #[error("{outputs} output channels have 1 or {expected} right shifts, not {found}")]
    ShiftCount {
        /// Number of output channels.
        outputs: usize,
        /// Number of blocks.
        expected: usize,
        /// Number of shifts.
        found: usize,
    },
    /// A multiplier is zero.
    #[error("a multiplier is 0")]
    ZeroMultiplier,
    /// Not one rescale for each bottom, or for each top of a layer that cuts its bottom.
    #[error("expected {expected} rescales, found {found}")]
    RescaleCount {
        /// Number of bottoms, or of tops.
        expected: usize,
        /// Number of rescales.
        found: usize,
    },
    /// int8 weights of the wrong shape.
    #[error("int8 weights have shape {found:?}, expected {expected:?}")]
    WeightShape {
        /// The shape that fits.
        expected: Shape,
        /// Their shape.
        found: Shape,
    },
    /// An int16 bias of the wrong length.
    #[error("the bias has {found} values, expected {expected}")]
    BiasLength {
        /// Number of outputs, or 0 without a bias.
        expected: usize,
        /// Its length.
        found: usize,
    },
    /// An average pooling window whose area differs from the others'.
    #[error("average pooling windows of different areas have no common multiplier")]
    Overhang,
    /// A resizing that is not one of few convolutions.
    #[error(transparent)]
    Resizing(#[from] ResizingError),
    /// A layer that the chip has no commands for with these axes.
    #[error("no int8 command serves these axes")]
    Axes,
}
