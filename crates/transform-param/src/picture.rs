use std::path::Path;

use datum_store::{Datum, DatumData};

use crate::decode::{ColorMode, decode};
use crate::encode::{encode, is_jpeg};
use crate::error::Error;
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
        DatumData::Encoded(encode(&picture, &wanted)?)
    } else {
        DatumData::Bytes(picture.into_data())
    };
    Ok(datum(shape, data))
}

fn datum(shape: [usize; 3], data: DatumData) -> Datum {
    // Planes of a picture always have its volume.
    Datum::new(shape, data, 0).unwrap_or_else(|_| unreachable!("a picture's planes fit its shape"))
}
