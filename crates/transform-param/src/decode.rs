use std::io::Cursor;

use image::{DynamicImage, ImageFormat, ImageReader};

use crate::error::Error;
use crate::pixels::Pixels;

/// OpenCV refuses larger pictures, and so do we, before any memory is asked for.
const MAX_PIXELS: u64 = 1 << 30;

/// The channels that a decoded picture shall have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColorMode {
    /// Three: B, G, R. Like `IMREAD_COLOR`.
    Color,
    /// One. Like `IMREAD_GRAYSCALE`.
    Gray,
    /// One if the file is grey, else three.
    AsStored,
}

/// Decodes a picture file (JPEG, PNG, BMP, TIFF, WebP) to 8 bits, as `cv::imread` does: alpha is
/// dropped, 16-bit values keep their upper byte, palettes are expanded.
///
/// # Errors
/// [`Error::Decode`] for what is no picture, is damaged, or has more than 2^30 pixels.
pub fn decode(bytes: &[u8], mode: ColorMode) -> Result<Pixels<u8>, Error> {
    if bytes.starts_with(&[0xFF, 0xD8]) {
        // libjpeg reports errors by unwinding through its Rust wrapper.
        let decoded = std::panic::catch_unwind(|| decode_jpeg(bytes, mode));
        decoded.unwrap_or_else(|_| Err(fail("damaged JPEG")))
    } else {
        decode_other(bytes, mode)
    }
}

fn fail(reason: impl ToString) -> Error {
    Error::Decode { reason: reason.to_string() }
}

fn check_size(width: u64, height: u64) -> Result<(), Error> {
    match width.checked_mul(height) {
        Some(pixels) if pixels > 0 && pixels <= MAX_PIXELS => Ok(()),
        _ => Err(fail(format!("{width} x {height} pixels"))),
    }
}

fn decode_jpeg(bytes: &[u8], mode: ColorMode) -> Result<Pixels<u8>, Error> {
    let jpeg = mozjpeg::Decompress::new_mem(bytes).map_err(fail)?;
    let (w, h) = jpeg.size();
    check_size(w as u64, h as u64)?;
    let space = jpeg.color_space();
    if matches!(space, mozjpeg::ColorSpace::JCS_CMYK | mozjpeg::ColorSpace::JCS_YCCK) {
        return Err(fail("CMYK JPEGs are not supported"));
    }
    let stored_gray = space == mozjpeg::ColorSpace::JCS_GRAYSCALE;
    if mode == ColorMode::Gray || (mode == ColorMode::AsStored && stored_gray) {
        // libjpeg gives the luma itself; no conversion from colour takes place.
        let mut lines = jpeg.grayscale().map_err(fail)?;
        let gray: Vec<u8> = lines.read_scanlines().map_err(fail)?;
        return Pixels::new([1, h, w], gray);
    }
    let mut lines = jpeg.rgb().map_err(fail)?;
    let rgb: Vec<u8> = lines.read_scanlines().map_err(fail)?;
    if rgb.len() != 3 * h * w {
        return Err(fail("truncated JPEG"));
    }
    Ok(Pixels::from_interleaved([3, h, w], &rgb).reverse_channels())
}

fn decode_other(bytes: &[u8], mode: ColorMode) -> Result<Pixels<u8>, Error> {
    let reader = || ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(fail);
    let (w, h) = reader()?.into_dimensions().map_err(fail)?;
    check_size(w.into(), h.into())?;
    let mut reader = reader()?;
    let format = reader.format();
    // The size is checked above; the crate's own limits are tighter than OpenCV's.
    reader.no_limits();
    let picture = reader.decode().map_err(fail)?;
    let shape = [
        usize::from(picture.color().channel_count()),
        picture.height() as usize,
        picture.width() as usize,
    ];
    let stored: Pixels<u16> = match &picture {
        DynamicImage::ImageLuma16(p) => Pixels::from_interleaved(shape, p),
        DynamicImage::ImageLumaA16(p) => Pixels::from_interleaved(shape, p),
        DynamicImage::ImageRgb16(p) => Pixels::from_interleaved(shape, p),
        DynamicImage::ImageRgba16(p) => Pixels::from_interleaved(shape, p),
        DynamicImage::ImageRgb32F(_) | DynamicImage::ImageRgba32F(_) => {
            return Err(fail("floating-point pictures are not supported"));
        }
        _ => {
            let bytes = Pixels::from_interleaved(shape, picture.as_bytes());
            return Ok(channels(bytes, mode, |rgb| luma8(rgb, format)));
        }
    };
    Ok(channels(stored, mode, |rgb| PNG_LUMA.of(rgb, 1 << 14) as u16).map(|v| (v >> 8) as u8))
}

/// Keeps the channels that were asked for: alpha goes, R, G, B becomes B, G, R.
fn channels<T: Copy + Into<u32>>(
    stored: Pixels<T>,
    mode: ColorMode,
    luma: impl Fn([u32; 3]) -> T,
) -> Pixels<T> {
    let [count, h, w] = stored.shape();
    let plane = h * w;
    let colored = count >= 3;
    let kept = stored.data()[..plane * if colored { 3 } else { 1 }].to_vec();
    match (colored, mode) {
        (true, ColorMode::Color | ColorMode::AsStored) => {
            Pixels::from_planes([3, h, w], kept).reverse_channels()
        }
        (true, ColorMode::Gray) => {
            let at = |index: usize| [0, 1, 2].map(|c| kept[c * plane + index].into());
            Pixels::from_planes([1, h, w], (0..plane).map(|index| luma(at(index))).collect())
        }
        (false, ColorMode::Color) => Pixels::from_planes([3, h, w], kept.repeat(3)),
        (false, ColorMode::Gray | ColorMode::AsStored) => Pixels::from_planes([1, h, w], kept),
    }
}

/// Weights of R, G and B in fixed point.
struct Luma {
    weights: [u32; 3],
    shift: u32,
}

impl Luma {
    fn of(&self, rgb: [u32; 3], half: u32) -> u32 {
        let sum: u32 = rgb.iter().zip(self.weights).map(|(value, weight)| value * weight).sum();
        (sum + half) >> self.shift
    }
}

/// libpng's, as OpenCV sets it up; found by fitting, exact on 60,000 random colours.
const PNG_LUMA: Luma = Luma { weights: [9797, 19234, 3737], shift: 15 };

/// Grey of 8-bit colour. OpenCV's decoders each have their own way.
fn luma8(rgb: [u32; 3], format: Option<ImageFormat>) -> u8 {
    let luma = match format {
        Some(ImageFormat::Png) => PNG_LUMA.of(rgb, 0),
        Some(ImageFormat::WebP) => {
            Luma { weights: [9798, 19235, 3735], shift: 15 }.of(rgb, 1 << 14)
        }
        _ => Luma { weights: [4899, 9617, 1868], shift: 14 }.of(rgb, 1 << 13),
    };
    luma as u8
}
