use std::path::PathBuf;

use thiserror::Error;

use crate::format::Format;

/// An error of this crate.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: std::io::Error,
    },
    /// A picture cannot be decoded.
    #[error("cannot decode the picture: {reason}")]
    Decode {
        /// What is wrong with the file.
        reason: DecodeError,
    },
    /// A picture cannot be encoded.
    #[error("cannot encode the picture as {format}: {reason}")]
    Encode {
        /// The format that was asked for: an extension.
        format: String,
        /// Why it cannot be written.
        reason: EncodeError,
    },
    /// A prototxt is not the text of such a message.
    #[error("{line}:{column}: {reason}")]
    Text {
        /// From 1.
        line: usize,
        /// Bytes from the start of the line, from 1.
        column: usize,
        /// What is wrong there.
        reason: TextError,
    },
    /// Bytes are not the wire format of such a message.
    #[error("{message} is not readable: {reason}")]
    Wire {
        /// The prototxt's name of the message.
        message: &'static str,
        /// What is wrong with the bytes.
        reason: WireError,
    },
    /// A step that works on bytes only met a picture of floats.
    #[error("transform_param: {field} needs a picture of bytes, this one is of floats")]
    FloatPicture {
        /// The field that asks for the step.
        field: &'static str,
    },
    /// A step for coloured pictures met another one.
    #[error("transform_param: {field} needs 3 channels, the picture has {found}")]
    Channels {
        /// The field that asks for the step.
        field: &'static str,
        /// Channels of the picture.
        found: usize,
    },
    /// A field of transform_param with an unusable value.
    #[error("transform_param: {field}: {reason}")]
    Value {
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        reason: ValueError,
    },
    /// A mean file is not usable.
    #[error("transform_param: mean_file: {}: {reason}", path.display())]
    MeanFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: MeanFileError,
    },
    /// The crop is larger than the picture.
    #[error("cannot crop {crop:?} (h, w) from a picture of {picture:?}")]
    Crop {
        /// Height and width of the crop.
        crop: [usize; 2],
        /// Height and width of the picture.
        picture: [usize; 2],
    },
    /// The mean does not fit the picture.
    #[error("the mean has shape {mean:?} (c, h, w), the picture {picture:?}")]
    Mean {
        /// C, H, W of the mean.
        mean: [usize; 3],
        /// C, H, W of the picture.
        picture: [usize; 3],
    },
    /// The number of values is not the picture's.
    #[error("there are {found} values, a picture of this shape has {expected}")]
    OutputLength {
        /// C·H·W.
        expected: usize,
        /// The buffer's length.
        found: usize,
    },
    /// A picture has too many values for a record.
    #[error("a picture of shape {shape:?} (c, h, w), records have fewer than 2^31 values")]
    TooLarge {
        /// C, H, W.
        shape: [usize; 3],
    },
    /// There is no memory for a picture.
    #[error("there is no memory for {bytes} bytes of a picture")]
    Memory {
        /// The buffer that was asked for.
        bytes: usize,
    },
}

/// Why a file is no picture that can be decoded.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The first bytes are of no format that this crate reads.
    #[error("no format that is known")]
    UnknownFormat,
    /// The format's decoder was left out of this build.
    #[error("this program was built without {format} (feature `{feature}` of transform-param)")]
    MissingFeature {
        /// The file's format.
        format: Format,
        /// The crate's feature that brings the decoder.
        feature: &'static str,
    },
    /// The size is 0 or beyond the limits.
    #[error("{width} x {height} pixels")]
    Size {
        /// Pixels of a row.
        width: u64,
        /// Rows.
        height: u64,
    },
    /// The file ends too early for what its header says.
    #[error("truncated {format}")]
    Truncated {
        /// The file's format.
        format: Format,
    },
    /// libjpeg gave up in the middle.
    #[error("damaged {format}")]
    Damaged {
        /// The file's format.
        format: Format,
    },
    /// The header describes a kind of file that is not decoded.
    #[error("{format} of an unknown layout")]
    Layout {
        /// The file's format.
        format: Format,
    },
    /// A run of a run-length encoded bitmap leaves its row.
    #[error("BMP run beyond its row")]
    Run,
    /// The greatest value of a PNM is 0 or above 65,535.
    #[error("a greatest value of {found}")]
    GreatestValue {
        /// What the file says.
        found: u64,
    },
    /// A palette that does not fit the bits of its indices.
    #[error("a palette of {found} values for {bits} bits")]
    Palette {
        /// Values of the palette.
        found: usize,
        /// Bits of an index.
        bits: usize,
    },
    /// Values are floating-point numbers.
    #[error("floating-point pictures are not supported")]
    Floats,
    /// The decoder of the format has a reason of its own.
    #[error("{0}")]
    Decoder(Box<dyn std::error::Error + Send + Sync>),
}

/// Why a picture cannot be written in a format.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// The name is of no format that this crate writes.
    #[error("png, jpg, bmp, tif and ppm are known")]
    UnknownFormat,
    /// The format's encoder was left out of this build.
    #[error("this program was built without {format} (feature `{feature}` of transform-param)")]
    MissingFeature {
        /// The format that was asked for.
        format: Format,
        /// The crate's feature that brings the encoder.
        feature: &'static str,
    },
    /// A number of channels that the format does not have.
    #[error("{found} channels")]
    Channels {
        /// Channels of the picture.
        found: usize,
    },
    /// A size that the format does not have.
    #[error("{height} x {width} pixels")]
    Size {
        /// Rows.
        height: usize,
        /// Pixels of a row.
        width: usize,
    },
    /// The encoder of the format has a reason of its own.
    #[error("{0}")]
    Encoder(Box<dyn std::error::Error + Send + Sync>),
}

/// Why a text is not the prototxt of a message.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum TextError {
    /// Another token would have to stand here.
    #[error("{expected} is expected, not {found}")]
    Expected {
        /// What could stand here.
        expected: &'static str,
        /// What does.
        found: String,
    },
    /// The message has no such field.
    #[error("{message} has no field {field:?}")]
    UnknownField {
        /// The prototxt's name of the message.
        message: &'static str,
        /// The name in the text.
        field: String,
    },
    /// The enumeration has no such value.
    #[error("{field} is one of {known}, not {found}")]
    UnknownValue {
        /// The field.
        field: &'static str,
        /// The names of the values.
        known: String,
        /// What the text says.
        found: String,
    },
    /// A field that a message has once stands there twice.
    #[error("{field} is given twice")]
    Twice {
        /// The field.
        field: &'static str,
    },
    /// A number that the field's type does not hold.
    #[error("{found} does not fit {field}")]
    Range {
        /// The field.
        field: &'static str,
        /// The number as written.
        found: String,
    },
    /// A quoted string without its end on the same line.
    #[error("this string has no end")]
    OpenString,
    /// A backslash with an unknown character after it.
    #[error("this is no escape sequence")]
    Escape,
    /// A string that is no UTF-8.
    #[error("this string is no UTF-8")]
    Utf8,
    /// A character that no token begins with.
    #[error("this character starts no token")]
    Character,
}

/// Why bytes are not the wire format of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WireError {
    /// The bytes end within a field.
    #[error("the message is truncated")]
    Truncated,
    /// A number takes more than ten bytes, or a field's number is 0 or too large.
    #[error("a number is too long")]
    Number,
    /// A field's value is not of the type that the field has.
    #[error("{field} has a value of another type")]
    Type {
        /// The field.
        field: &'static str,
    },
    /// A kind of value that was never used in such messages.
    #[error("a value of unknown kind")]
    Kind,
    /// A string that is no UTF-8.
    #[error("{field} is no UTF-8")]
    Utf8 {
        /// The field.
        field: &'static str,
    },
}

/// What is wrong with the value of a field.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum ValueError {
    /// A size without pixels, or with too many.
    #[error("{height} x {width}: must have from 1 to {most} pixels")]
    Size {
        /// Rows.
        height: usize,
        /// Pixels of a row.
        width: usize,
        /// The largest number of pixels.
        most: usize,
    },
    /// Only one side of a size is given, or none.
    #[error("{height} x {width}: both sides must be given")]
    OneSide {
        /// Rows.
        height: usize,
        /// Pixels of a row.
        width: usize,
    },
    /// Steps in a written order beside a field that has its place in the fixed order.
    #[error("excludes {other}, which has an order of its own")]
    HasOrder {
        /// The other field.
        other: &'static str,
    },
    /// A field of a step that does not say what it does.
    #[error("the step has no op, so that it would do nothing: write op: {step}")]
    NoOp {
        /// The op that the field belongs to.
        step: &'static str,
    },
    /// A field of a step that does something else.
    #[error("belongs to op: {step}, the step has another op")]
    OtherOp {
        /// The op that the field belongs to.
        step: &'static str,
    },
    /// Two fields that say the same in two ways.
    #[error("{field} and {other} exclude each other")]
    Both {
        /// One field.
        field: &'static str,
        /// The other.
        other: &'static str,
    },
    /// Of two ways to say something none is given, or both are.
    #[error("give {ways}")]
    OneOf {
        /// The two ways.
        ways: &'static str,
    },
    /// A share of a side.
    #[error("must be above 0 and up to 1")]
    Share,
    /// A number that must not be negative, infinite or no number.
    #[error("must not be negative")]
    Negative,
    /// A divisor of 0.
    #[error("must not be 0")]
    Zero,
    /// The ends of a range are the wrong way round, or beyond what is possible.
    #[error("{needs}")]
    Ends {
        /// What must hold.
        needs: &'static str,
    },
    /// A number outside of a range.
    #[error("{found}: must be from {low} to {high}")]
    Outside {
        /// The number.
        found: f32,
        /// The smallest possible number.
        low: f32,
        /// The largest possible number.
        high: f32,
    },
    /// A count that is too large.
    #[error("must be {most} at most")]
    TooMany {
        /// The largest possible count.
        most: u32,
    },
    /// A list that has neither one value nor one for each channel.
    #[error("{found} values for {channels} channels")]
    Count {
        /// Values of the list.
        found: usize,
        /// Channels of the picture.
        channels: usize,
    },
    /// A picture of any size meets a mean of one size.
    #[error("a mean_file has one size, an expanded picture any")]
    ExpandedMean,
    /// Boxes are to be told in shares of something that the crop does not cover.
    #[error("{height} x {width} is larger than the crop")]
    BeyondCrop {
        /// `height_scale`.
        height: f32,
        /// `width_scale`.
        width: f32,
    },
}

/// What is wrong with a mean file.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum MeanFileError {
    /// The file is no BlobProto.
    #[error("{0}")]
    Wire(WireError),
    /// The shape is not that of one picture, or not that of the values.
    #[error("shape {shape:?} with {values} values")]
    Shape {
        /// The file's dimensions.
        shape: Vec<i64>,
        /// The number of its values.
        values: usize,
    },
}

impl From<DecodeError> for Error {
    fn from(reason: DecodeError) -> Self {
        Error::Decode { reason }
    }
}
