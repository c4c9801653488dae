//! An ONNX model to a umodel.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use quantization_tools::on_to_umodel::convert_on_to_umodel;
use quantization_tools_cli::cli::{self, Common, Failure, ImportFlags};

/// Turn an ONNX model into a umodel.
///
/// Writes NAME.fp32umodel (weights) and NAME.prototxt (the net, with a Data layer that reads the LMDB, if one
/// is given). Both or none.
#[derive(Parser)]
#[command(name = "on_to_umodel", version, max_term_width = 100)]
struct Arguments {
    /// The model (.onnx)
    #[arg(
        short = 'm',
        long = "model",
        value_name = "FILE",
        required_unless_present = "completions"
    )]
    model: Option<PathBuf>,
    #[command(flatten)]
    import: ImportFlags,
    #[command(flatten)]
    common: Common,
}

fn main() -> ExitCode {
    cli::main(|arguments: &Arguments| &arguments.common, run)
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    let Some(model) = &arguments.model else { return Ok(()) };
    let converted = convert_on_to_umodel(&arguments.import.arguments(model))?;
    cli::print_import(&converted.imported);
    arguments.import.finish(&converted)
}
