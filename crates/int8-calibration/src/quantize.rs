use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use ndarray::ArrayD;
use umodel::layers::{Dequantize, Int8Form, Parameter, Quantize};
use umodel::{
    Arithmetic, BlobFormat, DType, LayerOp, LayerSpec, Net, QuantizedNet, Rescale, Thresholds,
    passes,
};

use crate::asked::Asked;
use crate::auto::Methods;
use crate::calibrate::Options;
use crate::equalize::StoredChannels;
use crate::error::Error;
use crate::float::{self, FloatLayer, FloatReason};
use crate::fuse::{Names, fuse_relu};
use crate::misfit::{Misfit, misfit};
use crate::rules::relu::upper_limit;
use crate::rules::{self, Context, ShiftRule, wants_integers};
use crate::scales::SharedScales;
use crate::statistics::Statistics;
use crate::threshold::Method;
use crate::{keep, operands};

/// At the end of a net bottoms of a Concat whose ranges differ by more than this do not share a scale.
const LEAST_SHARE: f32 = 4.0;

/// The form of a net that is calibrated: Dropout and Split removed, BatchNorm, Scale and Bias
/// folded, constants made operands of layers that take them, so that every layer is one that the chip has.
///
/// # Errors
/// As [`umodel::passes::fold_affine`].
pub fn prepare(net: &Net) -> Result<Net, Error> {
    let net = operands::replace(&passes::remove_identities(net)?)?;
    operands::other_axes(&passes::fold_affine(&net)?)
}

/// Turns a prepared net into int8 by the statistics of its blobs. The options choose the thresholds, whether the
/// vendor's rules are left for accuracy, and which layers of the prepared net stay in fp32.
///
/// A ReLU, ReLU6 or Clip at zero goes into the layer in front of it, whose top becomes unsigned. Layers without an int8
/// form stay fp32, with Quantize and Dequantize layers at the borders; their blobs are named after
/// the original with `_int8` and `_fp32` behind.
///
/// # Errors
/// [`Error::NothingToQuantize`]; [`Error::UnknownLayer`]; [`Error::TwoThresholds`]; [`Error::Model`] for a net that
/// cannot be edited.
pub fn quantize(statistics: &Statistics, options: &Options) -> Result<QuantizedNet, Error> {
    let net = statistics.net();
    let kept = keep::layers(&options.keep, net, net)?;
    let (channels, methods) = (StoredChannels::new(), Methods::new());
    let choices = Choices { kept: &kept, channels: &channels, methods: &methods };
    rounded(statistics, options, choices).map(|rounded| rounded.quantized)
}

/// The layers that are left after ReLUs were fused, and what was fused.
fn fused(
    net: &Net,
    kept: &HashMap<String, FloatReason>,
) -> (Vec<LayerSpec>, HashMap<String, LayerOp>) {
    fuse_relu(net, |spec| spec.forward_with_float() || kept.contains_key(&spec.name))
}

/// The blobs that are left after ReLUs were fused: rules ask for the thresholds of no others.
pub(crate) fn named_blobs(net: &Net, kept: &HashMap<String, FloatReason>) -> HashSet<String> {
    let (specs, _) = fused(net, kept);
    specs.into_iter().flat_map(|spec| spec.bottoms.into_iter().chain(spec.tops)).collect()
}

/// What layers ask for the thresholds of their tops once ReLUs are fused.
fn asked(specs: &[LayerSpec], options: &Options) -> Result<Asked, Error> {
    Asked::of(specs, !options.vendor_rules)
}

/// The blobs whose scales the prototxt fixes.
///
/// # Errors
/// [`Error::TwoThresholds`].
pub(crate) fn fixed_blobs(
    net: &Net,
    options: &Options,
    kept: &HashMap<String, FloatReason>,
) -> Result<impl Fn(&str) -> bool + use<>, Error> {
    let asked = asked(&fused(net, kept).0, options)?;
    Ok(move |blob: &str| asked.is_fixed(blob))
}

/// What is chosen before layers get integers.
#[derive(Clone, Copy)]
pub(crate) struct Choices<'a> {
    /// The layers that somebody wants in fp32.
    pub(crate) kept: &'a HashMap<String, FloatReason>,
    pub(crate) channels: &'a StoredChannels,
    /// Methods of single blobs; others have that of the options.
    pub(crate) methods: &'a Methods,
}

/// An int8 net whose weights are rounded to the nearest integers.
pub(crate) struct Rounded {
    pub(crate) quantized: QuantizedNet,
    /// The layers that stay in fp32, and why.
    pub(crate) float_layers: Vec<FloatLayer>,
    /// Blobs whose thresholds were found, those that share a scale together.
    pub(crate) groups: Vec<Vec<String>>,
}

/// [`quantize`] with these choices.
pub(crate) fn rounded(
    statistics: &Statistics,
    options: &Options,
    choices: Choices<'_>,
) -> Result<Rounded, Error> {
    let Choices { kept, channels, methods } = choices;
    let net = statistics.net();
    let (specs, fused) = fused(net, kept);
    let blobs = net.blobs().iter().map(|blob| blob.name.as_str());
    let layers = net.layers().iter().map(|layer| layer.name.as_str());
    let mut readers: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, spec) in specs.iter().enumerate() {
        for (bottom, name) in spec.bottoms.iter().enumerate() {
            if spec.op.reads_values(bottom) {
                readers.entry(name).or_default().push(index);
            }
        }
    }
    let leading = leading_to_weights(&specs);
    let mut builder = Builder {
        net,
        statistics,
        options,
        kept,
        methods,
        specs: &specs,
        readers,
        leading,
        // New blobs and their layers share a name, which neither kind may have yet.
        names: Names::of(blobs.chain(layers)),
        layer_names: Names::of(specs.iter().map(|spec| spec.name.as_str())),
        fused,
        constants: operands::constants(net),
        asked: asked(&specs, options)?,
        shared: SharedScales::default(),
        thresholds: RefCell::default(),
        formats: HashMap::new(),
        twins: HashMap::new(),
        layers: Vec::new(),
        floats: Vec::new(),
    };
    if !options.vendor_rules {
        let scale = |blob: &str| {
            let steps = builder.steps(blob);
            let scale = builder.own_threshold(blob, steps) / steps as f32;
            (scale, builder.asked.fixed(blob).is_some())
        };
        builder.shared = SharedScales::of(&specs, scale);
    }
    for spec in &specs {
        builder.add(spec);
    }
    if !builder.layers.iter().any(|(_, arithmetic)| {
        !matches!(arithmetic, Arithmetic::Float | Arithmetic::Cast | Arithmetic::Same)
    }) {
        return Err(if kept.is_empty() { Error::NothingToQuantize } else { Error::AllKept });
    }
    let groups = builder.groups();
    let (quantized, float_layers) = builder.finish(channels)?;
    Ok(Rounded { quantized, float_layers, groups })
}

struct Builder<'a> {
    net: &'a Net,
    statistics: &'a Statistics,
    options: &'a Options,
    /// The layers that somebody wants in fp32.
    kept: &'a HashMap<String, FloatReason>,
    methods: &'a Methods,
    /// The layers that are left after ReLUs were fused.
    specs: &'a [LayerSpec],
    /// The layers that read the values of each blob.
    readers: HashMap<&'a str, Vec<usize>>,
    /// The blobs that layers with weights depend on.
    leading: HashSet<&'a str>,
    names: Names,
    layer_names: Names,
    fused: HashMap<String, LayerOp>,
    /// The values of the tops of Parameter layers.
    constants: HashMap<String, ArrayD<f32>>,
    /// What layers ask for the thresholds of their tops.
    asked: Asked,
    shared: SharedScales,
    /// Thresholds that were asked for, by blob and steps.
    thresholds: RefCell<HashMap<(String, usize), f32>>,
    /// The formats of int8 blobs; all others are fp32.
    formats: HashMap<String, BlobFormat>,
    /// The same blob in the other storage, by its name.
    twins: HashMap<String, String>,
    layers: Vec<(LayerSpec, Arithmetic)>,
    floats: Vec<FloatLayer>,
}

impl Builder<'_> {
    fn add(&mut self, spec: &LayerSpec) {
        match spec.op.int8_form() {
            Int8Form::Source { tops } => {
                // The picture itself; labels stay fp32.
                for top in spec.tops.iter().take(tops) {
                    let readers = self.readers_of(top);
                    let float = spec.forward_with_float() || self.kept.contains_key(&spec.name);
                    let integers = |&reader: &usize| self.serves(&self.specs[reader]);
                    let useful = !self.asked.any(top) || self.computable(top);
                    if !float && useful && !readers.is_empty() && readers.iter().all(integers) {
                        self.formats.insert(top.clone(), self.signed(top));
                    }
                }
                self.layers.push((spec.clone(), Arithmetic::Cast));
            }
            // Its int8 twin is made for the first reader that wants one.
            Int8Form::Constant => self.add_float(spec, FloatReason::Constant),
            _ => {
                if let Err(reason) = self.add_integer(spec) {
                    self.add_float(spec, reason);
                }
            }
        }
    }

    fn readers_of(&self, blob: &str) -> &[usize] {
        self.readers.get(blob).map_or(&[], Vec::as_slice)
    }

    /// Whether a layer can compute with int8 bottoms, and does more than move them to layers that cannot.
    fn serves(&self, spec: &LayerSpec) -> bool {
        self.can(spec) && (!moves(spec) || spec.tops.iter().any(|top| self.wanted(top)))
    }

    /// Whether the layers that compute with a blob of which a threshold is asked for have integers for it.
    fn computable(&self, blob: &str) -> bool {
        self.readers_of(blob).iter().all(|&reader| {
            let spec = &self.specs[reader];
            match moves(spec) {
                true => spec.tops.iter().all(|top| self.computable(top)),
                false => self.integers(&mut spec.clone()).is_some(),
            }
        })
    }

    /// Whether some layer makes use of a blob's integers.
    fn wanted(&self, blob: &str) -> bool {
        self.readers_of(blob).iter().any(|&reader| self.serves(&self.specs[reader]))
    }

    /// Whether a layer has an int8 form, if its bottoms have one.
    fn can(&self, spec: &LayerSpec) -> bool {
        let float = self.asked(spec).is_some() || float::without_form(&spec.op).is_some();
        !float && (wants_integers(&spec.op) || self.integers(&mut spec.clone()).is_some())
    }

    /// Why somebody wants the layer in fp32.
    fn asked(&self, spec: &LayerSpec) -> Option<FloatReason> {
        match self.kept.get(&spec.name) {
            None => spec.forward_with_float().then_some(FloatReason::Asked),
            kept => kept.cloned(),
        }
    }

    /// The bottoms whose values the layer reads.
    fn read(spec: &LayerSpec) -> impl Iterator<Item = &String> {
        let bottoms = spec.bottoms.iter().enumerate();
        bottoms.filter(|(index, _)| spec.op.reads_values(*index)).map(|(_, bottom)| bottom)
    }

    fn shape(&self, blob: &str) -> &[usize] {
        self.net.blob_id(blob).map_or(&[], |id| &self.net.blob(id).shape)
    }

    /// The threshold of a blob, by the scale that it shares with others.
    fn threshold(&self, blob: &str, steps: usize) -> f32 {
        if let Some(threshold) = self.fixed(blob, steps) {
            return threshold;
        }
        let others = self.shared.others(blob).map(|(_, scale)| scale * steps as f32);
        others.fold(self.own_threshold(blob, steps), f32::max)
    }

    /// The threshold that the prototxt fixes for a blob, or for one that shares its scale.
    fn fixed(&self, blob: &str, steps: usize) -> Option<f32> {
        let shared = || self.shared.fixed(blob).map(|scale| scale * steps as f32);
        self.asked.fixed(blob).or_else(shared)
    }

    /// The integers on one side of zero that a blob will have, as far as can be told in advance.
    fn steps(&self, blob: &str) -> usize {
        if self.fused.contains_key(blob) { 255 } else { 127 }
    }

    /// The blobs whose own thresholds were looked for, in the order of the net; those that share a scale together.
    fn groups(&self) -> Vec<Vec<String>> {
        let known = self.thresholds.borrow();
        let looked_for: HashSet<&str> = known.keys().map(|(blob, _)| blob.as_str()).collect();
        let mut seen: HashSet<&str> = HashSet::new();
        let mut groups = Vec::new();
        for blob in self.net.blobs().iter().map(|blob| blob.name.as_str()) {
            if looked_for.contains(blob) && seen.insert(blob) {
                let others: Vec<&str> = self.shared.others(blob).map(|(other, _)| other).collect();
                seen.extend(&others);
                let group = std::iter::once(blob).chain(others);
                groups.push(group.map(str::to_owned).collect());
            }
        }
        groups
    }

    /// The threshold of a blob by its own values.
    fn own_threshold(&self, blob: &str, steps: usize) -> f32 {
        let mut known = self.thresholds.borrow_mut();
        *known.entry((blob.to_owned(), steps)).or_insert_with(|| {
            let method = self.methods.get(blob).copied().unwrap_or(self.options.method);
            self.found(blob, method, steps)
        })
    }

    /// The threshold of a blob by its own values, and by this method if its layer asks for no other.
    fn found(&self, blob: &str, method: Method, steps: usize) -> f32 {
        let histogram = |blob: &str| self.statistics.histogram(blob);
        self.asked.threshold(blob, [method, self.options.method], steps, histogram)
    }

    /// The threshold of a top with the upper limit of a ReLU6: integers beyond it would escape it.
    fn limited(&self, blob: &str, steps: usize, limit: f32) -> f32 {
        // The ReLU6 has clipped what is rare and large.
        let clipped = (self.options.recover || self.options.equalize) && limit.is_finite();
        let known = self.statistics.histogram(blob).is_some() && self.fixed(blob, steps).is_none();
        match clipped && known {
            true => self.found(blob, Method::Max, steps).min(limit),
            false => self.threshold(blob, steps).min(limit),
        }
    }

    /// The format of a blob that a Quantize layer or a source writes, or of a constant.
    fn signed(&self, blob: &str) -> BlobFormat {
        match self.constants.get(blob) {
            Some(values) => constant_format(values, self.asked.fixed(blob), self.asked.scale(blob)),
            None => {
                let own = !self.options.vendor_rules && !self.asked.any(blob);
                let step = self.statistics.picture_step(blob).filter(|_| own);
                let scale = step.unwrap_or_else(|| self.threshold(blob, 127) / 127.0);
                BlobFormat { dtype: DType::I8, scale }
            }
        }
    }

    /// The layer's integers, if its bottoms are int8: those that are not are taken for what a Quantize layer makes of
    /// them.
    fn integers(&self, layer: &mut LayerSpec) -> Option<rules::Quantized> {
        let spec = layer.clone();
        let quantized =
            self.in_context(&spec, |context| rules::quantize(layer, context)).flatten()?;
        self.nothing_left(&spec, &quantized).is_none().then_some(quantized)
    }

    /// Why a layer has no integers.
    fn misfit(&self, spec: &LayerSpec) -> Misfit {
        let mut layer = spec.clone();
        let quantized = self.in_context(spec, |context| rules::quantize(&mut layer, context));
        let nothing = quantized.flatten().and_then(|found| self.nothing_left(spec, &found));
        let misfit = || self.in_context(spec, |context| misfit(spec, context));
        nothing.or_else(misfit).unwrap_or(Misfit::Parameters)
    }

    /// What a threshold that the prototxt asks for leaves nothing of: thresholds that are found never do that.
    fn nothing_left(&self, spec: &LayerSpec, quantized: &rules::Quantized) -> Option<Misfit> {
        let (arithmetic, format) = quantized;
        let scale = f64::from(format.scale);
        for top in spec.tops.iter().filter(|top| self.asked.any(top)) {
            let largest = self.statistics.histogram(top)?.absolute_maximum();
            if largest > 0.0 && f64::from(largest) < scale / 2.0 {
                return Some(Misfit::NoValues { largest, step: format.scale });
            }
        }
        let asked = || spec.bottoms.iter().chain(&spec.tops).any(|blob| self.asked.any(blob));
        match arithmetic {
            Arithmetic::MultiplyAccumulate { weights, .. }
                if weights.iter().all(|&w| w == 0) && asked() =>
            {
                let values = spec.weights.first()?;
                let largest = values.iter().fold(0.0f32, |most, w| most.max(w.abs()));
                (largest > 0.0).then_some(Misfit::NoWeights { largest })
            }
            Arithmetic::Rescaled(factors) => {
                // Even the largest stored value gives 0.
                let nothing = |by: &Rescale| {
                    255 * i32::from(by.multiplier).abs() < 1i32 << by.right_shift >> 1
                };
                let mut bottoms = Self::read(spec).zip(factors);
                let (bottom, _) =
                    bottoms.find(|(bottom, by)| self.asked.any(bottom) && nothing(by))?;
                let format =
                    self.formats.get(bottom).copied().unwrap_or_else(|| self.signed(bottom));
                Some(Misfit::Ratio { ratio: f64::from(format.scale) / scale })
            }
            _ => None,
        }
    }

    /// What a rule finds out of a layer with its surroundings; nothing for one without tops.
    fn in_context<T>(&self, spec: &LayerSpec, rule: impl FnOnce(&Context<'_>) -> T) -> Option<T> {
        let top = spec.tops.first()?;
        let bottoms: Vec<&String> = Self::read(spec).collect();
        let format =
            |name: &&String| self.formats.get(*name).copied().unwrap_or_else(|| self.signed(name));
        let limit = self.fused.get(top).and_then(upper_limit).unwrap_or(f32::INFINITY);
        let largest = |index: usize| -> Option<f32> {
            let top = spec.tops.get(index)?;
            let fixed = self.asked.fixed(top).unwrap_or(0.0);
            let histogram = self.statistics.histogram(top);
            histogram.map(|histogram| histogram.absolute_maximum().max(fixed))
        };
        let context = Context {
            bottoms: bottoms.iter().map(format).collect(),
            shapes: bottoms.iter().map(|name| self.shape(name)).collect(),
            top_shape: self.shape(top),
            threshold: &|steps| self.limited(top, steps, limit),
            asked: self.asked.any(top),
            largest: &largest,
            tops: spec.tops.len(),
            relu: self.fused.contains_key(top),
            shifts: self.shift_rule(),
        };
        Some(rule(&context))
    }

    fn shift_rule(&self) -> ShiftRule {
        match (self.options.vendor_rules, self.options.recover) {
            (false, _) => ShiftRule::BEST,
            (true, false) => ShiftRule::VENDOR,
            (true, true) => ShiftRule { clipped: 0.0, ..ShiftRule::VENDOR },
        }
    }

    /// Adds the layer in int8, or tells why it has no such form here.
    fn add_integer(&mut self, spec: &LayerSpec) -> Result<(), FloatReason> {
        if let Some(reason) = self.asked(spec).or_else(|| float::without_form(&spec.op)) {
            return Err(reason);
        }
        if let Some(reason) = self.ends(spec) {
            return Err(reason);
        }
        if let Some(bottom) = self.follows_float(spec) {
            return Err(FloatReason::FollowsFloat { bottom });
        }
        let mut layer = spec.clone();
        let Some((arithmetic, format)) = self.integers(&mut layer) else {
            return Err(FloatReason::NotRepresentable { misfit: self.misfit(spec) });
        };
        for index in 0..layer.bottoms.len() {
            let bottom = &layer.bottoms[index];
            if layer.op.reads_values(index) && !self.formats.contains_key(bottom) {
                layer.bottoms[index] = self.quantized(&bottom.clone());
            }
        }
        for (index, top) in layer.tops.iter().enumerate() {
            let mut format = format;
            if let Arithmetic::Cut(by) = &arithmetic
                && let Some(by) = by.get(index)
            {
                format.scale *= f32::from(1u16 << by.right_shift) / f32::from(by.multiplier);
            }
            self.formats.insert(top.clone(), format);
        }
        self.layers.push((layer, arithmetic));
        Ok(())
    }

    /// The fp32 bottom for which the layer stays in fp32 itself, if casts around it cost less then.
    ///
    /// Values that would have to be cast decide: on one side those of the fp32 bottoms, and those of the top if nothing
    /// takes its integers; on the other side those of the int8 bottoms, and those of the top if something does. With
    /// fp32 bottoms alone a layer stays in fp32, unless it multiplies by weights.
    fn follows_float(&self, spec: &LayerSpec) -> Option<String> {
        let float = |bottom: &&String| {
            !self.formats.contains_key(*bottom) && !self.constants.contains_key(*bottom)
        };
        let first = Self::read(spec).find(float)?;
        if wants_integers(&spec.op) {
            return None;
        }
        if Self::read(spec).all(|bottom| !self.formats.contains_key(bottom)) {
            return Some(first.clone());
        }
        let values = |blob: &String| self.shape(blob).iter().product::<usize>();
        let uncast = |bottom: &&String| !self.twins.contains_key(*bottom);
        let to_int8: usize = Self::read(spec).filter(float).filter(uncast).map(values).sum();
        let integers = || Self::read(spec).filter(|bottom| self.formats.contains_key(*bottom));
        let to_fp32: usize = integers().filter(uncast).map(values).sum();
        let mut casts = (to_int8, to_fp32);
        for top in &spec.tops {
            if self.wanted(top) {
                casts.1 += values(top);
            } else if !self.readers_of(top).is_empty() {
                casts.0 += values(top);
            }
        }
        (casts.0 > casts.1).then(|| first.clone())
    }

    /// Why a layer behind the last layer with weights stays in fp32. What decodes boxes there computes little, and the
    /// net's results are worth more than the time that 8 bits would save.
    fn ends(&self, spec: &LayerSpec) -> Option<FloatReason> {
        if spec.tops.iter().any(|top| self.leading.contains(top.as_str())) {
            return None;
        }
        match spec.op.int8_form() {
            Int8Form::Broadcast(_)
            | Int8Form::Factor { .. }
            | Int8Form::Offset
            | Int8Form::Reduction(_) => Some(FloatReason::Ends),
            Int8Form::Concat => {
                let range = |blob: &String| self.own_threshold(blob, 127);
                let most = spec.bottoms.iter().map(range).fold(0.0, f32::max);
                let small = |blob: &&String| range(blob) < most / LEAST_SHARE;
                let bottom = spec.bottoms.iter().find(small)?.clone();
                Some(FloatReason::Ranges { bottom })
            }
            Int8Form::Float
            | Int8Form::Source { .. }
            | Int8Form::Quantize
            | Int8Form::Dequantize
            | Int8Form::Same
            | Int8Form::Clip { .. }
            | Int8Form::LeakyRelu { .. }
            | Int8Form::Prelu
            | Int8Form::Value
            | Int8Form::Interpolate(_)
            | Int8Form::MultiplyAccumulate { .. }
            | Int8Form::ChannelScale { .. }
            | Int8Form::Constant
            | Int8Form::Cut
            | Int8Form::AveragePool(_)
            | Int8Form::Reduce(_)
            | Int8Form::Max
            | Int8Form::Sum(_)
            | Int8Form::Product => None,
        }
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
        for (index, bottom) in layer.bottoms.iter_mut().enumerate() {
            if spec.op.reads_values(index) && self.formats.contains_key(bottom) {
                *bottom = self.dequantized(bottom);
            }
        }
        let top = spec.tops.first().and_then(|top| Some((top, self.fused.get(top)?.clone())));
        if let Some((top, relu)) = top {
            // The layer lost its int8 form after its ReLU was fused: the ReLU comes back.
            let before = self.names.fresh(&format!("{top}_linear"));
            layer.tops[0] = before.clone();
            let name = self.layer_names.fresh(&format!("{top}_relu"));
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
        if let Some(twin) = self.twins.get(blob) {
            return twin.clone();
        }
        let format = self.signed(blob);
        let twin = match self.constants.get(blob) {
            Some(values) => {
                let (stored, shape) = (constant_integers(values, format), values.shape().to_vec());
                let twin = self.names.fresh(&format!("{blob}_int8"));
                let layer = LayerSpec::new(&twin, Parameter { shape }, &[], &[&twin]);
                self.layers.push((layer, Arithmetic::Constant(stored.into())));
                self.twins.insert(blob.to_owned(), twin.clone());
                twin
            }
            None => self.twin(blob, "int8", Quantize.into()),
        };
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
        let twin = self.names.fresh(&format!("{blob}_{suffix}"));
        let layer = LayerSpec::new(&twin, op, &[blob], &[&twin]);
        self.layers.push((layer, Arithmetic::Cast));
        self.twins.insert(blob.to_owned(), twin.clone());
        twin
    }

    /// Joins the layers to a net. Constants whose int8 twins are all that is read go.
    fn finish(
        mut self,
        channels: &StoredChannels,
    ) -> Result<(QuantizedNet, Vec<FloatLayer>), Error> {
        let (mut specs, arithmetic): (Vec<_>, Vec<_>) = self.layers.into_iter().unzip();
        let arithmetic: HashMap<String, Arithmetic> =
            specs.iter().map(|spec: &LayerSpec| spec.name.clone()).zip(arithmetic).collect();
        // They have acted.
        specs.iter_mut().for_each(|spec| spec.set_thresholds(Thresholds::default()));
        let read = |id| !self.net.consumers(id).is_empty();
        let read_before =
            self.net.blob_ids().map(|id| (self.net.blob(id).name.clone(), read(id))).collect();
        operands::remove_constants(&mut specs, &read_before);
        let net = Net::from_specs(self.net.name(), specs)?;
        let format = |name: &str| self.formats.get(name).copied().unwrap_or(BlobFormat::F32);
        let formats = net.blobs().iter().map(|blob| format(&blob.name)).collect();
        let of = |name: &String| arithmetic.get(name).cloned().unwrap_or(Arithmetic::Float);
        let arithmetic = net.layers().iter().map(|layer| of(&layer.name)).collect();
        self.floats.retain(|float| net.layer_index(&float.name).is_some());
        let twins: HashMap<&String, &String> =
            self.twins.iter().map(|(blob, twin)| (twin, blob)).collect();
        let of_blob = |name: &str| {
            let name = name.to_owned();
            channels.get(twins.get(&name).copied().unwrap_or(&name)).cloned()
        };
        let quantized = QuantizedNet::new(net, formats, arithmetic)?.with_channels(of_blob)?;
        float::deployed(&mut self.floats, &quantized)?;
        Ok((quantized, self.floats))
    }
}

/// Whether a layer only moves values.
fn moves(spec: &LayerSpec) -> bool {
    matches!(spec.op.int8_form(), Int8Form::Same | Int8Form::Clip { .. } | Int8Form::Cut)
}

/// The blobs from which a way leads to a layer that multiplies by weights.
fn leading_to_weights(specs: &[LayerSpec]) -> HashSet<&str> {
    let mut leading: HashSet<&str> = HashSet::new();
    for spec in specs.iter().rev() {
        if wants_integers(&spec.op) || spec.tops.iter().any(|top| leading.contains(top.as_str())) {
            leading.extend(spec.bottoms.iter().map(String::as_str));
        }
    }
    leading
}

/// Every constant's largest value is representable, unless a threshold is fixed or multiplied, and none is wasted on
/// negative ones that do not occur.
fn constant_format(values: &ArrayD<f32>, fixed: Option<f32>, by: f32) -> BlobFormat {
    let largest = values.iter().fold(0.0f32, |most, value| most.max(value.abs()));
    let largest = if largest > 0.0 { largest * by } else { 1.0 };
    let largest = fixed.unwrap_or(largest);
    let signed = values.iter().any(|&value| value < 0.0);
    let (dtype, steps) = if signed { (DType::I8, 127.0) } else { (DType::U8, 255.0) };
    BlobFormat { dtype, scale: (largest / steps).max(f32::MIN_POSITIVE) }
}

/// Bytes of constants, signed or not as the format says.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "conversions saturate")]
fn constant_integers(values: &ArrayD<f32>, format: BlobFormat) -> ArrayD<i8> {
    values.mapv(|value| {
        let steps = (value / format.scale).round();
        if format.dtype == DType::U8 { (steps as u8).cast_signed() } else { steps as i8 }
    })
}
