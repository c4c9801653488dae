//! Layers that move integers without computing: the top has the bottom's format.

use umodel::layers::{
    Dropout, Flatten, Pad, PadMode, Permute, PixelShuffle, Reorg, Resample, ResampleMethod,
    Reshape, ShuffleChannel, Slice, Split, StridedSlice, Tile, Unsqueeze, Upsample,
};
use umodel::{Arithmetic, LayerSpec};

use super::{Context, Quantized, Rule};

/// The bottom's format, unchanged.
pub(super) fn same(context: &Context<'_>) -> Option<Quantized> {
    context.bottoms.first().map(|&format| (Arithmetic::Same, format))
}

macro_rules! passing {
    ($($layer:ty),*) => {$(
        impl Rule for $layer {
            fn quantize(&self, _: &mut LayerSpec, context: &Context<'_>) -> Option<Quantized> {
                same(context)
            }
        }
    )*};
}

passing!(
    Dropout,
    Flatten,
    Permute,
    PixelShuffle,
    Reorg,
    Reshape,
    ShuffleChannel,
    Slice,
    Split,
    StridedSlice,
    Tile,
    Unsqueeze,
    Upsample
);

impl Rule for Pad {
    /// Zeros, or values that are already there; another constant has no exact form.
    fn quantize(&self, _: &mut LayerSpec, context: &Context<'_>) -> Option<Quantized> {
        match self.mode {
            PadMode::Constant(value) if value != 0.0 => None,
            PadMode::Constant(_) | PadMode::Edge | PadMode::Reflect | PadMode::Symmetric => {
                same(context)
            }
        }
    }
}

impl Rule for Resample {
    fn quantize(&self, _: &mut LayerSpec, context: &Context<'_>) -> Option<Quantized> {
        match self.method {
            ResampleMethod::Nearest(_) => same(context),
            ResampleMethod::Linear | ResampleMethod::Cubic { .. } => None,
        }
    }
}
