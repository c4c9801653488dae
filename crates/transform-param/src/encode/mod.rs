//! Picture files as `cv::imencode` makes them by default: JPEG, PNG, BMP, TIFF, PGM and PPM.
//!
//! ```
//! use transform_param::{ColorMode, Format, Pixels, decode, encode};
//! let red = Pixels::new([3, 1, 2], vec![0, 0, 0, 0, 255, 255])?; // B, G, R
//! let file = encode(&red, Format::Pnm)?;
//! assert_eq!(file, b"P6\n2 1\n255\n\xFF\0\0\xFF\0\0");
//! assert_eq!(decode(&file, ColorMode::Color)?, red);
//! # Ok::<(), transform_param::Error>(())
//! ```
//!
//! # Exactness
//! All but JPEG are lossless: a file decodes to the same pixels, in OpenCV as here. JPEGs have libjpeg's
//! standard tables and no optimisation, so that they decode to what a file by `cv::imencode` decodes to.
//!
//! # Limits
//! A picture has one channel (grey), three (B, G, R) or four (B, G, R, alpha). JPEG and PNM drop alpha. A
//! JPEG has at most 65,500 pixels on each side, a BMP 4 GB.
//!
//! # Errors
//! [`Error::Encode`] with an [`EncodeError`]. A format that was left out of the build is
//! [`EncodeError::MissingFeature`], which names the feature.

#[cfg(feature = "bmp")]
mod bmp;
#[cfg(feature = "jpeg")]
mod jpeg;
#[cfg(feature = "png")]
mod png;
#[cfg(feature = "tiff")]
mod tiff;

use crate::error::{EncodeError, Error};
use crate::format::Format;
use crate::memory;
use crate::pixels::Pixels;

/// How [`encode_with`] writes.
///
/// ```
/// use transform_param::EncodeOptions;
/// assert_eq!(EncodeOptions::default().jpeg_quality(80).jpeg_quality, 80);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EncodeOptions {
    /// Quality of a JPEG, from 1 to 100.
    pub jpeg_quality: u8,
}

impl Default for EncodeOptions {
    /// OpenCV's: JPEGs of quality 95.
    fn default() -> Self {
        EncodeOptions { jpeg_quality: 95 }
    }
}

impl EncodeOptions {
    /// With JPEGs of this quality; it is brought to the range from 1 to 100.
    pub fn jpeg_quality(self, quality: u8) -> Self {
        EncodeOptions { jpeg_quality: quality.clamp(1, 100) }
    }
}

/// Encodes a picture of one (grey), three (B, G, R) or four (B, G, R, alpha) channels. JPEG and PNM drop alpha.
///
/// # Rounding
/// All but JPEG are lossless. A JPEG has quality 95.
///
/// # Errors
/// [`Error::Encode`] for a format that is only decoded or not in this build, another number of channels, or a size
/// that the format cannot hold.
pub fn encode(picture: &Pixels<u8>, format: Format) -> Result<Vec<u8>, Error> {
    encode_with(picture, format, &EncodeOptions::default())
}

/// [`encode`] with other options.
///
/// # Errors
/// As [`encode`].
pub fn encode_with(
    picture: &Pixels<u8>,
    format: Format,
    options: &EncodeOptions,
) -> Result<Vec<u8>, Error> {
    let [c, h, w] = picture.shape();
    let fail = |reason| Error::Encode { format: format.to_string(), reason };
    if format == Format::WebP {
        return Err(fail(EncodeError::UnknownFormat));
    }
    if let (false, Some(feature)) = (format.is_available(), format.feature()) {
        return Err(fail(EncodeError::MissingFeature { format, feature }));
    }
    let order: &[usize] = match (c, format) {
        (1, _) => &[0],
        (3, Format::Bmp) => &[0, 1, 2],
        (4, Format::Bmp) => &[0, 1, 2, 3],
        (3, _) | (4, Format::Jpeg | Format::Pnm) => &[2, 1, 0],
        (4, _) => &[2, 1, 0, 3],
        _ => return Err(fail(EncodeError::Channels { found: c })),
    };
    if h == 0 || w == 0 {
        return Err(fail(EncodeError::Size { height: h, width: w }));
    }
    let values = interleave(picture, order)?;
    let rows = Rows { values, channels: order.len(), size: [h, w], options: *options };
    match format {
        #[cfg(feature = "jpeg")]
        Format::Jpeg => jpeg::write(&rows),
        #[cfg(feature = "png")]
        Format::Png => png::write(&rows),
        #[cfg(feature = "bmp")]
        Format::Bmp => bmp::write(&rows),
        #[cfg(feature = "tiff")]
        Format::Tiff => tiff::write(&rows),
        Format::Pnm => Ok(pnm(rows)),
        _ => Err(EncodeError::UnknownFormat),
    }
    .map_err(fail)
}

/// What the writers of the formats get.
struct Rows {
    /// Interleaved: R, G, B and alpha, or grey; of a BMP B, G, R and alpha.
    values: Vec<u8>,
    channels: usize,
    /// h, w.
    size: [usize; 2],
    #[cfg_attr(not(feature = "jpeg"), expect(dead_code, reason = "only JPEGs have options"))]
    options: EncodeOptions,
}

#[cfg(any(feature = "jpeg", feature = "png", feature = "bmp", feature = "tiff"))]
impl Rows {
    fn no_such_size(&self) -> EncodeError {
        let [height, width] = self.size;
        EncodeError::Size { height, width }
    }

    /// Height and width, if the format can hold them.
    #[cfg(any(feature = "png", feature = "bmp", feature = "tiff"))]
    fn sides(&self) -> Result<[u32; 2], EncodeError> {
        let [h, w] = self.size.map(u32::try_from);
        Ok([h.map_err(|_| self.no_such_size())?, w.map_err(|_| self.no_such_size())?])
    }
}

fn pnm(rows: Rows) -> Vec<u8> {
    let kind = if rows.channels == 1 { 5 } else { 6 };
    let [h, w] = rows.size;
    let mut out = format!("P{kind}\n{w} {h}\n255\n").into_bytes();
    out.extend(rows.values);
    out
}

/// H, W, C order, with these channels.
fn interleave(picture: &Pixels<u8>, order: &[usize]) -> Result<Vec<u8>, Error> {
    let [_, h, w] = picture.shape();
    let mut out = memory::zeros(h * w * order.len())?;
    for (place, &channel) in order.iter().enumerate() {
        let plane = picture.data().iter().skip(channel * h * w).take(h * w);
        out.iter_mut().skip(place).step_by(order.len()).zip(plane).for_each(|(out, &v)| *out = v);
    }
    Ok(out)
}
