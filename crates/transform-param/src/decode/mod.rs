//! Picture files as `cv::imread` decodes them.

mod bmp;
mod gray;
mod jpeg;
mod orientation;
mod others;
mod pnm;
mod tiff_palette;

#[cfg(any(fuzzing, test))]
pub use jpeg::fuzzing;

use crate::error::Error;
use crate::pixels::Pixels;

/// The channels that a decoded picture shall have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColorMode {
    /// Three: B, G, R. Like `IMREAD_COLOR`.
    Color,
    /// One. Like `IMREAD_GRAYSCALE`.
    Gray,
    /// One if the file is grey, four (B, G, R, alpha) if it has alpha, else three; not turned by
    /// EXIF. Like `IMREAD_UNCHANGED`, except that 16-bit values keep their upper byte only.
    AsStored,
}

/// Sizes beyond which a picture is refused, before memory for it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Pixels of a row.
    pub width: u64,
    /// Rows.
    pub height: u64,
    /// Pixels of the picture.
    pub pixels: u64,
}

impl Default for Limits {
    /// OpenCV's: 2^20 on each side, 2^30 pixels.
    fn default() -> Self {
        Limits { width: 1 << 20, height: 1 << 20, pixels: 1 << 30 }
    }
}

impl Limits {
    /// The sizes as numbers that can be counted with.
    fn check(&self, width: u64, height: u64) -> Result<[usize; 2], Error> {
        let pixels = width.checked_mul(height);
        let inside = width <= self.width && height <= self.height;
        match pixels {
            Some(pixels) if pixels > 0 && pixels <= self.pixels && inside => {
                Ok([height as usize, width as usize])
            }
            _ => Err(fail(format!("{width} x {height} pixels"))),
        }
    }
}

/// Decodes a picture file (JPEG, PNG, BMP, TIFF, WebP, PPM, PGM, PBM) to 8 bits as `cv::imread`
/// does: alpha is dropped, 16-bit values keep their upper byte, palettes are expanded, and the
/// picture is turned as its EXIF orientation says.
///
/// # Errors
/// [`Error::Decode`] for what is no picture, is damaged, or is larger than [`Limits::default`].
/// JPEG is the exception, as with `cv::imread`: what is missing at its end is filled.
///
/// # Source
/// OpenCV 4.14; fixtures/transform-param/record.py.
pub fn decode(bytes: &[u8], mode: ColorMode) -> Result<Pixels<u8>, Error> {
    decode_with(bytes, mode, &Limits::default())
}

/// [`decode`] with other limits.
///
/// # Errors
/// As [`decode`].
pub fn decode_with(bytes: &[u8], mode: ColorMode, limits: &Limits) -> Result<Pixels<u8>, Error> {
    match bytes {
        // libjpeg reports errors by unwinding through its Rust wrapper.
        [0xFF, 0xD8, 0xFF, ..] => std::panic::catch_unwind(|| jpeg::decode(bytes, mode, limits))
            .unwrap_or_else(|_| Err(fail("damaged JPEG"))),
        [b'B', b'M', ..] => bmp::decode(bytes, mode, limits),
        [b'P', b'1'..=b'6', space, ..] if space.is_ascii_whitespace() => {
            pnm::decode(bytes, mode, limits)
        }
        _ => others::decode(bytes, mode, limits),
    }
}

fn fail(reason: impl ToString) -> Error {
    Error::Decode { reason: reason.to_string() }
}
