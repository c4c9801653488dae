//! Model files: one [`NetParameter`] message, as text or binary.

use std::io::Write;
use std::path::{Path, PathBuf};

use protobuf::Message;

use crate::error::Error;
use crate::{Position, proto, text, upgrade};

/// A model as it stands in a file: a prototxt, a caffemodel or a umodel.
#[derive(Clone, Debug)]
pub struct NetParameter {
    pub(crate) message: proto::NetParameter,
    positions: Vec<Option<Position>>,
    path: Option<PathBuf>,
}

impl NetParameter {
    pub(crate) fn from_message(message: proto::NetParameter) -> Self {
        NetParameter { message, positions: Vec::new(), path: None }
    }

    /// Reads a file, text or binary, whichever it is.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::Text`] or [`Error::Binary`], naming the file.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let bytes =
            std::fs::read(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
        let parsed = match std::str::from_utf8(&bytes) {
            Ok(text) if looks_like_text(text) => Self::parse_text(text),
            _ => Self::from_bytes(&bytes),
        };
        let mut model = parsed.map_err(|error| error.in_file(Some(path)))?;
        model.path = Some(path.to_owned());
        Ok(model)
    }

    /// Parses a prototxt.
    ///
    /// # Errors
    /// [`Error::Text`] with line and column; [`Error::Layer`] for old layers without an equivalent.
    pub fn parse_text(text: &str) -> Result<Self, Error> {
        let parsed = text::parse::<proto::NetParameter>(text)
            .map_err(|(position, source)| Error::Text { path: None, position, source })?;
        let layers = parsed.positions.into_iter();
        let layers = layers.filter(|(field, _)| field == "layer" || field == "layers");
        let positions = layers.map(|(_, position)| Some(position)).collect();
        Self::upgraded(parsed.message, positions)
    }

    /// Decodes a binary model.
    ///
    /// # Errors
    /// [`Error::Binary`] for bytes that are no message of this kind; [`Error::Layer`] for old
    /// layers without an equivalent.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let binary = |reason: String| Error::Binary { path: None, reason };
        let message = proto::NetParameter::parse_from_bytes(bytes)
            .map_err(|error| binary(error.to_string()))?;
        if message.layer.is_empty() && message.layers.is_empty() {
            return Err(binary("it has no layers".to_owned()));
        }
        Self::upgraded(message, Vec::new())
    }

    fn upgraded(
        mut message: proto::NetParameter,
        mut positions: Vec<Option<Position>>,
    ) -> Result<Self, Error> {
        positions.resize(message.layer.len() + message.layers.len(), None);
        upgrade::layers(&mut message, &positions)?;
        if upgrade::inputs(&mut message) {
            positions.insert(0, None);
        }
        Ok(NetParameter { message, positions, path: None })
    }

    /// The net's name; may be empty.
    pub fn name(&self) -> &str {
        self.message.name()
    }

    /// The file that the model was read from.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The names of all layers, in order, whatever their phase.
    pub fn layer_names(&self) -> impl Iterator<Item = &str> {
        self.message.layer.iter().map(|layer| layer.name())
    }

    pub(crate) fn layer_position(&self, index: usize) -> Option<Position> {
        self.positions.get(index).copied().flatten()
    }

    /// The model as a prototxt.
    pub fn to_text(&self) -> String {
        text::print(&self.message)
    }

    /// The model as bytes, fields that this crate does not know included.
    ///
    /// # Errors
    /// [`Error::Binary`] for a message beyond protobuf's 2 GiB.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let bytes = self.message.write_to_bytes();
        bytes.map_err(|error| Error::Binary { path: None, reason: error.to_string() })
    }
}

/// Several files that appear together or not at all, each written beside its target first.
#[derive(Default)]
pub struct FileSet(Vec<(tempfile::NamedTempFile, PathBuf)>);

impl FileSet {
    /// No files yet.
    pub fn new() -> Self {
        FileSet::default()
    }

    /// Writes one more file, under a temporary name.
    ///
    /// # Errors
    /// [`Error::Write`] naming the target.
    pub fn add(&mut self, path: impl Into<PathBuf>, contents: &[u8]) -> Result<(), Error> {
        let path = path.into();
        let directory = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let write = || -> std::io::Result<tempfile::NamedTempFile> {
            let mut file = tempfile::NamedTempFile::new_in(directory)?;
            file.write_all(contents)?;
            file.as_file().sync_all()?;
            // Like any file that a user makes, not private as temporary files are.
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
            }
            if path.is_dir() {
                return Err(std::io::ErrorKind::IsADirectory.into());
            }
            Ok(file)
        };
        let file = write().map_err(|source| Error::Write { path: path.clone(), source })?;
        self.0.push((file, path));
        Ok(())
    }

    /// Gives all files their names.
    ///
    /// # Errors
    /// [`Error::Write`] naming the first target that could not be replaced; those before it are
    /// removed again.
    pub fn commit(self) -> Result<(), Error> {
        let mut done: Vec<PathBuf> = Vec::new();
        for (file, path) in self.0 {
            if let Err(error) = file.persist(&path) {
                for path in done {
                    let _ = std::fs::remove_file(path);
                }
                return Err(Error::Write { path, source: error.error });
            }
            done.push(path);
        }
        Ok(())
    }
}

/// A prototxt has neither control characters nor the tag that a binary model starts with.
fn looks_like_text(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\x0b' | '\x0c'))
}
