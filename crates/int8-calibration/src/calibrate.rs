use std::sync::Arc;
use std::time::Duration;

use uframework::Executor;
use umodel::layers::Role;
use umodel::{BlobId, DType, Net, QuantizedNet, Shifts};

use crate::auto::{self, Methods, Search};
use crate::bias_bits::{BiasLoss, bias_losses};
use crate::equalize::{Ranges, StoredChannels, equalize};
use crate::error::Error;
use crate::float::{FloatLayer, FloatReason};
use crate::judge::{self, Judge};
use crate::keep::{self, Keep};
use crate::mixed::{self, Sensitivity, Target};
use crate::quantize::{Choices, Rounded, fixed_blobs, named_blobs, prepare, rounded};
use crate::recover;
use crate::regress::{Sample, Samples, different, regress};
use crate::statistics::{Statistics, check_weights};
use crate::threshold::Method;

/// Iterations that tell the ranges of channels. With half as many, EfficientNet-Lite0 loses 0.3 dB.
const MOST_RANGED: usize = 100;

/// What [`calibrate`] may be told.
///
/// ```
/// use int8_calibration::{Method, Options};
///
/// let options = Options::default().iterations(50).method(Method::Max);
/// assert!(!options.recover);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// Passes over the Data layers, one batch each; 200 by default.
    pub iterations: usize,
    /// How thresholds are chosen; [`Method::Mse`] by default.
    pub method: Method,
    /// Spends commands where that makes the int8 net more accurate: see [`recover`].
    pub recover: bool,
    /// Whether layers get one right shift for all of their output channels, and 3 % of their biases may be clipped to 16
    /// bits, as the vendor's rules say; false by default. Otherwise each 64 output channels, which one command computes,
    /// have a shift of their own, and it is small enough for all biases.
    pub vendor_rules: bool,
    /// Whether channels get factors of their own, taken up by the weights around them; true by default. Costs nothing on
    /// the chip and a second run over the pictures.
    pub equalize: bool,
    /// Whether weights and biases are chosen by regression on the integers that layers really read; true by default. Costs
    /// nothing on the chip, and time.
    pub regress: bool,
    /// Layers that stay in fp32: what is kept around each layer whose name a pattern describes. See [`Options::keep`].
    pub keep: Vec<(Keep, String)>,
    /// Layers that cost the outputs most stay in fp32 as a target needs; none by default. A fifth of the pictures, 20
    /// iterations at most, is held out to check it. Costs a run of the net for each layer over a few pictures, and a regression
    /// for each number of layers that is tried.
    pub target: Option<Target>,
    /// How long [`Method::Auto`] may search; ten minutes by default. It holds pictures out as a target does, and each trial
    /// takes a regression. Equal inputs give equal results if it gets through all blobs in this time.
    pub search_time: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            iterations: 200,
            method: Method::default(),
            recover: false,
            vendor_rules: false,
            equalize: true,
            regress: true,
            keep: Vec::new(),
            target: None,
            search_time: Duration::from_secs(600),
        }
    }
}

impl Options {
    /// Sets the passes over the Data layers.
    #[must_use]
    pub fn iterations(mut self, iterations: usize) -> Self {
        self.iterations = iterations;
        self
    }

    /// Sets how thresholds are chosen.
    #[must_use]
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// Sets whether commands are spent on accuracy.
    #[must_use]
    pub fn recover(mut self, recover: bool) -> Self {
        self.recover = recover;
        self
    }

    /// Sets whether the published rules of the vendor's compiler hold, and nothing else: KL thresholds, no factors of
    /// channels and no regression, unless others are asked for afterwards.
    #[must_use]
    pub fn vendor_rules(mut self, vendor_rules: bool) -> Self {
        if vendor_rules {
            self.method = Method::Kl;
        }
        self.vendor_rules = vendor_rules;
        self.equalize = !vendor_rules;
        self.regress = !vendor_rules;
        self
    }

    /// Sets whether weights and biases are chosen by regression, see [`Options::regress`].
    #[must_use]
    pub fn regress(mut self, regress: bool) -> Self {
        self.regress = regress;
        self
    }

    /// Sets whether channels get factors of their own, see [`Options::equalize`].
    #[must_use]
    pub fn equalize(mut self, equalize: bool) -> Self {
        self.equalize = equalize;
        self
    }

    /// Sets what layers stay in fp32 for, see [`Options::target`].
    #[must_use]
    pub fn target(mut self, target: Target) -> Self {
        self.target = Some(target);
        self
    }

    /// Sets how long [`Method::Auto`] may search.
    #[must_use]
    pub fn search_time(mut self, search_time: Duration) -> Self {
        self.search_time = search_time;
        self
    }

    /// Keeps layers in fp32: those around each layer of the net whose name the pattern describes, as a shell's does
    /// (`*`, `?`, `[a-c]`, `[!a]`). May be called any number of times.
    ///
    /// ```
    /// use int8_calibration::{Keep, Options};
    ///
    /// let options = Options::default().keep(Keep::Outputs, "head_*").keep(Keep::Inputs, "normalize");
    /// assert_eq!(options.keep.len(), 2);
    /// ```
    #[must_use]
    pub fn keep(mut self, keep: Keep, pattern: impl Into<String>) -> Self {
        self.keep.push((keep, pattern.into()));
        self
    }
}

/// A part of a calibration that takes long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// The fp32 net is run to know the ranges of channels, for [`Options::equalize`].
    Ranges,
    /// The fp32 net is run to know the distributions of blobs.
    Thresholds,
    /// Nets with other thresholds are tried, for [`Method::Auto`].
    Search,
    /// The int8 net is run layer by layer, for [`Options::regress`].
    Weights,
    /// Nets with a single int8 layer are run, for [`Options::target`].
    Sensitivities,
}

/// How far a calibration is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// The part that it is in.
    pub pass: Pass,
    /// How many of its iterations or layers are done.
    pub done: usize,
    /// How many there are.
    pub total: usize,
}

/// The result of a calibration.
#[derive(Debug)]
pub struct Calibration {
    /// The statistics of the prepared fp32 net, without those of blobs that a fused ReLU makes unneeded.
    pub statistics: Statistics,
    /// The int8 net.
    pub quantized: QuantizedNet,
    /// The layers that stay in fp32, in order, and why.
    pub float_layers: Vec<FloatLayer>,
    /// How many layers [`Options::recover`] added by splitting others.
    pub split: usize,
    /// With [`Options::target`]: what each layer alone costs, the most expensive first.
    pub sensitivities: Vec<Sensitivity>,
    /// What [`Target::Cosine`] or [`Target::SameBest`] measures, on the pictures that were held out.
    pub reached: Option<f64>,
    /// With [`Method::Auto`]: what its search found.
    pub search: Option<Search>,
}

impl Calibration {
    /// The layers whose weights use fewer bits than they could, for the sake of biases of 16 bits.
    pub fn bias_losses(&self) -> Vec<BiasLoss> {
        bias_losses(&self.quantized)
    }

    /// The int8 blobs that were 0 in every picture: their thresholds mean nothing. A layer whose weights are not
    /// those of the net, or pictures that are not what it was trained with, look like this.
    pub fn zero_blobs(&self) -> Vec<&str> {
        let zero = |name: &str| {
            let histogram = self.statistics.histogram(name);
            histogram.is_some_and(|histogram| histogram.absolute_maximum() == 0.0)
        };
        let net = self.quantized.net();
        let int8 = |id: &BlobId| self.quantized.format(*id).dtype != DType::F32;
        let names = net.blob_ids().filter(int8).map(|id| net.blob(id).name.as_str());
        names.filter(|name| zero(name)).collect()
    }
}

/// Pictures that are black after their preprocessing calibrate nothing.
fn check_pictures(statistics: &Statistics) -> Result<(), Error> {
    let net = statistics.net();
    for layer in net.layers() {
        let (Role::Pictures { .. }, Some(&top)) = (layer.op.role(), layer.tops.first()) else {
            continue;
        };
        let blob = &net.blob(top).name;
        let histogram = statistics.histogram(blob);
        if histogram.is_some_and(|histogram| histogram.absolute_maximum() == 0.0) {
            let (layer, kind) = (layer.name.clone(), layer.op.kind());
            return Err(Error::AllZero { blob: blob.clone(), layer, kind });
        }
    }
    Ok(())
}

/// Runs the fp32 net over its calibration pictures and quantizes it.
///
/// Equal inputs give equal results, whatever the number of threads. `progress` is told how far each [`Pass`] is.
///
/// # Errors
/// [`Error::NoIterations`]; [`Error::Execution`] for pictures that cannot be read;
/// [`Error::WeightNotFinite`]; [`Error::NotFinite`]; [`Error::AllZero`]; [`Error::NothingToQuantize`]; [`Error::UnknownLayer`];
/// [`Error::AllKept`]; [`Error::TwoThresholds`].
pub fn calibrate(
    net: &Net,
    options: &Options,
    progress: impl Fn(Progress) + Sync,
) -> Result<Calibration, Error> {
    if options.iterations == 0 {
        return Err(Error::NoIterations);
    }
    let (iterations, held) = match options.target.is_some() || options.method == Method::Auto {
        true => judge::held_out(net, options.iterations)?,
        false => (options.iterations, 0..0),
    };
    let of = |pass: Pass, total: usize| {
        let progress = &progress;
        move |done: usize| progress(Progress { pass, done, total })
    };
    check_weights(net)?;
    let mut prepared = prepare(net)?;
    let whole = prepared.layers().len();
    if options.recover {
        prepared = recover::split_depthwise(&prepared)?;
    }
    let split = prepared.layers().len() - whole;
    let kept = keep::layers(&options.keep, net, &prepared)?;
    let named = named_blobs(&prepared, &kept);
    let wanted = |blob: &str| named.contains(blob);
    let fixed = fixed_blobs(&prepared, options, &kept)?;
    let mut channels = StoredChannels::new();
    if options.equalize {
        let executor = Executor::new(Arc::new(prepared))?;
        let some = iterations.min(MOST_RANGED);
        let ranges = Ranges::collect(&executor, some, of(Pass::Ranges, some))?;
        let block = if options.vendor_rules { usize::MAX } else { Shifts::BLOCK };
        prepared = Net::clone(executor.net());
        // The statistics tell which values are no numbers; factors made of them would spoil other layers, too.
        if ranges.are_finite() {
            let equalized = equalize(&prepared, &ranges, wanted, fixed, block)?;
            (prepared, channels) = (equalized.net, equalized.channels);
        }
    }
    let executor = Executor::new(Arc::new(prepared))?;
    let told = of(Pass::Thresholds, iterations);
    let mut samples = Samples::new(executor.net(), different(executor.net(), iterations)?);
    let statistics = if options.regress {
        let plan = samples.plan();
        let tap = || Sample::new(plan.clone());
        Statistics::collect_of(&executor, wanted, iterations, tap, |one| samples.add(one), told)?
    } else {
        Statistics::collect_of(&executor, wanted, iterations, || (), |()| (), told)?
    };
    check_pictures(&statistics)?;
    let (mut methods, mut search) = (Methods::new(), None);
    if options.method == Method::Auto {
        let with = |methods: &Methods| {
            rounded(&statistics, options, Choices { kept: &kept, channels: &channels, methods })
        };
        let judge = Judge::new(&executor, &with(&methods)?.quantized, held.clone())?;
        let better = |quantized| match options.regress {
            true => regress(executor.net(), &quantized, &samples, |_| {}),
            false => Ok(quantized),
        };
        let told = |done, total| progress(Progress { pass: Pass::Search, done, total });
        let (found, how) = auto::search(&judge, options.search_time, with, better, told)?;
        (methods, search) = (found, Some(how));
    }
    let with_floats = |floats: &[Sensitivity]| {
        let mut kept = kept.clone();
        for Sensitivity { layer, sqnr, .. } in floats {
            kept.entry(layer.clone()).or_insert(FloatReason::Sensitive { sqnr: *sqnr });
        }
        let choices = Choices { kept: &kept, channels: &channels, methods: &methods };
        rounded(&statistics, options, choices)
    };
    let best = |floats: &[Sensitivity]| {
        let mut found = with_floats(floats)?;
        if options.regress {
            let told = of(Pass::Weights, found.quantized.net().layers().len());
            found.quantized = regress(executor.net(), &found.quantized, &samples, told)?;
        }
        Ok(found)
    };
    let (mut sensitivities, mut reached) = (Vec::new(), None);
    let (quantized, float_layers) = match options.target {
        Some(target) => {
            let told = |done, total| progress(Progress { pass: Pass::Sensitivities, done, total });
            let found = mixed::reach(&executor, target, held, with_floats, best, told)?;
            (sensitivities, reached) = (found.sensitivities, found.quality);
            (found.quantized, found.float_layers)
        }
        None => {
            let Rounded { quantized, float_layers, .. } = best(&[])?;
            (quantized, float_layers)
        }
    };
    Ok(Calibration { statistics, quantized, float_layers, split, sensitivities, reached, search })
}
