//! Models to nets.

#![deny(clippy::indexing_slicing, clippy::as_conversions)]

use std::path::Path;
use std::sync::Arc;

use crate::blob::Weights;
use crate::builder::LayerSpec;
use crate::error::{Error, LayerError};
use crate::layers::LayerOp;
use crate::names::{UniqueLayers, UniqueTops};
use crate::net::Net;
use crate::parameter::NetParameter;
use crate::state::is_included;
use crate::trained::{Target, Trained, has_weights};
use crate::{LayerNumber, Phase, Position, Shape, proto};

/// Tells the shapes of blobs that come from outside the model, by looking into the files that a
/// layer names.
pub trait Sources {
    /// The shapes of all tops of a layer that [reads files](LayerOp::reads_files), in order; one more
    /// for labels that have no top does no harm.
    fn shapes(
        &self,
        layer: &str,
        op: &LayerOp,
        tops: &[String],
    ) -> Result<Vec<Shape>, Box<dyn std::error::Error + Send + Sync>>;
}

/// For nets that start from Input layers: every layer that reads files is an error.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoSources;

impl Sources for NoSources {
    fn shapes(
        &self,
        _: &str,
        _: &LayerOp,
        _: &[String],
    ) -> Result<Vec<Shape>, Box<dyn std::error::Error + Send + Sync>> {
        Err(Box::new(LayerError::NoSource))
    }
}

impl Net {
    /// Builds the net of one phase from a model and, if given, the weights that belong to it.
    ///
    /// Weights are matched by the layers' names in the two models as Caffe matches them: each layer of the weights
    /// goes to the first layer of its name, the last one of a name stays, and layers whose `param`s have a name
    /// share the weights of that name. Layers of weights that the net does not have are passed over.
    ///
    /// # Errors
    /// [`Error::Layer`] names the layer, its type and its line: an unknown layer type, a parameter
    /// out of range, an unknown bottom, shapes or weights that do not fit, missing weights: if weights are given,
    /// every layer must have got its own, and so a second layer of a name may have none of its own.
    /// [`Error::Text`] for a layer of the phase that has something [unknown](NetParameter::unknown), or weights that have.
    /// [`Error::Int8Weights`] for the integers of an int8 net; [`Error::Swapped`] for a net and weights that are given
    /// the wrong way round.
    pub fn new(
        model: &NetParameter,
        weights: Option<&NetParameter>,
        phase: Phase,
        sources: &dyn Sources,
    ) -> Result<Net, Error> {
        weights.map_or(Ok(()), NetParameter::check_known)?;
        load(model, weights.map(Trained::borrowed), phase, sources)
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
        weights.check_known()?;
        load(model, Some(Trained::owned(weights)), phase, sources)
    }
}

fn load(
    model: &NetParameter,
    weights: Option<Trained<'_>>,
    phase: Phase,
    sources: &dyn Sources,
) -> Result<Net, Error> {
    if let Some(weights) = &weights {
        weights.check_fp32()?;
        if has_weights(&model.message.layer) && !weights.has_weights() {
            let (model, weights) = (model.path.clone(), weights.path().cloned());
            return Err(Error::Swapped { model, weights });
        }
    }
    let targets = included(model, phase)?;
    let specs = specs(model, &targets, sources)?;
    let net = Net::from_specs(model.name(), specs).and_then(|mut net| {
        net.model_type = model.model_type();
        if let Some(weights) = weights {
            weights.copy_to(&mut net, &targets)?;
        }
        Ok(net)
    });
    net.map_err(|error| error.in_file(model.path()))
}

/// The layers of one phase, in order.
pub(crate) fn included(model: &NetParameter, phase: Phase) -> Result<Vec<Target<'_>>, Error> {
    let mut targets = Vec::new();
    for (index, layer) in model.message.layer.iter().enumerate() {
        model.check_layer_known(index, true)?;
        let position = model.layer_position(index);
        let included = is_included(layer, &model.message.state, phase);
        if included.map_err(|source| at(model, position, layer, source))? {
            targets.push(Target { layer, number: LayerNumber::new(index, position) });
        }
    }
    Ok(targets)
}

/// Reads layers without their weights. Layers that share a name and layers that work in place get names of their
/// own and unique tops.
pub(crate) fn specs(
    model: &NetParameter,
    targets: &[Target<'_>],
    sources: &dyn Sources,
) -> Result<Vec<LayerSpec>, Error> {
    let mut layers = Layers::new(model);
    targets.iter().map(|target| layers.spec(target, sources)).collect()
}

/// Reads the layers of one phase of a model, one after the other.
pub(crate) struct Layers<'a> {
    model: &'a NetParameter,
    names: UniqueLayers,
    tops: UniqueTops,
    file: Option<Arc<Path>>,
}

/// What a layer and its blobs are called in a net.
pub(crate) struct Names {
    pub(crate) layer: String,
    pub(crate) bottoms: Vec<String>,
    pub(crate) tops: Vec<String>,
}

impl<'a> Layers<'a> {
    pub(crate) fn new(model: &'a NetParameter) -> Self {
        Layers {
            model,
            names: UniqueLayers::new(&model.message),
            tops: UniqueTops::new(&model.message),
            file: model.path().map(Arc::from),
        }
    }

    /// The names of the next layer, which is either this or [`Layers::spec`].
    pub(crate) fn names(&mut self, target: &Target<'_>) -> Result<Names, Error> {
        let resolved = self.resolve(target.layer);
        resolved.map_err(|source| self.error(target, source))
    }

    /// The next layer.
    pub(crate) fn spec(
        &mut self,
        target: &Target<'_>,
        sources: &dyn Sources,
    ) -> Result<LayerSpec, Error> {
        let op = self.op(target)?;
        let names = self.names(target)?;
        self.with_names(target, op, names, sources)
    }

    /// Type and parameters of a layer.
    pub(crate) fn op(&self, target: &Target<'_>) -> Result<LayerOp, Error> {
        // Of a type that nobody knows, the fields are not known either.
        if LayerOp::knows(target.layer.type_()) {
            self.model.check_layer_known(target.number.number - 1, false)?;
        }
        LayerOp::parse(target.layer).map_err(|source| self.error(target, source))
    }

    pub(crate) fn with_names(
        &self,
        target: &Target<'_>,
        op: LayerOp,
        names: Names,
        sources: &dyn Sources,
    ) -> Result<LayerSpec, Error> {
        let Names { layer: name, bottoms, tops } = names;
        let layer = target.layer;
        if ![0, tops.len()].contains(&layer.loss_weight.len()) {
            let (expected, found) = (tops.len(), layer.loss_weight.len());
            return Err(self.error(target, LayerError::LossWeightCount { expected, found }));
        }
        let source_shapes = if op.reads_files() {
            let shapes = sources.shapes(&name, &op, &tops);
            shapes.map_err(|source| self.error(target, LayerError::Source(source)))?
        } else {
            Vec::new()
        };
        Ok(LayerSpec {
            name,
            op,
            bottoms,
            tops,
            weights: Weights::new(),
            source_shapes,
            position: target.number.position,
            file: self.file.clone(),
            template: Box::new(template(layer)),
        })
    }

    fn resolve(&mut self, layer: &proto::LayerParameter) -> Result<Names, LayerError> {
        let name = self.names.resolve(layer.name());
        let (bottoms, tops) = self.tops.resolve(layer)?;
        Ok(Names { layer: name, bottoms, tops })
    }

    fn error(&self, target: &Target<'_>, source: LayerError) -> Error {
        at(self.model, target.number.position, target.layer, source)
    }
}

/// An error of a layer as it stands in the model.
fn at(
    model: &NetParameter,
    position: Option<Position>,
    layer: &proto::LayerParameter,
    source: LayerError,
) -> Error {
    Error::layer(model.path(), position, layer.name(), layer.type_(), source)
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
