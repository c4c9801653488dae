//! `ufw compare`: how near an int8 net's blobs are to the fp32 net's.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use quantization_tools::int8_calibration::{OutputPair, similarity_each};
use quantization_tools::prelude::*;
use quantization_tools_cli::cli::{self, DataFlags, Failure, Progress};

use crate::int8;
use crate::recording::Recording;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The fp32 net: a prototxt with a Data layer
    #[arg(long, value_name = "PROTOTXT")]
    model: PathBuf,
    /// Its weights: an fp32umodel or caffemodel
    #[arg(long, value_name = "FILE")]
    weights: PathBuf,
    /// The int8 net
    #[arg(long = "int8_model", value_name = "PROTOTXT")]
    int8_model: PathBuf,
    /// The int8 net's int8umodel
    #[arg(long = "int8_weights", value_name = "FILE")]
    int8_weights: PathBuf,
    /// Passes over the Data layer, one batch each
    #[arg(long, default_value_t = 50, value_parser = cli::iterations())]
    iterations: usize,
    /// Write each iteration's outputs of both nets as arrays: fp32/NAME and int8/NAME
    #[arg(long, value_name = "NPZ")]
    output: Option<PathBuf>,
    #[command(flatten)]
    data: DataFlags,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Arguments { model, weights, int8_model, int8_weights, iterations, .. } = arguments;
    let data = &arguments.data;
    let executor = Executor::new(Arc::new(cli::read_net(model, weights, data)?))?;
    cli::note_repeats(executor.net(), *iterations)?;
    let quantized = int8::executor(int8_model, int8_weights, data)?;
    let mut recording = Recording::new(arguments.output.as_deref())?;
    let record = |outputs: &[OutputPair<'_>]| {
        outputs.iter().try_for_each(|(name, fp32, int8)| {
            recording.push(&format!("fp32/{name}"), fp32)?;
            recording.push(&format!("int8/{name}"), int8)
        })
    };
    let progress = Progress::new("testing", "batches", *iterations);
    let done = |done| progress.at(done);
    let report = similarity_each(&executor, &quantized, *iterations, record, done)?;
    drop(progress);
    cli::say!("{:40} {:>12} {:>12}", "cosine of int8 and fp32", "mean", "worst");
    for blob in &report {
        cli::say!("{:40} {:12.6} {:12.6}", blob.name, blob.mean_cosine, blob.worst_cosine);
    }
    for blob in &report {
        if let Some(same) = blob.same_best {
            let percent = same * 100.0;
            cli::say!("{}: the same best class in {percent:.1} % of the pictures", blob.name);
        }
    }
    recording.finish()?;
    int8::next(int8_weights);
    Ok(())
}
