//! The typed graph: layers of checked parameters, blobs with shapes, every top unique.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use crate::blob::{self, Weights};
use crate::error::{Error, LayerError};
use crate::layers::{LayerOp, Role};
use crate::parameter::NetParameter;
use crate::proto;
use crate::{Position, Shape};

/// A blob's index within its [`Net`]. Functions that take one of another, larger net panic, each of them; in a net
/// that is large enough it is another blob.
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
    /// Unique within the net. The name in the prototxt, with `_1`, `_2`, … behind it if a layer above has that.
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
    pub(crate) file: Option<Arc<Path>>,
    pub(crate) template: Box<proto::LayerParameter>,
}

/// A net whose shapes are known and agree: the currency between the crates.
///
/// Layers stand in execution order. Every top is a blob of its own: a layer that works in place in
/// Caffe gets a new top here, named after the old one with `_1`, `_2`, … behind it. Every layer has a name of
/// its own: the first one of a name keeps it, those after it get `_1`, `_2`, …, too.
#[derive(Clone, Debug)]
pub struct Net {
    name: String,
    /// The framework that the model came from, if its file said so.
    pub(crate) model_type: Option<proto::ModelType>,
    pub(crate) layers: Vec<Layer>,
    blobs: Vec<Blob>,
    /// The layer that writes each blob.
    producers: Vec<usize>,
    /// The layers that read each blob, in order.
    consumers: Vec<Vec<usize>>,
    blobs_by_name: HashMap<String, BlobId>,
    layers_by_name: HashMap<String, usize>,
}

impl Net {
    pub(crate) fn empty(name: &str) -> Net {
        Net {
            name: name.to_owned(),
            model_type: None,
            layers: Vec::new(),
            blobs: Vec::new(),
            producers: Vec::new(),
            consumers: Vec::new(),
            blobs_by_name: HashMap::new(),
            layers_by_name: HashMap::new(),
        }
    }

    /// Adds a blob that the next layer writes; its name is new.
    pub(crate) fn add_blob(&mut self, blob: Blob) -> BlobId {
        let id = BlobId(self.blobs.len());
        self.blobs_by_name.insert(blob.name.clone(), id);
        self.blobs.push(blob);
        self.producers.push(self.layers.len());
        self.consumers.push(Vec::new());
        id
    }

    /// Adds a layer whose tops are the blobs added last; its name is new.
    pub(crate) fn add_layer(&mut self, layer: Layer) {
        let index = self.layers.len();
        for &BlobId(bottom) in &layer.bottoms {
            // A layer that reads a blob twice stands there once.
            if let Some(readers) = self.consumers.get_mut(bottom)
                && readers.last() != Some(&index)
            {
                readers.push(index);
            }
        }
        self.layers_by_name.insert(layer.name.clone(), index);
        self.layers.push(layer);
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
        self.blobs_by_name.get(name).copied()
    }

    /// The index of the layer of this name.
    pub fn layer_index(&self, name: &str) -> Option<usize> {
        self.layers_by_name.get(name).copied()
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
        self.blob_ids().filter(|&id| self.consumers(id).is_empty()).collect()
    }

    /// Index of the layer that writes this blob.
    ///
    /// # Panics
    /// If the id comes from another, larger net.
    pub fn producer(&self, id: BlobId) -> usize {
        self.producers[id.0]
    }

    /// Indices of the layers that read this blob, in order, each once.
    ///
    /// # Panics
    /// If the id comes from another, larger net.
    pub fn consumers(&self, id: BlobId) -> &[usize] {
        &self.consumers[id.0]
    }

    /// What each unit of a blob's values adds to the net's loss, as Caffe sums it up; 0 for most blobs. See
    /// [`Layer::loss_weight`].
    ///
    /// # Panics
    /// If the id comes from another, larger net.
    pub fn loss_weight(&self, id: BlobId) -> f32 {
        let layer = &self.layers[self.producer(id)];
        let top = layer.tops.iter().position(|&top| top == id);
        top.map_or(0.0, |top| layer.loss_weight(top))
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
}

impl Layer {
    /// What each unit of a top's values adds to the net's loss: `loss_weight` of the prototxt. Without any, as in
    /// Caffe, 1 for the first top of a layer type that computes a loss and 0 else.
    pub fn loss_weight(&self, top: usize) -> f32 {
        match self.template.loss_weight.as_slice() {
            [] if top == 0 && self.op.role() == Role::Loss => 1.0,
            weights => weights.get(top).copied().unwrap_or(0.0),
        }
    }

    /// The file that the layer was read from.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    pub(crate) fn error(&self, source: LayerError) -> Error {
        Error::layer(self.file(), self.position, &self.name, self.op.kind(), source)
    }
}
