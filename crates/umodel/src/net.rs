//! The typed graph: layers of checked parameters, blobs with shapes, every top unique.

use std::collections::HashSet;

use crate::blob::{self, Weights};
use crate::error::{Error, LayerError};
use crate::layers::LayerOp;
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
    pub(crate) name: String,
    pub(crate) layers: Vec<Layer>,
    pub(crate) blobs: Vec<Blob>,
}

impl Net {
    pub(crate) fn empty(name: &str) -> Net {
        Net { name: name.to_owned(), layers: Vec::new(), blobs: Vec::new() }
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
    ///
    /// # Panics
    /// If the id comes from another, larger net.
    pub fn producer(&self, id: BlobId) -> usize {
        self.blob(id);
        self.layers.iter().position(|layer| layer.tops.contains(&id)).unwrap_or(self.layers.len())
    }

    /// Indices of the layers that read this blob, in order.
    ///
    /// # Panics
    /// If the id comes from another, larger net.
    pub fn consumers(&self, id: BlobId) -> Vec<usize> {
        self.blob(id);
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

    pub(crate) fn check_weights_present(&self) -> Result<(), Error> {
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
