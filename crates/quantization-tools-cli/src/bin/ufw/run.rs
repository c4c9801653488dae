//! `ufw run`: one forward pass of a net on arrays or a picture, or of what bmnetu left for the host.

mod chip;
mod inputs;

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use quantization_tools::file_set::FileSet;
use quantization_tools::int8_calibration::{OutputMean, prepare};
use quantization_tools::ndarray::ArrayD;
use quantization_tools::prelude::*;
use quantization_tools::uframework::Capture;
use quantization_tools::umodel::{BlobId, passes};
use quantization_tools_cli::cli::{self, DataFlags, Failure, Join, NpzWriter};

use crate::test::say_output;
use inputs::Given;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The net, fp32 or int8: a deploy prototxt, or one whose Data layer says how a picture is preprocessed
    #[arg(
        long,
        value_name = "PROTOTXT",
        required_unless_present = "chip_outputs",
        requires = "weights"
    )]
    model: Option<PathBuf>,
    /// Its weights: an fp32umodel or caffemodel, of an int8 net the int8umodel
    #[arg(long, value_name = "FILE", requires = "model")]
    weights: Option<PathBuf>,
    /// A picture; or an .npz file with an array for each input, under its name; or an .npy file for the only input.
    /// Arrays hold preprocessed fp32 values, for an int8 net also integers in its input's own type
    #[arg(long, value_name = "FILE", required_unless_present = "chip_outputs")]
    input: Option<PathBuf>,
    /// A compilation.bmodel, with the files that bmnetu wrote beside it: its host part is computed of what the chip gave
    /// (-chip_outputs), or of what the int8 net (-model, -weights) gives in the chip's place
    #[arg(long, value_name = "BMODEL", conflicts_with = "output_blobs")]
    bmodel: Option<PathBuf>,
    /// What the chip gave: its outputs one after another as bmrt_test writes them
    #[arg(
        long = "chip_outputs",
        value_name = "FILE",
        requires = "bmodel",
        conflicts_with = "model"
    )]
    chip_outputs: Option<PathBuf>,
    /// The stage of the bmodel, counted from 0, if the size of -chip_outputs does not tell
    #[arg(long, value_name = "N", requires = "chip_outputs")]
    stage: Option<usize>,
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

/// Values of a net's inputs.
type Sources = Vec<(BlobId, Value)>;

/// What was computed, by name.
type Results = Vec<(String, ArrayD<f32>)>;

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let results = match &arguments.bmodel {
        Some(bmodel) => chip::results(arguments, bmodel)?,
        None => net_results(arguments)?,
    };
    let mut files = FileSet::new();
    let mut npz = NpzWriter::new(&mut files, &arguments.out, Join::Append)?;
    let mut outputs = Vec::new();
    for (name, values) in results {
        npz.push(&mut files, &name, &values)?;
        outputs.push(OutputMean {
            name,
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

/// The outputs of a net, or the blobs that were asked for.
fn net_results(arguments: &Arguments) -> Result<Results, Failure> {
    let (executor, sources) = ready(arguments, false)?;
    let wanted = match &arguments.output_blobs[..] {
        [] => executor.net().outputs(),
        names => cli::blobs(&executor, names)?,
    };
    let mut capture = Capture::new(&executor, &wanted);
    executor.forward(&mut Workspace::default(), sources, &mut capture)?;
    let values = std::mem::take(&mut capture.values);
    let names = wanted.iter().map(|&id| executor.net().blob(id).name.clone());
    Ok(names.zip(values).collect())
}

/// The net that was given, and the values of its inputs. In a chip's place an fp32 net is prepared as bmnetu does it, and
/// computes as the chip.
fn ready(arguments: &Arguments, in_chips_place: bool) -> Result<(Executor, Sources), Failure> {
    let Arguments { mean_value, scale, .. } = arguments;
    let (Some(model), Some(weights), Some(input)) =
        (&arguments.model, &arguments.weights, &arguments.input)
    else {
        return Err("-model, -weights and -input are needed".into());
    };
    cli::repair([model, weights])?;
    let weights = NetParameter::read(weights)?;
    let mut model = NetParameter::read(model)?;
    let reads_pictures = inputs::reads_pictures(&model)?;
    let mut changes = DataFlags::default();
    changes.mean_value.clone_from(mean_value);
    changes.scale = *scale;
    if reads_pictures {
        changes.change(&mut model)?;
        changes = DataFlags::default();
    }
    let mut given = Given::read(input)?;
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
        let net = if reads_pictures { passes::deploy(&net)? } else { net };
        if in_chips_place {
            Executor::quantized(Arc::new(QuantizedNet::from_float(prepare(&net)?)?))?
        } else {
            Executor::new(Arc::new(net))?
        }
    };
    let sources = given.sources(&executor)?;
    Ok((executor, sources))
}
