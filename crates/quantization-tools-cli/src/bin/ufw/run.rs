//! `ufw run`: one forward pass of a net on arrays or a picture.

mod inputs;

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use quantization_tools::file_set::FileSet;
use quantization_tools::int8_calibration::OutputMean;
use quantization_tools::prelude::*;
use quantization_tools::uframework::Capture;
use quantization_tools::umodel::passes;
use quantization_tools_cli::cli::{self, DataFlags, Failure, Join, NpzWriter};

use crate::test::say_output;
use inputs::Given;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The net, fp32 or int8: a deploy prototxt, or one whose Data layer says how a picture is preprocessed
    #[arg(long, value_name = "PROTOTXT")]
    model: PathBuf,
    /// Its weights: an fp32umodel or caffemodel, of an int8 net the int8umodel
    #[arg(long, value_name = "FILE")]
    weights: PathBuf,
    /// A picture; or an .npz file with an array for each input, under its name; or an .npy file for the only input.
    /// Arrays hold preprocessed fp32 values, for an int8 net also integers in its input's own type
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
    /// Blobs to write, with commas between them, instead of the net's outputs
    #[arg(long = "output_blobs", value_name = "BLOBS", value_delimiter = ',')]
    output_blobs: Vec<String>,
    /// The .npz file to write: fp32 values, those of an int8 net as the real values that its integers stand for
    #[arg(long, value_name = "NPZ")]
    out: PathBuf,
    /// Mean to subtract from a picture: one value, or one for each channel with commas between them
    #[arg(long = "mean_value", value_name = "V", value_delimiter = ',', value_parser = cli::finite)]
    mean_value: Vec<f32>,
    /// Factor of a picture's values after the mean is subtracted
    #[arg(long, value_name = "S", value_parser = cli::finite)]
    scale: Option<f32>,
    /// Print every value of each output, not one line for each
    #[arg(short, long, default_value_t = false, action = clap::ArgAction::Set)]
    verbose: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Arguments { model, weights, mean_value, scale, .. } = arguments;
    cli::repair([model, weights])?;
    let weights = NetParameter::read(weights)?;
    let mut model = NetParameter::read(model)?;
    let reads_pictures = inputs::reads_pictures(&model)?;
    let mut changes = DataFlags::default();
    if reads_pictures {
        changes.mean_value.clone_from(mean_value);
        changes.scale = *scale;
        changes.change(&mut model)?;
        changes = DataFlags::default();
    } else {
        changes.mean_value.clone_from(mean_value);
        changes.scale = *scale;
    }
    let mut given = Given::read(&arguments.input)?;
    if !reads_pictures {
        given.suit(&mut model, &changes)?;
    }
    let executor = if cli::holds_integers(&weights) {
        let net = QuantizedNet::read(&model, &weights, Phase::Test, &given);
        let net = net.map_err(|error| given.explain(error))?;
        Executor::quantized(Arc::new(if reads_pictures { net.deploy()? } else { net }))?
    } else {
        let net = Net::with_weights(&model, weights, Phase::Test, &given);
        let net = net.map_err(|error| given.explain(error))?;
        Executor::new(Arc::new(if reads_pictures { passes::deploy(&net)? } else { net }))?
    };
    let wanted = match &arguments.output_blobs[..] {
        [] => executor.net().outputs(),
        names => cli::blobs(&executor, names)?,
    };
    let sources = given.sources(&executor)?;
    let mut capture = Capture::new(&executor, &wanted);
    executor.forward(&mut Workspace::default(), sources, &mut capture)?;

    let mut files = FileSet::new();
    let mut npz = NpzWriter::new(&mut files, &arguments.out, Join::Append)?;
    let mut outputs = Vec::new();
    for (&id, values) in wanted.iter().zip(&capture.values) {
        let name = &executor.net().blob(id).name;
        npz.push(&mut files, name, values)?;
        outputs.push(OutputMean {
            name: name.clone(),
            loss_weight: 0.0,
            shape: values.shape().to_vec(),
            values: values.iter().copied().collect(),
            detections: None,
        });
    }
    npz.finish(&mut files)?;
    files.commit()?;
    // The archive itself may go to the standard output.
    if !quantization_tools::file_set::is_stream(&arguments.out) {
        outputs.iter().for_each(|output| say_output(output, arguments.verbose));
        cli::wrote(&arguments.out);
    }
    Ok(())
}
