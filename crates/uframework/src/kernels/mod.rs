//! Numeric kernels: pure functions on slices, free of layers and graphs.

pub(crate) mod depthwise;
mod gemm_f32;
mod gemm_i8;
mod im2col;
pub(crate) mod interpolate;
pub(crate) mod pool;
pub(crate) mod requantize;
pub(crate) mod resample;
pub(crate) mod table;

pub use gemm_f32::{Matrix, gemm_f32};
pub use gemm_i8::{PackedColumns, PackedWeights};
pub(crate) use im2col::col2im_wrapping;
pub use im2col::{Window, col2im, im2col};

/// A stored 8-bit integer, signed or unsigned.
pub trait Int8: Copy + Default + Into<i32> + Into<i16> + Ord + Send + Sync {
    /// The smallest value, which padding has in max pooling.
    const LEAST: Self;

    /// Clips to the type's range.
    fn saturate(value: i32) -> Self;
}

impl Int8 for i8 {
    const LEAST: i8 = i8::MIN;

    #[expect(clippy::cast_possible_truncation, reason = "clipped to the range")]
    fn saturate(value: i32) -> i8 {
        value.clamp(-128, 127) as i8
    }
}

impl Int8 for u8 {
    const LEAST: u8 = 0;

    #[expect(clippy::cast_sign_loss, reason = "clipped to the range")]
    fn saturate(value: i32) -> u8 {
        value.clamp(0, 255) as u8
    }
}
