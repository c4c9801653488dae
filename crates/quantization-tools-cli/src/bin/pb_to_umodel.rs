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
    /// Truth values of tensors, with commas between them, as 'phase_train=true' [default: Placeholders of truth values
    /// are false]
    #[arg(short = 'b', long = "bool", value_name = "NAME=VALUE", value_delimiter = ',')]
    booleans: Vec<String>,
    #[command(flatten)]
    import: ImportFlags,
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    let booleans = arguments.booleans.iter().map(|text| {
        let wrong = || format!("--bool: {text:?} is not NAME=true or NAME=false");
        let (name, value) = text.split_once('=').ok_or_else(wrong)?;
        Ok((name, value.parse::<bool>().map_err(|_| wrong())?))
    });
    let booleans = booleans.collect::<Result<Vec<_>, String>>()?;
    let own = arguments.import.arguments(&arguments.model).booleans(booleans);
    let converted = convert_pb_to_umodelv2(&own)?;
    arguments.import.finish(&converted)
}
