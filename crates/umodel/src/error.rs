//! What can be wrong with a model.

mod count;
mod layer;
mod quantization;
mod value;

use std::fmt;
use std::path::{Path, PathBuf};

use thiserror::Error;

pub use self::count::Count;
pub use self::layer::{LayerError, Obstacle};
pub use self::quantization::QuantizationError;
pub use self::value::ValueError;
use crate::{ForeignFile, Phase, Position};

/// An error of this crate. Its text names the file and, where there is one, the place in it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: std::io::Error,
    },
    /// A prototxt and an int8umodel that were not made together.
    #[error(
        "{} (calibration {model_id}) and {} (calibration {weights_id}) were not made together: take both files of \
         one calibration, or calibrate again",
        named(model),
        named(weights)
    )]
    Calibration {
        /// The prototxt, if it came from a file.
        model: Option<PathBuf>,
        /// Its mark.
        model_id: String,
        /// The int8umodel, if it came from a file.
        weights: Option<PathBuf>,
        /// Its mark.
        weights_id: String,
    },
    /// Shapes were given for more or fewer inputs than there are.
    #[error("{found} input shapes were given, the Input layers have {expected} tops")]
    InputCount {
        /// Tops of all Input layers.
        expected: usize,
        /// Shapes given.
        found: usize,
    },
    /// A shape was given for something that is no input.
    #[error("the net has no input {name:?}{}", any_of(nearest))]
    UnknownInput {
        /// The name.
        name: String,
        /// Inputs that it may have meant.
        nearest: Vec<String>,
    },
    /// A blob was named that the net does not have, or that does not serve.
    #[error("the net has no such blob {name:?}{}", any_of(nearest))]
    UnknownBlob {
        /// The name.
        name: String,
        /// Blobs that it may have meant.
        nearest: Vec<String>,
    },
    /// Not one layer that brings pictures, although one is to be changed.
    #[error("{}expected one Data, AnnotatedData or ImageData layer in the {} phase, found {}", prefix(path),
        phase.name(), if layers.is_empty() { "none".to_owned() } else { layers.join(", ") })]
    DataLayers {
        /// The file, if the model came from one.
        path: Option<PathBuf>,
        /// The phase.
        phase: Phase,
        /// The names of all such layers.
        layers: Vec<String>,
    },
    /// A prototxt is not well-formed or does not fit the schema.
    #[error("{}{position}: {source}", prefix(path))]
    Text {
        /// The file, if the text came from one.
        path: Option<PathBuf>,
        /// Where the offending token starts.
        position: Position,
        /// What is wrong.
        source: TextError,
    },
    /// A binary model is truncated or is no protobuf message of the Caffe family.
    #[error("{}{}not a readable caffemodel or umodel: {reason}", prefix(path), if path.is_some() { " " } else { "" })]
    Binary {
        /// The file, if the bytes came from one.
        path: Option<PathBuf>,
        /// What is wrong.
        reason: BinaryError,
    },
    /// A model is longer than its reader allows.
    #[error("{}{}a model of {found} bytes, the limit is {limit}", prefix(path), if path.is_some() { " " } else { "" })]
    TooLong {
        /// The file, if it came from one.
        path: Option<PathBuf>,
        /// Its size, or as much of it as was read.
        found: u64,
        /// [`Reader::max_bytes`](crate::Reader::max_bytes).
        limit: u64,
    },
    /// A layer is wrong.
    #[error("{}", LayerPlace { path, position, layer, kind })]
    Layer {
        /// The prototxt or model file, if known.
        path: Option<PathBuf>,
        /// Where the layer starts, if it came from text.
        position: Option<Position>,
        /// The layer's name.
        layer: String,
        /// The layer's type.
        kind: String,
        /// What is wrong with it.
        source: Box<LayerError>,
    },
    /// An fp32 net was given the integers of an int8 net.
    #[error(
        "{}holds the integers of an int8 net: it goes with a *_int8_unique_top.prototxt; this fp32 net takes the \
         fp32umodel or caffemodel that was calibrated",
        subject(path, "the int8umodel")
    )]
    Int8Weights {
        /// The int8umodel, if it came from a file.
        path: Option<PathBuf>,
    },
    /// An int8 net was given fp32 weights.
    #[error(
        "{}holds fp32 weights: an int8 net takes the int8umodel that calibration_use_pb wrote beside them, with its \
         *_int8_unique_top.prototxt",
        subject(path, "the model")
    )]
    FloatWeights {
        /// The fp32umodel or caffemodel, if it came from a file.
        path: Option<PathBuf>,
    },
    /// The net has weights and the weights have none.
    #[error(
        "{}holds weights, {}none: the two are given the wrong way round",
        subject(model, "the net"),
        subject(weights, "the weights")
    )]
    Swapped {
        /// What was given as the net, if it came from a file.
        model: Option<PathBuf>,
        /// What was given as the weights, if they came from a file.
        weights: Option<PathBuf>,
    },
    /// A prototxt does not belong to an int8umodel.
    #[error(
        "{}is not the net of this int8umodel: only one of the two has layer {layer:?} ({kind}); take the \
         *_int8_unique_top.prototxt that calibration_use_pb wrote beside it",
        subject(path, "the prototxt")
    )]
    OtherModel {
        /// The prototxt, if it came from a file.
        path: Option<PathBuf>,
        /// A layer that only the prototxt has, or only the int8umodel.
        layer: String,
        /// Its type.
        kind: String,
    },
    /// A file of another framework.
    #[error("{} is {kind}; {}", path.display(), kind.advice())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it is.
        kind: ForeignFile,
    },
    /// A quantized net was given the wrong number of records.
    #[error("a quantized net needs {expected} {what}, found {found}")]
    QuantizationCount {
        /// What was counted.
        what: QuantizedPart,
        /// As many as the net has.
        expected: usize,
        /// As many as were given.
        found: usize,
    },
}

/// Why bytes are no model.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BinaryError {
    /// They are no protobuf message of this kind, or the message is too long to be written.
    #[error(transparent)]
    Message(MessageError),
    /// The bytes end within a layer or another message, which announced more of them.
    #[error("it is cut off: its last layer announces more bytes than there are")]
    Truncated,
    /// There is no layer.
    #[error("it has no layers")]
    NoLayers,
    /// The values of an array do not fit its shape.
    #[error("it is no array")]
    Blob(#[source] Box<LayerError>),
}

/// What protobuf says of a message.
#[derive(Debug, Error)]
#[error(transparent)]
pub struct MessageError(protobuf::Error);

impl From<protobuf::Error> for BinaryError {
    fn from(error: protobuf::Error) -> Self {
        BinaryError::Message(MessageError(error))
    }
}

/// What a quantized net has for each blob or layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum QuantizedPart {
    /// The formats of blobs.
    Formats,
    /// The arithmetic of layers.
    Arithmetic,
}

impl fmt::Display for QuantizedPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            QuantizedPart::Formats => "blob formats",
            QuantizedPart::Arithmetic => "layer arithmetics",
        })
    }
}

impl Error {
    pub(crate) fn layer(
        path: Option<&Path>,
        position: Option<Position>,
        layer: &str,
        kind: &str,
        source: LayerError,
    ) -> Self {
        Error::Layer {
            path: path.map(Path::to_owned),
            position,
            layer: layer.to_owned(),
            kind: kind.to_owned(),
            source: Box::new(source),
        }
    }

    /// Adds the file to an error that does not name one yet.
    pub(crate) fn in_file(mut self, file: Option<&Path>) -> Self {
        if let Error::Layer { path, .. }
        | Error::Text { path, .. }
        | Error::Binary { path, .. }
        | Error::TooLong { path, .. } = &mut self
            && path.is_none()
        {
            *path = file.map(Path::to_owned);
        }
        self
    }
}

fn named(path: &Option<PathBuf>) -> String {
    path.as_ref().map_or_else(|| "a model".to_owned(), |path| path.display().to_string())
}

fn prefix(path: &Option<PathBuf>) -> String {
    path.as_ref().map(|path| format!("{}:", path.display())).unwrap_or_default()
}

/// The start of a sentence about a file.
fn subject(path: &Option<PathBuf>, otherwise: &str) -> String {
    path.as_ref().map_or_else(|| format!("{otherwise} "), |path| format!("{} ", path.display()))
}

struct LayerPlace<'a> {
    path: &'a Option<PathBuf>,
    position: &'a Option<Position>,
    layer: &'a str,
    kind: &'a str,
}

impl fmt::Display for LayerPlace<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&prefix(self.path))?;
        if let Some(position) = self.position {
            write!(f, "{position}: ")?;
        } else if self.path.is_some() {
            f.write_str(" ")?;
        }
        write!(f, "layer {:?} ({})", self.layer, self.kind)
    }
}

/// What is wrong at one place of a prototxt.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TextError {
    /// Another token was needed here.
    #[error("expected {expected}, found {found}")]
    Expected {
        /// What would have been right.
        expected: String,
        /// The token, or "end of file".
        found: String,
    },
    /// The message has no such field.
    #[error("message {message:?} has no field {field:?}{}", did_you_mean(nearest))]
    UnknownField {
        /// Path of the enclosing messages.
        message: String,
        /// The name that was found.
        field: String,
        /// The most similar field that exists.
        nearest: Option<String>,
    },
    /// The enumeration has no such value.
    #[error("field {field:?} has no value {value:?}{}", did_you_mean(nearest))]
    UnknownEnumValue {
        /// The field.
        field: String,
        /// The value that was found.
        value: String,
        /// The most similar value that exists.
        nearest: Option<String>,
    },
    /// A field that can occur once stands there twice.
    #[error("field {field:?} is given twice")]
    Duplicate {
        /// The field.
        field: String,
    },
    /// A number does not fit its field.
    #[error("{value} is out of range for field {field:?}")]
    OutOfRange {
        /// The field.
        field: String,
        /// The number as written.
        value: String,
    },
    /// Messages are nested more deeply than allowed.
    #[error("messages are nested more than {limit} deep")]
    TooDeep {
        /// The limit.
        limit: u32,
    },
    /// A character that starts no token, or an unfinished string.
    #[error(transparent)]
    Token(TokenError),
}

/// Why characters are no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TokenError {
    /// No token starts with this character.
    #[error("this character starts no token")]
    Character,
    /// A number goes on as a name.
    #[error("a space is needed between a number and a name")]
    NumberAndName,
    /// The text ends within a string.
    #[error("this string has no end")]
    NoEnd,
    /// The line ends within a string.
    #[error("a string ends on the line it starts on")]
    LineEnd,
    /// A backslash in front of something that it does not change.
    #[error("unknown escape sequence")]
    Escape,
    /// The bytes of a string are no characters.
    #[error("this string is not valid UTF-8")]
    Utf8,
}

fn did_you_mean(nearest: &Option<String>) -> String {
    any_of(nearest.as_slice())
}

fn any_of(nearest: &[String]) -> String {
    let names: Vec<String> = nearest.iter().map(|name| format!("{name:?}")).collect();
    if names.is_empty() { String::new() } else { format!(", did you mean {}?", names.join(" or ")) }
}
