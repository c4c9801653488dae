//! The passes of a calibration, each from what the one before it found.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use uframework::Executor;
use umodel::{Net, QuantizedNet, Shifts};

use crate::auto::{self, Methods, Search};
use crate::calibrate::{Options, Pass, Progress};
use crate::equalize::{Ranges, StoredChannels, equalize};
use crate::error::Error;
use crate::float::FloatReason;
use crate::judge::{self, Judge};
use crate::keep;
use crate::mixed::{self, Reached, Sensitivity};
use crate::quantize::{Choices, Rounded, fixed_blobs, named_blobs, prepare, rounded};
use crate::recover;
use crate::regress::{Sample, Samples, different, regress};
use crate::statistics::Statistics;
use crate::threshold::Method;

/// Iterations that tell the ranges of channels. With half as many, EfficientNet-Lite0 loses 0.3 dB.
const MOST_RANGED: usize = 100;

/// What all passes of a calibration are told.
pub(crate) struct Passes<'a> {
    options: &'a Options,
    /// How many iterations calibrate.
    iterations: usize,
    /// Those that judge what was calibrated.
    held: Range<usize>,
    progress: &'a (dyn Fn(Progress) + Sync),
}

/// The fp32 net that is calibrated.
pub(crate) struct Prepared {
    net: Net,
    /// The layers that somebody wants in fp32.
    kept: HashMap<String, FloatReason>,
    /// The blobs whose values are counted.
    named: HashSet<String>,
    /// How many layers splitting added.
    pub(crate) split: usize,
    channels: StoredChannels,
}

/// What the pictures gave.
pub(crate) struct Observed {
    executor: Executor,
    kept: HashMap<String, FloatReason>,
    channels: StoredChannels,
    pub(crate) statistics: Statistics,
    /// For the regression, if there is one.
    samples: Option<Samples>,
}

impl<'a> Passes<'a> {
    /// For a net that is run over its Data layers.
    ///
    /// # Errors
    /// [`Error::NoIterations`]; what the databases report.
    pub(crate) fn new(
        net: &Net,
        options: &'a Options,
        progress: &'a (dyn Fn(Progress) + Sync),
    ) -> Result<Self, Error> {
        if options.iterations == 0 {
            return Err(Error::NoIterations);
        }
        let judged = options.target.is_some() || options.method == Method::Auto;
        let (iterations, held) = match judged {
            true => judge::held_out(net, options.iterations)?,
            false => (options.iterations, 0..0),
        };
        Ok(Passes { options, iterations, held, progress })
    }

    /// Tells how much of a pass is done.
    fn told(&self, pass: Pass) -> impl Fn(usize, usize) + Sync {
        move |done, total| (self.progress)(Progress { pass, done, total })
    }

    /// BatchNorm, Scale and the like become weights of other layers.
    pub(crate) fn prepared(&self, net: &Net) -> Result<Prepared, Error> {
        let whole = prepare(net)?;
        let layers = whole.layers().len();
        let prepared = if self.options.recover { recover::split_depthwise(&whole)? } else { whole };
        let kept = keep::layers(&self.options.keep, net, &prepared)?;
        let named = named_blobs(&prepared, &kept);
        let split = prepared.layers().len() - layers;
        Ok(Prepared { net: prepared, kept, named, split, channels: StoredChannels::new() })
    }

    /// Channels get factors and an order.
    pub(crate) fn equalized(&self, prepared: Prepared) -> Result<Prepared, Error> {
        let fixed = fixed_blobs(&prepared.net, self.options, &prepared.kept)?;
        if !self.options.equalize {
            return Ok(prepared);
        }
        let Prepared { net, named, .. } = &prepared;
        let executor = Executor::new(Arc::new(net.clone()))?;
        let (some, told) = (self.iterations.min(MOST_RANGED), self.told(Pass::Ranges));
        let ranges = Ranges::collect(&executor, some, |done| told(done, some))?;
        // The statistics tell which values are no numbers; factors made of them would spoil other layers, too.
        if !ranges.are_finite() {
            return Ok(prepared);
        }
        let block = if self.options.vendor_rules { usize::MAX } else { Shifts::BLOCK };
        let found = equalize(net, &ranges, |blob| named.contains(blob), fixed, block)?;
        Ok(Prepared { net: found.net, channels: found.channels, ..prepared })
    }

    /// The fp32 net is run over all pictures.
    pub(crate) fn observed(&self, prepared: Prepared) -> Result<Observed, Error> {
        let Prepared { net, kept, named, channels, .. } = prepared;
        let executor = Executor::new(Arc::new(net))?;
        let (told, all) = (self.told(Pass::Thresholds), self.iterations);
        let told = |done| told(done, all);
        let wanted = |blob: &str| named.contains(blob);
        if !self.options.regress {
            let statistics = Statistics::collect_of(&executor, wanted, all, || (), |()| (), told)?;
            return Ok(Observed { executor, kept, channels, statistics, samples: None });
        }
        let mut samples = Samples::new(executor.net(), different(executor.net(), all)?);
        let plan = samples.plan();
        let tap = || Sample::new(plan.clone());
        let statistics =
            Statistics::collect_of(&executor, wanted, all, tap, |one| samples.add(one), told)?;
        let samples = Some(samples);
        Ok(Observed { executor, kept, channels, statistics, samples })
    }

    /// The methods of blobs by trial, if that was asked for.
    pub(crate) fn searched(&self, seen: &Observed) -> Result<(Methods, Option<Search>), Error> {
        if self.options.method != Method::Auto {
            return Ok((Methods::new(), None));
        }
        let with = |methods: &Methods| self.rounded(seen, methods, &[]);
        let judge =
            Judge::new(&seen.executor, &with(&Methods::new())?.quantized, self.held.clone())?;
        let better = |quantized| Self::regressed(seen, quantized, |_, _| {});
        let told = self.told(Pass::Search);
        let limit = self.options.search_time;
        let (methods, search) = auto::search(&judge, limit, with, better, told)?;
        Ok((methods, Some(search)))
    }

    /// The int8 net with its weights, and with as many layers in fp32 as a target needs.
    pub(crate) fn reached(&self, seen: &Observed, methods: &Methods) -> Result<Reached, Error> {
        let rounded = |floats: &[Sensitivity]| self.rounded(seen, methods, floats);
        let best = |floats: &[Sensitivity]| {
            let Rounded { quantized, float_layers, groups } = rounded(floats)?;
            let quantized = Self::regressed(seen, quantized, self.told(Pass::Weights))?;
            Ok(Rounded { quantized, float_layers, groups })
        };
        let Some(target) = self.options.target else {
            let Rounded { quantized, float_layers, .. } = best(&[])?;
            return Ok(Reached {
                quantized,
                float_layers,
                sensitivities: Vec::new(),
                quality: None,
            });
        };
        let told = self.told(Pass::Sensitivities);
        mixed::reach(&seen.executor, target, self.held.clone(), rounded, best, told)
    }

    /// Weights rounded to the nearest, with these layers in fp32, too.
    fn rounded(
        &self,
        seen: &Observed,
        methods: &Methods,
        floats: &[Sensitivity],
    ) -> Result<Rounded, Error> {
        let mut kept = seen.kept.clone();
        for Sensitivity { layer, sqnr, .. } in floats {
            kept.entry(layer.clone()).or_insert(FloatReason::Sensitive { sqnr: *sqnr });
        }
        let choices = Choices { kept: &kept, channels: &seen.channels, methods };
        rounded(&seen.statistics, self.options, choices)
    }

    /// Weights chosen by what layers really read, if there are samples for it.
    fn regressed(
        seen: &Observed,
        quantized: QuantizedNet,
        told: impl Fn(usize, usize) + Sync,
    ) -> Result<QuantizedNet, Error> {
        let Some(samples) = &seen.samples else { return Ok(quantized) };
        let total = quantized.net().layers().len();
        regress(seen.executor.net(), &quantized, samples, |done| told(done, total))
    }
}
