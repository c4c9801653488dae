use std::io::Cursor;

use tiff::encoder::TiffEncoder;
use tiff::encoder::colortype::{Gray8, RGB8, RGBA8};

use super::Rows;
use crate::error::EncodeError;

pub(super) fn write(rows: &Rows) -> Result<Vec<u8>, EncodeError> {
    let [h, w] = rows.sides()?;
    let fail = |error: tiff::TiffError| EncodeError::Encoder(error.into());
    let mut out = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut out).map_err(fail)?;
    match rows.channels {
        1 => encoder.write_image::<Gray8>(w, h, &rows.values),
        3 => encoder.write_image::<RGB8>(w, h, &rows.values),
        _ => encoder.write_image::<RGBA8>(w, h, &rows.values),
    }
    .map_err(fail)?;
    Ok(out.into_inner())
}
