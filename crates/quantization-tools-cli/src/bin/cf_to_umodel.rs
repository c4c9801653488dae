//! A Caffe net and its weights to a umodel.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use quantization_tools::cf_to_umodel::convert_cf_to_umodel;
use quantization_tools::prelude::*;
use quantization_tools_cli::cli::{self, Common, Failure, ImportFlags};

/// Turn a Caffe net and its weights into a umodel.
///
/// Writes NAME.fp32umodel (weights) and NAME.prototxt (the net of the TEST phase, each top under a name of
/// its own). Both or none.
#[derive(Parser)]
#[command(name = "cf_to_umodel", version, max_term_width = 100)]
struct Arguments {
    /// The net (.prototxt)
    #[arg(
        short = 'm',
        long = "model",
        value_name = "FILE",
        required_unless_present = "completions"
    )]
    model: Option<PathBuf>,
    /// Its weights (.caffemodel)
    #[arg(
        short = 'w',
        long = "weights",
        value_name = "FILE",
        required_unless_present = "completions"
    )]
    weights: Option<PathBuf>,
    #[command(flatten)]
    import: ImportFlags,
    #[command(flatten)]
    common: Common,
}

fn main() -> ExitCode {
    cli::main(|arguments: &Arguments| &arguments.common, run)
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    let (Some(model), Some(weights)) = (&arguments.model, &arguments.weights) else {
        return Ok(());
    };
    let converted =
        convert_cf_to_umodel(&arguments.import.arguments(model), weights, &DatabaseSources)?;
    println!("{} layers", converted.imported.net.layers().len());
    arguments.import.finish(&converted)
}
