//! Tests nets over their Data layers, fp32 and int8.

#![deny(clippy::print_stdout, clippy::print_stderr)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, ValueEnum};
use quantization_tools::int8_calibration::OutputMean;
use quantization_tools::prelude::*;
use quantization_tools_cli::cli::{self, DataFlags, Failure, Progress};

/// Test a network and print the mean of its outputs, or compare an int8 net with its fp32 origin.
#[derive(Parser)]
#[command(name = "ufw", version, max_term_width = 100)]
struct Arguments {
    /// What to do
    #[arg(value_enum)]
    mode: Mode,
    /// The net: a prototxt with a Data layer
    #[arg(long, value_name = "PROTOTXT")]
    model: PathBuf,
    /// Its weights: an fp32umodel or caffemodel, for test_int8 an int8umodel
    #[arg(long, value_name = "FILE")]
    weights: PathBuf,
    /// For compare: the int8 net
    #[arg(long = "int8_model", value_name = "PROTOTXT", required_if_eq("mode", "compare"))]
    int8_model: Option<PathBuf>,
    /// For compare: the int8 net's int8umodel
    #[arg(long = "int8_weights", value_name = "FILE", required_if_eq("mode", "compare"))]
    int8_weights: Option<PathBuf>,
    /// Passes over the Data layer, one batch each
    #[arg(long, default_value_t = 50, value_parser = cli::iterations())]
    iterations: usize,
    /// Print every value of each output, not one line for each
    #[arg(short, long, default_value_t = false, action = clap::ArgAction::Set)]
    verbose: bool,
    #[command(flatten)]
    data: DataFlags,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Mode {
    /// Run the fp32 net
    #[value(name = "test_fp32")]
    TestFp32,
    /// Run the int8 net as BM1684 computes it
    #[value(name = "test_int8")]
    TestInt8,
    /// Print how near the int8 net's blobs are to the fp32 net's
    Compare,
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { mode, model, weights, data, .. } = &arguments;
    let quantized = |model: &Path, weights: &Path| -> Result<Executor, Failure> {
        let net = cli::read_quantized_net(model, weights, data)?;
        note_calibration_pictures(net.net(), weights);
        Ok(Executor::quantized(Arc::new(net))?)
    };
    let executor = match *mode {
        Mode::TestInt8 => quantized(model, weights)?,
        Mode::TestFp32 | Mode::Compare => {
            Executor::new(Arc::new(cli::read_net(model, weights, data)?))?
        }
    };
    cli::note_repeats(executor.net(), arguments.iterations)?;
    if *mode == Mode::Compare {
        let (Some(model), Some(weights)) = (&arguments.int8_model, &arguments.int8_weights) else {
            return Err("compare needs -int8_model and -int8_weights".into());
        };
        let quantized = quantized(model, weights)?;
        let progress = Progress::new("testing", "batches", arguments.iterations);
        let report =
            similarity(&executor, &quantized, arguments.iterations, |done| progress.at(done))?;
        drop(progress);
        cli::say!("{:40} {:>12} {:>12}", "cosine of int8 and fp32", "mean", "worst");
        for blob in &report {
            cli::say!("{:40} {:12.6} {:12.6}", blob.name, blob.mean_cosine, blob.worst_cosine);
        }
        for blob in &report {
            if let Some(same) = blob.same_best {
                cli::say!(
                    "{}: the same best class in {:.1} % of the pictures",
                    blob.name,
                    same * 100.0
                );
            }
        }
        next_of_int8(weights);
        return Ok(());
    }
    let progress = Progress::new("testing", "batches", arguments.iterations);
    let outputs = evaluate(&executor, arguments.iterations, |done| progress.at(done))?;
    drop(progress);
    let loss: f32 = outputs.iter().map(|output| output.loss()).sum();
    cli::say!("Loss: {loss}");
    for output in &outputs {
        say_output(output, arguments.verbose);
    }
    if *mode == Mode::TestInt8 {
        next_of_int8(weights);
    } else {
        let [model, weights] = [model, weights].map(cli::quoted);
        cli::next!("calibration_use_pb release -model={model} -weights={weights}");
    }
    Ok(())
}

/// Prints an output as Caffe does, one line a value; one of several values on one line, unless all are wanted.
fn say_output(output: &OutputMean, verbose: bool) {
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

/// Says so when an int8 net is tested on the pictures that its calibration used: those of both test prototxts that
/// calibration wrote beside the int8umodel.
fn note_calibration_pictures(net: &Net, int8umodel: &Path) {
    let files = OutputFiles::beside(int8umodel);
    let of = |path: &Path| cli::source(&NetParameter::read(path).ok()?);
    let Some(used) = cli::source(&net.to_parameter()) else { return };
    let written = [&files.test_fp32, &files.test_int8].map(|path| of(path));
    if written.iter().all(|source| source.as_ref() == Some(&used)) {
        cli::note!(
            "testing on the calibration's pictures ({used}); -source=DB takes others, which tell more"
        );
    }
}

/// Prints how an int8 net is compiled.
fn next_of_int8(int8umodel: &Path) {
    let [model, weight] =
        [&OutputFiles::beside(int8umodel).deploy_int8, int8umodel].map(cli::quoted);
    cli::next!("bmnetu -model={model} -weight={weight}");
}
