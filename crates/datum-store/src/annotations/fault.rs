use std::fmt::{self, Display};

use thiserror::Error;

/// What is wrong with a file of annotations.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AnnotationsFault {
    /// It is not UTF-8.
    #[error("it is not UTF-8")]
    NotUtf8,
    /// It is not XML; the parser says why and where.
    #[error("{0}")]
    Xml(Box<dyn std::error::Error + Send + Sync>),
    /// It is not JSON; the parser says why and where.
    #[error("{0}")]
    Json(Box<dyn std::error::Error + Send + Sync>),
    /// XML with another root.
    #[error("its root is {found:?}, not \"annotation\"")]
    Root {
        /// The root's name.
        found: String,
    },
    /// JSON without objects.
    #[error("it has no list \"annotation\"")]
    NoObjects,
    /// An object of JSON without a class.
    #[error("object {index} has no category_id")]
    NoCategory {
        /// The object, from 0.
        index: usize,
    },
    /// An object of JSON without a box.
    #[error("object {index} has no bbox of four numbers")]
    NoBox {
        /// The object, from 0.
        index: usize,
    },
    /// A box of XML whose class is not known yet.
    #[error("a bndbox stands before its name")]
    BoxBeforeName,
    /// The picture has no pixels.
    #[error("no valid image width/height")]
    Size,
    /// A class that the label map does not have.
    #[error("unknown name {name:?}")]
    UnknownClass {
        /// The class.
        name: String,
    },
}

/// What is wrong with a label map.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LabelMapFault {
    /// Two items have one name.
    #[error("there are several items of name {name:?}")]
    DuplicateName {
        /// The name.
        name: String,
    },
    /// Something stands where something else should.
    #[error("expected {expected}, found {found:?}")]
    Unexpected {
        /// What should stand there.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// The file ends too early.
    #[error("expected {expected}, found the end of the file")]
    End {
        /// What should follow.
        expected: &'static str,
    },
    /// A string goes on beyond its line.
    #[error("a string does not end")]
    StringEnd,
    /// A backslash in front of something else than a quote or a backslash.
    #[error("an escape is not supported")]
    Escape,
}

/// What SSD's log warns of in a file of annotations.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Warning {
    /// The picture's own size is taken.
    NoSize,
    /// The file's size counts, although the picture has another.
    SizeDiffers {
        /// Which side.
        axis: Axis,
        /// Pixels, as the file has it.
        noted: i64,
        /// Pixels of the picture.
        found: i64,
    },
    /// A corner of XML is no whole number and counts as 0.
    NotWhole {
        /// Its name.
        corner: &'static str,
        /// What stands there.
        text: String,
    },
    /// A box is not inside of the picture.
    BeyondPicture {
        /// xmin, ymin, xmax, ymax in pixels.
        corners: [f32; 4],
    },
    /// A box has its corners in the wrong order.
    Irregular {
        /// xmin, ymin, xmax, ymax in pixels.
        corners: [f32; 4],
    },
    /// Plain text ends within an object.
    CutObject,
    /// Plain text is not read further.
    EndsAt {
        /// The first word that is no number.
        word: String,
    },
}

impl Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::NoSize => f.write_str("it does not tell the picture's size"),
            Warning::SizeDiffers { axis, noted, found } => {
                write!(f, "inconsistent image {axis}: {noted}, the picture has {found}")
            }
            Warning::NotWhole { corner, text } => {
                write!(f, "{corner} {text:?} is not a whole number: 0")
            }
            Warning::BeyondPicture { corners } => {
                write!(f, "bounding box exceeds image boundary: {corners:?}")
            }
            Warning::Irregular { corners } => write!(f, "bounding box irregular: {corners:?}"),
            Warning::CutObject => f.write_str("it ends within an object, which is left out"),
            Warning::EndsAt { word } => {
                write!(f, "reading ends at {word:?}, which is not a number")
            }
        }
    }
}

/// A side of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// The vertical one.
    Height,
    /// The horizontal one.
    Width,
}

impl Display for Axis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Axis::Height => "height",
            Axis::Width => "width",
        })
    }
}
