//! A Caffe net and its weights to a umodel.

#![deny(clippy::print_stdout, clippy::print_stderr)]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use quantization_tools::cf_to_umodel::convert_cf_to_umodel;
use quantization_tools::prelude::*;
use quantization_tools_cli::cli::{self, Failure, ImportFlags};

/// Turn a Caffe net and its weights into a umodel.
///
/// Writes NAME.fp32umodel (weights) and NAME.prototxt (the net of the TEST phase, each top under a name of
/// its own). Both or none.
#[derive(Parser)]
#[command(name = "cf_to_umodel", version, max_term_width = 100)]
struct Arguments {
    /// The net (.prototxt)
    #[arg(short = 'm', long = "model", value_name = "FILE")]
    model: PathBuf,
    /// Its weights (.caffemodel)
    #[arg(short = 'w', long = "weights", value_name = "FILE")]
    weights: PathBuf,
    #[command(flatten)]
    import: ImportFlags,
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { model, weights, import } = arguments;
    let converted = convert_cf_to_umodel(&import.arguments(&model), &weights, &DatabaseSources)?;
    import.finish(&converted)
}
