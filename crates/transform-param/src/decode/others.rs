//! PNG, TIFF and WebP, through the image crate.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ExtendedColorType, ImageDecoder, ImageFormat, ImageReader};

use super::gray::{self, Luma};
use super::{ColorMode, Limits, fail, orientation, tiff_palette};
use crate::error::Error;
use crate::pixels::Pixels;

/// Deflate does not shrink more than this.
const DEFLATE: u64 = 1032;

/// A picture as it is stored.
pub(super) struct Stored {
    pub(super) format: ImageFormat,
    /// What its values were before they were read.
    pub(super) source: ExtendedColorType,
    pub(super) turn: Orientation,
    pub(super) picture: DynamicImage,
}

pub(super) fn decode(bytes: &[u8], mode: ColorMode, limits: &Limits) -> Result<Pixels<u8>, Error> {
    let stored = tiff_palette::decode(bytes, limits)?;
    let Stored { format, source, turn, mut picture } = match stored {
        Some(stored) => stored,
        None => read(bytes, limits)?,
    };
    // OpenCV calls all that has one bit grey, even with a palette.
    let mode = match (mode, format, &source) {
        (ColorMode::AsStored, ImageFormat::Tiff, ExtendedColorType::L1) => ColorMode::Gray,
        _ => mode,
    };
    let size = [picture.height(), picture.width()].map(|side| side as usize);
    let grey_png = format == ImageFormat::Png && bytes.get(25) == Some(&0);
    match (mode, &source) {
        // A transparent grey is no alpha for OpenCV, but one of a palette is.
        (ColorMode::AsStored, _) if grey_png => picture = without_alpha(picture),
        (ColorMode::AsStored, ExtendedColorType::Cmyk8) => picture = picture.into_rgba8().into(),
        _ => {}
    }
    let channels = usize::from(picture.color().channel_count());
    let shape = [channels, size[0], size[1]];
    let luma = match (format, picture.color().bytes_per_pixel() as usize / channels) {
        (ImageFormat::Png, 2) => gray::PNG_16,
        (ImageFormat::Png, _) => gray::PNG,
        (ImageFormat::WebP, _) => gray::WEBP,
        _ => gray::OPENCV,
    };
    let stored = match &picture {
        DynamicImage::ImageLuma16(p) => take(shape, p, mode, &luma, upper),
        DynamicImage::ImageLumaA16(p) => take(shape, p, mode, &luma, upper),
        // libtiff again; grey is taken from its bytes.
        DynamicImage::ImageRgb16(p)
            if format == ImageFormat::Tiff && mode != ColorMode::AsStored =>
        {
            let bytes: Vec<u8> = p.iter().map(|&v| ((u32::from(v) + 128) / 257) as u8).collect();
            take(shape, &bytes, mode, &luma, |value| value as u8)
        }
        DynamicImage::ImageRgb16(p) => take(shape, p, mode, &luma, upper),
        DynamicImage::ImageRgba16(p) => take(shape, p, mode, &luma, upper),
        DynamicImage::ImageRgb32F(_) | DynamicImage::ImageRgba32F(_) => {
            return Err(fail("floating-point pictures are not supported"));
        }
        _ => take(shape, picture.as_bytes(), mode, &luma, |value| value as u8),
    };
    // OpenCV turns TIFFs in any case.
    let turned = mode != ColorMode::AsStored || format == ImageFormat::Tiff;
    Ok(if !turned { stored } else { orientation::upright(stored, turn) })
}

fn read(bytes: &[u8], limits: &Limits) -> Result<Stored, Error> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(fail)?;
    let format = match reader.format() {
        Some(format @ (ImageFormat::Png | ImageFormat::Tiff | ImageFormat::WebP)) => format,
        _ => return Err(fail("no format that is known")),
    };
    let area = |[h, w]: [usize; 2]| (h * w) as u64;
    let mut memory = image::Limits::default();
    // Whatever the size is, it is checked next; these bounds are on what else a file declares.
    memory.max_alloc = Some(limits.pixels.saturating_mul(8).saturating_add(1 << 26));
    reader.limits(memory.clone());
    let mut decoder = reader.into_decoder().map_err(fail)?;
    let (w, h) = decoder.dimensions();
    let size = limits.check(w.into(), h.into())?;
    if format == ImageFormat::Png && area(size) / 8 > DEFLATE.saturating_mul(bytes.len() as u64) {
        return Err(fail("truncated PNG"));
    }
    memory.max_alloc = Some(area(size) * 16 + (1 << 26));
    decoder.set_limits(memory).map_err(fail)?;
    let source = decoder.original_color_type();
    let turn = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(fail)?;
    if format == ImageFormat::Tiff {
        picture = as_libtiff(picture);
    }
    Ok(Stored { format, source, turn, picture })
}

/// libtiff's RGBA interface multiplies colour by alpha.
fn as_libtiff(picture: DynamicImage) -> DynamicImage {
    match picture {
        DynamicImage::ImageRgba8(mut rgba) => {
            for pixel in rgba.pixels_mut() {
                let [r, g, b, a] = pixel.0;
                let times = |v: u8| ((u32::from(v) * u32::from(a) + 127) / 255) as u8;
                pixel.0 = [times(r), times(g), times(b), a];
            }
            rgba.into()
        }
        other => other,
    }
}

fn without_alpha(picture: DynamicImage) -> DynamicImage {
    match picture {
        DynamicImage::ImageLumaA8(gray) => DynamicImage::ImageLumaA8(gray).into_luma8().into(),
        DynamicImage::ImageLumaA16(gray) => DynamicImage::ImageLumaA16(gray).into_luma16().into(),
        other => other,
    }
}

fn upper(value: u32) -> u8 {
    (value >> 8) as u8
}

/// The channels that were asked for, as B, G, R.
fn take<T: Copy + Into<u32>>(
    [count, h, w]: [usize; 3],
    interleaved: &[T],
    mode: ColorMode,
    luma: &Luma,
    narrow: fn(u32) -> u8,
) -> Pixels<u8> {
    let colored = count >= 3;
    // Where B, G, R, alpha are in a stored pixel.
    let order: &[usize] = match (mode, count) {
        (ColorMode::Gray, 3 | 4) => {
            let pixels = interleaved.chunks_exact(count);
            let gray = pixels.map(|p| narrow(luma.of([0, 1, 2].map(|c| p[c].into())))).collect();
            return Pixels::from_planes([1, h, w], gray);
        }
        (ColorMode::AsStored, 4) => &[2, 1, 0, 3],
        (ColorMode::AsStored, 2) => &[0, 0, 0, 1],
        (ColorMode::Color | ColorMode::AsStored, _) if colored => &[2, 1, 0],
        (ColorMode::Color, _) => &[0, 0, 0],
        _ => &[0],
    };
    let plane = |&channel: &usize| interleaved.iter().skip(channel).step_by(count);
    let data = order.iter().flat_map(plane).map(|&value| narrow(value.into())).collect();
    Pixels::from_planes([order.len(), h, w], data)
}
