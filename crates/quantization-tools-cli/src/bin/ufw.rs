//! Tests nets over their Data layers, fp32 and int8.

#![deny(clippy::print_stdout, clippy::print_stderr)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, ValueEnum};
use quantization_tools::prelude::*;
use quantization_tools_cli::cli::{self, Failure, Progress};

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
    #[arg(long = "int8_model", value_name = "PROTOTXT")]
    int8_model: Option<PathBuf>,
    /// For compare: the int8 net's int8umodel
    #[arg(long = "int8_weights", value_name = "FILE")]
    int8_weights: Option<PathBuf>,
    /// Passes over the Data layer, one batch each
    #[arg(long, default_value_t = 50)]
    iterations: usize,
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
    let Arguments { mode, model, weights, .. } = &arguments;
    let executor = match *mode {
        Mode::TestInt8 => Executor::quantized(Arc::new(cli::read_quantized_net(model, weights)?))?,
        Mode::TestFp32 | Mode::Compare => Executor::new(Arc::new(cli::read_net(model, weights)?))?,
    };
    let progress = Progress::new("testing", arguments.iterations);
    if *mode == Mode::Compare {
        let (Some(model), Some(weights)) = (&arguments.int8_model, &arguments.int8_weights) else {
            return Err("compare needs -int8_model and -int8_weights".into());
        };
        let quantized = Executor::quantized(Arc::new(cli::read_quantized_net(model, weights)?))?;
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
    let outputs = evaluate(&executor, arguments.iterations, |done| progress.at(done))?;
    drop(progress);
    let loss: f32 = outputs.iter().map(|output| output.loss()).sum();
    cli::say!("Loss: {loss}");
    for output in &outputs {
        for value in &output.values {
            let name = &output.name;
            match output.loss_weight {
                0.0 => cli::say!("{name} = {value}"),
                weight => cli::say!("{name} = {value} (* {weight} = {} loss)", weight * value),
            }
        }
    }
    if *mode == Mode::TestInt8 {
        next_of_int8(weights);
    } else {
        let [model, weights] = [model, weights].map(cli::quoted);
        cli::next!("calibration_use_pb release -model={model} -weights={weights}");
    }
    Ok(())
}

/// Prints how an int8 net is compiled.
fn next_of_int8(int8umodel: &Path) {
    let [model, weight] =
        [&OutputFiles::beside(int8umodel).deploy_int8, int8umodel].map(cli::quoted);
    cli::next!("bmnetu -model={model} -weight={weight}");
}
