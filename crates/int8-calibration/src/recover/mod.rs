//! More accuracy than the vendor's rules give, for [`Options::recover`](crate::Options::recover):
//!
//! - [`split_depthwise`]: shifts for parts of a depthwise convolution's channels.
//! - No bias is clipped to 16 bits; the layer's shift is lowered instead.
//! - Tops with a ReLU6 have the largest value as their threshold, whatever the method.

mod split_depthwise;

pub use split_depthwise::split_depthwise;
