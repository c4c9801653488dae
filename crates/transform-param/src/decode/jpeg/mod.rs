//! JPEG as libjpeg decodes it with the settings that OpenCV has: accurate integer DCT, fancy
//! upsampling.
//!
//! Most photographs are baseline files in one scan; [`baseline`] decodes those, faster than
//! libjpeg built without assembly. Whatever else a file is, or has wrong, is libjpeg's.

mod baseline;
mod color;
#[cfg(any(fuzzing, test))]
pub mod fuzzing;
mod header;
mod huffman;
mod idct;
mod libjpeg;
#[cfg(test)]
#[allow(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "numbers of the tests' own files"
)]
mod tests;

use super::orientation::{self, Orientation};
use super::{ColorMode, Limits, decoder, gray};
use crate::error::Error;
use crate::pixels::Pixels;

pub(super) fn decode(bytes: &[u8], mode: ColorMode, limits: &Limits) -> Result<Pixels<u8>, Error> {
    match baseline::decode(bytes, mode, limits) {
        Some(picture) => Ok(picture),
        None => libjpeg::decode(bytes, mode, limits),
    }
}

/// How the picture is to be turned, given the data of its APP1 markers.
fn turn<'a>(mode: ColorMode, mut app1: impl Iterator<Item = &'a [u8]>) -> Orientation {
    let exif = |marker: &[u8]| Orientation::from_exif(marker.strip_prefix(b"Exif\0\0")?);
    match mode {
        ColorMode::AsStored => Orientation::Upright,
        ColorMode::Color | ColorMode::Gray => app1.find_map(exif).unwrap_or_default(),
    }
}
