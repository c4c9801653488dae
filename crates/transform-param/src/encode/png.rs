use png::{ColorType, Compression, Encoder, Filter};

use super::Rows;
use crate::error::EncodeError;

pub(super) fn write(rows: &Rows) -> Result<Vec<u8>, EncodeError> {
    let [h, w] = rows.sides()?;
    let fail = |error: png::EncodingError| EncodeError::Encoder(error.into());
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, w, h);
    encoder.set_color(match rows.channels {
        1 => ColorType::Grayscale,
        3 => ColorType::Rgb,
        _ => ColorType::Rgba,
    });
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(Compression::Fast);
    encoder.set_filter(Filter::Adaptive);
    let mut writer = encoder.write_header().map_err(fail)?;
    writer.write_image_data(&rows.values).map_err(fail)?;
    writer.finish().map_err(fail)?;
    Ok(out)
}
