//! How near the outputs of int8 nets are to those of the fp32 net.

use std::collections::HashMap;
use std::ops::Range;

use ndarray::ArrayD;
use rayon::prelude::*;
use uframework::{Capture, Executor, Value, Workspace, for_each_result};
use umodel::{BlobId, Net, QuantizedNet};

use crate::error::Error;
use crate::evaluate::{cosine, same_best};
use crate::mixed::Target;
use crate::regress::different;

/// The most iterations that are held out.
const MOST_HELD: usize = 20;

/// What pictures give, by the names of their blobs.
type Sources = HashMap<String, Value>;
/// The outputs of some iterations.
type Outputs = Vec<Vec<ArrayD<f32>>>;

/// How many iterations calibrate, and which ones are held out: of those that read different pictures a fifth, 20 at most. A
/// single one does both.
///
/// # Errors
/// [`Error::Execution`] for a database that cannot be opened.
pub(crate) fn held_out(net: &Net, iterations: usize) -> Result<(usize, Range<usize>), Error> {
    let iterations = iterations.min(different(net, iterations)?).max(1);
    if iterations == 1 {
        return Ok((1, 0..1));
    }
    let held = (iterations / 5).clamp(1, MOST_HELD);
    Ok((iterations - held, iterations - held..iterations))
}

/// Compares outputs of int8 nets with those of the fp32 net.
pub(crate) struct Judge {
    outputs: Vec<String>,
    pictures: Vec<Sources>,
    /// What the fp32 net makes of the pictures.
    expected: Outputs,
}

impl Judge {
    /// By the outputs of a net's deployed form, on the pictures of these iterations.
    pub(crate) fn new(
        float: &Executor,
        quantized: &QuantizedNet,
        iterations: Range<usize>,
    ) -> Result<Self, Error> {
        let net = float.net();
        let deployed = quantized.deploy()?;
        let outputs = deployed.net().outputs().into_iter().map(|id| deployed.net().blob(id));
        let outputs = outputs.filter(|blob| net.blob_id(&blob.name).is_some());
        let outputs: Vec<String> = outputs.map(|blob| blob.name.clone()).collect();
        let (mut pictures, mut iteration) = (Vec::new(), 0);
        let sink = |sources: Vec<(BlobId, Value)>| {
            let named =
                sources.into_iter().map(|(id, value)| (net.blob(id).name.clone(), value)).collect();
            if iterations.contains(&iteration) {
                pictures.push(named);
            }
            iteration += 1;
            Ok(())
        };
        for_each_result(float, iterations.end, |_, sources| Ok(sources), sink, |_| {})?;
        let expected = run(float, &outputs, &pictures)?;
        Ok(Judge { outputs, pictures, expected })
    }

    /// The signal-to-noise ratio of the outputs, in dB.
    pub(crate) fn sqnr(&self, quantized: QuantizedNet) -> Result<f64, Error> {
        let expected = &self.expected;
        let found = run(&Executor::quantized(quantized.into())?, &self.outputs, &self.pictures)?;
        let relative = |output: usize| {
            let pairs = expected.iter().zip(&found);
            let (mut power, mut error) = (0.0, 0.0);
            for (&a, &b) in pairs.flat_map(|(a, b)| a[output].iter().zip(&b[output])) {
                power += f64::from(a).powi(2);
                error += (f64::from(a) - f64::from(b)).powi(2);
            }
            if power > 0.0 { error / power } else { 0.0 }
        };
        let sum: f64 = (0..self.outputs.len()).map(relative).sum();
        Ok(-10.0 * (sum / self.outputs.len().max(1) as f64).log10())
    }

    /// What a target measures: of several outputs, of the one that is least like fp32.
    pub(crate) fn quality(&self, target: Target, quantized: QuantizedNet) -> Result<f64, Error> {
        let expected = &self.expected;
        let found = run(&Executor::quantized(quantized.into())?, &self.outputs, &self.pictures)?;
        let mean = |output: usize| -> Option<f64> {
            let pairs = expected.iter().zip(&found).map(|(a, b)| (&a[output], &b[output]));
            let values = pairs.map(|(a, b)| match target {
                Target::SameBest(_) => same_best(a, b),
                Target::Cosine(_) | Target::FloatLayers(_) => Some(cosine(a, b)),
            });
            Some(values.sum::<Option<f64>>()? / expected.len().max(1) as f64)
        };
        let means = (0..self.outputs.len()).filter_map(mean);
        means.reduce(f64::min).ok_or(Error::NoClasses)
    }
}

/// The outputs that a net makes of each iteration's pictures.
fn run(executor: &Executor, outputs: &[String], sources: &[Sources]) -> Result<Outputs, Error> {
    let net = executor.net();
    let ids: Vec<BlobId> = outputs.iter().filter_map(|name| net.blob_id(name)).collect();
    let one = |workspace: &mut Workspace, sources: &Sources| {
        let mut sources: Vec<(BlobId, Value)> = sources
            .iter()
            .filter_map(|(name, value)| Some((net.blob_id(name)?, value.clone())))
            .collect();
        sources.sort_by_key(|(id, _)| *id);
        let mut capture = Capture::new(executor, &ids);
        executor.forward(workspace, sources, &mut capture)?;
        Ok(capture.values)
    };
    sources.par_iter().map_init(Workspace::default, one).collect()
}
