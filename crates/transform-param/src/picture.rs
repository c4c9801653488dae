use std::io::Cursor;
use std::path::Path;

use datum_store::{Datum, DatumData};

use crate::decode::{ColorMode, decode};
use crate::error::Error;
use crate::pixels::Pixels;
use crate::resize::{Interpolation, resize};

/// How [`picture_to_datum`] stores a picture: the flags of `convert_imageset`.
#[derive(Clone, Debug, Default)]
pub struct PictureOptions {
    /// One channel instead of three.
    pub gray: bool,
    /// Size (h, w) to resize to.
    pub resize: Option<[usize; 2]>,
    /// Store the picture as a file in itself.
    pub encoded: bool,
    /// `png`, `jpg`, …; empty: the picture's own extension.
    pub encode_type: String,
}

/// Reads a picture file as `convert_imageset` does. The label is 0.
///
/// An encoded picture of the wanted type that is neither resized nor made grey is stored as it is.
///
/// # Errors
/// [`Error::Read`], [`Error::Decode`], [`Error::Encode`].
pub fn picture_to_datum(path: &Path, options: &PictureOptions) -> Result<Datum, Error> {
    let bytes =
        std::fs::read(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_lowercase();
    let mode = if options.gray { ColorMode::Gray } else { ColorMode::Color };
    let mut picture = decode(&bytes, mode)?;
    let wanted = match options.encode_type.to_lowercase() {
        empty if empty.is_empty() => extension.clone(),
        given => given,
    };
    let same_type = wanted == extension || (is_jpeg(&wanted) && is_jpeg(&extension));
    if options.encoded && options.resize.is_none() && !options.gray && same_type {
        return Ok(datum([0; 3], DatumData::Encoded(bytes)));
    }
    if let Some(size) = options.resize {
        picture = resize(&picture, size, Interpolation::Linear);
    }
    let shape = picture.shape();
    let data = if options.encoded {
        DatumData::Encoded(encode(picture, &wanted)?)
    } else {
        DatumData::Bytes(picture.into_data())
    };
    Ok(datum(shape, data))
}

fn datum(shape: [usize; 3], data: DatumData) -> Datum {
    // Planes of a picture always have its volume.
    Datum::new(shape, data, 0).unwrap_or_else(|_| unreachable!("a picture's planes fit its shape"))
}

fn is_jpeg(extension: &str) -> bool {
    matches!(extension, "jpg" | "jpeg" | "jpe")
}

fn encode(picture: Pixels<u8>, format: &str) -> Result<Vec<u8>, Error> {
    let fail = |reason: String| Error::Encode { format: format.to_owned(), reason };
    let [c, h, w] = picture.shape();
    let rgb = picture.reverse_channels();
    let plane = h * w;
    let interleaved: Vec<u8> = (0..plane)
        .flat_map(|at| (0..c).map(move |ch| (ch, at)))
        .map(|(ch, at)| rgb.data()[ch * plane + at])
        .collect();
    if is_jpeg(format) {
        let space =
            if c == 1 { mozjpeg::ColorSpace::JCS_GRAYSCALE } else { mozjpeg::ColorSpace::JCS_RGB };
        let write = || -> std::io::Result<Vec<u8>> {
            let mut jpeg = mozjpeg::Compress::new(space);
            jpeg.set_size(w, h);
            jpeg.set_quality(95.0);
            let mut started = jpeg.start_compress(Vec::new())?;
            started.write_scanlines(&interleaved)?;
            started.finish()
        };
        return write().map_err(|error| fail(error.to_string()));
    }
    let format_id = match format {
        "png" => image::ImageFormat::Png,
        "bmp" => image::ImageFormat::Bmp,
        "tif" | "tiff" => image::ImageFormat::Tiff,
        _ => return Err(fail("jpg, png, bmp and tif are known".to_owned())),
    };
    let color = if c == 1 { image::ColorType::L8 } else { image::ColorType::Rgb8 };
    let mut out = Cursor::new(Vec::new());
    image::write_buffer_with_format(&mut out, &interleaved, w as u32, h as u32, color, format_id)
        .map_err(|error| fail(error.to_string()))?;
    Ok(out.into_inner())
}
