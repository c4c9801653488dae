//! What can be wrong with a layer.

use std::fmt;
use std::path::PathBuf;

use thiserror::Error;

use super::{Count, QuantizationError, ValueError, any_of};
use crate::{LayerNumber, Shape};

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
    /// Layers of its type cannot be run here.
    #[error(transparent)]
    Obstacle(#[from] Obstacle),
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

/// Why layers of some types are read, but not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Obstacle {
    /// Python.
    #[error(
        "only Caffe can call the Python class that computes it: put layers that compute the same in its place, or an \
         Input layer for what it brings"
    )]
    Python,
    /// WindowData.
    #[error(
        "it cuts random windows out of pictures, which only training needs: put a Data or an ImageData layer in its \
         place, with pictures of the windows"
    )]
    Windows,
    /// VideoData.
    #[error(
        "it reads a video or a camera, for which there is no decoder here: write the frames to a database by \
         convert_imageset and put a Data layer in its place"
    )]
    Video,
    /// HDF5Output.
    #[error(
        "it writes files while the net runs, which a forward pass does not do here: remove the layer, and take its \
         bottoms as outputs"
    )]
    Hdf5Output,
}
