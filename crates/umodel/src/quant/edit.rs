//! Quantized nets as lists of layers, and back: the start of every edit.

use std::collections::HashSet;

use super::{Arithmetic, BlobFormat, DType, QuantizedNet};
use crate::builder::LayerSpec;
use crate::error::{Error, QuantizedPart};
use crate::layers::{Int8Form, LayerOp, Split};
use crate::net::Net;

/// A layer before it stands in a [`QuantizedNet`], with all that its int8 form needs.
#[derive(Clone, Debug)]
pub struct QuantizedSpec {
    /// The layer of the graph.
    pub spec: LayerSpec,
    /// What it computes with.
    pub arithmetic: Arithmetic,
    /// How its tops are stored, in their order.
    pub formats: Vec<BlobFormat>,
}

impl QuantizedNet {
    /// The layers as [`QuantizedNet::from_specs`] takes them.
    pub fn specs(&self) -> Vec<QuantizedSpec> {
        let layers = self.net.layers().iter().zip(&self.arithmetic);
        let specs = self.net.specs().into_iter().zip(layers);
        specs
            .map(|(spec, (layer, arithmetic))| QuantizedSpec {
                spec,
                arithmetic: arithmetic.clone(),
                formats: layer.tops.iter().map(|&top| self.format(top)).collect(),
            })
            .collect()
    }

    /// Builds a net from layers in execution order.
    ///
    /// # Errors
    /// As [`Net::from_specs`] and [`QuantizedNet::new`]; [`Error::QuantizationCount`] if a layer has not one format for
    /// each top.
    pub fn from_specs(name: &str, specs: Vec<QuantizedSpec>) -> Result<Self, Error> {
        let mut layers = Vec::with_capacity(specs.len());
        let mut formats = Vec::new();
        let mut arithmetic = Vec::with_capacity(specs.len());
        for spec in specs {
            let (expected, found) = (spec.spec.tops.len(), spec.formats.len());
            if expected != found {
                let what = QuantizedPart::Formats;
                return Err(Error::QuantizationCount { what, expected, found });
            }
            layers.push(spec.spec);
            // Blobs stand in the net in the order of the layers' tops.
            formats.extend(spec.formats);
            arithmetic.push(spec.arithmetic);
        }
        QuantizedNet::new(Net::from_specs(name, layers)?, formats, arithmetic)
    }

    /// An fp32 net in the form that the int8 executor and the code generator take: all layers compute in fp32, as
    /// BM1684 does it.
    ///
    /// # Errors
    /// [`Error::Layer`] for a net with Quantize or Dequantize layers, which has int8 blobs.
    pub fn from_float(net: Net) -> Result<Self, Error> {
        let formats = vec![BlobFormat::F32; net.blobs().len()];
        let arithmetic = net.layers().iter().map(|layer| match layer.op.int8_form() {
            Int8Form::Source { .. } => Arithmetic::Cast,
            _ => Arithmetic::Float,
        });
        let arithmetic = arithmetic.collect();
        QuantizedNet::new(net, formats, arithmetic)
    }
}

/// A layer that gives a blob of this format another name.
pub(super) fn renaming(name: &str, bottom: &str, top: &str, format: BlobFormat) -> QuantizedSpec {
    QuantizedSpec {
        spec: LayerSpec::new(name, Split, &[bottom], &[top]),
        arithmetic: match format.dtype {
            DType::F32 => Arithmetic::Float,
            DType::I8 | DType::U8 => Arithmetic::Same,
        },
        formats: vec![format],
    }
}

/// Names that are in use, of layers and of blobs.
#[derive(Debug, Default)]
pub(super) struct Names {
    layers: HashSet<String>,
    blobs: HashSet<String>,
}

impl Names {
    pub(super) fn of(specs: &[QuantizedSpec]) -> Self {
        let specs = || specs.iter().map(|spec| &spec.spec);
        Names {
            layers: specs().map(|spec| spec.name.clone()).collect(),
            blobs: specs().flat_map(|spec| spec.tops.iter().cloned()).collect(),
        }
    }

    /// This name for a layer, with `_` behind it as often as it is taken.
    pub(super) fn layer(&mut self, name: &str) -> String {
        fresh(&mut self.layers, name)
    }

    /// This name for a blob, with `_` behind it as often as it is taken.
    pub(super) fn blob(&mut self, name: &str) -> String {
        fresh(&mut self.blobs, name)
    }
}

fn fresh(taken: &mut HashSet<String>, name: &str) -> String {
    let mut name = name.to_owned();
    while !taken.insert(name.clone()) {
        name.push('_');
    }
    name
}

/// The layers that these blobs depend on. Input layers lose tops that none of the layers left reads, unless they are
/// wanted themselves.
pub(super) fn needed(specs: Vec<QuantizedSpec>, wanted: &HashSet<String>) -> Vec<QuantizedSpec> {
    let mut wanted = wanted.clone();
    let mut kept = Vec::with_capacity(specs.len());
    for mut spec in specs.into_iter().rev() {
        if !spec.spec.tops.iter().any(|top| wanted.contains(top)) {
            continue;
        }
        wanted.extend(spec.spec.bottoms.iter().cloned());
        if let LayerOp::Input(input) = &mut spec.spec.op {
            let keep: Vec<bool> = spec.spec.tops.iter().map(|top| wanted.contains(top)).collect();
            if input.shapes.len() == keep.len() {
                input.shapes = chosen(&input.shapes, &keep);
            }
            // The scale in the prototxt is that of the first top.
            input.int8_scale = input.int8_scale.filter(|_| keep.first() == Some(&true));
            spec.spec.tops = chosen(&spec.spec.tops, &keep);
            spec.spec.source_shapes = chosen(&spec.spec.source_shapes, &keep);
            spec.formats = chosen(&spec.formats, &keep);
        }
        kept.push(spec);
    }
    kept.reverse();
    kept
}

fn chosen<T: Clone>(values: &[T], keep: &[bool]) -> Vec<T> {
    values.iter().zip(keep).filter(|(_, keep)| **keep).map(|(value, _)| value.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{NetParameter, NoSources, Phase};

    fn net(text: &str) -> Net {
        let model = NetParameter::parse_text(text).expect("text");
        Net::new(&model, None, Phase::Test, &NoSources).expect("net")
    }

    /// Exact: taken apart and joined again a net is the same, and a format too few is an error.
    #[test]
    fn specs_make_the_same_net() {
        let net = QuantizedNet::from_float(net(
            "layer { name: 'x' type: 'Input' top: 'x' top: 'y' input_param { shape { dim: [1, 2] } } }
             layer { name: 's' type: 'Split' bottom: 'x' top: 'a' top: 'b' }",
        ))
        .expect("fp32");
        let again = QuantizedNet::from_specs("", net.specs()).expect("the same");
        assert_eq!(
            again.to_parameter_with_weights().to_text(),
            net.to_parameter_with_weights().to_text()
        );
        let mut specs = net.specs();
        specs[1].formats.pop();
        assert!(matches!(
            QuantizedNet::from_specs("", specs),
            Err(Error::QuantizationCount { expected: 2, found: 1, .. })
        ));
    }

    /// Exact: what an Input layer is left with.
    #[test]
    fn inputs_lose_tops_that_nothing_needs() {
        let net = QuantizedNet::from_float(net("layer { name: 'x' type: 'Input' top: 'x' top: 'y'
               input_param { shape { dim: [1, 2] } shape { dim: 3 } } }
             layer { name: 'r' type: 'ReLU' bottom: 'y' top: 'r' }
             layer { name: 's' type: 'ReLU' bottom: 'x' top: 's' }"))
        .expect("fp32");
        let kept = needed(net.specs(), &HashSet::from(["r".to_owned()]));
        let names: Vec<&str> = kept.iter().map(|spec| spec.spec.name.as_str()).collect();
        assert_eq!(names, ["x", "r"]);
        let net = QuantizedNet::from_specs("", kept).expect("valid");
        let inputs: Vec<_> = net.net().inputs().iter().map(|&id| net.net().blob(id)).collect();
        assert_eq!((inputs.len(), inputs[0].name.as_str()), (1, "y"));
        assert_eq!(inputs[0].shape, [3]);
    }
}
