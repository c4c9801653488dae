//! Bytes to [`NetParameter`]s.

#![deny(clippy::indexing_slicing, clippy::as_conversions)]

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use ndarray::ArrayD;
use protobuf::{CodedInputStream, Message};

use crate::error::{BinaryError, Error};
use crate::{ForeignFile, NetParameter, blob, proto, text};

/// Bytes that are looked at to tell text from binary.
const LOOK: usize = 64 << 10;

/// The largest number that a field may have. No model has such a field.
const END_FIELD: u32 = (1 << 29) - 1;

/// [`END_FIELD`] with the value 0. It is put behind the bytes of a model. protobuf takes the end of the bytes for the end of
/// every message that is still open, so a layer that is cut off behind one of its fields would pass for a whole one. The
/// mark then becomes a part of that layer, and the net does not have it.
const END_MARK: &[u8] = &[0xF8, 0xFF, 0xFF, 0xFF, 0x0F, 0];

/// How models are read: limits for files that nobody vouches for, and whether old forms are upgraded.
///
/// ```
/// let reader = umodel::Reader { max_bytes: 8, ..Default::default() };
/// let error = reader.parse_text("name: \"net\"").unwrap_err();
/// assert_eq!(error.to_string(), "a model of 11 bytes, the limit is 8");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reader {
    /// Messages within messages; Caffe's own nest five deep. 100 by default, as in protobuf.
    pub max_depth: u32,
    /// Size of a text or binary model. 2^31 − 1 by default, protobuf's own limit, which cannot be exceeded
    /// by a binary one. A message takes at most a few times the memory of its bytes: about once for weights in
    /// packed `data`, up to some hundred times for the smallest layers.
    pub max_bytes: u64,
    /// Whether an older form is brought to the present one: see [`NetParameter::upgrade`]. True by default, as
    /// Caffe does it whenever it reads a file.
    pub upgrade: bool,
}

impl Default for Reader {
    fn default() -> Self {
        Reader { max_depth: 100, max_bytes: (1 << 31) - 1, upgrade: true }
    }
}

impl Reader {
    /// Reads a file, text or binary, whichever it is. A binary file is not held in memory beside its message.
    ///
    /// What the schema does not know of a text's layers is passed over: see [`NetParameter::unknown`].
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::Text`], [`Error::Binary`] or [`Error::TooLong`], naming the file;
    /// [`Error::Foreign`] for one of another framework;
    /// [`Error::Layer`] for old layers without an equivalent.
    pub fn read(&self, path: impl AsRef<Path>) -> Result<NetParameter, Error> {
        let path = path.as_ref();
        let mut model = self.open(path).map_err(|error| not_foreign(error, path))?;
        model.path = Some(path.to_owned());
        self.upgraded(model)
    }

    /// Parses a prototxt. What the schema does not know of its layers is passed over: see [`NetParameter::unknown`].
    ///
    /// # Errors
    /// [`Error::Text`] with line and column; [`Error::TooLong`]; [`Error::Layer`] for old layers without an
    /// equivalent.
    pub fn parse_text(&self, text: &str) -> Result<NetParameter, Error> {
        self.upgraded(self.text(text.as_bytes())?)
    }

    /// Decodes a binary model.
    ///
    /// # Errors
    /// [`Error::Binary`] for bytes that are no message of this kind; [`Error::TooLong`]; [`Error::Layer`] for
    /// old layers without an equivalent.
    pub fn decode(&self, bytes: &[u8]) -> Result<NetParameter, Error> {
        self.check_length(length(bytes))?;
        self.upgraded(self.message(bytes)?)
    }

    fn open(&self, path: &Path) -> Result<NetParameter, Error> {
        let failed = |source| Error::Read { path: path.to_owned(), source };
        let file = File::open(path).map_err(failed)?;
        self.check_length(file.metadata().map_err(failed)?.len())?;
        // A pipe tells no length, so that what comes is counted too.
        let mut file = BufReader::with_capacity(LOOK, file.take(self.max_bytes.saturating_add(1)));
        if looks_like_text(file.fill_buf().map_err(failed)?) {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).map_err(failed)?;
            self.text(&bytes)
        } else {
            self.message(file)
        }
    }

    fn text(&self, text: &[u8]) -> Result<NetParameter, Error> {
        self.check_length(length(text))?;
        let parsed = text::parse::<proto::NetParameter>(text, self.max_depth, &["layer", "layers"])
            .map_err(|(position, source)| Error::Text { path: None, position, source })?;
        let layers = parsed.positions.into_iter();
        let layers = layers.filter(|(field, _)| field == "layer" || field == "layers");
        let positions = layers.map(|(_, position)| Some(position)).collect();
        let unknown = parsed.unknown;
        Ok(NetParameter { message: parsed.message, positions, unknown, path: None })
    }

    fn message(&self, bytes: impl BufRead) -> Result<NetParameter, Error> {
        let binary = |reason: BinaryError| Error::Binary { path: None, reason };
        let mut marked = bytes.chain(END_MARK);
        let mut stream = CodedInputStream::from_buf_read(&mut marked);
        stream.set_recursion_limit(self.max_depth);
        let mut message = proto::NetParameter::new();
        message.merge_from(&mut stream).map_err(|error| binary(error.into()))?;
        self.check_length(stream.pos().saturating_sub(length(END_MARK)))?;
        drop(stream);
        let unknown = message.special_fields.mut_unknown_fields();
        if unknown.get(END_FIELD).is_none() {
            return Err(binary(BinaryError::Truncated));
        }
        unknown.remove(END_FIELD);
        if message.layer.is_empty() && message.layers.is_empty() {
            return Err(binary(BinaryError::NoLayers));
        }
        Ok(NetParameter::from_message(message))
    }

    fn check_length(&self, found: u64) -> Result<(), Error> {
        let limit = self.max_bytes;
        if found > limit { Err(Error::TooLong { path: None, found, limit }) } else { Ok(()) }
    }

    fn upgraded(&self, model: NetParameter) -> Result<NetParameter, Error> {
        if self.upgrade { model.upgrade() } else { Ok(model) }
    }
}

/// Reads a file with one array: a BlobProto, as Caffe's `.binaryproto` files are.
///
/// # Errors
/// [`Error::Read`], [`Error::Binary`] or [`Error::TooLong`], naming the file.
pub fn read_blob(path: impl AsRef<Path>) -> Result<ArrayD<f32>, Error> {
    let path = path.as_ref();
    let failed = |source| Error::Read { path: path.to_owned(), source };
    let limit = Reader::default().max_bytes;
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
    if length(&bytes) > limit {
        let (path, found) = (Some(path.to_owned()), length(&bytes));
        return Err(Error::TooLong { path, found, limit });
    }
    let broken = |reason| Error::Binary { path: Some(path.to_owned()), reason };
    let message = proto::BlobProto::parse_from_bytes(&bytes).map_err(|e| broken(e.into()))?;
    let array = blob::from_proto(Cow::Owned(message));
    let array = array.map_err(|source| broken(BinaryError::Blob(Box::new(source))))?;
    Ok(Arc::unwrap_or_clone(array))
}

/// The error of a file, or what it is instead of a model.
fn not_foreign(error: Error, path: &Path) -> Error {
    let broken = matches!(error, Error::Text { .. } | Error::Binary { .. } | Error::Read { .. });
    match ForeignFile::of(path).filter(|_| broken) {
        None | Some(ForeignFile::Caffe | ForeignFile::Prototxt) => error.in_file(Some(path)),
        Some(kind) => Error::Foreign { path: path.to_owned(), kind },
    }
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// A prototxt starts with ASCII and has no control characters but white space; the tags and lengths
/// of a binary model are full of them.
fn looks_like_text(bytes: &[u8]) -> bool {
    let blank = |byte: u8| matches!(byte, b'\n' | b'\r' | b'\t' | 0x0b | 0x0c);
    let start = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    start.first().is_none_or(u8::is_ascii) && bytes.iter().all(|&b| b >= b' ' || blank(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_in_another_encoding_is_still_text() {
        assert!(looks_like_text(b"# caf\xe9\nname: 'n'"));
        assert!(!looks_like_text(&[0x0A, 0x04, b'n', b'e', b't', b'!']));
        assert!(!looks_like_text(&[0xA5; 9]));
    }

    const NET: &str = "layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: 2 } } }";

    #[test]
    fn length_is_limited() {
        let bytes = NetParameter::parse_text(NET).expect("good").to_bytes().expect("bytes");
        let folder = tempfile::tempdir().expect("temporary folder");
        for (name, contents) in [("text", NET.as_bytes()), ("binary", &bytes)] {
            let path = folder.path().join(name);
            std::fs::write(&path, contents).expect("write");
            let length = length(contents);
            let reader = Reader { max_bytes: length, ..Reader::default() };
            reader.read(&path).expect("just fits");
            let error =
                Reader { max_bytes: length - 1, ..reader }.read(&path).expect_err("too long");
            let expected = format!(
                "{}: a model of {length} bytes, the limit is {}",
                path.display(),
                length - 1
            );
            assert_eq!(error.to_string(), expected);
        }
        let reader = Reader { max_bytes: length(&bytes) - 1, ..Reader::default() };
        assert!(matches!(reader.decode(&bytes), Err(Error::TooLong { .. })));
        assert!(matches!(reader.parse_text(NET), Err(Error::TooLong { .. })));
    }

    #[test]
    fn depth_is_limited() {
        let bytes = NetParameter::parse_text(NET).expect("good").to_bytes().expect("bytes");
        // A layer holds input_param holds a shape.
        Reader { max_depth: 3, ..Reader::default() }.decode(&bytes).expect("just fits");
        let reader = Reader { max_depth: 2, ..Reader::default() };
        assert!(matches!(reader.decode(&bytes), Err(Error::Binary { .. })));
        assert!(matches!(reader.parse_text(NET), Err(Error::Text { .. })));
    }

    /// Whether the schema knows the messages or not, however they are written.
    #[test]
    fn nesting_without_end_is_an_error() {
        const LEVELS: usize = 100_000;
        for level in ["layer {", "layer <", "a: [", "layer: [{", "include { ", "["] {
            assert!(NetParameter::parse_text(&level.repeat(LEVELS)).is_err(), "{level}");
        }
        // Groups of an unknown number. Unknown messages are kept as bytes, whatever they hold.
        let groups = vec![15 << 3 | 3; LEVELS];
        assert!(NetParameter::from_bytes(&groups).is_err());
    }
}
