//! WebP, lossy and lossless.

use std::io::Cursor;

use image_webp::WebPDecoder;

use super::interleaved::{Planes, byte};
use super::orientation::{self, Orientation};
use super::{ColorMode, Limits, decoder, gray};
use crate::error::Error;
use crate::memory;
use crate::pixels::Pixels;

pub(super) fn decode(bytes: &[u8], mode: ColorMode, limits: &Limits) -> Result<Pixels<u8>, Error> {
    let mut file = WebPDecoder::new(Cursor::new(bytes)).map_err(decoder)?;
    let (width, height) = file.dimensions();
    let size = limits.check(width.into(), height.into())?;
    let turn = match mode {
        ColorMode::AsStored => Orientation::Upright,
        ColorMode::Color | ColorMode::Gray => {
            let exif = file.exif_metadata().ok().flatten();
            exif.and_then(|exif| Orientation::from_exif(&exif)).unwrap_or_default()
        }
    };
    let channels = if file.has_alpha() { 4 } else { 3 };
    let planes = Planes::new(channels, size, mode, &gray::WEBP, byte)?;
    let mut rows = memory::zeros(channels * size[0] * size[1])?;
    // The decoder cannot report that its own buffer, of up to four bytes a pixel, could not be allocated: it is tried
    // first.
    memory::probe(4 * size[0] * size[1])?;
    file.read_image(&mut rows).map_err(decoder)?;
    orientation::upright(planes.rows(&rows), turn)
}
