//! Trained weights on their way to the layers of a net, matched as Caffe's `Net::CopyTrainedLayersFrom` does it.

#![deny(clippy::indexing_slicing, clippy::as_conversions)]

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use ndarray::ArrayD;

use crate::blob::{self, Weights};
use crate::error::{Error, LayerError};
use crate::net::{Layer, Net};
use crate::parameter::NetParameter;
use crate::proto::{BlobProto, LayerParameter};
use crate::{LayerNumber, Shape, channels, nearest};

/// The layers of a model that holds weights, in order.
pub(crate) struct Trained<'a> {
    layers: Vec<Source<'a>>,
    path: Option<PathBuf>,
    /// Whether these are the integers of an int8 net.
    int8: bool,
}

struct Source<'a> {
    name: Cow<'a, str>,
    blobs: Cow<'a, [BlobProto]>,
    number: LayerNumber,
}

/// A layer of a net as it stands in its model.
#[derive(Clone, Copy)]
pub(crate) struct Target<'a> {
    pub(crate) layer: &'a LayerParameter,
    pub(crate) number: LayerNumber,
}

impl<'a> Trained<'a> {
    /// The weights of a model that stays as it is.
    pub(crate) fn borrowed(weights: &'a NetParameter) -> Self {
        let source = |(index, layer): (usize, &'a LayerParameter)| Source {
            name: layer.name().into(),
            blobs: layer.blobs.as_slice().into(),
            number: LayerNumber::new(index, weights.layer_position(index)),
        };
        Trained {
            layers: weights.message.layer.iter().enumerate().map(source).collect(),
            path: weights.path.clone(),
            int8: has_integers(&weights.message.layer),
        }
    }

    /// The weights of a model that is used up, so that they are in memory once.
    pub(crate) fn owned(weights: NetParameter) -> Self {
        let NetParameter { message, positions, path, .. } = weights;
        let source = |(index, mut layer): (usize, LayerParameter)| Source {
            name: layer.take_name().into(),
            blobs: layer.blobs.into(),
            number: LayerNumber::new(index, positions.get(index).copied().flatten()),
        };
        let int8 = has_integers(&message.layer);
        Trained { layers: message.layer.into_iter().enumerate().map(source).collect(), path, int8 }
    }

    /// Whether there are any.
    pub(crate) fn has_weights(&self) -> bool {
        self.layers.iter().any(|source| !source.blobs.is_empty())
    }

    /// The file of the weights.
    pub(crate) fn path(&self) -> Option<&PathBuf> {
        self.path.as_ref()
    }

    /// An fp32 net cannot take the integers of an int8 net.
    pub(crate) fn check_fp32(&self) -> Result<(), Error> {
        if self.int8 { Err(Error::Int8Weights { path: self.path.clone() }) } else { Ok(()) }
    }

    /// Gives the layers of a net their weights; `targets` are the same layers in the model.
    ///
    /// Each layer of the weights goes to the first layer of its name, the last one of a name stays, and names that
    /// the net does not have are passed over. Then weights are shared by `param { name }`. What Caffe would leave
    /// at its fillers' values is an error.
    pub(crate) fn copy_to(self, net: &mut Net, targets: &[Target<'_>]) -> Result<(), Error> {
        let names = Names::of(targets);
        let strangers: Vec<String> = self
            .layers
            .iter()
            .filter(|source| !source.blobs.is_empty() && names.first(&source.name).is_none())
            .map(|source| source.name.to_string())
            .collect();
        let known: HashSet<String> =
            self.layers.iter().map(|source| source.name.to_string()).collect();
        let mut copied: Vec<Option<Source<'_>>> = targets.iter().map(|_| None).collect();
        for source in self.layers {
            let Some(target) = names.first(&source.name) else { continue };
            let Some(place) = copied.get_mut(target) else { continue };
            if let Some(earlier) = place
                && earlier.blobs.len() != source.blobs.len()
            {
                let reason = LayerError::AmbiguousWeights {
                    first: earlier.number,
                    second: source.number,
                    first_count: earlier.blobs.len(),
                    second_count: source.blobs.len(),
                };
                return Err(match net.layers.get(target) {
                    Some(layer) => of_weights(layer, reason, &self.path),
                    None => Error::layer(self.path.as_deref(), None, &source.name, "", reason),
                });
            }
            *place = Some(source);
        }
        let mut shared = Shared::default();
        let mut own = Vec::with_capacity(targets.len());
        for ((source, target), layer) in copied.into_iter().zip(targets).zip(&net.layers) {
            let mut weights = Weights::new();
            if let Some(Source { blobs, number, .. }) = source {
                weights = arrays(blobs).map_err(|reason| of_weights(layer, reason, &self.path))?;
                shared.add(target.layer, number, &weights);
            }
            own.push(weights);
        }
        let mut fitted = Vec::with_capacity(own.len());
        for ((own, target), layer) in own.into_iter().zip(targets).zip(&net.layers) {
            let bottoms: Vec<&[usize]> =
                layer.bottoms.iter().map(|&id| net.blob(id).shape.as_slice()).collect();
            let fit = |expected: Vec<Shape>| {
                let weights = shared.complete(target.layer, own, expected.len());
                if weights.len() != expected.len()
                    && let Some((first, second)) = names.pair(target)
                {
                    let (expected, found) = (expected.len(), weights.len());
                    return Err(LayerError::SharedName { first, second, expected, found });
                }
                let absent = weights.is_empty() && !expected.is_empty();
                if absent && known.contains(target.layer.name()) {
                    let (expected, file) = (expected.len(), self.path.clone());
                    return Err(LayerError::EmptyWeights { expected, file });
                }
                if absent {
                    return Err(LayerError::NoWeights {
                        expected: expected.len(),
                        file: self.path.clone(),
                        nearest: nearest(target.layer.name(), strangers.iter().map(String::as_str)),
                    });
                }
                blob::fit_weights(&weights, &expected)
            };
            let weights = layer.op.param().weight_shapes(&bottoms).and_then(fit);
            fitted.push(weights.map_err(|reason| {
                let reason = channels::explain(net, layer, reason);
                layer.error(reason)
            })?);
        }
        for (layer, weights) in net.layers.iter_mut().zip(fitted) {
            layer.weights = weights;
        }
        Ok(())
    }
}

/// Whether layers have weights.
pub(crate) fn has_weights(layers: &[LayerParameter]) -> bool {
    layers.iter().any(|layer| !layer.blobs.is_empty())
}

/// Whether layers have what only those of an int8umodel have.
pub(crate) fn has_integers(layers: &[LayerParameter]) -> bool {
    layers.iter().any(|layer| layer.quantization_param.is_some())
}

/// An error of the file with the weights; the layer's position is one of the other file.
fn of_weights(layer: &Layer, reason: LayerError, path: &Option<PathBuf>) -> Error {
    Error::layer(path.as_deref(), None, &layer.name, layer.op.kind(), reason)
}

/// The arrays of weight messages; values of owned ones are moved.
fn arrays(blobs: Cow<'_, [BlobProto]>) -> Result<Weights, LayerError> {
    match blobs {
        Cow::Borrowed(blobs) => {
            blobs.iter().map(|blob| blob::from_proto(Cow::Borrowed(blob))).collect()
        }
        Cow::Owned(blobs) => {
            blobs.into_iter().map(|blob| blob::from_proto(Cow::Owned(blob))).collect()
        }
    }
}

/// Where the layers of each name are.
struct Names<'a>(HashMap<&'a str, Name>);

struct Name {
    /// The index of the first layer.
    target: usize,
    first: LayerNumber,
    second: Option<LayerNumber>,
}

impl<'a> Names<'a> {
    fn of(targets: &[Target<'a>]) -> Self {
        let mut names: HashMap<&str, Name> = HashMap::with_capacity(targets.len());
        for (index, target) in targets.iter().enumerate() {
            names
                .entry(target.layer.name())
                .and_modify(|name| name.second = name.second.or(Some(target.number)))
                .or_insert(Name { target: index, first: target.number, second: None });
        }
        Names(names)
    }

    fn first(&self, name: &str) -> Option<usize> {
        self.0.get(name).map(|name| name.target)
    }

    /// The first layer of this one's name and another one, this one if it is not the first; nothing for a name
    /// of one layer.
    fn pair(&self, target: &Target<'_>) -> Option<(LayerNumber, LayerNumber)> {
        let name = self.0.get(target.layer.name())?;
        let second = name.second?;
        Some((name.first, if target.number == name.first { second } else { target.number }))
    }
}

/// Weights that several layers have in common, by the name that their `param`s give. They are one array in Caffe,
/// so that the layer of the weights that is copied last wins.
#[derive(Default)]
struct Shared<'a>(HashMap<&'a str, (usize, Arc<ArrayD<f32>>)>);

impl<'a> Shared<'a> {
    /// Remembers what a layer got from a layer of the weights.
    fn add(&mut self, layer: &'a LayerParameter, source: LayerNumber, weights: &Weights) {
        for (param, array) in layer.param.iter().zip(weights) {
            let latest = self.0.get(param.name()).is_none_or(|&(other, _)| other < source.number);
            if !param.name().is_empty() && latest {
                self.0.insert(param.name(), (source.number, array.clone()));
            }
        }
    }

    /// A layer's weights with those that it shares, up to the first that is missing.
    fn complete(&self, layer: &LayerParameter, own: Weights, expected: usize) -> Weights {
        if layer.param.iter().all(|param| param.name().is_empty()) {
            return own;
        }
        let array = |index: usize| {
            let shared = layer.param.get(index).and_then(|param| self.0.get(param.name()));
            shared.map(|(_, array)| array).or_else(|| own.get(index)).cloned()
        };
        (0..expected.max(own.len())).map_while(array).collect()
    }
}
