//! Factors that cost the least precision.
//!
//! # Formula
//! A channel's step is `s = S · f`, S the scale of its blob and f its factor. With the shift r of the command that writes
//! it, `s ≥ 2^r · max(|w|·s_in / 127, |b| / 32767)` must hold, and `s ≥ h · largest / steps` that nothing is
//! clipped, h what other pictures may add, see `Range::headroom`. The
//! error that it makes is modelled as `s²/12 · (1 + 4^−r · Σ V[x]/s_in²)`: rounding of the value, and of the weights that
//! it is made with, V the variance, since biases take up what the rounding of weights does to means. Of each layer that reads it, the share of this input channel
//! in the rounding of weights comes to it,
//! `Σ (s_out · 2^−r_out)²/12 · V[x]/s²`, a sum over the weights that it meets; it falls with s, as long as these weights
//! are within 127. All errors are weighted by the gains of the channels where they arise. So a channel's error is
//! `a·f² + b/f²`, smallest at `(b/a)^¼` between its bounds. Each block of channels that one command writes gets the shift
//! with the smallest sum of errors.
//!
//! # Order
//! At first each channel has a shift of its own. In the order of these shifts channels are put into blocks; then two of
//! them change places wherever that makes the sum of errors smaller, by turns with the choice of shifts and factors.

use std::collections::BTreeMap;

use rayon::prelude::*;
use umodel::{BlobId, Net};

use super::gains::gains;
use super::linear::Largest;
use super::order::Set;
use super::range::Ranges;
use super::seats::{Output, Seats};
use super::ties::{Link, Ties};

/// How often all layers are planned. The first time, a layer knows nothing of those behind it, and a sum nothing of the
/// inputs of its later branches.
const SWEEPS: usize = 6;
/// How often the shifts of one group of layers are chosen, each by the others.
const ROUNDS: usize = 3;
/// What is left of the error of rounding each weight to the nearest, when weights are rounded together.
const ROUNDED: f64 = 1.0;
const MOST_SHIFT: u8 = 20;
/// What a channel counts for at least, as a share of its blob's largest: other pictures may wake channels that these left
/// at 0.
const LEAST_SHARE: f64 = 1.0 / 3.0;

/// A layer with weights whose top's channels may have factors.
struct Producer<'a> {
    weights: Largest,
    bias: &'a [f32],
    bottom: BlobId,
    /// The blob that its command writes: the top of the ReLU behind it, if that is fused.
    written: BlobId,
    /// The classes of its output channels.
    classes: Vec<usize>,
    /// The least step of each output channel for a shift of 0, and the energy of what it sums up.
    bounds: Vec<(f64, f64)>,
    /// The classes of its input channels.
    inputs: Vec<usize>,
    /// For each input channel, what the rounding of its weights costs, times f², and the inverse of the largest factor.
    pulls: Vec<(f64, f64)>,
    /// For each block of channels.
    shifts: Vec<u8>,
    /// The scale of the blob that it writes, which no factor changes: its largest channel has 1.
    step: f64,
}

/// What a plan says of each channel of all blobs.
pub(super) struct Planned {
    pub(super) factors: Vec<f64>,
    /// The channel in whose place it shall stand.
    pub(super) places: Vec<usize>,
}

/// Factors, and an order of the channels of blobs. Classes of each of the `sets` may change places; of a layer's outputs
/// each `block`, side by side, has a shift of its own.
pub(super) fn plan(
    net: &Net,
    ties: &Ties,
    ranges: &Ranges,
    counted: impl Fn(&str) -> bool,
    sets: &[Set],
    block: usize,
) -> Planned {
    let (mut plan, mut producers) = start(net, ties, ranges, counted);
    let groups = groups(&producers, ties);
    let mut readers = Readers::new();
    let mut written_by: BTreeMap<usize, Output> = BTreeMap::new();
    for (index, producer) in producers.iter().enumerate() {
        for (input, &class) in producer.inputs.iter().enumerate() {
            readers.entry(class).or_default().push((index, input));
        }
        let outputs = ranges.nodes(producer.written).enumerate();
        written_by.extend(outputs.map(|(output, node)| (node, (index, output))));
    }
    let mut seats: Vec<Seats<'_>> =
        sets.iter().filter_map(|set| Seats::of(set, &written_by, block)).collect();
    if !seats.is_empty() {
        plan.sweep(&mut producers, &groups, &readers, &mut []);
    }
    for seats in &mut seats {
        let liked = |&(layer, output): &Output| u32::from(producers[layer].shifts[output]);
        let keys: Vec<u32> =
            seats.writers.iter().map(|outputs| outputs.iter().map(liked).sum()).collect();
        seats.sort(&keys);
        plan.seat(seats);
    }
    plan.block = block;
    for producer in &mut producers {
        producer.shifts = vec![0; producer.classes.len().div_ceil(block)];
    }
    plan.sweep(&mut producers, &groups, &readers, &mut seats);
    let factors = (0..ranges.channels().len()).map(|node| plan.factor(node)).collect();
    Planned { factors, places: plan.places }
}

/// The layers with weights, and a plan in which each of their outputs has a shift of its own and nothing is chosen.
fn start<'a>(
    net: &'a Net,
    ties: &'a Ties,
    ranges: &'a Ranges,
    counted: impl Fn(&str) -> bool,
) -> (Plan<'a>, Vec<Producer<'a>>) {
    let channels = ranges.channels();
    let gains = gains(net, ties, channels.len());
    let counted: Vec<BlobId> = net.blob_ids().filter(|&id| counted(&net.blob(id).name)).collect();
    let largest = |blob: BlobId| {
        channels[ranges.nodes(blob)]
            .iter()
            .fold(0.0, |most: f64, channel| most.max(channel.largest()))
    };
    // What a channel's range may be of its blob's in other pictures, by class.
    let mut least = vec![0.0f64; channels.len()];
    for &blob in &counted {
        let whole = largest(blob);
        for node in ranges.nodes(blob) {
            let class = ties.class(node);
            let share = channels[node].largest() / whole.max(f64::MIN_POSITIVE);
            let share = channels[node].headroom() * share.max(LEAST_SHARE);
            least[class] = least[class].max(share.min(1.0));
        }
    }
    let factors = vec![1.0; channels.len()];
    let places = (0..channels.len()).collect();
    let plan = Plan { ties, ranges, gains, least, factors, places, block: 1 };
    let mut producers: Vec<Producer<'_>> = Vec::new();
    for (layer, link) in net.layers().iter().zip(&ties.links) {
        let Link::Linear(linear) = link else { continue };
        let (Some(weights), top) = (layer.weights.first(), layer.tops[0]) else { continue };
        let Some(weights) = weights.as_slice() else { continue };
        let bias = layer.weights.get(1).and_then(|bias| bias.as_slice()).unwrap_or(&[]);
        let written = if counted.binary_search(&top).is_ok() {
            top
        } else {
            let reader = net.consumers(top).first().map(|&reader| &net.layers()[reader]);
            reader.and_then(|reader| reader.tops.first()).copied().unwrap_or(top)
        };
        let classes: Vec<usize> = ties.nodes(top).map(|node| ties.class(node)).collect();
        let inputs = ties.nodes(layer.bottoms[0]).map(|node| ties.class(node));
        let inputs: Vec<usize> = inputs.collect();
        producers.push(Producer {
            weights: linear.largest(weights, classes.len(), inputs.len()),
            bias,
            bottom: layer.bottoms[0],
            written,
            bounds: Vec::new(),
            inputs,
            pulls: Vec::new(),
            shifts: vec![0; classes.len()],
            classes,
            step: plan.scale(written, |_| 1.0),
        });
    }
    (plan, producers)
}

/// Producers that have classes in common, in the order of the first of each.
fn groups(producers: &[Producer<'_>], ties: &Ties) -> Vec<Vec<usize>> {
    let mut group_of_class: BTreeMap<usize, usize> = BTreeMap::new();
    let mut group: Vec<usize> = (0..producers.len()).collect();
    for (index, producer) in producers.iter().enumerate() {
        for &class in producer.classes.iter().filter(|&&class| !ties.is_fixed(class)) {
            let known = *group_of_class.entry(class).or_insert(index);
            let (one, other) = (group[known], group[index]);
            let (first, second) = (one.min(other), one.max(other));
            group.iter_mut().filter(|group| **group == second).for_each(|group| *group = first);
        }
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, &group) in group.iter().enumerate() {
        groups.entry(group).or_default().push(index);
    }
    groups.into_values().collect()
}

struct Plan<'a> {
    ties: &'a Ties,
    ranges: &'a Ranges,
    gains: Vec<f64>,
    /// By class.
    least: Vec<f64>,
    /// By class.
    factors: Vec<f64>,
    /// By channel: the channel in whose place it stands.
    places: Vec<usize>,
    block: usize,
}

impl Plan<'_> {
    /// Chooses all factors and shifts several times, and lets channels change places in between.
    fn sweep(
        &mut self,
        producers: &mut [Producer<'_>],
        groups: &[Vec<usize>],
        readers: &Readers,
        seats: &mut [Seats<'_>],
    ) {
        for sweep in 1..=SWEEPS {
            for group in groups {
                self.choose(producers, group, readers);
            }
            for seats in seats.iter_mut().filter(|_| sweep < SWEEPS) {
                seats.exchange(|outputs, blocks| self.cost(producers, readers, outputs, blocks));
                self.seat(seats);
            }
        }
    }

    /// Puts channels where their classes lie now.
    fn seat(&mut self, seats: &Seats<'_>) {
        for (node, place) in seats.places() {
            self.places[node] = place;
        }
    }

    /// The modelled error of outputs that stand together if they lie in these blocks.
    fn cost(
        &self,
        producers: &[Producer<'_>],
        readers: &Readers,
        outputs: &[Output],
        blocks: &[(usize, usize)],
    ) -> f64 {
        let mut classes: BTreeMap<usize, Sides> = BTreeMap::new();
        for &(layer, output) in outputs {
            let sides = classes.entry(producers[layer].classes[output]).or_default();
            sides.writers.push((layer, output));
        }
        let shift = |(layer, _): Output| {
            let block = blocks.iter().find(|(of, _)| *of == layer).map_or(0, |&(_, block)| block);
            producers[layer].shifts[block]
        };
        let error = |(class, mut sides): (usize, Sides)| {
            sides.readers = readers.get(&class).cloned().unwrap_or_default();
            self.best(class, &sides, producers, shift).1
        };
        classes.into_iter().map(error).sum()
    }

    /// The block that an output lies in.
    fn block_of(&self, producer: &Producer<'_>, output: usize) -> usize {
        let first = self.ranges.nodes(producer.written).start;
        (self.places[first + output] - first) / self.block
    }

    /// The shift of an output.
    fn shift_of(&self, producers: &[Producer<'_>], (layer, output): Output) -> u8 {
        let producer = &producers[layer];
        producer.shifts[self.block_of(producer, output)]
    }

    fn factor(&self, node: usize) -> f64 {
        self.factors[self.ties.class(node)]
    }

    /// The scale of a blob.
    fn step(&self, blob: BlobId) -> f64 {
        self.scale(blob, |node| self.factor(node))
    }

    /// The scale of a blob whose channels have these factors.
    fn scale(&self, blob: BlobId, factor: impl Fn(usize) -> f64) -> f64 {
        let nodes = self.ranges.nodes(blob);
        let channels = self.ranges.channels();
        let signed = channels[nodes.clone()].iter().any(|channel| channel.least < 0.0);
        let reach = |node: usize| channels[node].largest() / factor(node);
        let largest = nodes.map(reach).fold(0.0, f64::max);
        let largest = if largest > 0.0 { largest } else { 1.0 };
        largest / if signed { 127.0 } else { 255.0 }
    }

    /// What the factors of its bottom ask of a producer.
    fn bound(&self, producer: &mut Producer<'_>) {
        let step = self.step(producer.bottom);
        let first = self.ranges.nodes(producer.bottom);
        let inputs: Vec<(f64, f64)> = first
            .map(|node| {
                let step = step * self.factor(node);
                (step, self.ranges.channels()[node].variance() / (step * step))
            })
            .collect();
        let taps = producer.weights.taps as f64;
        let bound = |output: usize| {
            let (of, weights) = producer.weights.of(output);
            let bias = producer.bias.get(output).map_or(0.0, |bias| f64::from(bias.abs()));
            let (mut least, mut sum) = (bias / 32767.0, 0.0);
            for (&weight, (step, energy)) in weights.iter().zip(&inputs[of]) {
                least = f64::max(least, f64::from(weight) * step / 127.0);
                sum += energy;
            }
            (least, ROUNDED * taps * sum)
        };
        producer.bounds = (0..producer.classes.len()).into_par_iter().map(bound).collect();
    }

    /// What a producer asks of the factors of its bottom.
    fn pull(&self, producer: &mut Producer<'_>) {
        let step = self.step(producer.bottom);
        let nodes = self.ranges.nodes(producer.bottom);
        let energies: Vec<f64> =
            nodes.map(|node| self.ranges.channels()[node].variance() / (step * step)).collect();
        let first = self.ranges.nodes(producer.written).start;
        let outputs = producer.classes.iter().enumerate().map(|(output, &class)| {
            let shift = producer.shifts[self.block_of(producer, output)];
            let unit = producer.step * self.factors[class] / f64::from(1u32 << shift);
            (unit, self.gains[first + output] * unit * unit)
        });
        let taps = producer.weights.taps as f64;
        let mut pulls = vec![(0f64, 0f64); producer.inputs.len()];
        for (output, (unit, noise)) in outputs.enumerate() {
            let (of, weights) = producer.weights.of(output);
            let (noise, largest) = (ROUNDED * taps * noise, step / (127.0 * unit));
            let inputs = pulls[of.clone()].iter_mut().zip(&energies[of]);
            for (&weight, ((cost, most), energy)) in weights.iter().zip(inputs) {
                *cost += noise * energy;
                *most = most.max(f64::from(weight) * largest);
            }
        }
        producer.pulls = pulls;
    }

    /// The best factor of a class whose outputs have these shifts, and the modelled error of it.
    fn best(
        &self,
        class: usize,
        sides: &Sides,
        producers: &[Producer<'_>],
        shift: impl Fn(Output) -> u8,
    ) -> (f64, f64) {
        let (mut least, mut rise) = (self.least[class], 0.0);
        for &(index, output) in &sides.writers {
            let producer = &producers[index];
            let shift = shift((index, output));
            let (bound, energy) = producer.bounds[output];
            let gain = self.gains[self.ranges.nodes(producer.written).start + output];
            least = least.max(bound * f64::from(1u32 << shift) / producer.step);
            rise += gain * producer.step.powi(2) * (1.0 + energy / 4f64.powi(i32::from(shift)));
        }
        // A ReLU6 may clip no channel that reaches its limit later than it did.
        if least > 1.0 + 1e-9 {
            return (1.0, f64::INFINITY);
        }
        if self.ties.is_fixed(class) {
            return (1.0, rise);
        }
        let (mut fall, mut most) = (0.0, 1.0);
        for &(index, input) in &sides.readers {
            if let Some(&(cost, inverse)) = producers[index].pulls.get(input) {
                fall += cost;
                most = f64::min(most, 1.0 / inverse);
            }
        }
        let factor = if rise > 0.0 { (fall / rise).powf(0.25) } else { 1.0 };
        let factor = factor.min(most).max(least).min(1.0);
        (factor, rise * factor * factor + fall / (factor * factor))
    }

    /// Chooses the factors of the classes of producers that have some in common.
    fn choose(&mut self, producers: &mut [Producer<'_>], group: &[usize], readers: &Readers) {
        let mut classes: BTreeMap<usize, Sides> = BTreeMap::new();
        for &index in group {
            self.bound(&mut producers[index]);
            for (output, &class) in producers[index].classes.iter().enumerate() {
                classes.entry(class).or_default().writers.push((index, output));
            }
        }
        let mut around: Vec<usize> = Vec::new();
        for (class, sides) in &mut classes {
            sides.readers = readers.get(class).cloned().unwrap_or_default();
            around.extend(sides.readers.iter().map(|&(index, _)| index));
        }
        around.sort_unstable();
        around.dedup();
        // Those that were not planned yet ask for nothing.
        for index in around {
            if !producers[index].bounds.is_empty() {
                self.pull(&mut producers[index]);
            }
        }
        for _ in 0..ROUNDS {
            for &index in group {
                let producer = &producers[index];
                let mut blocks = vec![Vec::new(); producer.shifts.len()];
                for (output, &class) in producer.classes.iter().enumerate() {
                    blocks[self.block_of(producer, output)].push(class);
                }
                for (block, written) in blocks.iter().enumerate() {
                    self.choose_shift(producers, (index, block), written, &classes);
                }
            }
        }
        for (&class, sides) in &classes {
            let shift = |output| self.shift_of(producers, output);
            self.factors[class] = self.best(class, sides, producers, shift).0;
        }
    }

    /// Chooses the shift of a block of a producer that writes these classes.
    fn choose_shift(
        &self,
        producers: &mut [Producer<'_>],
        (index, block): (usize, usize),
        written: &[usize],
        classes: &BTreeMap<usize, Sides>,
    ) {
        let mut best = (f64::INFINITY, 0);
        for shift in 0..=MOST_SHIFT {
            producers[index].shifts[block] = shift;
            let of = |output| self.shift_of(producers, output);
            let errors =
                written.iter().map(|class| self.best(*class, &classes[class], producers, of).1);
            let error: f64 = errors.sum();
            // A larger shift asks for larger steps, and these are too large already.
            if error.is_infinite() {
                break;
            }
            if error < best.0 {
                best = (error, shift);
            }
        }
        producers[index].shifts[block] = best.1;
    }
}

/// Which producers read the channels of a class, and where among their inputs.
type Readers = BTreeMap<usize, Vec<(usize, usize)>>;

/// The producers that write a class and those that read it, each with the place among its outputs or inputs.
#[derive(Default)]
struct Sides {
    writers: Vec<(usize, usize)>,
    readers: Vec<(usize, usize)>,
}
