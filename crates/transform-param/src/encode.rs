//! Picture files as `cv::imencode` makes them by default.

use std::io::Cursor;

use image::{ColorType, ImageFormat};

use crate::error::Error;
use crate::pixels::Pixels;

/// Encodes a picture of one (grey), three (B, G, R) or four (B, G, R, alpha) channels.
///
/// `format` is an extension, in any case: `png`; `jpg`, `jpeg`, `jpe` at quality 95; `bmp`; `tif`,
/// `tiff`; `ppm`, `pgm`, `pnm`. JPEG and PNM drop alpha.
///
/// # Rounding
/// All but JPEG are lossless. JPEG has libjpeg's standard tables and no optimisation, so that it
/// decodes to what a file by `cv::imencode` decodes to.
///
/// # Errors
/// [`Error::Encode`] for another format or number of channels, or a size that the format cannot
/// hold.
pub fn encode(picture: &Pixels<u8>, format: &str) -> Result<Vec<u8>, Error> {
    let format = format.to_ascii_lowercase();
    let fail = |reason: String| Error::Encode { format: format.clone(), reason };
    let [c, h, w] = picture.shape();
    let side = |length: usize| match u32::try_from(length) {
        Ok(length) if length > 0 => Ok(length),
        _ => Err(fail(format!("{h} x {w} pixels"))),
    };
    let (rows, columns) = (side(h)?, side(w)?);
    let opaque = is_jpeg(&format) || matches!(format.as_str(), "ppm" | "pgm" | "pnm");
    let (order, color): (&[usize], _) = match (c, opaque) {
        (1, _) => (&[0], ColorType::L8),
        (3, _) | (4, true) => (&[2, 1, 0], ColorType::Rgb8),
        (4, false) => (&[2, 1, 0, 3], ColorType::Rgba8),
        _ => return Err(fail(format!("{c} channels"))),
    };
    let interleaved = interleave(picture, order);
    let lossless = match format.as_str() {
        "png" => ImageFormat::Png,
        "bmp" => ImageFormat::Bmp,
        "tif" | "tiff" => ImageFormat::Tiff,
        "ppm" | "pgm" | "pnm" => {
            let kind = if order.len() == 1 { 5 } else { 6 };
            let mut out = format!("P{kind}\n{w} {h}\n255\n").into_bytes();
            out.extend(interleaved);
            return Ok(out);
        }
        jpeg if is_jpeg(jpeg) => {
            // libjpeg reports errors by unwinding through its Rust wrapper.
            let written =
                std::panic::catch_unwind(|| write_jpeg(&interleaved, order.len(), [h, w], 95));
            return match written {
                Ok(written) => written.map_err(|error| fail(error.to_string())),
                Err(_) => Err(fail(format!("{h} x {w} pixels"))),
            };
        }
        _ => return Err(fail("png, jpg, bmp, tif and ppm are known".to_owned())),
    };
    let mut out = Cursor::new(Vec::new());
    image::write_buffer_with_format(&mut out, &interleaved, columns, rows, color, lossless)
        .map_err(|error| fail(error.to_string()))?;
    Ok(out.into_inner())
}

/// Whether a file extension, in lower case, is one of JPEG's.
pub(crate) fn is_jpeg(extension: &str) -> bool {
    matches!(extension, "jpg" | "jpeg" | "jpe")
}

/// H, W, C order, with these channels.
fn interleave(picture: &Pixels<u8>, order: &[usize]) -> Vec<u8> {
    let [_, h, w] = picture.shape();
    let mut out = vec![0; h * w * order.len()];
    for (place, channel) in order.iter().enumerate() {
        let plane = &picture.data()[channel * h * w..][..h * w];
        out[place..].iter_mut().step_by(order.len()).zip(plane).for_each(|(out, &v)| *out = v);
    }
    out
}

/// A JPEG of this quality, 1 to 100, of a picture that has been decoded: its size suits libjpeg.
pub(crate) fn encode_jpeg(picture: &Pixels<u8>, quality: u8) -> Result<Vec<u8>, Error> {
    let [c, h, w] = picture.shape();
    let order: &[usize] = if c < 3 { &[0] } else { &[2, 1, 0] };
    let fail = |reason: String| Error::Encode { format: "jpg".to_owned(), reason };
    let interleaved = interleave(picture, order);
    // libjpeg reports errors by unwinding through its Rust wrapper.
    let written =
        std::panic::catch_unwind(|| write_jpeg(&interleaved, order.len(), [h, w], quality));
    match written {
        Ok(written) => written.map_err(|error| fail(error.to_string())),
        Err(_) => Err(fail(format!("{h} x {w} pixels"))),
    }
}

fn write_jpeg(
    interleaved: &[u8],
    channels: usize,
    [h, w]: [usize; 2],
    quality: u8,
) -> std::io::Result<Vec<u8>> {
    let gray = mozjpeg::ColorSpace::JCS_GRAYSCALE;
    let space = if channels == 1 { gray } else { mozjpeg::ColorSpace::JCS_RGB };
    let mut jpeg = mozjpeg::Compress::new(space);
    // Without mozjpeg's own tables, trellis and scans: as libjpeg-turbo does.
    jpeg.set_fastest_defaults();
    jpeg.set_size(w, h);
    jpeg.set_quality(quality.into());
    let mut started = jpeg.start_compress(Vec::new())?;
    started.write_scanlines(interleaved)?;
    started.finish()
}
