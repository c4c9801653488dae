//! Layers that do not stand in a net yet, and how they get there.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use ndarray::ArrayD;

use crate::blob::{self, Weights};
use crate::error::{Error, LayerError};
use crate::layers::LayerOp;
use crate::net::{Blob, BlobId, Layer, Net};
use crate::{LayerNumber, Position, Shape, proto};

/// A layer before it stands in a net: blobs by name. What [`Net::from_specs`] builds from and
/// what graph passes edit.
#[derive(Clone, Debug)]
pub struct LayerSpec {
    /// The layer's name; no other layer of the net may have it.
    pub name: String,
    /// Type and parameters.
    pub op: LayerOp,
    /// Names of the blobs that it reads.
    pub bottoms: Vec<String>,
    /// Names of the blobs that it writes.
    pub tops: Vec<String>,
    /// Learnt weights; empty if the layer has none, or none are known.
    pub weights: Weights,
    /// The shapes of the tops of a layer that [reads files](LayerOp::reads_files); not needed for any
    /// other type.
    pub source_shapes: Vec<Shape>,
    pub(crate) position: Option<Position>,
    pub(crate) file: Option<Arc<Path>>,
    pub(crate) template: Box<proto::LayerParameter>,
}

impl LayerSpec {
    /// A layer without weights.
    pub fn new(name: &str, op: impl Into<LayerOp>, bottoms: &[&str], tops: &[&str]) -> Self {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        LayerSpec {
            name: name.to_owned(),
            op: op.into(),
            bottoms: owned(bottoms),
            tops: owned(tops),
            weights: Weights::new(),
            source_shapes: Vec::new(),
            position: None,
            file: None,
            template: Box::default(),
        }
    }

    /// The same layer with these weights.
    pub fn with_weights(mut self, weights: impl IntoIterator<Item = ArrayD<f32>>) -> Self {
        self.set_weights(weights);
        self
    }

    /// Replaces the weights. In memory they lie in the order of their axes afterwards, as all readers of
    /// weights expect.
    pub fn set_weights(&mut self, weights: impl IntoIterator<Item = ArrayD<f32>>) {
        let in_order = |weights: ArrayD<f32>| match weights.is_standard_layout() {
            true => Arc::new(weights),
            false => Arc::new(weights.as_standard_layout().into_owned()),
        };
        self.weights = weights.into_iter().map(in_order).collect();
    }

    /// Drops what the prototxt said beyond the typed parameters: after the type has changed, it
    /// would no longer belong to the layer. What it said of the layer's quantization, whatever its type, stays.
    pub fn forget_parameters(&mut self) {
        let (float, thresholds) = (self.forward_with_float(), self.thresholds());
        *self.template = proto::LayerParameter::new();
        self.source_shapes.clear();
        self.set_forward_with_float(float);
        self.set_thresholds(thresholds);
    }

    /// Whether the prototxt keeps the layer in fp32: `forward_with_float: true`.
    pub fn forward_with_float(&self) -> bool {
        self.template.forward_with_float()
    }

    /// Sets whether the layer is kept in fp32.
    pub fn set_forward_with_float(&mut self, float: bool) {
        self.template.forward_with_float = float.then_some(true);
    }

    pub(crate) fn error(&self, source: LayerError) -> Error {
        Error::layer(self.file.as_deref(), self.position, &self.name, self.op.kind(), source)
    }
}

/// Builds a [`Net`] layer by layer, telling the shapes on the way: for importers of other formats.
///
/// ```
/// use umodel::layers::{InnerProduct, Input, Relu};
/// use umodel::{LayerSpec, NetBuilder};
///
/// let mut net = NetBuilder::new("example");
/// net.add(LayerSpec::new("data", Input { shapes: vec![vec![1, 3, 4, 4]], int8_scale: None }, &[], &["data"]))?;
/// let dense = InnerProduct { num_output: 10, bias: true, axis: 1, transpose: false };
/// net.add(LayerSpec::new("dense", dense, &["data"], &["dense"]))?;
/// assert_eq!(net.shape("dense"), Some(&[1, 10][..]));
/// net.add(LayerSpec::new("relu", Relu { negative_slope: 0.0 }, &["dense"], &["relu"]))?;
/// println!("{}", net.finish().to_parameter().to_text());
/// # Ok::<(), umodel::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct NetBuilder {
    net: Net,
}

impl NetBuilder {
    /// A net without layers.
    pub fn new(name: &str) -> Self {
        NetBuilder { net: Net::empty(name) }
    }

    /// Adds a layer after all others.
    ///
    /// # Errors
    /// [`Error::Layer`]: impossible parameters, a name that an earlier layer has, a bottom that no earlier layer
    /// writes, a top written twice, shapes that do not fit, weights whose count or shapes do not fit (no weights
    /// at all are allowed). The net stays as it was.
    pub fn add(&mut self, spec: LayerSpec) -> Result<(), Error> {
        match self.check(&spec) {
            Ok(checked) => {
                self.push(spec, checked);
                Ok(())
            }
            Err(source) => Err(spec.error(source)),
        }
    }

    /// The shape of the blob of this name.
    pub fn shape(&self, blob: &str) -> Option<&[usize]> {
        self.net.blob_id(blob).map(|id| self.net.blob(id).shape.as_slice())
    }

    /// The net of all layers so far.
    pub fn finish(self) -> Net {
        self.net
    }

    /// [`Net::macs`] of the layer added last.
    pub(crate) fn last_macs(&self) -> u64 {
        self.net.layers().len().checked_sub(1).map_or(0, |layer| self.net.macs(layer))
    }

    fn check(&self, spec: &LayerSpec) -> Result<Checked, LayerError> {
        spec.op.check()?;
        spec.thresholds().check()?;
        let net = &self.net;
        if let Some(first) = net.layer_index(&spec.name) {
            return Err(LayerError::DuplicateName {
                first: LayerNumber::new(first, net.layers()[first].position),
                second: LayerNumber::new(net.layers().len(), spec.position),
            });
        }
        let find = |name: &String| {
            net.blob_id(name).ok_or_else(|| LayerError::UnknownBottom { name: name.clone() })
        };
        let bottoms: Vec<BlobId> = spec.bottoms.iter().map(find).collect::<Result<_, _>>()?;
        let bottom_shapes: Vec<&[usize]> =
            bottoms.iter().map(|&id| net.blob(id).shape.as_slice()).collect();
        let param = spec.op.param();
        let shapes = match param.infer(&bottom_shapes, spec.tops.len()) {
            // The label is optional, but a database always has one.
            Err(LayerError::NoSource | LayerError::TopCount { .. })
                if spec.op.reads_files()
                    && (1..=spec.source_shapes.len()).contains(&spec.tops.len()) =>
            {
                spec.source_shapes.iter().take(spec.tops.len()).cloned().collect()
            }
            inferred => inferred?,
        };
        shapes.iter().try_for_each(|shape| blob::check_shape(shape))?;
        let mut weights = Weights::new();
        if !spec.weights.is_empty() {
            let expected = param.weight_shapes(&bottom_shapes)?;
            weights = blob::fit_weights(&spec.weights, &expected)?;
        }
        let mut names = HashSet::new();
        if let Some(name) =
            spec.tops.iter().find(|&name| net.blob_id(name).is_some() || !names.insert(name))
        {
            return Err(LayerError::DuplicateTop { name: name.clone() });
        }
        Ok(Checked { bottoms, shapes, weights })
    }

    fn push(&mut self, spec: LayerSpec, checked: Checked) {
        let net = &mut self.net;
        let tops = spec.tops.into_iter().zip(checked.shapes);
        let tops = tops.map(|(name, shape)| net.add_blob(Blob { name, shape })).collect();
        net.add_layer(Layer {
            name: spec.name,
            op: spec.op,
            bottoms: checked.bottoms,
            tops,
            weights: checked.weights,
            position: spec.position,
            file: spec.file,
            template: spec.template,
        });
    }
}

/// What checking a layer finds out.
struct Checked {
    bottoms: Vec<BlobId>,
    /// Of the tops.
    shapes: Vec<Shape>,
    /// In the shapes that the layer expects.
    weights: Weights,
}

impl Net {
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
                file: layer.file.clone(),
                template: layer.template.clone(),
            })
            .collect()
    }
}
