//! Integers by regression on what layers really read.
//!
//! A layer's weights are chosen so that its sums over the *int8* values of its bottom come as near as possible to those of
//! the fp32 net over the fp32 values. So each layer repairs part of what the ones before it lost, and the weights of a sum
//! are rounded together: where one is rounded up, others that multiply like values make up for it.
//!
//! # Formula
//! For a row w of weights in steps of the accumulator, x the stored integers, y the sum that the fp32 layer gives in the same
//! steps, without its bias, and C the covariance of x over positions drawn from all pictures, `c = tr C / K` its mean for K
//! weights and n positions:
//!
//! 1. `w* = w + (C + λ)⁻¹ · cov(x, y − w·x)`: ridge regression. λ is one of 0.01, 0.1, 1, 10 and 100 times c: that with
//!    which a regression on half of the pictures serves the other half best. If none does, `w* = w`: a few pictures explain
//!    errors that others do not have.
//! 2. Integers q that make `(q − w*)ᵀ (C + λ') (q − w*)` small, see `rounding`, with `λ' = (0.05 + 2 · K / n) · c`. To both λ
//!    something is added for the sake of inputs that hardly change, see `Moments::least`.
//! 3. The bias `b + mean(y) − q · mean(x)`, rounded. Where it exceeds 16 bits, `C + mean·meanᵀ` takes the place of C
//!    for this row, so that the weights themselves keep the mean.
//!
//! Layers are computed one after the other, each with the int8 values that the new integers of all before it give.
//!
//! # Source
//! Least squares are the usual ones. Rounding as in E. Frantar et al., "GPTQ: Accurate post-training quantization for
//! generative pre-trained transformers", 2022, which is L. Babai's nearest plane, 1986.

mod cholesky;
mod lockstep;
mod moments;
mod patches;
mod rounding;
mod samples;
mod window;

use std::sync::Arc;

use ndarray::{Array1, ArrayD, ArrayView1, Axis};
use rayon::prelude::*;
use umodel::quant::QuantizedSpec;
use umodel::{Arithmetic, BlobFormat, Layer, LayerOp, Net, QuantizedNet};

use crate::error::Error;
use crate::rules::could_wrap;
use lockstep::Lockstep;
use moments::Moments;
use patches::{Part, Patches};
use rounding::Rounder;
pub(crate) use samples::{Sample, Samples, different};

/// Weights of a sum beyond which a regression takes too long and asks for too many pictures.
const MOST_WEIGHTS: usize = 4608;
/// Weights of a sum beyond which they are rounded in parts, as if the others' inputs had nothing in common with theirs.
const MOST_TOGETHER: usize = 2304;
/// Weights of a sum beyond which only their rounding is chosen.
const MOST_REGRESSED: usize = 2048;
/// Outputs of a group by which λ is chosen.
const TRIED: usize = 128;
/// What is tried for λ of the regression.
const RIDGES: [f64; 5] = [0.01, 0.1, 1.0, 10.0, 100.0];

/// The same int8 net with weights and biases of Convolution and InnerProduct layers chosen anew, by samples of the fp32 net
/// that it was made of.
///
/// # Errors
/// What the executor reports.
pub(crate) fn regress(
    net: &Net,
    quantized: &QuantizedNet,
    samples: &Samples,
    progress: impl Fn(usize) + Sync,
) -> Result<QuantizedNet, Error> {
    let sources = samples.sources();
    let mut int8 = Lockstep::new(quantized.specs());
    let layers: Vec<Option<usize>> = int8.specs().iter().map(|spec| origin(net, spec)).collect();
    let last = layers.iter().rposition(Option::is_some);
    for (index, layer) in layers.iter().enumerate().take(last.map_or(0, |last| last + 1)) {
        if let Some(layer) = *layer {
            let spec = &int8.specs()[index];
            let read = &spec.spec.bottoms[0];
            if let (Some(integers), Some(format)) = (int8.values(read), int8.format(read))
                && let Some((window, samples)) = samples.of_layer(layer)
                && let patches = Patches::new(window, integers, &samples)
                && let Some(better) = integers_of(&net.layers()[layer], spec, format, &patches)
            {
                int8.replace(index, better);
            }
        }
        int8.run(&sources)?;
        progress(index + 1);
    }
    let channels = |name: &str| quantized.channels(quantized.net().blob_id(name)?).cloned();
    let specs = int8.into_specs();
    progress(specs.len());
    Ok(QuantizedNet::from_specs(quantized.net().name(), specs)?.with_channels(channels)?)
}

/// The place in the fp32 net of the layer that an int8 one with weights was made of.
fn origin(net: &Net, spec: &QuantizedSpec) -> Option<usize> {
    let Arithmetic::MultiplyAccumulate { .. } = &spec.arithmetic else { return None };
    net.layer_index(&spec.spec.name)
}

/// The better integers of a layer; none if it is not one of those for which they are known.
#[expect(clippy::cast_possible_truncation, reason = "rounded and saturated to the type")]
fn integers_of(
    layer: &Layer,
    spec: &QuantizedSpec,
    bottom: BlobFormat,
    patches: &Patches<'_>,
) -> Option<Arithmetic> {
    let Arithmetic::MultiplyAccumulate { weights: old, bias, right_shifts } = &spec.arithmetic
    else {
        return None;
    };
    let width = patches.weights();
    let top = spec.formats.first()?;
    if width == 0 || width > MOST_WEIGHTS || old.len() % width != 0 || patches.halves()[1] == 0 {
        return None;
    }
    let outputs = old.len() / width;
    let turned = matches!(&layer.op, LayerOp::InnerProduct(p) if p.transpose);
    let real = layer.weights.first()?;
    let real: Vec<f32> = match turned {
        true => real.t().iter().copied().collect(),
        false => real.iter().copied().collect(),
    };
    let steps =
        |output: usize| f64::from(1u32 << right_shifts.of_channel(output)) / f64::from(top.scale);
    let exact =
        |place: usize| f64::from(real[place]) * f64::from(bottom.scale) * steps(place / width);
    let per_group = outputs / patches.groups();
    let biased = bias.is_some();
    let parts = patches.parts(MOST_TOGETHER);
    let share = patches.groups() as f64 / parts.len().max(1) as f64;
    let real_bias = |output: usize| layer.weights.get(1).map_or(0.0, |bias| bias[output]);
    let bias_of = |output: usize| share * f64::from(real_bias(output)) * steps(output);
    let mut sums: Vec<Sums> = parts
        .par_iter()
        .map(|part| {
            let outputs = part.group * per_group..(part.group + 1) * per_group;
            // A part has its share of what all should give together, see `share_errors`.
            let wanted = |position: usize, sums: &mut [f32]| {
                let tops = patches.tops(position, outputs.clone());
                for ((sum, top), output) in sums.iter_mut().zip(tops).zip(outputs.clone()) {
                    *sum = (share * f64::from(top - real_bias(output)) * steps(output)) as f32;
                }
            };
            let places = |output| patches.places(part).map(move |place| output * width + place);
            let rows = outputs.clone().flat_map(places).map(exact).collect();
            let biases = biased.then(|| outputs.clone().map(bias_of).collect());
            Sums::new(patches, part, rows, wanted, biases, share * f64::from(i16::MAX))
        })
        .collect();
    let parts_of_group = parts.len() / patches.groups().max(1);
    sums.chunks_mut(parts_of_group.max(1)).for_each(share_errors);
    let ridge = best_ridge(&sums);
    let found: Vec<Vec<(Vec<i8>, f64)>> =
        sums.into_par_iter().map(|sums| sums.integers(ridge)).collect::<Option<_>>()?;
    let mut rows: Vec<(Vec<i8>, f64)> = vec![(Vec::with_capacity(width), 0.0); outputs];
    for (part, found) in parts.iter().zip(found) {
        let rows = &mut rows[part.group * per_group..][..per_group];
        for ((weights, bias), (of_part, share)) in rows.iter_mut().zip(found) {
            weights.extend(of_part);
            *bias += share;
        }
    }
    let wraps = |(weights, bias): &(Vec<i8>, f64)| could_wrap(weights.iter(), *bias as i64, bottom);
    if rows.iter().any(wraps) {
        return None;
    }
    let biases: Array1<i16> = rows.iter().map(|(_, bias)| bias.round() as i16).collect();
    let weights = rows.into_iter().flat_map(|(weights, _)| weights).collect();
    Some(Arithmetic::MultiplyAccumulate {
        weights: Arc::new(ArrayD::from_shape_vec(old.raw_dim(), weights).ok()?),
        bias: bias.as_ref().map(|_| Arc::new(biases)),
        right_shifts: right_shifts.clone(),
    })
}

/// The sums of one part of a layer: rows of weights, in steps of the accumulator, and what they multiply.
struct Sums {
    width: usize,
    rows: Vec<f64>,
    /// This part's share of them; none if the layer has none.
    biases: Option<Vec<f64>>,
    /// The largest bias that this part may have.
    most: f64,
    /// Of the first and of the second half of the pictures.
    halves: [Moments; 2],
}

impl Sums {
    #[expect(clippy::cast_possible_truncation, reason = "products are in fp32")]
    fn new(
        patches: &Patches<'_>,
        part: &Part,
        rows: Vec<f64>,
        wanted: impl Fn(usize, &mut [f32]) + Sync,
        biases: Option<Vec<f64>>,
        most: f64,
    ) -> Sums {
        let narrow: Vec<f32> = rows.iter().map(|&w| w as f32).collect();
        let [half, all] = patches.halves();
        let mut halves =
            [0..half, half..all].map(|range| Moments::of(patches, range, part, &narrow, &wanted));
        if biases.is_none() {
            halves.iter_mut().for_each(Moments::about_zero);
        }
        Sums { width: patches.places(part).len(), rows, biases, most, halves }
    }

    /// How much smaller the squared errors of the second half get by a regression on the first half, summed over outputs:
    /// over about [`TRIED`] of them.
    fn gain(&self, ridge: f64) -> Option<f64> {
        let [known, unknown] = &self.halves;
        let rounder =
            Rounder::new(&known.covariance, self.width, ridge * known.variance() + known.least())?;
        let outputs = self.rows.len() / self.width;
        let tried: Vec<usize> = (0..outputs).step_by(outputs.div_ceil(TRIED).max(1)).collect();
        let [found, others] = [known, unknown].map(|half| half.errors().select(Axis(0), &tried));
        let steps = rounder.regression(&found.view());
        let powers = &steps * &steps.dot(&unknown.matrix());
        Some(2.0 * (&steps * &others).sum() - powers.sum())
    }

    /// The integers of each row and its bias.
    #[expect(clippy::cast_possible_truncation, reason = "clamped to i8")]
    fn integers(self, ridge: Option<f64>) -> Option<Vec<(Vec<i8>, f64)>> {
        let Sums { width, rows, biases, most, halves } = self;
        let mut moments = halves[0].joined(&halves[1]);
        drop(halves);
        let rounder = |moments: &Moments, ridge: f64| {
            Rounder::new(&moments.covariance, width, ridge * moments.variance() + moments.least())
        };
        let regression = ridge.and_then(|ridge| rounder(&moments, ridge));
        let ridge = 0.05 + 2.0 * width as f64 / moments.count.max(1) as f64;
        let exact = moments::matrix(&rows, width);
        let integers = |moments: &Moments, outputs: &[usize]| -> Option<Vec<(Vec<i8>, f64)>> {
            let mut better = exact.select(Axis(0), outputs);
            if let Some(regression) = &regression {
                better += &regression.regression(&moments.errors().select(Axis(0), outputs).view());
            }
            let rounded = rounder(moments, ridge)?.rounded(&better.view());
            let row = |(&output, rounded): (&usize, ArrayView1<'_, f64>)| {
                let exact = exact.row(output);
                let lost = exact.iter().zip(rounded).zip(&moments.mean);
                let lost: f64 = lost.map(|((w, q), mean)| (w - q) * mean).sum();
                let moved = moments.lost[output] + lost;
                let bias = biases.as_ref().map_or(0.0, |biases| biases[output] + moved);
                (rounded.iter().map(|&q| q as i8).collect(), bias)
            };
            Some(outputs.iter().zip(rounded.rows()).map(row).collect())
        };
        let outputs: Vec<usize> = (0..exact.nrows()).collect();
        let mut found = integers(&moments, &outputs)?;
        let beyond: Vec<usize> =
            outputs.into_iter().filter(|&output| found[output].1.abs() > most).collect();
        if !beyond.is_empty() {
            moments.about_zero();
            for (output, better) in beyond.iter().zip(integers(&moments, &beyond)?) {
                found[*output] = better;
            }
        }
        Some(found)
    }
}

/// The parts of a group were each held against an equal share of what they should give together, which says nothing of
/// single parts. All of them together are in error by the sum of that, of which each gets an equal share.
fn share_errors(parts: &mut [Sums]) {
    let count = parts.len();
    if count < 2 {
        return;
    }
    for half in 0..2 {
        let mut sums = vec![0.0; parts[0].halves[half].lost.len()];
        for part in parts.iter() {
            sums.iter_mut().zip(&part.halves[half].lost).for_each(|(sum, lost)| *sum += lost);
        }
        for part in parts.iter_mut() {
            let lost = part.halves[half].lost.iter_mut();
            lost.zip(&sums).for_each(|(lost, sum)| *lost = sum / count as f64);
        }
    }
}

/// The λ, as a part of the mean variance, with which a regression on the first half of the pictures serves the second half
/// best; none if none serves at all. From the middle one, the way up or down is followed as long as it gets better.
fn best_ridge(parts: &[Sums]) -> Option<f64> {
    let first = parts.first()?;
    let known = first.halves.iter().all(|half| half.count > 0);
    if first.width > MOST_REGRESSED || !known {
        return None;
    }
    let gain = |ridge: f64| -> Option<f64> {
        let gains: Vec<f64> =
            parts.par_iter().map(|sums| sums.gain(ridge)).collect::<Option<_>>()?;
        Some(gains.iter().sum())
    };
    let (lower, upper) = RIDGES.split_at(RIDGES.len() / 2);
    let (&middle, upper) = upper.split_first()?;
    let climb = |start: (f64, f64), ridges: &mut dyn Iterator<Item = &f64>| {
        let mut best = start;
        for &ridge in ridges {
            match gain(ridge) {
                Some(gain) if gain > best.0 => best = (gain, ridge),
                _ => break,
            }
        }
        best
    };
    let start = (gain(middle).unwrap_or(f64::NEG_INFINITY), middle);
    let mut best = climb(start, &mut upper.iter());
    if best.1 == middle {
        best = climb(best, &mut lower.iter().rev());
    }
    (best.0 > 0.0).then_some(best.1)
}
