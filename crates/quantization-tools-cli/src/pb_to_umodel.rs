//! Frozen TensorFlow graphs to umodels: what the tool `pb_to_umodel` does, for programs.
//!
//! ```no_run
//! use quantization_tools_cli::pb_to_umodel;
//!
//! let args = pb_to_umodel::parse_args([
//!     "-m", "./models/frozen_resnet_v2_50.pb",
//!     "-i", "input:0",
//!     "-o", "resnet_v2_50/predictions/Softmax:0",
//!     "-s", "(1, 299, 299, 3)",
//!     "-d", "compilation",
//!     "-n", "resnet50_v2",
//!     "-p", "INCEPTION",
//!     "-D", "../classify_demo/lmdb/imagenet_s/ilsvrc12_val_lmdb",
//!     "-a",
//!     "-t",
//! ])?;
//! for path in pb_to_umodel::convert_pb_to_umodelv2(&args)?.paths {
//!     println!("{}", path.display());
//! }
//! # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
//! ```

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Parser;
use umodel_import::{Imported, tensorflow};

use crate::cli::{self, Common, Failure, ImportFlags};

/// Turn a frozen TensorFlow graph into a umodel.
///
/// Writes NAME.fp32umodel (weights) and NAME.prototxt (the net, with a Data layer that reads the LMDB, if one
/// is given). Both or none.
#[derive(Clone, Debug, Parser)]
#[command(name = "pb_to_umodel", version, max_term_width = 100)]
pub struct Arguments {
    /// The frozen graph (.pb)
    #[arg(
        short = 'm',
        long = "model",
        value_name = "FILE",
        required_unless_present = "completions"
    )]
    pub model: Option<PathBuf>,
    /// Inputs, outputs and what is written.
    #[command(flatten)]
    pub import: ImportFlags,
    /// What every tool has.
    #[command(flatten)]
    pub common: Common,
}

/// What a conversion made.
#[derive(Clone, Debug)]
pub struct Converted {
    /// The net as it was imported, and where each tensor of the model is found in it.
    pub imported: Imported,
    /// The files that were written: weights, then prototxt.
    pub paths: Vec<PathBuf>,
}

/// Parses the tool's command line, without the tool's name.
///
/// # Errors
/// For flags that are wrong or missing.
pub fn parse_args<T: Into<OsString>>(
    arguments: impl IntoIterator<Item = T>,
) -> Result<Arguments, clap::Error> {
    let arguments = arguments.into_iter().map(Into::into);
    cli::parse(std::iter::once("pb_to_umodel".into()).chain(arguments))
}

/// Reads the graph and writes the umodel.
///
/// # Errors
/// Those of [`umodel_import::tensorflow::Graph`]; if the flags do not suit the net; if a file cannot be
/// written.
pub fn convert_pb_to_umodelv2(arguments: &Arguments) -> Result<Converted, Failure> {
    let model = arguments.model.as_ref().ok_or("no model was given")?;
    let describe = |error| format!("{}: {}", model.display(), cli::one_line(&error));
    let graph = tensorflow::Graph::read(model).map_err(describe)?;
    let imported = graph.import(&arguments.import.options(model)).map_err(describe)?;
    drop(graph);
    let paths = arguments.import.write(&imported, model)?;
    Ok(Converted { imported, paths })
}
