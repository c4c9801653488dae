//! A Caffe net and its weights to a umodel.

use std::process::ExitCode;

use quantization_tools::umodel::LayerOp;
use quantization_tools::umodel_import::TensorBlob;
use quantization_tools_cli::cf_to_umodel::{Arguments, convert};
use quantization_tools_cli::cli::{self, Failure};

fn main() -> ExitCode {
    cli::main(|arguments: &Arguments| &arguments.common, run)
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    let (net, paths) = convert(&arguments)?;
    println!("{} layers", net.layers().len());
    for path in paths {
        println!("{}", path.display());
    }
    if let Some(recorded) = &arguments.import.cmp {
        let tensors = cli::blobs_as_tensors(&net);
        let is_input = |tensor: &&TensorBlob| {
            net.layers().iter().any(|layer| {
                let source = matches!(layer.op, LayerOp::Input(_) | LayerOp::Data(_));
                source && layer.tops.iter().any(|&top| net.blob(top).name == tensor.blob)
            })
        };
        let inputs: Vec<TensorBlob> = tensors.iter().filter(is_input).cloned().collect();
        cli::print_comparison(&cli::compare(&net, &inputs, &tensors, recorded)?)?;
    }
    Ok(())
}
