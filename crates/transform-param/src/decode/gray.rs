//! Grey of colour. OpenCV's decoders have four ways of weighing it.

/// Weights of R, G and B in fixed point, and what is added before the shift.
pub(super) struct Luma {
    pub(super) weights: [u32; 3],
    pub(super) shift: u32,
    pub(super) half: u32,
}

impl Luma {
    /// Of 8-bit or 16-bit values.
    pub(super) fn of(&self, rgb: [u32; 3]) -> u32 {
        let sum: u32 = rgb.iter().zip(self.weights).map(|(value, weight)| value * weight).sum();
        (sum + self.half) >> self.shift
    }
}

/// OpenCV's own: BMP, PPM, CMYK JPEG, TIFF.
pub(super) const OPENCV: Luma = Luma { weights: [4899, 9617, 1868], shift: 14, half: 1 << 13 };

/// libpng's, as OpenCV sets it up; found by fitting, exact on 60,000 random colours.
#[cfg(feature = "png")]
pub(super) const PNG: Luma = Luma { weights: [9797, 19234, 3737], shift: 15, half: 0 };

/// libpng's for 16 bits.
#[cfg(feature = "png")]
pub(super) const PNG_16: Luma = Luma { weights: [9797, 19234, 3737], shift: 15, half: 1 << 14 };

/// `cv::cvtColor`'s, which the WebP decoder calls.
#[cfg(feature = "webp")]
pub(super) const WEBP: Luma = Luma { weights: [9798, 19235, 3735], shift: 15, half: 1 << 14 };

/// OpenCV's own grey of B, G, R.
pub(super) fn of_bgr([b, g, r]: [u8; 3]) -> u8 {
    // The weights add up to 1: no more than 255.
    u8::try_from(OPENCV.of([r, g, b].map(u32::from))).unwrap_or(u8::MAX)
}

/// OpenCV's grey of a BMP with masks: in f32, without rounding.
#[cfg(feature = "bmp")]
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "from 0 to 255; OpenCV cuts off what is behind the point"
)]
pub(super) fn cut_off([b, g, r]: [u8; 3]) -> u8 {
    let [b, g, r] = [b, g, r].map(f32::from);
    (0.299 * r + 0.587 * g + 0.114 * b) as u8
}
