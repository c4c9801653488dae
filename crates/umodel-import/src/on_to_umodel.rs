//! ONNX models to umodels: what the tool `on_to_umodel` does, for programs.
//!
//! ```no_run
//! use umodel_import::on_to_umodel::{Arguments, convert_on_to_umodel};
//!
//! let arguments = Arguments::new("resnet50.onnx").outdir("compilation").lmdb("calibration_lmdb");
//! for path in convert_on_to_umodel(&arguments)?.paths {
//!     println!("{}", path.display());
//! }
//! # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
//! ```

pub use crate::convert::{ArgumentError, Arguments, Converted, Error};
use crate::onnx;
use umodel::ForeignFile;

/// Reads the model and writes the umodel.
///
/// # Errors
/// [`Error::Model`] for a model that cannot be imported; others if the arguments do not suit the net, or if a file
/// cannot be written.
pub fn convert_on_to_umodel(arguments: &Arguments) -> Result<Converted, Error> {
    arguments.convert(onnx::read(&arguments.model, &arguments.options()), ForeignFile::Onnx)
}
