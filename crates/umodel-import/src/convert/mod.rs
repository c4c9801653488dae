//! From a model file to the two files of a umodel: what the tools `pb_to_umodel`, `on_to_umodel` and
//! `cf_to_umodel` do, for programs.
//!
//! [`Arguments`] is what the tools' command lines say; the modules [`crate::pb_to_umodel`],
//! [`crate::on_to_umodel`] and [`crate::cf_to_umodel`] have one function each.

mod arguments;
pub(crate) mod caffe;
mod shapes;

use std::path::PathBuf;

use file_set::FileSet;
use umodel::{ForeignFile, Net};

use crate::dataset::{ChannelOrder, Dataset};
use crate::{Imported, Options};

pub use arguments::{ArgumentError, Arguments};
pub use shapes::{Shapes, ShapesError};

/// Protobuf's own limit, beyond which a file could not be read again.
const MAX_BYTES: usize = i32::MAX as usize;

/// What a conversion made.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Converted {
    /// The net as it was imported, and where each tensor of the model is found in it.
    pub imported: Imported,
    /// The files that were written: weights, then prototxt.
    pub paths: Vec<PathBuf>,
    /// Whether the shapes are only some that suit the weights, because the database that tells them is not there. The
    /// files do not depend on them.
    pub guessed: bool,
}

/// Why a model was not converted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The model cannot be imported.
    #[error("{}", path.display())]
    Model {
        /// Its file.
        path: PathBuf,
        /// Why not.
        source: Box<crate::Error>,
    },
    /// The model is of another framework.
    #[error("{} is {kind}, not {expected}; {}", path.display(), kind.advice())]
    Foreign {
        /// Its file.
        path: PathBuf,
        /// What it is.
        kind: ForeignFile,
        /// What it should be.
        expected: ForeignFile,
    },
    /// [`Arguments::preset`] without a Data layer that could have it.
    #[error("-p is the preprocessing of a Data layer, and the net gets none: give -D, too")]
    PresetAlone,
    /// [`Arguments::accuracy`] for a net that reads a database already.
    #[error(
        "-a adds Accuracy layers to nets with an Input layer, this one has a layer that reads pictures: write them \
         into the prototxt"
    )]
    OwnAccuracy,
    /// [`Arguments::lmdb`] or [`Arguments::preset`] for a net that reads something else.
    #[error("{flag} is for a Data layer, the net reads its pictures by layer {layer:?} ({kind})")]
    NoDataLayer {
        /// The flag.
        flag: &'static str,
        /// The layer that reads pictures.
        layer: String,
        /// Its type.
        kind: &'static str,
    },
    /// A database that is not there, for a net whose shapes are not known without it.
    #[error(
        "{lmdb} is not there, so that the shape of the net's input is not known: give it, as in -s [1,3,224,224]"
    )]
    NoShape {
        /// [`Arguments::lmdb`].
        lmdb: String,
    },
    /// An output that is not computed by the inputs alone.
    #[error(
        "output {output:?} needs {source_blob:?}, too, which is none of the inputs that -i names"
    )]
    OtherInput {
        /// One of [`Arguments::outputs`].
        output: String,
        /// The blob that it needs.
        source_blob: String,
    },
    /// [`Arguments::accuracy`] without [`Arguments::lmdb`].
    #[error("-a counts right answers, so it needs the labels of a database: give -D")]
    NoLabels,
    /// The imported net cannot read a database.
    #[error(transparent)]
    Dataset(Box<crate::Error>),
    /// A name that the files cannot have.
    #[error("the net's name {name:?} cannot be a file's")]
    Name {
        /// The name.
        name: String,
    },
    /// Weights that could not be read again.
    #[error("the weights take {found} bytes, a umodel has at most {limit}")]
    TooLarge {
        /// Bytes of the weights.
        found: usize,
        /// The most that are possible.
        limit: usize,
    },
    /// The files cannot be written.
    #[error(transparent)]
    Write(#[from] file_set::Error),
    /// A file cannot be read, or a Caffe net is not valid.
    #[error(transparent)]
    Umodel(#[from] umodel::Error),
}

impl Arguments {
    /// The net's name: as given, or the model file's.
    pub fn net_name(&self) -> String {
        let stem = || self.model.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        self.name.clone().or_else(stem).unwrap_or_else(|| "net".to_owned())
    }

    /// What the importers want to know.
    pub fn options(&self) -> Options {
        Options::new(self.net_name())
            .inputs(&self.inputs)
            .outputs(&self.outputs)
            .shapes(self.shapes.clone())
            .booleans(self.booleans.iter().cloned())
            .constants(self.constants.iter().cloned())
    }

    /// What an importer made of the model, or its error, and the files.
    #[cfg(any(feature = "onnx", feature = "tensorflow"))]
    pub(crate) fn convert(
        &self,
        imported: Result<Imported, crate::Error>,
        expected: ForeignFile,
    ) -> Result<Converted, Error> {
        // A file of another framework fails anywhere; what it is tells more than where.
        let imported = imported.map_err(|source| match ForeignFile::of(&self.model) {
            Some(kind) if kind != expected => {
                Error::Foreign { path: self.model.clone(), kind, expected }
            }
            _ => Error::Model { path: self.model.clone(), source: Box::new(source) },
        })?;
        let output = imported.outputs.first().map_or("", |output| output.blob.as_str());
        let net = self.with_dataset(&imported.net, output, ChannelOrder::Rgb)?;
        let paths = self.write(&net)?;
        Ok(Converted { imported, paths, guessed: false })
    }

    /// The net with the Data and Accuracy layers that are asked for.
    pub(crate) fn with_dataset(
        &self,
        net: &Net,
        output: &str,
        order: ChannelOrder,
    ) -> Result<Net, Error> {
        match &self.lmdb {
            Some(source) => {
                let dataset = Dataset::new(source).preset(self.preset).accuracy(self.accuracy);
                let dataset = dataset.order(order);
                dataset.attach(net, output).map_err(|error| Error::Dataset(Box::new(error)))
            }
            None if self.accuracy => Err(Error::NoLabels),
            None if self.preset.is_some() => Err(Error::PresetAlone),
            None => Ok(net.clone()),
        }
    }

    /// Writes `FOLDER/NAME.fp32umodel` and `FOLDER/NAME.prototxt`, both or none, and returns their paths.
    pub(crate) fn write(&self, net: &Net) -> Result<Vec<PathBuf>, Error> {
        let name = self.net_name();
        if name.is_empty() || name.contains(['/', '\\']) {
            return Err(Error::Name { name });
        }
        let weights = net.to_parameter_with_weights().to_bytes()?;
        if weights.len() > MAX_BYTES {
            return Err(Error::TooLarge { found: weights.len(), limit: MAX_BYTES });
        }
        let path = |kind: &str| self.outdir.join(format!("{name}.{kind}"));
        let [weights_path, text_path] = ["fp32umodel", "prototxt"].map(path);
        let mut files = FileSet::in_folder(&self.outdir)?;
        let text = net.to_parameter().to_text();
        files.add(&weights_path, &weights)?;
        files.add(&text_path, text.as_bytes())?;
        files.commit()?;
        Ok(vec![weights_path, text_path])
    }
}
