use std::collections::{HashMap, HashSet};

use umodel::layers::{Dequantize, Int8Form, Quantize};
use umodel::{Arithmetic, BlobFormat, DType, LayerOp, LayerSpec, Net, QuantizedNet, passes};

use crate::calibrate::Options;
use crate::error::Error;
use crate::float::{self, FloatLayer, FloatReason};
use crate::misfit::misfit;
use crate::rules::relu::upper_limit;
use crate::rules::{self, Context, wants_integers};
use crate::statistics::Statistics;
use crate::threshold::Method;

/// The share of a layer's biases that the vendor's compiler lets exceed 16 bits.
const CLIPPED: f64 = 0.03;

/// The form of a net that is calibrated: Dropout and Split removed, BatchNorm, Scale and Bias
/// folded, so that every layer is one that the chip has.
///
/// # Errors
/// As [`umodel::passes::fold_affine`].
pub fn prepare(net: &Net) -> Result<Net, Error> {
    Ok(passes::fold_affine(&passes::remove_identities(net)?)?)
}

/// Turns a prepared net into int8 by the statistics of its blobs. The options choose the thresholds, and whether the
/// vendor's rules are left for accuracy.
///
/// A ReLU, ReLU6 or Clip at zero goes into the layer in front of it, whose top becomes unsigned. Layers without an int8
/// form stay fp32, with Quantize and Dequantize layers at the borders; their blobs are named after
/// the original with `_int8` and `_fp32` behind.
///
/// # Errors
/// [`Error::NothingToQuantize`]; [`Error::Model`] for a net that cannot be edited.
pub fn quantize(statistics: &Statistics, options: &Options) -> Result<QuantizedNet, Error> {
    with_reasons(statistics, options).map(|(quantized, _)| quantized)
}

/// [`quantize`], and why layers stay in fp32.
pub(crate) fn with_reasons(
    statistics: &Statistics,
    options: &Options,
) -> Result<(QuantizedNet, Vec<FloatLayer>), Error> {
    let net = statistics.net();
    let (specs, fused) = fuse_relu(net);
    let layer_names = net.layers().iter().map(|layer| layer.name.clone());
    let mut builder = Builder {
        net,
        statistics,
        options,
        // New blobs and their layers share a name, which neither kind may have yet.
        names: net.blobs().iter().map(|blob| blob.name.clone()).chain(layer_names).collect(),
        layer_names: specs.iter().map(|spec| spec.name.clone()).collect(),
        fused,
        formats: HashMap::new(),
        twins: HashMap::new(),
        layers: Vec::new(),
        floats: Vec::new(),
    };
    for index in 0..specs.len() {
        builder.add(&specs, index);
    }
    if !builder.layers.iter().any(|(_, arithmetic)| {
        !matches!(arithmetic, Arithmetic::Float | Arithmetic::Cast | Arithmetic::Same)
    }) {
        return Err(Error::NothingToQuantize);
    }
    let formats = builder.formats;
    let (specs, arithmetic): (Vec<_>, Vec<_>) = builder.layers.into_iter().unzip();
    let net = Net::from_specs(net.name(), specs)?;
    let format = |name: &str| formats.get(name).copied().unwrap_or(BlobFormat::F32);
    let formats = net.blobs().iter().map(|blob| format(&blob.name)).collect();
    let quantized = QuantizedNet::new(net, formats, arithmetic)?;
    let mut floats = builder.floats;
    float::deployed(&mut floats, &quantized)?;
    Ok((quantized, floats))
}

/// Removes each ReLU without a slope, ReLU6 and Clip from zero on behind a layer that can clip at zero and is
/// read by nothing else. Gives the layers, and by the tops that have become unsigned what was removed.
fn fuse_relu(net: &Net) -> (Vec<LayerSpec>, HashMap<String, LayerOp>) {
    let mut kept: Vec<LayerSpec> = Vec::new();
    let mut fused = HashMap::new();
    // Where in `kept` the layer is whose first top this is.
    let mut writers: HashMap<String, usize> = HashMap::new();
    for (spec, layer) in net.specs().into_iter().zip(net.layers()) {
        let plain = upper_limit(&spec.op).is_some() && !spec.forward_with_float();
        let only = plain && net.consumers(layer.bottoms[0]).len() == 1;
        let at = spec.bottoms.first().and_then(|bottom| writers.get(bottom)).copied();
        match at.and_then(|at| Some((at, kept.get_mut(at)?))) {
            Some((at, before))
                if only
                    && before.op.int8_form().clips()
                    && !before.forward_with_float()
                    && !fused.contains_key(&before.tops[0]) =>
            {
                writers.remove(&before.tops[0]);
                writers.insert(spec.tops[0].clone(), at);
                fused.insert(spec.tops[0].clone(), spec.op);
                before.tops = spec.tops;
            }
            _ => {
                writers.extend(spec.tops.first().map(|top| (top.clone(), kept.len())));
                kept.push(spec);
            }
        }
    }
    (kept, fused)
}

struct Builder<'a> {
    net: &'a Net,
    statistics: &'a Statistics,
    options: &'a Options,
    names: HashSet<String>,
    /// The layers that are left after ReLUs were fused.
    layer_names: HashSet<String>,
    fused: HashMap<String, LayerOp>,
    /// The formats of int8 blobs; all others are fp32.
    formats: HashMap<String, BlobFormat>,
    /// The same blob in the other storage, by its name.
    twins: HashMap<String, String>,
    layers: Vec<(LayerSpec, Arithmetic)>,
    floats: Vec<FloatLayer>,
}

impl Builder<'_> {
    fn add(&mut self, specs: &[LayerSpec], index: usize) {
        let spec = &specs[index];
        if let Int8Form::Source { tops } = spec.op.int8_form() {
            // The picture itself; labels stay fp32.
            for top in spec.tops.iter().take(tops) {
                let readers: Vec<&LayerSpec> =
                    specs.iter().filter(|reader| reader.bottoms.contains(top)).collect();
                let integers = |reader: &&LayerSpec| {
                    wants_integers(&reader.op) && !reader.forward_with_float()
                };
                if !readers.is_empty() && readers.iter().all(integers) {
                    self.formats.insert(top.clone(), self.signed(top));
                }
            }
            self.layers.push((spec.clone(), Arithmetic::Cast));
        } else if let Err(reason) = self.add_integer(spec) {
            self.add_float(spec, reason);
        }
    }

    fn threshold(&self, blob: &str, steps: usize) -> f32 {
        let histogram = self.statistics.histogram(blob);
        histogram.map_or(1.0, |histogram| self.options.method.threshold(histogram, steps))
    }

    /// The threshold of a top with the upper limit of a ReLU6: integers beyond it would escape it.
    fn limited(&self, blob: &str, steps: usize, limit: f32) -> f32 {
        let histogram = self.statistics.histogram(blob);
        match histogram.filter(|_| self.options.recover && limit.is_finite()) {
            // The ReLU6 has clipped what is rare and large.
            Some(histogram) => Method::Max.threshold(histogram, steps).min(limit),
            None => self.threshold(blob, steps).min(limit),
        }
    }

    fn signed(&self, blob: &str) -> BlobFormat {
        BlobFormat { dtype: DType::I8, scale: self.threshold(blob, 127) / 127.0 }
    }

    /// Adds the layer in int8, or tells why it has no such form here.
    fn add_integer(&mut self, spec: &LayerSpec) -> Result<(), FloatReason> {
        if spec.forward_with_float() {
            return Err(FloatReason::Asked);
        }
        let Some(top) = spec.tops.first().filter(|_| !float::has_no_form(&spec.op)) else {
            return Err(FloatReason::NoForm);
        };
        let float = spec.bottoms.iter().find(|&bottom| !self.formats.contains_key(bottom));
        if let Some(bottom) = float.filter(|_| !wants_integers(&spec.op)) {
            return Err(FloatReason::FollowsFloat { bottom: bottom.clone() });
        }
        let shape = |name: &String| {
            let id = self.net.blob_id(name);
            id.map_or(&[][..], |id| self.net.blob(id).shape.as_slice())
        };
        let format =
            |name: &String| self.formats.get(name).copied().unwrap_or_else(|| self.signed(name));
        let limit = self.fused.get(top).and_then(upper_limit).unwrap_or(f32::INFINITY);
        let context = Context {
            bottoms: spec.bottoms.iter().map(format).collect(),
            shapes: spec.bottoms.iter().map(shape).collect(),
            top_shape: shape(top),
            threshold: &|steps| self.limited(top, steps, limit),
            relu: self.fused.contains_key(top),
            clipped: if self.options.recover { 0.0 } else { CLIPPED },
        };
        let mut layer = spec.clone();
        let Some((arithmetic, format)) = rules::quantize(&mut layer, &context) else {
            return Err(FloatReason::NotRepresentable { misfit: misfit(spec, &context) });
        };
        for bottom in &mut layer.bottoms {
            if !self.formats.contains_key(bottom) {
                *bottom = self.quantized(bottom);
            }
        }
        self.formats.extend(layer.tops.iter().map(|top| (top.clone(), format)));
        self.layers.push((layer, arithmetic));
        Ok(())
    }

    fn add_float(&mut self, spec: &LayerSpec, reason: FloatReason) {
        let mut layer = spec.clone();
        let noted = |name: &str, op: &LayerOp, reason| FloatLayer {
            name: name.to_owned(),
            op: op.clone(),
            reason,
            deployed: true,
        };
        self.floats.push(noted(&spec.name, &spec.op, reason));
        for bottom in &mut layer.bottoms {
            if self.formats.contains_key(bottom) {
                *bottom = self.dequantized(bottom);
            }
        }
        let top = spec.tops.first().and_then(|top| Some((top, self.fused.get(top)?.clone())));
        if let Some((top, relu)) = top {
            // The layer lost its int8 form after its ReLU was fused: the ReLU comes back.
            let before = self.fresh(&format!("{top}_linear"));
            layer.tops[0] = before.clone();
            let mut name = format!("{top}_relu");
            while !self.layer_names.insert(name.clone()) {
                name.push('_');
            }
            let reason = FloatReason::ReluOf { layer: spec.name.clone() };
            self.floats.push(noted(&name, &relu, reason));
            let relu = LayerSpec::new(&name, relu, &[&before], &[top]);
            self.layers.push((layer, Arithmetic::Float));
            self.layers.push((relu, Arithmetic::Float));
        } else {
            self.layers.push((layer, Arithmetic::Float));
        }
    }

    /// The int8 twin of an fp32 blob.
    fn quantized(&mut self, blob: &str) -> String {
        let format = self.signed(blob);
        let twin = self.twin(blob, "int8", Quantize.into());
        self.formats.insert(twin.clone(), format);
        twin
    }

    /// The fp32 twin of an int8 blob.
    fn dequantized(&mut self, blob: &str) -> String {
        self.twin(blob, "fp32", Dequantize.into())
    }

    fn twin(&mut self, blob: &str, suffix: &str, op: LayerOp) -> String {
        if let Some(twin) = self.twins.get(blob) {
            return twin.clone();
        }
        let twin = self.fresh(&format!("{blob}_{suffix}"));
        let layer = LayerSpec::new(&twin, op, &[blob], &[&twin]);
        self.layers.push((layer, Arithmetic::Cast));
        self.twins.insert(blob.to_owned(), twin.clone());
        twin
    }

    fn fresh(&mut self, name: &str) -> String {
        let mut fresh = name.to_owned();
        while !self.names.insert(fresh.clone()) {
            fresh.push('_');
        }
        fresh
    }
}
