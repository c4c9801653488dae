//! Layers that move integers without computing: the top has the bottom's format.

use umodel::layers::{Dropout, Flatten, Reshape, Split};
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

passing!(Dropout, Flatten, Reshape, Split);
