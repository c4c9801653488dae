//! Caffe's nets: the names and layout are the umodel's already, so there is nothing to import.

use std::error::Error as StdError;
use std::path::Path;

use umodel::{Blob, BlobId, LayerOp, Net, NetParameter, Phase, Shape, Sources, passes};

use super::{Arguments, Converted, Error};
use crate::{Imported, TensorBlob};

/// Reads a net and its weights, and writes the umodel of its TEST phase: its Input layers with the shapes, or its
/// Data layers with the database, that the arguments give. Names of inputs and outputs are not used.
///
/// `sources` tells the shapes of Data layers where the arguments do not.
///
/// # Errors
/// Those of [`Net::with_weights`]; if the arguments do not suit the net; if a file cannot be written.
pub fn convert_cf_to_umodel(
    arguments: &Arguments,
    weights: &Path,
    sources: &dyn Sources,
) -> Result<Converted, Error> {
    let model = NetParameter::read(&arguments.model)?;
    let weights = NetParameter::read(weights)?;
    let mut net = Net::with_weights(&model, weights, Phase::Test, &Told { arguments, sources })?;
    if net.inputs().is_empty() {
        if let Some(source) = &arguments.lmdb {
            net = reading(&net, source)?;
        }
        let paths = arguments.write(&net)?;
        return Ok(Converted { imported: as_it_is(net), paths });
    }
    if !arguments.shapes.is_empty() {
        net = passes::reshape_inputs(&net, &arguments.shapes)?;
    }
    let output = net.outputs().first().map_or("", |&id| net.blob(id).name.as_str());
    let paths = arguments.write(&arguments.with_dataset(&net, output)?)?;
    Ok(Converted { imported: as_it_is(net), paths })
}

/// The net with another database in its Data layers.
fn reading(net: &Net, source: &str) -> Result<Net, Error> {
    let mut specs = net.specs();
    for spec in &mut specs {
        if let LayerOp::Data(data) = &mut spec.op {
            source.clone_into(&mut data.source);
        }
    }
    Ok(Net::from_specs(net.name(), specs)?)
}

/// Every blob is a tensor of the same name and order.
fn as_it_is(net: Net) -> Imported {
    let tensor = |blob: &Blob| TensorBlob {
        tensor: blob.name.clone(),
        blob: blob.name.clone(),
        blob_shape: blob.shape.clone(),
        axes: (0..blob.shape.len()).collect(),
        shape: blob.shape.clone(),
    };
    let of = |ids: Vec<BlobId>| ids.into_iter().map(|id| tensor(net.blob(id))).collect();
    let sources = net.layers().iter();
    let sources = sources.filter(|layer| matches!(layer.op, LayerOp::Input(_) | LayerOp::Data(_)));
    let inputs = of(sources.flat_map(|layer| layer.tops.iter().copied()).collect());
    let outputs = of(net.outputs());
    let tensors = net.blobs().iter().map(tensor).collect();
    Imported { net, inputs, outputs, tensors }
}

/// Shapes of Data layers: as the arguments tell them, or as the database has them that the arguments or the net
/// name.
struct Told<'a> {
    arguments: &'a Arguments,
    sources: &'a dyn Sources,
}

impl Sources for Told<'_> {
    fn shapes(
        &self,
        layer: &str,
        op: &LayerOp,
        tops: &[String],
    ) -> Result<Vec<Shape>, Box<dyn StdError + Send + Sync>> {
        if let Some(shape) = self.arguments.shapes.first() {
            return Ok(vec![shape.clone(), shape.first().copied().into_iter().collect()]);
        }
        let mut op = op.clone();
        if let (LayerOp::Data(data), Some(source)) = (&mut op, &self.arguments.lmdb) {
            data.source.clone_from(source);
        }
        self.sources.shapes(layer, &op, tops)
    }
}
