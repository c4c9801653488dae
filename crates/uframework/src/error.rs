#[cfg(feature = "data")]
use std::path::Path;
use std::path::PathBuf;

use thiserror::Error;
use umodel::{LayerError, Position, Shape};

/// An error of this crate.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// A layer could not be computed.
    #[error("{}layer {layer:?} ({kind})", place(file, position))]
    Layer {
        /// The prototxt, if the net came from one.
        file: Option<PathBuf>,
        /// Where the layer stands in its prototxt.
        position: Option<Position>,
        /// The layer's name.
        layer: String,
        /// Its type.
        kind: &'static str,
        /// The reason.
        source: KernelError,
    },
    /// A blob that only the caller can fill was not given.
    #[error("no value was given for the source blob {blob:?}")]
    MissingSource {
        /// The blob.
        blob: String,
    },
    /// A value was given for a blob that a layer computes, or that the net does not have.
    #[error("{} no source of the net", named(blob))]
    NotSource {
        /// The blob, if the net has it.
        blob: Option<String>,
    },
    /// A source's value has the wrong shape.
    #[error("source blob {blob:?} has shape {expected:?}, the value given {found:?}")]
    SourceShape {
        /// The blob.
        blob: String,
        /// Its shape.
        expected: Vec<usize>,
        /// The value's shape.
        found: Vec<usize>,
    },
    /// A source's value is stored differently from its blob.
    #[error("source blob {blob:?} is stored in another type than the value given")]
    SourceType {
        /// The blob.
        blob: String,
    },
    /// The net has learnt layers but was built without weights.
    #[error("layer {layer:?} has no weights; the net was built without")]
    NoWeights {
        /// The first such layer.
        layer: String,
    },
    /// There is no code for a layer's type.
    #[error("layer {layer:?}: layers of type {kind} cannot be run yet")]
    NotExecutable {
        /// The first such layer.
        layer: String,
        /// Its type.
        kind: &'static str,
    },
    /// The net has no Data layer to read from.
    #[error(
        "the net has no Data layer to read pictures from: take the prototxt with the Data layer instead of the deploy \
         one; the converters write one if they are given -D DB"
    )]
    NoDataLayer,
    /// A database cannot be read.
    #[cfg(feature = "data")]
    #[error(transparent)]
    Store(Box<datum_store::Error>),
    /// A Data layer's database is of the other kind.
    #[cfg(feature = "data")]
    #[error("layer {layer:?} ({kind}): {}", backend(path, *found))]
    Backend {
        /// The layer.
        layer: String,
        /// Its type.
        kind: &'static str,
        /// The database.
        path: PathBuf,
        /// What it is.
        found: datum_store::Backend,
    },
    /// A Data layer cannot be served.
    #[cfg(feature = "data")]
    #[error("layer {layer:?} ({kind}){}", part(record))]
    Data {
        /// The layer.
        layer: String,
        /// Its type.
        kind: &'static str,
        /// The record's key, if one is to blame.
        record: Option<String>,
        /// What is wrong.
        source: Box<transform_param::Error>,
    },
    /// A record does not have the shape of those before it.
    #[error("layer {layer:?} ({kind}): {}", record_shape(record, expected, found))]
    RecordShape {
        /// The layer.
        layer: String,
        /// Its type.
        kind: &'static str,
        /// The record's key.
        record: String,
        /// C, H, W of the first record.
        expected: Box<[usize]>,
        /// C, H, W of this one.
        found: Box<[usize]>,
    },
    /// A record holds a batch, but the layer makes batches itself.
    #[error("layer {layer:?} ({kind}): {}", record_batch(record, *found))]
    RecordBatch {
        /// The layer.
        layer: String,
        /// Its type.
        kind: &'static str,
        /// The record's key.
        record: String,
        /// Pictures in it.
        found: usize,
    },
    /// Some records of a batch have annotations, others do not.
    #[error("layer {layer:?} ({kind}): {MIXED}")]
    Annotations {
        /// The layer.
        layer: String,
        /// Its type.
        kind: &'static str,
    },
    /// Another number of pictures than a batch has.
    #[error("layer {layer:?} takes {expected} pictures at a time, found {found}")]
    BatchLength {
        /// The layer.
        layer: String,
        /// Its batch_size.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// The pictures of a batch take too much memory.
    #[error(
        "layer {layer:?} ({kind}): the pictures of a batch take more than {limit} bytes; give new_height and new_width, or a smaller batch_size"
    )]
    BatchBytes {
        /// The layer.
        layer: String,
        /// Its type.
        kind: &'static str,
        /// The most that they may take.
        limit: u64,
    },
    /// The list of an ImageData or HDF5Data layer cannot be used.
    #[error("layer {layer:?} ({kind}): {}", path.display())]
    List {
        /// The layer.
        layer: String,
        /// Its type.
        kind: &'static str,
        /// The list.
        path: std::path::PathBuf,
        /// What is wrong with it.
        source: ListError,
    },
    /// A file of an HDF5Data layer cannot be used.
    #[error("layer {layer:?} (HDF5Data): {}", path.display())]
    Hdf5 {
        /// The layer.
        layer: String,
        /// The file.
        path: std::path::PathBuf,
        /// What is wrong with it. Not in a box, so that those who look for it among an error's sources find it.
        source: Hdf5Error,
    },
    /// There is no reader for a layer.
    #[error("layer {layer:?}: no pictures can be read for it as {kind}")]
    NotReadable {
        /// The layer.
        layer: String,
        /// Its type.
        kind: &'static str,
    },
    /// The thread that reads ahead cannot be started.
    #[error("cannot start a thread that reads ahead")]
    Thread {
        /// The operating system's reason.
        source: std::io::Error,
    },
    /// Whoever takes the results of iterations could not go on.
    #[error(transparent)]
    Sink(Box<dyn std::error::Error + Send + Sync>),
    /// The thread that reads ahead has stopped after an error.
    #[error("reading has stopped after an error")]
    ReaderStopped,
}

#[cfg(feature = "data")]
impl From<datum_store::Error> for Error {
    fn from(error: datum_store::Error) -> Self {
        Error::Store(Box::new(error))
    }
}

/// What is wrong with a list of files.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ListError {
    /// It cannot be read.
    #[error(transparent)]
    Io(std::io::Error),
    /// It cannot be read, or a line is not a path and a label.
    #[cfg(feature = "data")]
    #[error(transparent)]
    Lines(Box<datum_store::Error>),
    /// Its paths start where the root folder's name ends.
    #[cfg(feature = "data")]
    #[error("root_folder")]
    Root(#[source] Box<datum_store::Error>),
    /// There is no picture in it.
    #[error("it names no pictures")]
    NoPictures,
    /// There is no HDF5 file in it.
    #[error("it names no HDF5 files")]
    NoHdf5Files,
}

/// What is wrong with a file of an HDF5Data layer.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Hdf5Error {
    /// This crate was built without a reader.
    #[error(
        "reading HDF5 needs the feature \"hdf5\" of the crate uframework, which this build lacks"
    )]
    NotBuiltIn,
    /// It cannot be opened.
    #[error(transparent)]
    Io(std::io::Error),
    /// It is no HDF5 file, or its head is damaged.
    #[error("it cannot be read as HDF5")]
    File {
        /// The reader's reason.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A dataset cannot be read.
    #[error("dataset {dataset:?}")]
    Dataset {
        /// The dataset.
        dataset: String,
        /// The reader's reason.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The reader gave up without a reason.
    #[error("it is damaged")]
    Damaged,
    /// A dataset has not as many values as its shape.
    #[error("dataset {dataset:?} has {found} values, its shape {expected}")]
    Values {
        /// The dataset.
        dataset: String,
        /// The product of its axes.
        expected: usize,
        /// How many were read.
        found: usize,
    },
    /// Its end is missing.
    #[error("it has {found} bytes, {expected} are expected")]
    Truncated {
        /// Its length as it says itself.
        expected: u64,
        /// Its length.
        found: u64,
    },
    /// It has no dataset of a top's name.
    #[error("there is no dataset {dataset:?}, the name of a top")]
    Missing {
        /// The top.
        dataset: String,
    },
    /// A dataset holds something else than numbers.
    #[error(
        "dataset {dataset:?} holds elements of type {found}, integers or floating-point numbers are expected"
    )]
    Type {
        /// The dataset.
        dataset: String,
        /// Its type.
        found: String,
    },
    /// A dataset is a single number.
    #[error("dataset {dataset:?} has no axes, the first one is expected to be its rows")]
    NoAxes {
        /// The dataset.
        dataset: String,
    },
    /// A dataset has no values.
    #[error("dataset {dataset:?} of shape {shape:?} is empty")]
    Empty {
        /// The dataset.
        dataset: String,
        /// Its shape.
        shape: Box<[u64]>,
    },
    /// A dataset has more values than a blob may have.
    #[error("dataset {dataset:?} of shape {shape:?} has 2^31 or more values")]
    TooLarge {
        /// The dataset.
        dataset: String,
        /// Its shape.
        shape: Box<[u64]>,
    },
    /// A dataset has more bytes than can have been compressed into the file.
    #[error(
        "dataset {dataset:?} declares {found} bytes, more than a file of {length} bytes can hold"
    )]
    TooLong {
        /// The dataset.
        dataset: String,
        /// Its bytes, unpacked.
        found: u64,
        /// The file's length.
        length: u64,
    },
    /// The datasets of a file do not go together.
    #[error("dataset {dataset:?} has {found} rows, dataset {first:?} has {expected}")]
    Rows {
        /// The first top's dataset.
        first: String,
        /// Its rows.
        expected: usize,
        /// The other dataset.
        dataset: String,
        /// Its rows.
        found: usize,
    },
    /// The rows of a dataset do not fit the net.
    #[error("dataset {dataset:?} has rows of shape {found:?}, the net expects {expected:?}")]
    RowShape {
        /// The dataset.
        dataset: String,
        /// The axes of the top behind the first.
        expected: Box<[usize]>,
        /// Those of the dataset.
        found: Box<[usize]>,
    },
}

/// An error of a layer that brings pictures, for those who name the layer themselves.
#[cfg(feature = "data")]
#[derive(Debug)]
pub(crate) struct WithoutLayer(Error);

#[cfg(feature = "data")]
impl Error {
    /// The error without the layer's name.
    pub(crate) fn without_layer(self) -> Box<dyn std::error::Error + Send + Sync> {
        match self {
            Error::Store(source) => source,
            Error::Data { record: None, source, .. } => source,
            other => Box::new(WithoutLayer(other)),
        }
    }
}

#[cfg(feature = "data")]
impl std::fmt::Display for WithoutLayer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Error::Data { record: Some(key), .. } => write!(f, "record {key:?}"),
            Error::Backend { path, found, .. } => f.write_str(&backend(path, *found)),
            Error::RecordShape { record, expected, found, .. } => {
                f.write_str(&record_shape(record, expected, found))
            }
            Error::RecordBatch { record, found, .. } => f.write_str(&record_batch(record, *found)),
            Error::Annotations { .. } => f.write_str(MIXED),
            Error::List { path, .. } | Error::Hdf5 { path, .. } => write!(f, "{}", path.display()),
            other => write!(f, "{other}"),
        }
    }
}

#[cfg(feature = "data")]
impl std::error::Error for WithoutLayer {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

const MIXED: &str = "records with and without annotations in one batch";

#[cfg(feature = "data")]
fn part(record: &Option<String>) -> String {
    record.as_ref().map(|key| format!(", record {key:?}")).unwrap_or_default()
}

#[cfg(feature = "data")]
fn backend(path: &Path, found: datum_store::Backend) -> String {
    let path = path.display();
    match found {
        datum_store::Backend::Lmdb => {
            format!(
                "{path} is an LMDB: write backend: LMDB into data_param (Caffe's default is LEVELDB)"
            )
        }
        datum_store::Backend::LevelDb => {
            format!("{path} is a LevelDB: write backend: LEVELDB into data_param")
        }
    }
}

fn record_shape(record: &str, expected: &[usize], found: &[usize]) -> String {
    format!(
        "record {record:?} gives shape {found:?}, the first one {expected:?}: pictures of one batch need one size; \
         convert them with -resize_height and -resize_width, or write a size into transform_param (resize_param, or \
         transform_op with op: RESIZE)"
    )
}

fn record_batch(record: &str, found: usize) -> String {
    format!("record {record:?} holds {found} pictures, which needs batch_size: 0")
}

fn list(shapes: &[Shape]) -> String {
    shapes.iter().map(|shape| format!("{shape:?}")).collect::<Vec<_>>().join(", ")
}

fn named(blob: &Option<String>) -> String {
    blob.as_ref().map_or("a blob of another net is".to_owned(), |blob| format!("blob {blob:?} is"))
}

fn place(file: &Option<PathBuf>, position: &Option<Position>) -> String {
    match (file, position) {
        (Some(file), Some(position)) => format!("{}:{position}: ", file.display()),
        (Some(file), None) => format!("{}: ", file.display()),
        (None, Some(position)) => format!("{position}: "),
        (None, None) => String::new(),
    }
}

/// Why a layer could not be computed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum KernelError {
    /// A label is no class.
    #[error("label {label} is not one of {classes} classes")]
    Label {
        /// The label.
        label: f32,
        /// The number of classes.
        classes: usize,
    },
    /// The number of an entry that is not there.
    #[error("index {index} is not one of {size} entries")]
    Index {
        /// The number.
        index: f32,
        /// How many entries there are.
        size: usize,
    },
    /// A box whose size others are divided by has none.
    #[error("{which} {index} has no area: {corners:?}")]
    EmptyBox {
        /// What kind of box it is.
        which: &'static str,
        /// Its place among those of its kind.
        index: usize,
        /// Left, top, right, bottom.
        corners: Box<[f32; 4]>,
    },
    /// An object is of the class that is no object.
    #[error("box {index} of the ground truth is of class {label}, which is the background")]
    Background {
        /// Its place among the boxes.
        index: usize,
        /// The class.
        label: usize,
    },
    /// A file that the layer names cannot be used.
    #[error(transparent)]
    File(Box<umodel::Error>),
    /// Layers of its type are not run, for a reason of their own.
    #[error(transparent)]
    Obstacle(#[from] umodel::Obstacle),
    /// There is no code for the layer, or it only exists at the net's border.
    #[error("a {kind} layer is not computed")]
    NotExecutable {
        /// The layer's type.
        kind: &'static str,
    },
    /// The layer has no int8 form, or none with the integers given.
    #[error("a {kind} layer has no int8 form with these integers")]
    NoIntegers {
        /// The layer's type.
        kind: &'static str,
    },
    /// The bottom has no pixels that the top's could be made of.
    #[error("its bottom is empty, but its top is not")]
    EmptyBottom,
    /// The layer reads a blob whose length is known only when the net runs, and cannot take that of this pass.
    #[error("it cannot take the lengths of this batch, bottoms of shape {}", list(bottoms))]
    Counted {
        /// The bottoms' shapes.
        bottoms: Vec<Shape>,
        /// Why not.
        source: Box<LayerError>,
    },
    /// The layer reads a blob whose length is known only when the net runs, and its weights suit one length only.
    #[error(
        "its weights do not suit the lengths of this batch, bottoms of shape {}",
        list(bottoms)
    )]
    CountedWeights {
        /// The bottoms' shapes.
        bottoms: Vec<Shape>,
    },
    /// A bottom of boxes or scores has values that are no numbers.
    #[error("bottom {bottom} has {count} values that are not a number")]
    NotANumber {
        /// Which bottom, from 0.
        bottom: usize,
        /// How many such values.
        count: usize,
    },
    /// A default box that others are relative to is empty.
    #[error("prior box {index}, {corners:?}, has no width or no height")]
    Prior {
        /// Which one, from 0.
        index: usize,
        /// xmin, ymin, xmax, ymax.
        corners: [f32; 4],
    },
    /// A box has the label of no class, or that of the background.
    #[error(
        "a box has label {label}, which is none of {classes} classes without the background, {background}"
    )]
    DetectionLabel {
        /// The label.
        label: f32,
        /// The number of classes, the background among them.
        classes: usize,
        /// The background's label.
        background: usize,
    },
    /// A region belongs to no picture of the batch.
    #[error("region {index} is of picture {item}, of {items} in the batch")]
    Region {
        /// Which region, from 0.
        index: usize,
        /// The picture.
        item: f32,
        /// How many pictures there are.
        items: usize,
    },
    /// The layer's parameters do not fit its blobs.
    #[error(transparent)]
    Layer(Box<LayerError>),
}

impl KernelError {
    pub(crate) fn file(source: umodel::Error) -> Self {
        KernelError::File(Box::new(source))
    }
}

impl From<LayerError> for KernelError {
    fn from(error: LayerError) -> Self {
        KernelError::Layer(Box::new(error))
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    /// The tools look for it, to tell how to install them.
    #[test]
    fn reasons_of_hdf5_are_found_among_the_sources() {
        let source = Hdf5Error::NotBuiltIn;
        let error = Error::Hdf5 { layer: "rows".to_owned(), path: "a.h5".into(), source };
        let found = error.source().and_then(|source| source.downcast_ref::<Hdf5Error>());
        assert!(matches!(found, Some(Hdf5Error::NotBuiltIn)));
    }
}
