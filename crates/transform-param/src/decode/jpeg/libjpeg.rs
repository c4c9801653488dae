//! Every kind of JPEG, through libjpeg.

use mozjpeg::{ColorSpace, Decompress, Marker};

use super::{ColorMode, Limits, fail, gray, orientation, turn};
use crate::error::Error;
use crate::pixels::Pixels;

pub(super) fn decode(bytes: &[u8], mode: ColorMode, limits: &Limits) -> Result<Pixels<u8>, Error> {
    let jpeg = Decompress::with_markers(&[Marker::APP(1)]).from_mem(bytes).map_err(fail)?;
    let (w, h) = jpeg.size();
    let [h, w] = limits.check(w as u64, h as u64)?;
    let turn = turn(mode, jpeg.markers().map(|marker| marker.data));
    // OpenCV goes by the number of components, not by what their colour space is called.
    let stored = jpeg.components().len();
    let gray = mode == ColorMode::Gray || (mode == ColorMode::AsStored && stored == 1);
    let (channels, space) = match (stored, gray) {
        (4, _) => (4, ColorSpace::JCS_CMYK),
        // libjpeg gives the luma itself; no conversion from colour takes place.
        (_, true) => (1, ColorSpace::JCS_GRAYSCALE),
        (_, false) => (3, ColorSpace::JCS_RGB),
    };
    let mut lines = jpeg.to_colorspace(space).map_err(fail)?;
    let values: Vec<u8> = lines.read_scanlines().map_err(fail)?;
    if values.len() != channels * h * w {
        return Err(fail("truncated JPEG"));
    }
    let picture = match (channels, gray) {
        (4, true) => {
            let luma = |cmyk: &[u8]| gray::of_bgr(bgr_of_cmyk(cmyk));
            Pixels::from_planes([1, h, w], values.chunks_exact(4).map(luma).collect())
        }
        (4, false) => {
            let bgr: Vec<u8> = values.chunks_exact(4).flat_map(bgr_of_cmyk).collect();
            Pixels::from_interleaved([3, h, w], &bgr)
        }
        (1, _) => Pixels::from_planes([1, h, w], values),
        _ => Pixels::from_rgb([h, w], &values),
    };
    Ok(orientation::upright(picture, turn))
}

/// Adobe's programs store inverted inks, and OpenCV takes all for such.
fn bgr_of_cmyk(cmyk: &[u8]) -> [u8; 3] {
    let [c, m, y, k] = [0, 1, 2, 3].map(|ink| i32::from(cmyk[ink]));
    [y, m, c].map(|ink| (k - (((255 - ink) * k) >> 8)) as u8)
}
