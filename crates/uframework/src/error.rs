use thiserror::Error;
use umodel::{LayerError, Position};

/// An error of this crate.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// A layer could not be computed.
    #[error("{}layer {layer:?} ({kind})", place(position))]
    Layer {
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
    #[error("the net has no Data layer to read pictures from")]
    NoDataLayer,
    /// A database cannot be read.
    #[error(transparent)]
    Store(#[from] datum_store::Error),
    /// A Data layer cannot be served.
    #[error("layer {layer:?} (Data), {}", record.as_ref().map_or("transform_param".to_owned(), |key| format!("record {key:?}")))]
    Data {
        /// The layer.
        layer: String,
        /// The record's key, if one is to blame.
        record: Option<String>,
        /// What is wrong.
        source: transform_param::Error,
    },
    /// A record does not have the shape of those before it.
    #[error(
        "layer {layer:?} (Data): record {record:?} gives shape {found:?}, the first one {expected:?}"
    )]
    RecordShape {
        /// The layer.
        layer: String,
        /// The record's key.
        record: String,
        /// C, H, W of the first record.
        expected: [usize; 3],
        /// C, H, W of this one.
        found: [usize; 3],
    },
    /// The backend of a Data layer is not available.
    #[error("layer {layer:?} (Data): LevelDB databases are not supported, use backend: LMDB")]
    LevelDb {
        /// The layer.
        layer: String,
    },
}

fn place(position: &Option<Position>) -> String {
    position.map(|position| format!("{position}: ")).unwrap_or_default()
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
    /// The layer only exists at the net's border.
    #[error("a {kind} layer is not computed")]
    NotExecutable {
        /// The layer's type.
        kind: &'static str,
    },
    /// The layer's parameters do not fit its blobs.
    #[error(transparent)]
    Layer(#[from] LayerError),
}
