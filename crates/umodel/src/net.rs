//! The typed graph: layers of checked parameters, blobs with shapes, every top unique.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::blob::{self, Weights};
use crate::builder::{LayerSpec, NetBuilder};
use crate::error::{Error, LayerError};
use crate::layers::{Data, LayerOp};
use crate::parameter::NetParameter;
use crate::proto;
use crate::state::is_included;
use crate::{Phase, Position, Shape};

/// Tells the shapes of blobs that come from outside the model, by looking into the database that a
/// Data layer names.
pub trait Sources {
    /// The shapes of the tops `[data, label]` of this Data layer, in order.
    fn shapes(
        &self,
        layer: &str,
        data: &Data,
    ) -> Result<Vec<Shape>, Box<dyn std::error::Error + Send + Sync>>;
}

/// For nets that start from Input layers: every Data layer is an error.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoSources;

impl Sources for NoSources {
    fn shapes(
        &self,
        _: &str,
        _: &Data,
    ) -> Result<Vec<Shape>, Box<dyn std::error::Error + Send + Sync>> {
        Err(Box::new(LayerError::NoSource))
    }
}

/// A blob's index within its [`Net`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlobId(pub(crate) usize);

impl BlobId {
    /// The index into [`Net::blobs`].
    pub fn index(self) -> usize {
        self.0
    }
}

/// A blob: the value that one layer writes and any number of layers read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// Unique within the net.
    pub name: String,
    /// Axes from the slowest to the fastest, N, C, H, W for pictures; empty for a scalar.
    pub shape: Shape,
}

/// One layer of a [`Net`].
#[derive(Clone, Debug)]
pub struct Layer {
    /// The layer's name, as in the prototxt.
    pub name: String,
    /// Type and parameters.
    pub op: LayerOp,
    /// The blobs that it reads.
    pub bottoms: Vec<BlobId>,
    /// The blobs that it writes, each written by no other layer.
    pub tops: Vec<BlobId>,
    /// Learnt weights in the caffemodel's order; empty when the net was built without weights.
    pub weights: Weights,
    /// Where the layer stands in its prototxt.
    pub position: Option<Position>,
    pub(crate) template: Box<proto::LayerParameter>,
}

/// A net whose shapes are known and agree: the currency between the crates.
///
/// Layers stand in execution order. Every top is a blob of its own: a layer that works in place in
/// Caffe gets a new top here, named after the old one with `_1`, `_2`, … behind it.
#[derive(Clone, Debug)]
pub struct Net {
    name: String,
    pub(crate) layers: Vec<Layer>,
    pub(crate) blobs: Vec<Blob>,
}

impl Net {
    pub(crate) fn empty(name: &str) -> Net {
        Net { name: name.to_owned(), layers: Vec::new(), blobs: Vec::new() }
    }

    /// Builds the net of one phase from a model and, if given, the weights that belong to it.
    ///
    /// # Errors
    /// [`Error::Layer`] names the layer, its type and its line: an unknown layer type, a parameter
    /// out of range, an unknown bottom, shapes or weights that do not fit, missing weights.
    pub fn new(
        model: &NetParameter,
        weights: Option<&NetParameter>,
        phase: Phase,
        sources: &dyn Sources,
    ) -> Result<Net, Error> {
        let blobs = weights.map(borrowed_blobs).unwrap_or_default();
        let specs = specs(model, blobs, phase, sources)?;
        let net =
            Net::from_specs(model.name(), specs).map_err(|error| error.in_file(model.path()))?;
        if weights.is_some() {
            net.check_weights_present().map_err(|error| error.in_file(model.path()))?;
        }
        Ok(net)
    }

    /// As [`Net::new`], but the weights move into the net, so that they are in memory once.
    ///
    /// # Errors
    /// As [`Net::new`].
    pub fn with_weights(
        model: &NetParameter,
        weights: NetParameter,
        phase: Phase,
        sources: &dyn Sources,
    ) -> Result<Net, Error> {
        let mut blobs = Blobs::new();
        for mut layer in weights.message.layer {
            blobs.insert(layer.take_name().into(), layer.blobs.into());
        }
        let specs = specs(model, blobs, phase, sources)?;
        let net =
            Net::from_specs(model.name(), specs).map_err(|error| error.in_file(model.path()))?;
        net.check_weights_present().map_err(|error| error.in_file(model.path()))?;
        Ok(net)
    }

    /// Builds a net from layers in execution order, all at once; [`NetBuilder`] takes them one by one.
    ///
    /// # Errors
    /// As [`NetBuilder::add`].
    pub fn from_specs(name: &str, specs: Vec<LayerSpec>) -> Result<Net, Error> {
        let mut builder = NetBuilder::new(name);
        for spec in specs {
            builder.add(spec)?;
        }
        Ok(builder.finish())
    }

    /// The layers as [`Net::from_specs`] takes them: the start of every edit.
    pub fn specs(&self) -> Vec<LayerSpec> {
        let names = |ids: &[BlobId]| ids.iter().map(|&id| self.blob(id).name.clone()).collect();
        self.layers
            .iter()
            .map(|layer| LayerSpec {
                name: layer.name.clone(),
                op: layer.op.clone(),
                bottoms: names(&layer.bottoms),
                tops: names(&layer.tops),
                weights: layer.weights.clone(),
                source_shapes: layer.tops.iter().map(|&id| self.blob(id).shape.clone()).collect(),
                position: layer.position,
                template: layer.template.clone(),
            })
            .collect()
    }

    /// The net's name; may be empty.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// All layers, in execution order.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// All blobs; a [`BlobId`] is an index into them.
    pub fn blobs(&self) -> &[Blob] {
        &self.blobs
    }

    /// One blob of this net.
    ///
    /// # Panics
    /// If the id comes from another, larger net.
    pub fn blob(&self, id: BlobId) -> &Blob {
        &self.blobs[id.0]
    }

    /// The blob of this name.
    pub fn blob_id(&self, name: &str) -> Option<BlobId> {
        self.blobs.iter().position(|blob| blob.name == name).map(BlobId)
    }

    /// Every blob's id, in order.
    pub fn blob_ids(&self) -> impl Iterator<Item = BlobId> + use<> {
        (0..self.blobs.len()).map(BlobId)
    }

    /// The net's inputs: the tops of its Input layers, in order.
    pub fn inputs(&self) -> Vec<BlobId> {
        let inputs = self.layers.iter().filter(|layer| matches!(layer.op, LayerOp::Input(_)));
        inputs.flat_map(|layer| layer.tops.iter().copied()).collect()
    }

    /// The net's outputs: the blobs that no layer reads, in order.
    pub fn outputs(&self) -> Vec<BlobId> {
        let read: HashSet<BlobId> =
            self.layers.iter().flat_map(|layer| layer.bottoms.iter().copied()).collect();
        self.blob_ids().filter(|id| !read.contains(id)).collect()
    }

    /// Index of the layer that writes this blob.
    pub fn producer(&self, id: BlobId) -> usize {
        self.layers.iter().position(|layer| layer.tops.contains(&id)).unwrap_or(self.layers.len())
    }

    /// Indices of the layers that read this blob, in order.
    pub fn consumers(&self, id: BlobId) -> Vec<usize> {
        let reads = |(_, layer): &(usize, &Layer)| layer.bottoms.contains(&id);
        self.layers.iter().enumerate().filter(reads).map(|(index, _)| index).collect()
    }

    /// Multiplications of a layer's inputs with its weights, each with an addition; 0 for layers of another
    /// kind.
    ///
    /// # Panics
    /// If there is no such layer.
    pub fn macs(&self, layer: usize) -> u64 {
        let layer = &self.layers[layer];
        let shapes = |ids: &[BlobId]| -> Vec<&[usize]> {
            ids.iter().map(|&id| self.blob(id).shape.as_slice()).collect()
        };
        layer.op.param().macs(&shapes(&layer.bottoms), &shapes(&layer.tops))
    }

    /// The net as a message without weights, as in a prototxt.
    pub fn to_parameter(&self) -> NetParameter {
        let mut message = proto::NetParameter::new();
        if !self.name.is_empty() {
            message.set_name(self.name.clone());
        }
        message.layer = self.layers.iter().map(|layer| self.layer_parameter(layer)).collect();
        NetParameter::from_message(message)
    }

    /// The net as a message with its weights, as in a caffemodel.
    pub fn to_parameter_with_weights(&self) -> NetParameter {
        let mut parameter = self.to_parameter();
        for (message, layer) in parameter.message.layer.iter_mut().zip(&self.layers) {
            message.blobs = layer.weights.iter().map(|weights| blob::to_proto(weights)).collect();
        }
        parameter
    }

    fn layer_parameter(&self, layer: &Layer) -> proto::LayerParameter {
        let names = |ids: &[BlobId]| ids.iter().map(|&id| self.blob(id).name.clone()).collect();
        let mut message = (*layer.template).clone();
        message.set_name(layer.name.clone());
        message.set_type(layer.op.kind().to_owned());
        message.bottom = names(&layer.bottoms);
        message.top = names(&layer.tops);
        layer.op.param().write(&mut message);
        message
    }

    fn check_weights_present(&self) -> Result<(), Error> {
        for layer in &self.layers {
            self.check_layer_weights(layer).map_err(|source| layer.error(source))?;
        }
        Ok(())
    }

    fn check_layer_weights(&self, layer: &Layer) -> Result<(), LayerError> {
        let bottoms: Vec<&[usize]> =
            layer.bottoms.iter().map(|&id| self.blob(id).shape.as_slice()).collect();
        let expected = layer.op.param().weight_shapes(&bottoms)?.len();
        if expected != layer.weights.len() {
            return Err(LayerError::WeightCount { expected, found: layer.weights.len() });
        }
        Ok(())
    }
}

impl Layer {
    pub(crate) fn error(&self, source: LayerError) -> Error {
        Error::layer(None, self.position, &self.name, self.op.kind(), source)
    }
}

/// fp32 weights by the layer's name.
pub(crate) type Blobs<'a> = HashMap<Cow<'a, str>, Cow<'a, [proto::BlobProto]>>;

/// The weights of a model that stays as it is.
pub(crate) fn borrowed_blobs(weights: &NetParameter) -> Blobs<'_> {
    let layers = weights.message.layer.iter();
    layers.map(|layer| (layer.name().into(), layer.blobs.as_slice().into())).collect()
}

/// Reads the layers of one phase, resolving in-place layers to unique tops.
pub(crate) fn specs(
    model: &NetParameter,
    mut blobs: Blobs<'_>,
    phase: Phase,
    sources: &dyn Sources,
) -> Result<Vec<LayerSpec>, Error> {
    let mut names = UniqueNames::new(&model.message);
    let mut specs = Vec::new();
    for (index, layer) in model.message.layer.iter().enumerate() {
        let position = model.layer_position(index);
        let mut spec = || -> Result<Option<LayerSpec>, LayerError> {
            if !is_included(layer, &model.message.state, phase)? {
                return Ok(None);
            }
            let op = LayerOp::parse(layer)?;
            let (bottoms, tops) = names.resolve(layer)?;
            let source_shapes = match &op {
                LayerOp::Data(data) => {
                    sources.shapes(layer.name(), data).map_err(LayerError::Source)?
                }
                _ => Vec::new(),
            };
            let mut spec = LayerSpec {
                name: layer.name().to_owned(),
                op,
                bottoms,
                tops,
                weights: Weights::new(),
                source_shapes,
                position,
                template: Box::new(template(layer)),
            };
            spec.weights = match blobs.get_mut(layer.name()) {
                None => Weights::new(),
                Some(Cow::Borrowed(blobs)) => {
                    let arrays = blobs.iter().map(|blob| blob::from_proto(Cow::Borrowed(blob)));
                    arrays.collect::<Result<_, _>>()?
                }
                Some(Cow::Owned(blobs)) => {
                    let arrays = blobs.drain(..).map(|blob| blob::from_proto(Cow::Owned(blob)));
                    arrays.collect::<Result<_, _>>()?
                }
            };
            Ok(Some(spec))
        };
        let built = spec().map_err(|source| {
            Error::layer(model.path(), position, layer.name(), layer.type_(), source)
        })?;
        specs.extend(built);
    }
    Ok(specs)
}

/// What is kept of a layer's message besides what the typed layer knows: learning rates, fillers,
/// unknown fields.
fn template(layer: &proto::LayerParameter) -> proto::LayerParameter {
    let mut template = layer.clone();
    template.blobs.clear();
    template.include.clear();
    template.exclude.clear();
    template.quantization_param.clear();
    template
}

/// Gives every top a name of its own and lets bottoms find the latest writer of a name.
pub(crate) struct UniqueNames {
    taken: HashSet<String>,
    current: HashMap<String, String>,
}

impl UniqueNames {
    pub(crate) fn new(net: &proto::NetParameter) -> Self {
        let taken = net.layer.iter().flat_map(|layer| layer.top.iter().cloned()).collect();
        UniqueNames { taken, current: HashMap::new() }
    }

    pub(crate) fn resolve(
        &mut self,
        layer: &proto::LayerParameter,
    ) -> Result<(Vec<String>, Vec<String>), LayerError> {
        let bottoms = layer
            .bottom
            .iter()
            .map(|name| {
                self.current
                    .get(name)
                    .cloned()
                    .ok_or_else(|| LayerError::UnknownBottom { name: name.clone() })
            })
            .collect::<Result<Vec<_>, _>>()?;
        let mut tops = Vec::with_capacity(layer.top.len());
        for (index, name) in layer.top.iter().enumerate() {
            let unique = if !self.current.contains_key(name) {
                name.clone()
            } else if layer.bottom.get(index) == Some(name) {
                self.fresh(name)
            } else {
                return Err(LayerError::DuplicateTop { name: name.clone() });
            };
            self.current.insert(name.clone(), unique.clone());
            tops.push(unique);
        }
        Ok((bottoms, tops))
    }

    fn fresh(&mut self, name: &str) -> String {
        let free = (1u64..).map(|n| format!("{name}_{n}")).find(|n| !self.taken.contains(n));
        let fresh = free.unwrap_or_default();
        self.taken.insert(fresh.clone());
        fresh
    }
}
