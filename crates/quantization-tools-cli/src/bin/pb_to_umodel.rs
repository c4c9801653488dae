//! A frozen TensorFlow graph to a umodel.

use std::process::ExitCode;

use quantization_tools_cli::cli::{self, Failure};
use quantization_tools_cli::pb_to_umodel::{Arguments, convert_pb_to_umodelv2};

fn main() -> ExitCode {
    cli::main(|arguments: &Arguments| &arguments.common, run)
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    let converted = convert_pb_to_umodelv2(&arguments)?;
    cli::print_import(&converted.imported);
    for path in &converted.paths {
        println!("{}", path.display());
    }
    if let Some(recorded) = &arguments.import.cmp {
        let imported = &converted.imported;
        let (inputs, tensors) = (&imported.inputs, &imported.tensors);
        cli::print_comparison(&cli::compare(&imported.net, inputs, tensors, recorded)?)?;
    }
    Ok(())
}
