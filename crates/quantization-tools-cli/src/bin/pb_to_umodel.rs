//! A frozen TensorFlow graph to a umodel.

#![deny(clippy::print_stdout, clippy::print_stderr)]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use quantization_tools::pb_to_umodel::convert_pb_to_umodelv2;
use quantization_tools_cli::cli::{self, Failure, ImportFlags};

/// Turn a frozen TensorFlow graph into a umodel.
///
/// Writes NAME.fp32umodel (weights) and NAME.prototxt (the net, with a Data layer that reads the LMDB, if one
/// is given). Both or none.
#[derive(Parser)]
#[command(name = "pb_to_umodel", version, max_term_width = 100)]
struct Arguments {
    /// The frozen graph (.pb)
    #[arg(short = 'm', long = "model", value_name = "FILE")]
    model: PathBuf,
    #[command(flatten)]
    import: ImportFlags,
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    let converted = convert_pb_to_umodelv2(&arguments.import.arguments(&arguments.model))?;
    arguments.import.finish(&converted)
}
