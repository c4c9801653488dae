//! Mixed precision: what each layer alone costs the outputs, and as few layers in fp32 as a target needs.
//!
//! For every layer that computes with weights, an int8 net is made in which that layer alone is int8. How far its outputs are
//! from fp32 is the layer's price. The layers that cost most stay in fp32: one, two, four and so on of them until the target
//! is reached, then fewer as long as it is. Every step is judged by the int8 executor, with all that a calibration does to
//! weights, on pictures that were not calibrated with.

use std::ops::Range;

use uframework::Executor;
use umodel::{Arithmetic, Net, QuantizedNet};

use crate::error::Error;
use crate::float::FloatLayer;
use crate::judge::Judge;
use crate::quantize::Rounded;

/// Iterations that tell what a layer costs.
const SENSED: usize = 4;

/// What fp32 layers are for, see [`Options::target`](crate::Options::target).
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Target {
    /// So many of the layers with an int8 form stay in fp32: those that cost the outputs most.
    FloatLayers(usize),
    /// The mean cosine of each output of the deployed net with that of the fp32 net.
    Cosine(f64),
    /// The share of pictures whose best class is that of the fp32 net, 0 to 1.
    SameBest(f64),
}

/// What a layer alone costs the outputs of its net.
#[derive(Clone, Debug, PartialEq)]
pub struct Sensitivity {
    /// The layer.
    pub layer: String,
    /// Its type.
    pub kind: &'static str,
    /// With this layer alone in int8: the outputs' power by that of their error, in dB; of several outputs, by the mean of their
    /// relative errors. Infinite if there is no error.
    pub sqnr: f64,
}

/// How a target was reached.
pub(crate) struct Reached {
    pub(crate) quantized: QuantizedNet,
    pub(crate) float_layers: Vec<FloatLayer>,
    /// Of all layers that could stay in fp32, the most expensive first.
    pub(crate) sensitivities: Vec<Sensitivity>,
    /// What the target measures, on the pictures that were held out.
    pub(crate) quality: Option<f64>,
}

/// An int8 net that reaches a target. `rounded` quantizes with these layers in fp32, and `best` does all that a calibration
/// does to weights as well. `progress` is told how many of how many nets were tried.
///
/// # Errors
/// [`Error::Target`] if even with all but one layer in fp32 the target is missed; [`Error::NoClasses`].
pub(crate) fn reach(
    executor: &Executor,
    target: Target,
    held: Range<usize>,
    rounded: impl Fn(&[Sensitivity]) -> Result<Rounded, Error>,
    best: impl Fn(&[Sensitivity]) -> Result<Rounded, Error>,
    progress: impl Fn(usize, usize),
) -> Result<Reached, Error> {
    let all = rounded(&[])?.quantized;
    let sensing = Judge::new(executor, &all, 0..SENSED.min(held.end))?;
    let judge = Judge::new(executor, &all, held)?;
    let candidates = candidates(executor.net(), &all);
    let mut sensitivities = Vec::new();
    for (index, layer) in candidates.iter().enumerate() {
        let others: Vec<_> = candidates.iter().filter(|other| *other != layer).cloned().collect();
        match rounded(&others) {
            Ok(alone) => {
                let sqnr = sensing.sqnr(alone.quantized)?;
                sensitivities.push(Sensitivity { sqnr, ..layer.clone() });
            }
            // Beside fp32 layers it would stay in fp32 itself.
            Err(Error::AllKept | Error::NothingToQuantize) => {}
            Err(error) => return Err(error),
        }
        progress(index + 1, candidates.len());
    }
    sensitivities.sort_by(|one, other| one.sqnr.total_cmp(&other.sqnr));
    // One layer at least is int8.
    let most = sensitivities.len().saturating_sub(1);
    let reached = |found: Rounded, quality| {
        let Rounded { quantized, float_layers, .. } = found;
        Reached { quantized, float_layers, sensitivities: sensitivities.clone(), quality }
    };
    let wanted = match target {
        Target::FloatLayers(count) => {
            let found = best(&sensitivities[..count.min(most)])?;
            return Ok(reached(found, None));
        }
        Target::Cosine(wanted) | Target::SameBest(wanted) => wanted,
    };
    let quality = |count: usize| -> Result<_, Error> {
        let found = best(&sensitivities[..count])?;
        let quality = judge.quality(target, found.quantized.clone())?;
        Ok((found, quality))
    };
    let (mut missed, mut count) = (0, 0);
    let mut good = loop {
        let (found, quality) = quality(count)?;
        if quality >= wanted {
            break (count, found, quality);
        }
        if count == most {
            return Err(Error::Target { wanted, quality, layers: count });
        }
        missed = count;
        count = (2 * count).clamp(1, most);
    };
    while good.0 > missed + 1 {
        let middle = usize::midpoint(missed, good.0);
        let (found, quality) = quality(middle)?;
        if quality >= wanted {
            good = (middle, found, quality);
        } else {
            missed = middle;
        }
    }
    Ok(reached(good.1, Some(good.2)))
}

/// The layers that compute with weights or that cost as much, and are int8.
fn candidates(net: &Net, quantized: &QuantizedNet) -> Vec<Sensitivity> {
    let specs = quantized.specs();
    let int8 = specs.iter().filter(|spec| {
        !matches!(spec.arithmetic, Arithmetic::Float | Arithmetic::Cast | Arithmetic::Same)
    });
    let heavy = int8.filter(|spec| {
        let index = net.layer_index(&spec.spec.name);
        index.is_some_and(|index| net.macs(index) > 0)
    });
    let sensitivity = |spec: &umodel::quant::QuantizedSpec| {
        let (layer, kind) = (spec.spec.name.clone(), spec.spec.op.kind());
        Sensitivity { layer, kind, sqnr: f64::INFINITY }
    };
    heavy.map(sensitivity).collect()
}
