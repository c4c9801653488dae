//! Frozen TensorFlow graphs to umodels: what the tool `pb_to_umodel` does, for programs.
//!
//! ```no_run
//! use umodel_import::pb_to_umodel;
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

pub use crate::convert::{ArgumentError, Arguments, Converted, Error};
use crate::tensorflow::Graph;
use umodel::ForeignFile;

/// Reads the flags of the tool's command line, without the tool's name: [`Arguments::parse`].
///
/// # Errors
/// For flags that are wrong or missing.
pub fn parse_args<T: Into<OsString>>(
    arguments: impl IntoIterator<Item = T>,
) -> Result<Arguments, ArgumentError> {
    Arguments::parse(arguments)
}

/// Reads the graph and writes the umodel.
///
/// # Errors
/// [`Error::Model`] for a graph that cannot be imported; others if the arguments do not suit the net, or if a file
/// cannot be written.
pub fn convert_pb_to_umodelv2(arguments: &Arguments) -> Result<Converted, Error> {
    let import = || Graph::read(&arguments.model)?.import(&arguments.options());
    arguments.convert(import(), ForeignFile::TensorFlow)
}
