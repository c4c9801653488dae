use mozjpeg::{ColorSpace, Compress};

use super::Rows;
use crate::error::EncodeError;

pub(super) fn write(rows: &Rows) -> Result<Vec<u8>, EncodeError> {
    // libjpeg reports errors by unwinding through its Rust wrapper; only a size can be wrong here.
    match std::panic::catch_unwind(|| compress(rows)) {
        Ok(written) => written.map_err(|error| EncodeError::Encoder(error.into())),
        Err(_) => Err(rows.no_such_size()),
    }
}

fn compress(rows: &Rows) -> std::io::Result<Vec<u8>> {
    let gray = rows.channels == 1;
    let mut jpeg =
        Compress::new(if gray { ColorSpace::JCS_GRAYSCALE } else { ColorSpace::JCS_RGB });
    // Without mozjpeg's own tables, trellis and scans: as libjpeg-turbo does.
    jpeg.set_fastest_defaults();
    let [h, w] = rows.size;
    jpeg.set_size(w, h);
    jpeg.set_quality(rows.options.jpeg_quality.into());
    let mut started = jpeg.start_compress(Vec::new())?;
    started.write_scanlines(&rows.values)?;
    started.finish()
}
