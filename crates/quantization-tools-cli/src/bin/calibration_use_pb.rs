//! An fp32 net and pictures to an int8 net: five files beside the weights.

#![deny(clippy::print_stdout, clippy::print_stderr)]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use quantization_tools::prelude::*;
use quantization_tools::umodel::Arithmetic;
use quantization_tools_cli::cli::{self, Failure, Progress};

/// Quantize a network to int8.
///
/// Writes NAME.int8umodel and NAME_{deploy,test}_{fp32,int8}_unique_top.prototxt beside the
/// weights, NAME being the weights' file name without its extension. All five or none.
#[derive(Parser)]
#[command(name = "calibration_use_pb", version, max_term_width = 100)]
struct Arguments {
    /// What to do
    #[arg(value_enum)]
    mode: Mode,
    /// The net: a prototxt with a Data layer
    #[arg(long, value_name = "PROTOTXT")]
    model: PathBuf,
    /// Its weights: an fp32umodel or a caffemodel
    #[arg(long, value_name = "FILE")]
    weights: PathBuf,
    /// Passes over the Data layer, one batch each
    #[arg(long, default_value_t = 200)]
    iterations: usize,
    /// The result's type
    #[arg(long, default_value = "TO_INT8", value_parser = ["TO_INT8"])]
    bitwidth: String,
    /// How thresholds are chosen: KL or MAX
    #[arg(long = "th_method", default_value = "KL", value_parser = ["KL", "MAX"])]
    th_method: String,
    /// Leave the vendor's rules for accuracy: split depthwise convolutions, clip no bias
    #[arg(long, default_value_t = false, action = clap::ArgAction::Set)]
    recover: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Mode {
    /// Calibrate and write the files
    Release,
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { mode: Mode::Release, model, weights, .. } = &arguments;
    let net = cli::read_net(model, weights)?;
    let options = Options::default()
        .iterations(arguments.iterations)
        .method(arguments.th_method.parse()?)
        .recover(arguments.recover);
    let progress = Progress::new("calibrating", options.iterations);
    let calibration = calibrate(&net, &options, |done| progress.at(done))?;
    drop(progress);
    let quantized = &calibration.quantized;
    let files = OutputFiles::beside(weights);
    files.write(&net, quantized)?;
    let layers = quantized.net().layers();
    let float = |index: &usize| matches!(quantized.arithmetic(*index), Arithmetic::Float);
    let floats: Vec<usize> = (0..layers.len()).filter(float).collect();
    cli::say!("{} layers, {} of them in fp32", layers.len(), floats.len());
    for index in floats {
        cli::say!("  fp32: {} ({})", layers[index].name, layers[index].op.kind());
    }
    for file in files.all() {
        cli::say!("{}", file.display());
    }
    let [model, weights] = [&files.test_int8, &files.int8umodel].map(cli::quoted);
    cli::next!("ufw test_int8 -model={model} -weights={weights}");
    Ok(())
}
