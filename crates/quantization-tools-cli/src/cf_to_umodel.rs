//! Caffe's nets to umodels, for completeness: the tools read Caffe's files as they are. What the tool
//! `cf_to_umodel` does, for programs.

use std::error::Error;
use std::path::PathBuf;

use clap::Parser;
use uframework::data::DatabaseSources;
use umodel::{LayerOp, Net, NetParameter, Phase, Shape, Sources, passes};

use crate::cli::{self, Common, Failure, ImportFlags};

/// Turn a Caffe net and its weights into a umodel.
///
/// Writes NAME.fp32umodel (weights) and NAME.prototxt (the net of the TEST phase, each top under a name of
/// its own). Both or none.
#[derive(Clone, Debug, Parser)]
#[command(name = "cf_to_umodel", version, max_term_width = 100)]
pub struct Arguments {
    /// The net (.prototxt)
    #[arg(
        short = 'm',
        long = "model",
        value_name = "FILE",
        required_unless_present = "completions"
    )]
    pub model: Option<PathBuf>,
    /// Its weights (.caffemodel)
    #[arg(
        short = 'w',
        long = "weights",
        value_name = "FILE",
        required_unless_present = "completions"
    )]
    pub weights: Option<PathBuf>,
    /// Inputs, outputs and what is written.
    #[command(flatten)]
    pub import: ImportFlags,
    /// What every tool has.
    #[command(flatten)]
    pub common: Common,
}

/// Reads the net and writes the umodel: its Input layers with the shapes that the flags give, or its Data
/// layers with the flags' database.
///
/// # Errors
/// Those of [`Net::new`]; if the flags do not suit the net; if a file cannot be written.
pub fn convert(arguments: &Arguments) -> Result<(Net, Vec<PathBuf>), Failure> {
    let model_path = arguments.model.as_ref().ok_or("no model was given")?;
    let weights = arguments.weights.as_ref().ok_or("no weights were given")?;
    let flags = &arguments.import;
    let shapes = flags.shapes.clone().map(|shapes| shapes.0).unwrap_or_default();
    let model = NetParameter::read(model_path)?;
    let weights = NetParameter::read(weights)?;
    let sources = Told { source: flags.lmdb.clone(), shape: shapes.first().cloned() };
    let mut net = Net::with_weights(&model, weights, Phase::Test, &sources)?;
    let name = flags.name(model_path);
    if !net.inputs().is_empty() {
        if !shapes.is_empty() {
            net = passes::reshape_inputs(&net, &shapes)?;
        }
        let output = net.outputs().first().map(|&id| net.blob(id).name.clone());
        net = flags.with_dataset(&net, &output.unwrap_or_default())?;
    } else if let Some(source) = &flags.lmdb {
        let mut specs = net.specs();
        for spec in &mut specs {
            if let LayerOp::Data(data) = &mut spec.op {
                data.source.clone_from(source);
            }
        }
        net = Net::from_specs(net.name(), specs)?;
    }
    let paths = cli::write_umodel(&flags.outdir, &name, &net)?;
    Ok((net, paths))
}

/// Shapes of Data layers: as the flags tell them, or as the database that the flags or the net name.
struct Told {
    source: Option<String>,
    shape: Option<Shape>,
}

impl Sources for Told {
    fn shapes(
        &self,
        layer: &str,
        op: &LayerOp,
        tops: &[String],
    ) -> Result<Vec<Shape>, Box<dyn Error + Send + Sync>> {
        match &self.shape {
            Some(shape) => Ok(vec![shape.clone(), shape.first().copied().into_iter().collect()]),
            None => {
                let mut op = op.clone();
                if let (LayerOp::Data(data), Some(source)) = (&mut op, &self.source) {
                    data.source.clone_from(source);
                }
                DatabaseSources.shapes(layer, &op, tops)
            }
        }
    }
}
