//! PNG.

use std::io::Cursor;

use png::{ColorType, Decoder, Transformations};

use super::interleaved::{Planes, byte, upper};
use super::orientation::{self, Orientation};
use super::{ColorMode, Limits, decoder, gray};
use crate::error::{DecodeError, Error};
use crate::format::Format;
use crate::memory;
use crate::pixels::Pixels;

/// Deflate does not shrink more than this.
const DEFLATE: u64 = 1032;

pub(super) fn decode(bytes: &[u8], mode: ColorMode, limits: &Limits) -> Result<Pixels<u8>, Error> {
    // A bound on what the file declares besides its pixels.
    let declared = limits.pixels.saturating_mul(8).saturating_add(1 << 26);
    let bound = png::Limits { bytes: usize::try_from(declared).unwrap_or(usize::MAX) };
    let mut file = Decoder::new_with_limits(Cursor::new(bytes), bound);
    let info = file.read_header_info().map_err(decoder)?;
    let (width, height) = (u64::from(info.width), u64::from(info.height));
    let grey = info.color_type == ColorType::Grayscale;
    let size = limits.check(width, height)?;
    let held = DEFLATE.saturating_mul(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    if width * height / 8 > held {
        return Err(DecodeError::Truncated { format: Format::Png }.into());
    }
    // Palettes become colours, 1 to 4 bits become 8, a transparent colour becomes alpha; 16 bits stay.
    file.set_transformations(Transformations::EXPAND);
    let mut reader = file.read_info().map_err(decoder)?;
    let exif = reader.info().exif_metadata.as_deref().and_then(Orientation::from_exif);
    let turn = match mode {
        ColorMode::AsStored => Orientation::Upright,
        ColorMode::Color | ColorMode::Gray => exif.unwrap_or_default(),
    };
    let (color, depth) = reader.output_color_type();
    // A transparent grey is no alpha for OpenCV, but one of a palette is.
    let mode = if mode == ColorMode::AsStored && grey { ColorMode::Gray } else { mode };
    let channels = color.samples();
    let sixteen = depth == png::BitDepth::Sixteen;
    let (luma, narrow): (_, fn(u32) -> u8) =
        if sixteen { (&gray::PNG_16, upper) } else { (&gray::PNG, byte) };
    let mut planes = Planes::new(channels, size, mode, luma, narrow)?;
    let mut put = |row: &[u8]| {
        if sixteen {
            let values = row.as_chunks().0.iter().map(|&pair| u16::from_be_bytes(pair));
            planes.row(&values.collect::<Vec<u16>>());
        } else {
            planes.row(row);
        }
    };
    if reader.info().interlaced {
        // Rows come in seven passes, so that the picture has to be there as a whole.
        let length = reader.output_buffer_size().ok_or(Error::Memory { bytes: usize::MAX })?;
        let mut whole = memory::zeros(length)?;
        let frame = reader.next_frame(&mut whole).map_err(decoder)?;
        whole.chunks_exact(frame.line_size).for_each(&mut put);
    } else {
        while let Some(row) = reader.next_row().map_err(decoder)? {
            put(row.data());
        }
    }
    orientation::upright(planes.finish(), turn)
}
