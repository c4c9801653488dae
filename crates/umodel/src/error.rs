//! What can be wrong with a model.

mod count;
mod quantization;
mod value;

use std::fmt;
use std::path::{Path, PathBuf};

use thiserror::Error;

pub use self::count::Count;
pub use self::quantization::QuantizationError;
pub use self::value::ValueError;
use crate::{ForeignFile, LayerNumber, Phase, Position, Shape};

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
    /// Files cannot be written; what was there before is there still.
    #[error(transparent)]
    Write(#[from] file_set::Error),
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
    /// There is no layer.
    #[error("it has no layers")]
    NoLayers,
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

fn of_file(file: &Option<PathBuf>) -> String {
    file.as_ref().map(|path| format!("in {} ", path.display())).unwrap_or_default()
}

/// What is known of weights that are not there.
fn no_weights(file: &Option<PathBuf>, nearest: &[String]) -> String {
    let file = file.as_ref().map(|path| format!("of {} ", path.display())).unwrap_or_default();
    format!("the weights {file}have no layer of this name{}", any_of(nearest))
}

/// What to do about pictures of another number of channels.
fn channels_advice(found: usize, expected: usize, pictures: bool) -> &'static str {
    match (pictures, found, expected) {
        (true, 3, 1) => {
            ": make the database with convert_imageset -gray, or write force_gray: true into transform_param if its \
             pictures are encoded"
        }
        (true, 1, 3) => {
            ": make the database without -gray, or write force_color: true into transform_param if its pictures are \
             encoded"
        }
        _ => "",
    }
}

/// What is wrong with a layer.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LayerError {
    /// No layer type of this name is known.
    #[error("layer type is not supported{}", any_of(nearest))]
    UnsupportedType {
        /// Types that were probably meant, the nearest first.
        nearest: Vec<String>,
    },
    /// A field without a default is absent.
    #[error("{field} is missing")]
    MissingField {
        /// The field.
        field: &'static str,
    },
    /// A field's value cannot be used.
    #[error("{field}: {value}: {reason}")]
    BadValue {
        /// The field.
        field: &'static str,
        /// Its value.
        value: String,
        /// Why not.
        reason: Box<ValueError>,
    },
    /// Steps of `transform_op` that leave open which mean or scale is to be replaced.
    #[error("transform_op has {found} STAND steps; {field} can be replaced where there is one")]
    Steps {
        /// What is to be replaced.
        field: &'static str,
        /// The number of steps.
        found: usize,
    },
    /// The wrong number of bottoms.
    #[error("expected {expected} bottoms, found {found}")]
    BottomCount {
        /// How many there may be.
        expected: Count,
        /// How many there are.
        found: usize,
    },
    /// The wrong number of tops.
    #[error("expected {expected} tops, found {found}")]
    TopCount {
        /// How many there may be.
        expected: Count,
        /// How many there are.
        found: usize,
    },
    /// No layer above writes this bottom.
    #[error("bottom {name:?} is not the top of any layer above")]
    UnknownBottom {
        /// The blob's name.
        name: String,
    },
    /// Two layers write one top, and not in place.
    #[error("top {name:?} is already written by a layer above")]
    DuplicateTop {
        /// The blob's name.
        name: String,
    },
    /// Two layers have one name. Only models read from files may have such layers; they get names of their own.
    #[error("layers {first} and {second} have this name")]
    DuplicateName {
        /// The layer that has the name.
        first: LayerNumber,
        /// The one that may not have it.
        second: LayerNumber,
    },
    /// Several layers of a model have one name, and trained weights of that name go to the first one alone, as in
    /// Caffe, which would leave the others untrained. So this layer has the wrong number of weight blobs.
    #[error(
        "layers {first} and {second} have this name, and weights of this name go to layer {first} alone: \
         expected {expected} weight blobs, found {found}"
    )]
    SharedName {
        /// The first layer of the name, which gets the weights.
        first: LayerNumber,
        /// Another layer of the name.
        second: LayerNumber,
        /// As many weight blobs as this layer's type has.
        expected: usize,
        /// As many as came to it.
        found: usize,
    },
    /// Several layers of the weights have the name of this one and different numbers of weight blobs; Caffe would
    /// copy each of them into this layer.
    #[error(
        "layers {first} and {second} of the weights have this name, with {first_count} and {second_count} weight blobs"
    )]
    AmbiguousWeights {
        /// A layer of the weights.
        first: LayerNumber,
        /// Another one.
        second: LayerNumber,
        /// Weight blobs of the first.
        first_count: usize,
        /// Weight blobs of the second.
        second_count: usize,
    },
    /// Not one `loss_weight` for each top.
    #[error("loss_weight is given {found} times for {expected} tops")]
    LossWeightCount {
        /// The number of tops.
        expected: usize,
        /// The number of weights.
        found: usize,
    },
    /// A bottom has the wrong number of axes.
    #[error("expected a bottom of {expected} axes, found shape {found:?}")]
    AxisCount {
        /// The number of axes.
        expected: usize,
        /// The bottom's shape.
        found: Shape,
    },
    /// A bottom does not have the shape that the first one asks for.
    #[error("bottom {index} has shape {found:?}, expected {expected:?}")]
    BottomShape {
        /// Which bottom, from 0.
        index: usize,
        /// The shape that fits.
        expected: Shape,
        /// Its shape.
        found: Shape,
    },
    /// An operand does not cover axes of the bottom.
    #[error("operand {operand:?} does not match the bottom {bottom:?} from axis {axis}")]
    Broadcast {
        /// The bottom's shape.
        bottom: Shape,
        /// The first axis covered.
        axis: usize,
        /// The operand's shape.
        operand: Shape,
    },
    /// There is not one label for each prediction.
    #[error("{expected} predictions need as many labels, found shape {found:?}")]
    Labels {
        /// Number of predictions.
        expected: usize,
        /// The label blob's shape.
        found: Shape,
    },
    /// A blob would have 2^31 values or more.
    #[error("shape {shape:?} is too large")]
    TooLarge {
        /// The shape.
        shape: Shape,
    },
    /// The wrong number of weight blobs.
    #[error("expected {expected} weight blobs, found {found}")]
    WeightCount {
        /// As many as the layer type has.
        expected: usize,
        /// As many as the model has.
        found: usize,
    },
    /// The weights have no layer of this name.
    #[error("{}", no_weights(file, nearest))]
    NoWeights {
        /// As many weight blobs as the layer type has.
        expected: usize,
        /// The file of the weights, if they came from one.
        file: Option<PathBuf>,
        /// Layers of the weights that were probably meant, the nearest first.
        nearest: Vec<String>,
    },
    /// The weights have a layer of this name, but without weights: they are a prototxt, say.
    #[error(
        "expected {expected} weight blobs, found 0: {}the layer of this name has none; take the trained caffemodel or \
         umodel",
        of_file(file)
    )]
    EmptyWeights {
        /// As many as the layer type has.
        expected: usize,
        /// The file of the weights, if they came from one.
        file: Option<PathBuf>,
    },
    /// The net's pictures have another number of channels than its weights.
    #[error(
        "bottom {bottom:?} has {found} channels, the weights are for {expected}{}",
        channels_advice(*found, *expected, *pictures)
    )]
    Channels {
        /// The blob.
        bottom: String,
        /// Its channels.
        found: usize,
        /// The channels that the weights are for.
        expected: usize,
        /// Whether the blob is made of pictures, not of what a caller gives.
        pictures: bool,
    },
    /// A weight blob does not have the layer's shape.
    #[error("weight blob {index} has shape {found:?}, expected {expected:?}")]
    WeightShape {
        /// Which blob, from 0.
        index: usize,
        /// The shape that fits.
        expected: Shape,
        /// Its shape.
        found: Shape,
    },
    /// A weight blob holds another number of values than its shape says.
    #[error("weight blob of shape {shape:?} holds {found} values")]
    BlobLength {
        /// The shape.
        shape: Shape,
        /// The number of values.
        found: usize,
    },
    /// A layer that reads files, but nobody knows the shapes of its tops.
    #[error(
        "the shapes of its tops are only known with what it reads: take the deploy prototxt, which has an Input layer \
         in its place (for bmnetu the *_deploy_int8_unique_top.prototxt)"
    )]
    NoSource,
    /// The database of a Data layer cannot be used.
    #[error(transparent)]
    Source(Box<dyn std::error::Error + Send + Sync>),
    /// The layer's int8 form is wrong.
    #[error(transparent)]
    Quantization(QuantizationError),
}

impl LayerError {
    /// A field's value cannot be used.
    pub(crate) fn bad(field: &'static str, value: impl fmt::Display, reason: ValueError) -> Self {
        LayerError::BadValue { field, value: value.to_string(), reason: Box::new(reason) }
    }

    /// The wrong number of bottoms.
    pub(crate) fn bottoms(expected: Count, found: usize) -> Self {
        LayerError::BottomCount { expected, found }
    }

    /// The wrong number of tops.
    pub(crate) fn tops(expected: Count, found: usize) -> Self {
        LayerError::TopCount { expected, found }
    }
}
