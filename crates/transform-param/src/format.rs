//! The formats of picture files.

use std::fmt;
use std::str::FromStr;

use crate::error::{EncodeError, Error};

/// A format of picture files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// Windows and OS/2 bitmaps.
    Bmp,
    /// TIFF.
    Tiff,
    /// WebP: is decoded only.
    WebP,
    /// PBM, PGM and PPM.
    Pnm,
}

impl Format {
    /// The format of a file by its first bytes.
    ///
    /// ```
    /// use transform_param::Format;
    /// assert_eq!(Format::of(b"P6 1 1 255 abc"), Some(Format::Pnm));
    /// assert_eq!(Format::of(b"GIF89a"), None);
    /// ```
    pub fn of(bytes: &[u8]) -> Option<Format> {
        match bytes {
            [0xFF, 0xD8, 0xFF, ..] => Some(Format::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Some(Format::Png),
            [b'B', b'M', ..] => Some(Format::Bmp),
            [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => Some(Format::Tiff),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Format::WebP),
            [b'P', b'1'..=b'6', space, ..] if space.is_ascii_whitespace() => Some(Format::Pnm),
            _ => None,
        }
    }

    /// The crate's feature that brings the format; none if it is always there.
    pub fn feature(self) -> Option<&'static str> {
        match self {
            Format::Jpeg => Some("jpeg"),
            Format::Png => Some("png"),
            Format::Bmp => Some("bmp"),
            Format::Tiff => Some("tiff"),
            Format::WebP => Some("webp"),
            Format::Pnm => None,
        }
    }

    /// Whether this build has the format.
    pub fn is_available(self) -> bool {
        match self {
            Format::Jpeg => cfg!(feature = "jpeg"),
            Format::Png => cfg!(feature = "png"),
            Format::Bmp => cfg!(feature = "bmp"),
            Format::Tiff => cfg!(feature = "tiff"),
            Format::WebP => cfg!(feature = "webp"),
            Format::Pnm => true,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Jpeg => "JPEG",
            Format::Png => "PNG",
            Format::Bmp => "BMP",
            Format::Tiff => "TIFF",
            Format::WebP => "WebP",
            Format::Pnm => "PNM",
        })
    }
}

impl FromStr for Format {
    type Err = Error;

    /// The format of a file's extension, in any case: `jpg`, `jpeg`, `jpe`, `png`, `bmp`, `tif`, `tiff`, `webp`,
    /// `ppm`, `pgm`, `pnm`.
    fn from_str(extension: &str) -> Result<Self, Error> {
        Ok(match extension.to_ascii_lowercase().as_str() {
            "jpg" | "jpeg" | "jpe" => Format::Jpeg,
            "png" => Format::Png,
            "bmp" => Format::Bmp,
            "tif" | "tiff" => Format::Tiff,
            "webp" => Format::WebP,
            "ppm" | "pgm" | "pnm" => Format::Pnm,
            _ => {
                let format = extension.to_owned();
                return Err(Error::Encode { format, reason: EncodeError::UnknownFormat });
            }
        })
    }
}
