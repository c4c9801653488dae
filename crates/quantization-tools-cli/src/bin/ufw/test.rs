//! `ufw test_fp32` and `ufw test_int8`: the mean of a net's outputs over its pictures.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use quantization_tools::int8_calibration::{OutputMean, evaluate_each};
use quantization_tools::ndarray::ArrayD;
use quantization_tools::prelude::*;
use quantization_tools_cli::cli::{self, DataFlags, Failure, Progress};

use crate::int8;
use crate::recording::Recording;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The net: a prototxt with a Data layer
    #[arg(long, value_name = "PROTOTXT")]
    model: PathBuf,
    /// Its weights: an fp32umodel or caffemodel, for test_int8 an int8umodel
    #[arg(long, value_name = "FILE")]
    weights: PathBuf,
    /// Passes over the Data layer, one batch each
    #[arg(long, default_value_t = 50, value_parser = cli::iterations())]
    iterations: usize,
    /// Print every value of each output, not one line for each
    #[arg(short, long, default_value_t = false, action = clap::ArgAction::Set)]
    verbose: bool,
    /// Write each iteration's outputs as arrays
    #[arg(long, value_name = "NPZ")]
    output: Option<PathBuf>,
    #[command(flatten)]
    data: DataFlags,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Precision {
    Fp32,
    Int8,
}

pub(crate) fn run(arguments: &Arguments, precision: Precision) -> Result<(), Failure> {
    let Arguments { model, weights, data, iterations, .. } = arguments;
    let executor = match precision {
        Precision::Fp32 => Executor::new(Arc::new(cli::read_net(model, weights, data)?))?,
        Precision::Int8 => int8::executor(model, weights, data)?,
    };
    cli::note_repeats(executor.net(), *iterations)?;
    let mut recording = Recording::new(arguments.output.as_deref())?;
    let record = |outputs: &[(&str, ArrayD<f32>)]| {
        outputs.iter().try_for_each(|(name, values)| recording.push(name, values))
    };
    let progress = Progress::new("testing", "batches", *iterations);
    let outputs = evaluate_each(&executor, *iterations, record, |done| progress.at(done))?;
    drop(progress);
    let loss: f32 = outputs.iter().map(|output| output.loss()).sum();
    cli::say!("Loss: {loss}");
    for output in &outputs {
        say_output(output, arguments.verbose);
    }
    recording.finish()?;
    match precision {
        Precision::Int8 => int8::next(weights),
        Precision::Fp32 => {
            let [model, weights] = [model, weights].map(cli::quoted);
            cli::next!("calibration_use_pb release -model={model} -weights={weights}");
        }
    }
    Ok(())
}

/// Prints an output as Caffe does, one line a value; one of several values on one line, unless all are wanted.
pub(crate) fn say_output(output: &OutputMean, verbose: bool) {
    let OutputMean { name, loss_weight: weight, shape, values, .. } = output;
    if values.len() > 1 && !verbose {
        let least = values.iter().copied().fold(f32::INFINITY, f32::min);
        let most = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let mean = values.iter().map(|&value| f64::from(value)).sum::<f64>() / values.len() as f64;
        let axes = cli::shape_text(shape);
        let loss = match *weight {
            0.0 => String::new(),
            weight => format!(" (* {weight} = {} loss)", output.loss()),
        };
        cli::say!("{name} {axes}: min {least}, mean {mean:.6}, max {most}{loss}");
        return;
    }
    for value in values {
        match *weight {
            0.0 => cli::say!("{name} = {value}"),
            weight => cli::say!("{name} = {value} (* {weight} = {} loss)", weight * value),
        }
    }
}
