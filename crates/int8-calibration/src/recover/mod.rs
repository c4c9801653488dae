//! More accuracy than the vendor's rules give, for [`Options::recover`](crate::Options::recover):
//!
//! - [`split_depthwise`]: shifts for parts of a depthwise convolution's channels.
//! - No bias is clipped to 16 bits; the layer's shift is lowered instead.
//! - A top that reaches the limit of its ReLU6 has that limit as its threshold, whatever the method.

mod split_depthwise;

pub use split_depthwise::split_depthwise;
