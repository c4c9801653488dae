use std::path::Path;

use datum_store::{Datum, DatumData, in_flight, read_file};

use crate::decode::{ColorMode, decode};
use crate::encode::encode;
use crate::error::Error;
use crate::format::Format;
use crate::resize::{Interpolation, try_resize};

/// Bytes of a picture file at most: one without compression of as many pixels as are decoded.
const MAX_BYTES: u64 = 1 << 33;
/// A record has fewer values than this.
const MAX_VALUES: usize = 1 << 31;

/// How [`picture_to_datum`] stores a picture: the flags of `convert_imageset`.
///
/// ```
/// use transform_param::PictureOptions;
/// let options = PictureOptions::default().resize([256, 256]).encode_type("jpg");
/// assert!(options.encoded);
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
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

impl PictureOptions {
    /// With one channel instead of three, or not.
    pub fn gray(self, gray: bool) -> Self {
        PictureOptions { gray, ..self }
    }

    /// Resized to this size (h, w); `None` for the picture's own.
    pub fn resize(self, size: impl Into<Option<[usize; 2]>>) -> Self {
        PictureOptions { resize: size.into(), ..self }
    }

    /// Stored as a file in itself, or not.
    pub fn encoded(self, encoded: bool) -> Self {
        PictureOptions { encoded, ..self }
    }

    /// Stored as a file of this type in itself; nothing changes if it is empty.
    pub fn encode_type(self, encode_type: impl Into<String>) -> Self {
        let encode_type = encode_type.into();
        PictureOptions { encoded: self.encoded || !encode_type.is_empty(), encode_type, ..self }
    }
}

/// A picture file as a record, and what is known of it because it was decoded for that.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StoredPicture {
    /// The record. The label is 0.
    pub datum: Datum,
    /// Height and width of the picture as it was decoded: turned by EXIF, not resized.
    pub size: [usize; 2],
}

/// Reads a picture file as `convert_imageset` does. The label is 0.
///
/// An encoded picture of the wanted type that is neither resized nor made grey is stored as it is.
///
/// # Errors
/// [`Error::Read`], [`Error::Decode`], [`Error::Encode`], [`Error::TooLarge`], [`Error::Memory`].
pub fn picture_to_datum(path: &Path, options: &PictureOptions) -> Result<Datum, Error> {
    store_picture(path, options, |_| options.resize).map(|stored| stored.datum)
}

/// [`picture_to_datum`] for who needs the picture's own height and width, too: to tell boxes in shares of
/// them, or to find the size to resize to, which `resize` returns for it. `options.resize` has no effect.
///
/// # Errors
/// As [`picture_to_datum`].
pub fn store_picture(
    path: &Path,
    options: &PictureOptions,
    resize_to: impl FnOnce([usize; 2]) -> Option<[usize; 2]>,
) -> Result<StoredPicture, Error> {
    // The picture is in memory until its record is made.
    in_flight::hold(|| store(path, options, resize_to))
}

fn store(
    path: &Path,
    options: &PictureOptions,
    resize_to: impl FnOnce([usize; 2]) -> Option<[usize; 2]>,
) -> Result<StoredPicture, Error> {
    let bytes = read_file(path, MAX_BYTES)
        .map_err(|source| Error::Read { path: path.to_owned(), source })?;
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_lowercase();
    let mode = if options.gray { ColorMode::Gray } else { ColorMode::Color };
    let mut picture = decode(&bytes, mode)?;
    let [_, h, w] = picture.shape();
    let size = [h, w];
    let wanted = match options.encode_type.to_lowercase() {
        empty if empty.is_empty() => extension.clone(),
        given => given,
    };
    let is_jpeg = |name: &str| matches!(name.parse(), Ok(Format::Jpeg));
    let same_type = wanted == extension || (is_jpeg(&wanted) && is_jpeg(&extension));
    let resized = resize_to(size);
    if options.encoded && resized.is_none() && !options.gray && same_type {
        return Ok(StoredPicture { datum: datum([0; 3], DatumData::Encoded(bytes))?, size });
    }
    if let Some(size) = resized {
        check_values([picture.shape()[0], size[0], size[1]])?;
        picture = try_resize(picture, size, Interpolation::Linear)?;
    }
    let shape = picture.shape();
    let data = if options.encoded {
        DatumData::Encoded(encode(&picture, wanted.parse()?)?)
    } else {
        DatumData::Bytes(picture.into_data())
    };
    Ok(StoredPicture { datum: datum(shape, data)?, size })
}

/// An error for a picture that no record can hold.
fn check_values(shape: [usize; 3]) -> Result<(), Error> {
    let values = shape.iter().try_fold(1usize, |product, &axis| product.checked_mul(axis));
    if values.is_some_and(|values| values < MAX_VALUES) {
        Ok(())
    } else {
        Err(Error::TooLarge { shape })
    }
}

fn datum(shape: [usize; 3], data: DatumData) -> Result<Datum, Error> {
    check_values(shape)?;
    // Planes of a picture always have its volume.
    Datum::new(shape, data, 0).map_err(|_| Error::TooLarge { shape })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::DECODED;

    /// Exact: whatever size is asked for, it is an error before it is memory.
    #[test]
    fn sizes_that_no_record_has_are_errors() {
        let file = tempfile::Builder::new().suffix(".pgm").tempfile().expect("temporary file");
        std::fs::write(file.path(), b"P5 3 2 255\n\x00\x01\x02\x03\x04\x05").expect("written");
        for size in [[i32::MAX as usize, 24], [1 << 16, 1 << 15], [usize::MAX, usize::MAX]] {
            for gray in [true, false] {
                let options = PictureOptions::default().gray(gray).resize(size);
                let error = picture_to_datum(file.path(), &options).expect_err("too large");
                assert!(matches!(error, Error::TooLarge { .. }), "{error}");
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_never_ends_is_no_picture() {
        let error = picture_to_datum(Path::new("/dev/zero"), &PictureOptions::default());
        assert!(matches!(error, Err(Error::Read { .. })), "{error:?}");
    }

    /// Exact: the size before resizing is known from the same decoding.
    #[test]
    fn a_picture_is_decoded_once() {
        let file = tempfile::Builder::new().suffix(".pgm").tempfile().expect("temporary file");
        std::fs::write(file.path(), b"P5 3 2 255\n\x00\x01\x02\x03\x04\x05").expect("written");
        let before = DECODED.get();
        let options = PictureOptions::default().gray(true);
        let stored = store_picture(file.path(), &options, |[h, w]| Some([2 * h, 2 * w]));
        let stored = stored.expect("a picture");
        assert_eq!((stored.size, stored.datum.shape()), ([2, 3], [1, 4, 6]));
        assert_eq!(DECODED.get() - before, 1);
    }
}
