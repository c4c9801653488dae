//! An ONNX model to a umodel.

#![deny(clippy::print_stdout, clippy::print_stderr)]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use quantization_tools::on_to_umodel::convert_on_to_umodel;
use quantization_tools_cli::cli::{self, Failure, ImportFlags};

/// Turn an ONNX model into a umodel.
///
/// Writes NAME.fp32umodel (weights) and NAME.prototxt (the net, with a Data layer that reads the LMDB, if one
/// is given). Both or none.
#[derive(Parser)]
#[command(name = "on_to_umodel", version, max_term_width = 100)]
struct Arguments {
    /// The model (.onnx)
    #[arg(short = 'm', long = "model", value_name = "FILE")]
    model: PathBuf,
    /// Inputs that become constants, with commas between them, as 'sr=16000': what depends on them is worked out
    #[arg(short = 'c', long = "const", value_name = "NAME=NUMBER", value_delimiter = ',')]
    constants: Vec<String>,
    #[command(flatten)]
    import: ImportFlags,
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    let constants = arguments.constants.iter().map(|text| {
        let wrong = || format!("--const: {text:?} is not NAME=NUMBER");
        let (name, value) = text.rsplit_once('=').ok_or_else(wrong)?;
        let value = match value {
            "true" => 1.0,
            "false" => 0.0,
            number => number.parse().map_err(|_| wrong())?,
        };
        Ok((name, value))
    });
    let constants = constants.collect::<Result<Vec<(&str, f64)>, String>>()?;
    let own = arguments.import.arguments(&arguments.model).constants(constants);
    let converted = convert_on_to_umodel(&own)?;
    arguments.import.finish(&converted)
}
