//! More accuracy for more commands, for [`Options::recover`](crate::Options::recover):
//!
//! - [`split_depthwise`]: shifts for parts of a depthwise convolution's channels.
//! - No bias is clipped to 16 bits under the vendor's rules either; the layer's shift is lowered instead.
//! - Tops with a ReLU6 have the largest value as their threshold, whatever the method.

mod split_depthwise;

pub use split_depthwise::split_depthwise;
