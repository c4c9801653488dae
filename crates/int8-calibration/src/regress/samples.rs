//! What a run of the fp32 net tells a regression: its pictures, and what layers with weights gave at some positions.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use uframework::data::Batches;
use uframework::{Random, Tap, Value};
use umodel::layers::Int8Form;
use umodel::{Blob, BlobId, Net};

use super::window::Window;
use crate::error::Error;

/// Iterations that are used.
const MOST_ITERATIONS: usize = 100;
/// Bytes of blobs that are kept between layers: pictures that do not fit are not used.
const MOST_BYTES: usize = 1 << 29;
/// Bytes of samples: where there would be more, fewer positions are drawn.
const MOST_SAMPLED: usize = 1 << 30;
/// Positions of a layer, from all pictures together.
const POSITIONS: usize = 4500;

/// Which positions of which layers are drawn from each iteration.
#[derive(Debug)]
pub(crate) struct Plan {
    layers: Vec<Drawn>,
    /// The place among `layers` of the one that writes a blob.
    writers: HashMap<BlobId, usize>,
    sources: HashSet<BlobId>,
    /// Whether all samples that are used came: what follows need not be drawn.
    complete: AtomicBool,
}

/// A layer with weights.
#[derive(Debug)]
struct Drawn {
    /// Its place in the net.
    layer: usize,
    window: Window,
    outputs: usize,
    /// Positions of each picture.
    each: usize,
}

/// The samples of the iterations that a regression uses.
#[derive(Debug)]
pub(crate) struct Samples {
    plan: Arc<Plan>,
    /// The most iterations that are kept.
    most: usize,
    /// How many came.
    seen: usize,
    /// Of each one that was kept, a number that equal pictures share.
    pictures: HashSet<u64>,
    kept: Vec<Sample>,
}

/// The samples of one iteration.
#[derive(Debug)]
pub(crate) struct Sample {
    plan: Arc<Plan>,
    fingerprint: u64,
    sources: HashMap<String, Value>,
    layers: Vec<OfLayer>,
}

/// What a layer gave in one iteration.
#[derive(Clone, Debug, Default)]
pub(super) struct OfLayer {
    /// Pictures and pixels of the top.
    pub(super) positions: Vec<(usize, usize)>,
    /// For each of them the values of all outputs.
    pub(super) values: Vec<f32>,
}

impl Samples {
    /// Before the first of so many iterations of an fp32 net that read different pictures.
    pub(crate) fn new(net: &Net, iterations: usize) -> Samples {
        let most = (MOST_BYTES / bytes(net).max(1)).clamp(1, MOST_ITERATIONS).min(iterations);
        let (mut layers, mut writers) = (Vec::new(), HashMap::new());
        for (layer, one) in net.layers().iter().enumerate() {
            let (Some(&bottom), Some(&top)) = (one.bottoms.first(), one.tops.first()) else {
                continue;
            };
            let (bottom, shape) = (&net.blob(bottom).shape, &net.blob(top).shape);
            let Some(window) = Window::of(&one.op, bottom, shape) else { continue };
            if one.weights.is_empty() || window.pictures() == 0 || window.pixels() == 0 {
                continue;
            }
            let each = POSITIONS.div_ceil((most * window.pictures()).max(1)).min(window.pixels());
            let outputs = shape.iter().product::<usize>() / window.pictures() / window.pixels();
            writers.insert(top, layers.len());
            layers.push(Drawn { layer, window, outputs, each });
        }
        let values = |drawn: &Drawn| most * drawn.window.pictures() * drawn.each * drawn.outputs;
        let sampled = layers.iter().map(values).sum::<usize>() * size_of::<f32>();
        for drawn in layers.iter_mut().filter(|_| sampled > MOST_SAMPLED) {
            drawn.each = (drawn.each * (MOST_SAMPLED >> 20) / (sampled >> 20)).max(1);
        }
        let source =
            |layer: &&umodel::Layer| matches!(layer.op.int8_form(), Int8Form::Source { .. });
        let sources = net.layers().iter().filter(source);
        let sources = sources.flat_map(|layer| layer.tops.iter().copied()).collect();
        let plan = Arc::new(Plan { layers, writers, sources, complete: AtomicBool::new(false) });
        Samples { plan, most, seen: 0, pictures: HashSet::new(), kept: Vec::new() }
    }

    /// What is drawn, for [`Sample::new`].
    pub(crate) fn plan(&self) -> Arc<Plan> {
        self.plan.clone()
    }

    /// Takes the sample of the next iteration, if it is one that is used. What is seen twice would stand in both halves of
    /// the pictures, and no λ would be too small.
    pub(crate) fn add(&mut self, sample: Sample) {
        self.seen += 1;
        if self.seen <= self.most && self.pictures.insert(sample.fingerprint) {
            self.kept.push(sample);
        }
        self.plan.complete.store(self.seen >= self.most, Ordering::Relaxed);
    }

    /// Of each iteration the pictures, by the names of their blobs.
    pub(super) fn sources(&self) -> Vec<&HashMap<String, Value>> {
        self.kept.iter().map(|sample| &sample.sources).collect()
    }

    /// What the layer with this place in the net gave in each iteration, and what it reads for a position; none for a layer
    /// without samples.
    pub(super) fn of_layer(&self, layer: usize) -> Option<(&Window, Vec<&OfLayer>)> {
        let at = self.plan.layers.iter().position(|drawn| drawn.layer == layer)?;
        let samples = self.kept.iter().map(|sample| &sample.layers[at]).collect();
        Some((&self.plan.layers[at].window, samples))
    }
}

impl Sample {
    /// Before an iteration.
    pub(crate) fn new(plan: Arc<Plan>) -> Sample {
        let layers = vec![OfLayer::default(); plan.layers.len()];
        Sample { plan, fingerprint: FNV_BASIS, sources: HashMap::new(), layers }
    }
}

impl Tap for Sample {
    fn blob(&mut self, id: BlobId, blob: &Blob, value: &Value) {
        if self.plan.complete.load(Ordering::Relaxed) {
            return;
        }
        if self.plan.sources.contains(&id) {
            self.fingerprint = hashed(self.fingerprint, &value.to_bytes());
            self.sources.insert(blob.name.clone(), value.clone());
        }
        let (Some(&at), Value::F32(values)) = (self.plan.writers.get(&id), value) else { return };
        let drawn = &self.plan.layers[at];
        let pixels = drawn.window.pixels();
        let pictures = drawn.window.pictures();
        let Some(values) = values.as_slice() else { return };
        if values.len() != pictures * drawn.outputs * pixels {
            return;
        }
        let mut random = Random::new(hashed(self.fingerprint, &drawn.layer.to_le_bytes()));
        let sample = &mut self.layers[at];
        for picture in 0..pictures {
            // One of each stretch of pixels, so that no two are the same.
            for draw in 0..drawn.each {
                let (start, end) = (draw * pixels / drawn.each, (draw + 1) * pixels / drawn.each);
                let offset = random.bits() % (end - start).max(1) as u64;
                let pixel = start + usize::try_from(offset).unwrap_or(0);
                sample.positions.push((picture, pixel));
                let of_picture = &values[picture * drawn.outputs * pixels..];
                let outputs = of_picture[pixel..].iter().step_by(pixels).take(drawn.outputs);
                sample.values.extend(outputs);
            }
        }
    }
}

/// How many of the iterations read records that none before them read.
///
/// # Errors
/// What the databases report.
pub(crate) fn different(net: &Net, iterations: usize) -> Result<usize, Error> {
    let once = Batches::repeats(net, iterations)?.into_iter().map(|supply| supply.iterations());
    Ok(once.min().and_then(|once| usize::try_from(once).ok()).unwrap_or(iterations))
}

const FNV_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;

/// A number that equal bytes share, behind others: the hash FNV-1a.
fn hashed(before: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(before, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME))
}

/// The most bytes of blobs that live at once in an int8 form of a net, for one iteration.
fn bytes(net: &Net) -> usize {
    let size = |id: BlobId| {
        let float = net.layers()[net.producer(id)].op.int8_form() == Int8Form::Float;
        net.blob(id).shape.iter().product::<usize>() * if float { size_of::<f32>() } else { 1 }
    };
    let mut last = vec![0; net.blobs().len()];
    for (index, layer) in net.layers().iter().enumerate() {
        layer.bottoms.iter().chain(&layer.tops).for_each(|id| last[id.index()] = index);
    }
    let (mut live, mut most) = (0, 0);
    for (index, layer) in net.layers().iter().enumerate() {
        live += layer.tops.iter().map(|&id| size(id)).sum::<usize>();
        most = most.max(live);
        let mut blobs: Vec<_> = layer.bottoms.iter().chain(&layer.tops).collect();
        blobs.sort_unstable();
        blobs.dedup();
        let dead = blobs.iter().filter(|id| last[id.index()] == index);
        live -= dead.map(|&&id| size(id)).sum::<usize>();
    }
    most
}
