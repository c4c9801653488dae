//! Caffe's nets: the names and layout are the umodel's already, so there is nothing to import.

use std::collections::{HashMap, HashSet};
use std::error::Error as StdError;
use std::path::Path;

use umodel::layers::{Backend, Data, Input};
use umodel::{Blob, BlobId, LayerOp, LayerSpec, Net, NetParameter, Phase, Shape, Sources, passes};

use super::{Arguments, Converted, Error};
use crate::dataset::{ChannelOrder, preset_message};
use crate::{Imported, Role, TensorBlob};

/// Reads a net and its weights, and writes the umodel of its TEST phase: its Input layers with the shapes, or its
/// Data layers with the database and the preset, that the arguments give, and of its layers those that the outputs
/// need. An input may be any blob: what is in front of it goes.
///
/// `sources` tells the shapes of Data layers where the arguments do not. If the arguments name a database that is not
/// there, a shape that suits the weights is taken; the files do not depend on it.
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
    let all = arguments;
    // Shapes of blobs in the middle are not those of Data layers.
    let without = arguments.clone().shapes([]);
    let arguments = if cuts_inputs(all, &model)? { &without } else { all };
    let missing = arguments.lmdb.as_ref().filter(|source| !Path::new(source).exists());
    let missing = missing.filter(|_| arguments.shapes.is_empty());
    let reads = reading_layers(&model)?;
    let net = match missing {
        // A preset has sizes, which no guess may tell.
        Some(lmdb) if reads && arguments.preset.is_some() => {
            return Err(Error::NoShape { lmdb: lmdb.clone() });
        }
        Some(lmdb) if reads => {
            let shape = any_shape(&model, &weights);
            let shape = shape.ok_or_else(|| Error::NoShape { lmdb: lmdb.clone() })?;
            Net::with_weights(&model, weights, Phase::Test, &Known(shape))?
        }
        _ => {
            let told = Told { arguments, sources };
            Net::with_weights(&model, weights, Phase::Test, &told)?
        }
    };
    let arguments = all;
    let (mut net, inputs) = cut(arguments, &model, &net)?;
    if net.inputs().is_empty() {
        let net = reading(arguments, &net)?;
        let paths = arguments.write(&net)?;
        let guessed = missing.is_some() && reads;
        return Ok(Converted { imported: as_it_is(net), paths, guessed });
    }
    if !arguments.shapes.is_empty() {
        net = passes::reshape_inputs(&net, &in_order(arguments, &net, &inputs))?;
    }
    let output = net.outputs().first().map_or("", |&id| net.blob(id).name.as_str());
    let attached = arguments.with_dataset(&net, output, ChannelOrder::Bgr)?;
    let paths = arguments.write(&attached)?;
    Ok(Converted { imported: as_it_is(net), paths, guessed: false })
}

/// Whether a layer of the TEST phase reads files.
fn reading_layers(model: &NetParameter) -> Result<bool, umodel::Error> {
    let kinds = ["Data", "AnnotatedData", "ImageData", "HDF5Data"];
    Ok(model.layers_in(Phase::Test)?.iter().any(|layer| kinds.contains(&layer.kind())))
}

/// The shape of pictures for which the weights have the right sizes; several may do.
fn any_shape(model: &NetParameter, weights: &NetParameter) -> Option<[usize; 3]> {
    /// Sides that nets often have, so that the search ends soon.
    const OFTEN: [usize; 10] = [224, 227, 299, 300, 28, 32, 416, 512, 256, 96];
    let counts: HashMap<&str, Vec<usize>> =
        weights.layers().map(|layer| (layer.name(), layer.weight_counts().collect())).collect();
    let fits = |shape: [usize; 3]| {
        let net = Net::new(model, None, Phase::Test, &Known(shape));
        net.is_ok_and(|net| {
            net.layers().iter().all(|layer| {
                let Some(counts) = counts.get(layer.name.as_str()) else { return true };
                let bottoms = layer.bottoms.iter().map(|&id| net.blob(id).shape.as_slice());
                let expected = layer.op.weight_shapes(&bottoms.collect::<Vec<_>>());
                let volume = |shape: &Shape| shape.iter().product::<usize>();
                // Old files have weights of layers without any.
                expected.is_ok_and(|expected| {
                    expected.is_empty() || expected.iter().map(volume).eq(counts.iter().copied())
                })
            })
        })
    };
    let sides = OFTEN.into_iter().chain(1..=1024);
    let shapes = sides.flat_map(|side| [3, 1, 4, 2].map(|channels| [channels, side, side]));
    shapes.into_iter().find(|&shape| fits(shape))
}

/// Pictures of one shape.
struct Known([usize; 3]);

impl Sources for Known {
    fn shapes(
        &self,
        _: &str,
        op: &LayerOp,
        _: &[String],
    ) -> Result<Vec<Shape>, Box<dyn StdError + Send + Sync>> {
        let [channels, height, width] = self.0;
        let (batch, labels) = match op {
            LayerOp::Data(data) => (data.batch_size.max(1), None),
            LayerOp::AnnotatedData(p) => (p.data.batch_size.max(1), Some(vec![1, 1, 1, 8])),
            _ => (1, None),
        };
        Ok(vec![vec![batch, channels, height, width], labels.unwrap_or(vec![batch])])
    }
}

/// A tensor's name without the number of TensorFlow.
fn plain(name: &str) -> &str {
    name.strip_suffix(":0").unwrap_or(name)
}

/// A name that the net does not have, with those that were probably meant.
fn unknown(arguments: &Arguments, net: &Net, role: Role, name: &str) -> Error {
    let nearest = umodel::nearest(name, net.blobs().iter().map(|blob| blob.name.as_str()));
    let others = match role {
        Role::Input => sources(net).iter().map(|&id| net.blob(id).name.clone()).collect(),
        Role::Output => net.outputs().iter().map(|&id| net.blob(id).name.clone()).collect(),
    };
    let source = crate::Error::UnknownName { role, name: name.to_owned(), nearest, others };
    Error::Model { path: arguments.model.clone(), source: Box::new(source) }
}

/// The tops of layers without bottoms.
fn sources(net: &Net) -> Vec<BlobId> {
    let layers = net.layers().iter().filter(|layer| layer.bottoms.is_empty());
    layers.flat_map(|layer| layer.tops.iter().copied()).collect()
}

/// Whether the arguments name an input that a layer with bottoms makes.
fn cuts_inputs(arguments: &Arguments, model: &NetParameter) -> Result<bool, umodel::Error> {
    let layers = model.layers_in(Phase::Test)?;
    let tops = |source: bool| -> HashSet<&str> {
        let layers = layers.iter().filter(|layer| layer.bottoms().is_empty() == source);
        layers.flat_map(|layer| layer.tops().iter().map(String::as_str)).collect()
    };
    let (own, made) = (tops(true), tops(false));
    let cuts = |name: &str| made.contains(name) && !own.contains(name);
    Ok(arguments.inputs.iter().any(|name| cuts(plain(name))))
}

/// The shapes of the arguments, which follow their inputs, in the order of the net's inputs.
fn in_order(arguments: &Arguments, net: &Net, named: &[String]) -> Vec<Shape> {
    let own = net.inputs();
    let place = |id: &BlobId| named.iter().position(|other| *other == net.blob(*id).name);
    let sorted: Option<Vec<Shape>> =
        own.iter().map(|id| arguments.shapes.get(place(id)?).cloned()).collect();
    let all = named.len() == own.len() && arguments.shapes.len() == own.len();
    sorted.filter(|_| all).unwrap_or_else(|| arguments.shapes.clone())
}

/// The net between the inputs and the outputs that the arguments name, and its names of these inputs. A blob that
/// layers work on in place is what the last of them makes of it.
fn cut(
    arguments: &Arguments,
    model: &NetParameter,
    net: &Net,
) -> Result<(Net, Vec<String>), Error> {
    let mut blobs: HashMap<&str, &str> = HashMap::new();
    let records = model.layers_in(Phase::Test)?;
    for (record, layer) in records.into_iter().zip(net.layers()) {
        for (name, &id) in record.tops().iter().zip(&layer.tops) {
            blobs.insert(name, &net.blob(id).name);
        }
    }
    let own: HashSet<&str> = sources(net).iter().map(|&id| net.blob(id).name.as_str()).collect();
    let find = |role: Role, name: &String| {
        let exact = net.blob_id(plain(name)).map(|id| net.blob(id).name.as_str());
        let source = exact.filter(|exact| role == Role::Input && own.contains(exact));
        let found = source.or(blobs.get(plain(name)).copied()).or(exact);
        found.ok_or_else(|| unknown(arguments, net, role, name))
    };
    let inputs: Vec<&str> =
        arguments.inputs.iter().map(|name| find(Role::Input, name)).collect::<Result<_, _>>()?;
    let mut outputs: Vec<&str> =
        arguments.outputs.iter().map(|name| find(Role::Output, name)).collect::<Result<_, _>>()?;
    let names: Vec<String> = inputs.iter().map(|&name| name.to_owned()).collect();
    let cuts: Vec<&str> = inputs.iter().copied().filter(|name| !own.contains(name)).collect();
    if cuts.is_empty() && outputs.is_empty() {
        return Ok((net.clone(), names));
    }
    let whole = if cuts.is_empty() { net.clone() } else { from_blobs(net, &cuts)? };
    if !cuts.is_empty() {
        for &output in &outputs {
            if let Some(source_blob) = other_source(&whole, output, &inputs)? {
                return Err(Error::OtherInput { output: output.to_owned(), source_blob });
            }
        }
        if outputs.is_empty() {
            outputs = reached(&whole, &inputs);
        }
    }
    let net = &whole;
    let cut = passes::remove_dead(net, &outputs)?;
    // Labels that nothing reads any more would be outputs.
    let mut specs = cut.specs();
    let read: HashSet<String> = specs.iter().flat_map(|spec| spec.bottoms.clone()).collect();
    for spec in &mut specs {
        if let Some(pictures) = spec.op.pictures() {
            let stays = |top: &String| read.contains(top) || outputs.contains(&top.as_str());
            while spec.tops.len() > pictures && !spec.tops.last().is_some_and(stays) {
                spec.tops.pop();
            }
            spec.source_shapes.truncate(spec.tops.len());
        }
    }
    Ok((Net::from_specs(net.name(), specs)?, names))
}

/// The net with Input layers in the place of what makes these blobs.
fn from_blobs(net: &Net, cuts: &[&str]) -> Result<Net, Error> {
    let mut specs = Vec::new();
    for mut spec in net.specs() {
        let layer_tops = spec.tops.clone();
        let mut made = false;
        for (index, top) in layer_tops.iter().enumerate() {
            if !cuts.contains(&top.as_str()) {
                continue;
            }
            made = true;
            let shape = net.blob_id(top).map(|id| net.blob(id).shape.clone()).unwrap_or_default();
            let input = Input { shapes: vec![shape], int8_scale: None };
            let name = format!("{top}/input");
            specs.push(LayerSpec::new(&name, input, &[], &[top]));
            // Nobody reads the top any more, which the layer still has beside others.
            if let Some(old) = spec.tops.get_mut(index) {
                *old = format!("{top}/cut");
            }
        }
        if !made || layer_tops.len() > 1 {
            specs.push(spec);
        }
    }
    Ok(Net::from_specs(net.name(), specs)?)
}

/// The last blobs that the inputs suffice for: no layer that they suffice for reads them.
fn reached<'a>(net: &'a Net, inputs: &[&str]) -> Vec<&'a str> {
    let name = |id: &BlobId| net.blob(*id).name.as_str();
    let mut free: HashSet<BlobId> = HashSet::new();
    let mut last: Vec<BlobId> = Vec::new();
    for layer in net.layers() {
        let given = layer.tops.iter().any(|id| inputs.contains(&name(id)));
        let source = matches!(
            layer.op.role(),
            umodel::layers::Role::Input | umodel::layers::Role::Pictures { .. }
        );
        if if source { given } else { layer.bottoms.iter().all(|id| free.contains(id)) } {
            free.extend(&layer.tops);
            last.retain(|id| !layer.bottoms.contains(id));
            last.extend(layer.tops.iter().filter(|_| !layer.bottoms.is_empty()));
        }
    }
    last.iter().map(name).collect()
}

/// A source that an output needs and that is none of the inputs.
fn other_source(net: &Net, output: &str, inputs: &[&str]) -> Result<Option<String>, Error> {
    if net.blob_id(output).is_none() {
        return Ok(Some(output.to_owned()));
    }
    let cut = passes::remove_dead(net, &[output])?;
    let mut sources = cut.layers().iter().filter(|layer| {
        matches!(
            layer.op.role(),
            umodel::layers::Role::Input | umodel::layers::Role::Pictures { .. }
        )
    });
    let named = |layer: &&umodel::Layer| {
        layer.tops.iter().any(|&id| inputs.contains(&cut.blob(id).name.as_str()))
    };
    let other = sources.find(|layer| !named(layer));
    Ok(other.and_then(|layer| layer.tops.first()).map(|&id| cut.blob(id).name.clone()))
}

/// The net with the database and the preset of the arguments in its Data layers.
fn reading(arguments: &Arguments, net: &Net) -> Result<Net, Error> {
    if arguments.accuracy {
        return Err(Error::OwnAccuracy);
    }
    let mut specs = net.specs();
    for spec in specs.iter_mut().filter(|spec| spec.op.reads_files()) {
        let kind = spec.op.kind();
        let data = match &mut spec.op {
            LayerOp::Data(data) => data,
            LayerOp::AnnotatedData(annotated) => &mut annotated.data,
            _ => {
                let given = [("-D", arguments.lmdb.is_some()), ("-p", arguments.preset.is_some())];
                if let Some(&(flag, _)) = given.iter().find(|(_, given)| *given) {
                    return Err(Error::NoDataLayer { flag, layer: spec.name.clone(), kind });
                }
                continue;
            }
        };
        if let Some(source) = &arguments.lmdb {
            set_source(data, source);
        }
        if let (Some(preset), Some(&[_, channels, height, width])) =
            (arguments.preset, spec.source_shapes.first().map(Vec::as_slice))
        {
            let message = preset_message(preset, [channels, height, width], ChannelOrder::Bgr);
            data.transform = message.map_err(|error| Error::Dataset(Box::new(error)))?;
        }
    }
    if !net.layers().iter().any(|layer| layer.op.reads_files()) {
        // Neither an Input layer nor one that reads: DummyData.
        if arguments.preset.is_some() {
            return Err(Error::PresetAlone);
        }
        if let (Some(_), Some(first)) = (&arguments.lmdb, net.layers().first()) {
            let (layer, kind) = (first.name.clone(), first.op.kind());
            return Err(Error::NoDataLayer { flag: "-D", layer, kind });
        }
    }
    Ok(Net::from_specs(net.name(), specs)?)
}

/// Names the database, which is an LMDB unless a LevelDB stands there.
fn set_source(data: &mut Data, source: &str) {
    source.clone_into(&mut data.source);
    let is_leveldb = Path::new(source).join("CURRENT").is_file();
    data.backend = if is_leveldb { Backend::LevelDb } else { Backend::Lmdb };
}

/// The axis of a blob whose length its layer tells only when it runs.
fn counted(net: &Net, blob: &Blob) -> Option<usize> {
    let id = net.blob_id(&blob.name)?;
    let layer = net.layers().get(net.producer(id))?;
    let top = layer.tops.iter().position(|&top| top == id)?;
    layer.op.counted_axis(top, &blob.shape)
}

/// Every blob is a tensor of the same name and order.
fn as_it_is(net: Net) -> Imported {
    let tensor = |blob: &Blob| TensorBlob {
        tensor: blob.name.clone(),
        blob: blob.name.clone(),
        blob_shape: blob.shape.clone(),
        axes: (0..blob.shape.len()).collect(),
        shape: blob.shape.clone(),
        counted: counted(&net, blob),
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
        if let Some(source) = &self.arguments.lmdb {
            match &mut op {
                LayerOp::Data(data) => set_source(data, source),
                LayerOp::AnnotatedData(annotated) => set_source(&mut annotated.data, source),
                _ => {}
            }
        }
        self.sources.shapes(layer, &op, tops)
    }
}
