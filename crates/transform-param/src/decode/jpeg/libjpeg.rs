//! Every kind of JPEG, through libjpeg.

use mozjpeg::{ColorSpace, Decompress, Marker};

use super::{ColorMode, Limits, decoder, gray, orientation, turn};
use crate::error::{DecodeError, Error};
use crate::format::Format;
use crate::memory;
use crate::pixels::Pixels;

pub(super) fn decode(bytes: &[u8], mode: ColorMode, limits: &Limits) -> Result<Pixels<u8>, Error> {
    let jpeg = Decompress::with_markers(&[Marker::APP(1)]).from_mem(bytes).map_err(decoder)?;
    let (w, h) = jpeg.size();
    let [h, w] = limits.check(wide(w), wide(h))?;
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
    let mut lines = jpeg.to_colorspace(space).map_err(decoder)?;
    // The wrapper cannot report that its buffer could not be allocated: it is tried first.
    memory::room::<u8>(channels * h * w)?;
    let values: Vec<u8> = lines.read_scanlines().map_err(decoder)?;
    if values.len() != channels * h * w {
        return Err(DecodeError::Truncated { format: Format::Jpeg }.into());
    }
    let picture = match (channels, gray) {
        (4, true) => {
            let luma = |&cmyk: &[u8; 4]| gray::of_bgr(bgr_of_cmyk(cmyk));
            Pixels::from_planes([1, h, w], values.as_chunks().0.iter().map(luma).collect())
        }
        (4, false) => {
            let mut bgr = memory::room(3 * h * w)?;
            values.as_chunks().0.iter().for_each(|&cmyk| bgr.extend(bgr_of_cmyk(cmyk)));
            Pixels::from_interleaved([3, h, w], &bgr)?
        }
        (1, _) => Pixels::from_planes([1, h, w], values),
        _ => Pixels::from_rgb([h, w], &values)?,
    };
    orientation::upright(picture, turn)
}

/// Adobe's programs store inverted inks, and OpenCV takes all for such.
fn bgr_of_cmyk(cmyk: [u8; 4]) -> [u8; 3] {
    let [c, m, y, k] = cmyk.map(u32::from);
    // Never below 0: what is subtracted is less than k.
    [y, m, c].map(|ink| u8::try_from(k - (((255 - ink) * k) >> 8)).unwrap_or(u8::MAX))
}

fn wide(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
