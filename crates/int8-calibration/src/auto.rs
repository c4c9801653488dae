//! Thresholds by trial: for each scale of the net the method with which the int8 net's outputs are nearest to fp32.
//!
//! The first net has one method for all blobs, the best of a few. Then blobs that share a scale try the others, group after
//! group in the order of the net, and keep what makes the outputs better. Nets are judged by the int8 executor, before
//! [`regress`](crate::regress).

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::judge::Judge;
use crate::quantize::Rounded;
use crate::threshold::Method;

/// What blobs may have. The first one is that of a net that is not searched.
const CANDIDATES: [Method; 5] =
    [Method::Mse, Method::Max, Method::Octav, Method::Percentile(999_900_000), Method::Kl];
/// What a change has to gain, in dB: less is chance.
const LEAST_GAIN: f64 = 0.01;

/// Iterations that judge a method.
pub(crate) const JUDGED: usize = 8;

/// The methods of blobs by their names.
pub(crate) type Methods = BTreeMap<String, Method>;

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// How many groups of blobs of one scale there are, and how many were tried within the time limit.
    pub groups: usize,
    /// See `groups`.
    pub tried: usize,
    /// How many of them got another method than most.
    pub changed: usize,
    /// The outputs' power by that of their error in dB, with [`Method::Mse`] for all blobs.
    pub before: f64,
    /// The same with the methods that were found.
    pub after: f64,
}

/// Searches until all groups were tried or `limit` has passed. `rounded` makes the int8 net with some blobs' own methods.
/// `progress` is told how many of how many groups were tried.
///
/// # Errors
/// What quantization and the executor report.
pub(crate) fn search(
    judge: &Judge,
    limit: Duration,
    rounded: impl Fn(&Methods) -> Result<Rounded, Error>,
    progress: impl Fn(usize, usize),
) -> Result<(Methods, Search), Error> {
    let started = Instant::now();
    let [usual, ..] = CANDIDATES;
    let first = rounded(&Methods::new())?;
    let groups = first.groups;
    let before = judge.sqnr(first.quantized)?;
    let of_all = |method: Method| -> Methods {
        groups.iter().flatten().map(|blob| (blob.clone(), method)).collect()
    };
    let (mut base, mut methods, mut best) = (usual, of_all(usual), before);
    for method in CANDIDATES.into_iter().skip(1) {
        if started.elapsed() >= limit {
            break;
        }
        let sqnr = judge.sqnr(rounded(&of_all(method))?.quantized)?;
        if sqnr > best + LEAST_GAIN {
            (base, methods, best) = (method, of_all(method), sqnr);
        }
    }
    let mut search = Search { groups: groups.len(), tried: 0, changed: 0, before, after: best };
    for group in &groups {
        if started.elapsed() >= limit {
            break;
        }
        let mut known = vec![rounded(&methods)?.quantized];
        let mut chosen = base;
        for method in CANDIDATES.into_iter().filter(|&method| method != base) {
            let mut trial = methods.clone();
            trial.extend(group.iter().map(|blob| (blob.clone(), method)));
            let quantized = rounded(&trial)?.quantized;
            // Methods that agree on the thresholds need one run.
            let same = |other: &umodel::QuantizedNet| {
                quantized.net().blob_ids().all(|id| quantized.format(id) == other.format(id))
            };
            if known.iter().any(same) {
                continue;
            }
            let sqnr = judge.sqnr(quantized.clone())?;
            if sqnr > search.after + LEAST_GAIN {
                (chosen, search.after) = (method, sqnr);
            }
            known.push(quantized);
        }
        if chosen != base {
            search.changed += 1;
            methods.extend(group.iter().map(|blob| (blob.clone(), chosen)));
        }
        search.tried += 1;
        progress(search.tried, groups.len());
    }
    Ok((methods, search))
}
