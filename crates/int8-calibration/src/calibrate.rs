use std::time::Duration;

use umodel::layers::Role;
use umodel::{BlobId, DType, LayerSpec, Net, QuantizedNet};

use crate::auto::Search;
use crate::bias_bits::{BiasLoss, bias_losses};
use crate::error::Error;
use crate::float::{FloatLayer, FloatReason};
use crate::keep::Keep;
use crate::mixed::{Reached, Sensitivity, Target};
use crate::passes::Passes;
use crate::statistics::{Statistics, check_weights};
use crate::threshold::Method;

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
    /// Spends commands where that makes the int8 net more accurate: see [`crate::recover`].
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

    /// The layers whose `th_strategy`, `threshold` or `th_scale` change nothing, since all of their tops stay fp32 for other
    /// reasons.
    pub fn idle_thresholds(&self) -> Vec<String> {
        let float = |top: &String| {
            let id = self.quantized.net().blob_id(top);
            id.is_some_and(|id| self.quantized.format(id).dtype == DType::F32)
        };
        let misfit = |spec: &LayerSpec| {
            let misfit =
                |layer: &&FloatLayer| matches!(layer.reason, FloatReason::NotRepresentable { .. });
            self.float_layers.iter().filter(misfit).any(|layer| layer.name == spec.name)
        };
        let idle = self.statistics.net().specs().into_iter().filter(|spec| {
            !spec.thresholds().is_default() && spec.tops.iter().all(float) && !misfit(spec)
        });
        idle.map(|spec| spec.name).collect()
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
    let passes = Passes::new(net, options, &progress)?;
    check_weights(net)?;
    let prepared = passes.prepared(net)?;
    let split = prepared.split;
    let equalized = passes.equalized(prepared)?;
    let seen = passes.observed(equalized)?;
    check_pictures(&seen.statistics)?;
    let (methods, search) = passes.searched(&seen)?;
    let Reached { quantized, float_layers, sensitivities, quality } =
        passes.reached(&seen, &methods)?;
    Ok(Calibration {
        statistics: seen.statistics,
        quantized,
        float_layers,
        split,
        sensitivities,
        reached: quality,
        search,
    })
}
