//! Picture files as `cv::imread` decodes them: JPEG, PNG, BMP, TIFF, WebP, PBM, PGM and PPM.
//!
//! ```
//! use transform_param::{ColorMode, decode};
//! let picture = decode(b"P6 2 1 255 RGBrgb", ColorMode::Color)?;
//! assert_eq!(picture.shape(), [3, 1, 2]); // channels, height, width
//! assert_eq!(picture.data(), b"BbGgRr"); // planes of B, G, R
//! # Ok::<(), transform_param::Error>(())
//! ```
//!
//! # Exactness
//! The pixels are those of OpenCV 4.14, bit for bit, on every recorded file of all formats: in colour, in
//! grey and as stored. JPEGs in one baseline scan, which most are, are decoded by this crate's own decoder; all others,
//! and all that a decoder would have to warn of, by libjpeg. Both give the same pixels.
//!
//! Known differences: 16-bit pictures keep their upper bytes only, as stored, too. TIFFs with EXIF orientation 5
//! to 8 are turned, where OpenCV 4.14 refuses them. A JPEG that ends too early is filled, as `cv::imread` does;
//! `cv::imdecode` refuses it.
//!
//! # Limits
//! A picture's size is compared with [`Limits`] before memory for its pixels is asked for. Where a file
//! cannot hold as many pixels as its header says, it is refused as well. Memory that the system does not have is
//! [`Error::Memory`], not the end of the program.
//!
//! # Errors
//! [`Error::Decode`] with a [`DecodeError`]. Floating-point TIFFs, 16-bit BMPs with masks other
//! than 555 and 565 and 32-bit ones with masks other than 8888 are not decoded. A format that was left out of
//! the build is [`DecodeError::MissingFeature`], which names the feature.

#![deny(clippy::indexing_slicing, clippy::as_conversions)]

#[cfg(feature = "bmp")]
mod bmp;
mod gray;
#[cfg(any(feature = "png", feature = "tiff", feature = "webp"))]
mod interleaved;
#[cfg(feature = "jpeg")]
mod jpeg;
#[cfg(any(feature = "jpeg", feature = "png", feature = "tiff", feature = "webp"))]
mod orientation;
#[cfg(feature = "png")]
mod png;
mod pnm;
#[cfg(feature = "tiff")]
mod tiff;
#[cfg(feature = "tiff")]
mod tiff_palette;
#[cfg(feature = "webp")]
mod webp;

#[cfg(all(feature = "jpeg", any(fuzzing, test)))]
pub use jpeg::fuzzing;

use datum_store::in_flight;

use crate::error::{DecodeError, Error};
use crate::format::Format;
use crate::pixels::Pixels;

/// What decoding takes for each pixel: three planes, and as much again for the decoder or for resizing.
const BYTES_OF_PIXEL: u64 = 6;

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
///
/// ```
/// use transform_param::Limits;
/// let small = Limits::default().width(1000).height(1000);
/// assert_eq!(small.pixels, 1 << 30); // as OpenCV has it
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
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
    /// With rows of at most so many pixels.
    pub fn width(self, width: u64) -> Self {
        Limits { width, ..self }
    }

    /// With at most so many rows.
    pub fn height(self, height: u64) -> Self {
        Limits { height, ..self }
    }

    /// With at most so many pixels.
    pub fn pixels(self, pixels: u64) -> Self {
        Limits { pixels, ..self }
    }

    /// The size as numbers that can be counted with: h, w. Waits for memory, see [`in_flight`].
    fn check(&self, width: u64, height: u64) -> Result<[usize; 2], Error> {
        let pixels = width.checked_mul(height);
        let inside = width <= self.width && height <= self.height;
        let inside = inside && pixels.is_some_and(|pixels| pixels > 0 && pixels <= self.pixels);
        match (usize::try_from(height), usize::try_from(width)) {
            // Four bytes a pixel can be counted, too.
            (Ok(h), Ok(w))
                if inside
                    && h.checked_mul(w)
                        .is_some_and(|area| area < isize::MAX.unsigned_abs() / 8) =>
            {
                in_flight::ask(BYTES_OF_PIXEL.saturating_mul(width.saturating_mul(height)));
                Ok([h, w])
            }
            _ => Err(DecodeError::Size { width, height }.into()),
        }
    }
}

/// Decodes a picture file (JPEG, PNG, BMP, TIFF, WebP, PPM, PGM, PBM) to 8 bits as `cv::imread`
/// does: alpha is dropped, 16-bit values keep their upper byte, palettes are expanded, and the
/// picture is turned as its EXIF orientation says.
///
/// # Errors
/// [`Error::Decode`] for what is no picture, is damaged, is larger than [`Limits::default`], or of a format that is
/// not in this build. JPEG is the exception, as with `cv::imread`: what is missing at its end is filled.
///
/// # Source
/// OpenCV 4.14; fixtures/transform-param/record.py.
pub fn decode(bytes: &[u8], mode: ColorMode) -> Result<Pixels<u8>, Error> {
    decode_with(bytes, mode, &Limits::default())
}

#[cfg(test)]
thread_local! {
    /// How many pictures the thread has decoded.
    pub(crate) static DECODED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// [`decode`] with other limits.
///
/// It waits while the pictures that other threads decode take too much memory: see [`datum_store::in_flight`].
///
/// # Errors
/// As [`decode`].
pub fn decode_with(bytes: &[u8], mode: ColorMode, limits: &Limits) -> Result<Pixels<u8>, Error> {
    in_flight::hold(|| decode_alone(bytes, mode, limits))
}

fn decode_alone(bytes: &[u8], mode: ColorMode, limits: &Limits) -> Result<Pixels<u8>, Error> {
    let format = Format::of(bytes).ok_or(DecodeError::UnknownFormat)?;
    #[cfg(test)]
    DECODED.set(DECODED.get() + 1);
    match format {
        // libjpeg reports errors by unwinding through its Rust wrapper.
        #[cfg(feature = "jpeg")]
        Format::Jpeg => std::panic::catch_unwind(|| jpeg::decode(bytes, mode, limits))
            .unwrap_or_else(|_| Err(DecodeError::Damaged { format }.into())),
        #[cfg(feature = "png")]
        Format::Png => png::decode(bytes, mode, limits),
        #[cfg(feature = "bmp")]
        Format::Bmp => bmp::decode(bytes, mode, limits),
        #[cfg(feature = "tiff")]
        Format::Tiff => tiff::decode(bytes, mode, limits),
        #[cfg(feature = "webp")]
        Format::WebP => webp::decode(bytes, mode, limits),
        Format::Pnm => pnm::decode(bytes, mode, limits),
        #[cfg(not(all(
            feature = "jpeg",
            feature = "png",
            feature = "bmp",
            feature = "tiff",
            feature = "webp"
        )))]
        _ => {
            let feature = format.feature().unwrap_or_default();
            Err(DecodeError::MissingFeature { format, feature }.into())
        }
    }
}

/// A decoder's own error.
#[cfg(any(feature = "jpeg", feature = "png", feature = "tiff", feature = "webp"))]
fn decoder(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    DecodeError::Decoder(error.into()).into()
}
