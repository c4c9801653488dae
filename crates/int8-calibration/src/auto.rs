//! Thresholds by trial: for each scale of the net the method with which the int8 net's outputs are nearest to fp32.
//!
//! The first net has one method for all blobs, the best of a few. Then blobs that share a scale try the others, group after
//! group in the order of the net, and keep what makes the outputs better. Every trial is judged by the int8 executor, with all
//! that a calibration does to weights, on pictures that were not calibrated with.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use umodel::QuantizedNet;

use crate::error::Error;
use crate::judge::Judge;
use crate::quantize::Rounded;
use crate::threshold::Method;

/// What blobs may have. The first one is that of a net that is not searched.
const CANDIDATES: [Method; 5] =
    [Method::Mse, Method::Max, Method::Octav, Method::Percentile(999_900_000), Method::Kl];
/// What a change has to gain, in dB: less is chance.
const LEAST_GAIN: f64 = 0.05;

/// The methods of blobs by their names.
pub(crate) type Methods = BTreeMap<String, Method>;

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Search {
    /// How many groups of blobs of one scale there are.
    pub groups: usize,
    /// How many of them were tried within the time limit.
    pub tried: usize,
    /// The method of most groups.
    pub method: Method,
    /// How many groups got another one.
    pub changed: usize,
    /// The outputs' power by that of their error in dB on pictures that were held out, with [`Method::Mse`] for all blobs.
    pub before: f64,
    /// The same with the methods that were found.
    pub after: f64,
}

/// Searches until all groups were tried or `limit` has passed. `rounded` makes the int8 net with some blobs' own methods,
/// `better` does all that a calibration does to its weights. `progress` is told how many of how many groups were tried.
///
/// # Errors
/// What quantization and the executor report.
pub(crate) fn search(
    judge: &Judge,
    limit: Duration,
    rounded: impl Fn(&Methods) -> Result<Rounded, Error>,
    better: impl Fn(QuantizedNet) -> Result<QuantizedNet, Error>,
    progress: impl Fn(usize, usize),
) -> Result<(Methods, Search), Error> {
    let started = Instant::now();
    let [usual, ..] = CANDIDATES;
    let first = rounded(&Methods::new())?;
    let groups = first.groups;
    let of_all = |method: Method| -> Methods {
        groups.iter().flatten().map(|blob| (blob.clone(), method)).collect()
    };
    let before = judge.sqnr(better(first.quantized)?)?;
    let mut methods = of_all(usual);
    let mut search =
        Search { groups: groups.len(), tried: 0, method: usual, changed: 0, before, after: before };
    progress(0, groups.len());
    for method in CANDIDATES.into_iter().skip(1) {
        if started.elapsed() >= limit {
            break;
        }
        let sqnr = judge.sqnr(better(rounded(&of_all(method))?.quantized)?)?;
        if sqnr > search.after + LEAST_GAIN {
            (search.method, search.after) = (method, sqnr);
            methods = of_all(method);
        }
    }
    for group in &groups {
        if started.elapsed() >= limit {
            break;
        }
        let mut known = vec![rounded(&methods)?.quantized];
        let mut chosen = search.method;
        for method in CANDIDATES.into_iter().filter(|&method| method != search.method) {
            let mut trial = methods.clone();
            trial.extend(group.iter().map(|blob| (blob.clone(), method)));
            let quantized = rounded(&trial)?.quantized;
            // Methods that agree on the scales make the same net.
            if known.iter().any(|other| same_formats(other, &quantized)) {
                continue;
            }
            let sqnr = judge.sqnr(better(quantized.clone())?)?;
            if sqnr > search.after + LEAST_GAIN {
                (chosen, search.after) = (method, sqnr);
            }
            known.push(quantized);
        }
        if chosen != search.method {
            search.changed += 1;
            methods.extend(group.iter().map(|blob| (blob.clone(), chosen)));
        }
        search.tried += 1;
        progress(search.tried, groups.len());
    }
    Ok((methods, search))
}

/// Whether all blobs of two forms of a net are stored alike.
fn same_formats(one: &QuantizedNet, other: &QuantizedNet) -> bool {
    one.net().blobs().len() == other.net().blobs().len()
        && one.net().blob_ids().all(|id| one.format(id) == other.format(id))
}
