//! Models to nets.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::blob::{self, Weights};
use crate::builder::LayerSpec;
use crate::error::{Error, LayerError};
use crate::layers::LayerOp;
use crate::net::Net;
use crate::parameter::NetParameter;
use crate::state::is_included;
use crate::{Phase, Shape, proto};

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
            let source_shapes = if op.reads_files() {
                sources.shapes(layer.name(), &op, &tops).map_err(LayerError::Source)?
            } else {
                Vec::new()
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
