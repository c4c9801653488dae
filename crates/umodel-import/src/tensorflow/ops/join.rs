//! Concat, Split, Pack, Unpack and their kind.

use super::{Call, Outcome};
use crate::error::NodeError;
use crate::graph::{Result, Site, Value};
use crate::ops::{axes, axis, concat, slice};

/// Parts of a split at most.
const MAX_PARTS: i64 = 1 << 12;

pub(super) fn import(call: &mut Call<'_>) -> Result<Outcome> {
    Ok(match call.node.op.as_str() {
        "ConcatV2" => {
            let last = call.inputs.len().saturating_sub(1);
            let axis = call.int(last)?;
            concat::concat(call.importer, call.site, &call.inputs[..last], axis)?.into()
        }
        "Concat" => {
            let axis = call.int(0)?;
            let values = call.inputs.get(1..).unwrap_or_default();
            concat::concat(call.importer, call.site, values, axis)?.into()
        }
        "Split" => {
            let (along, x) = (call.int(0)?, call.input(1)?.clone());
            let size = x.shape()[axis(along, x.shape().len())?];
            let parts = parts(call, "num_split")?;
            if !size.is_multiple_of(parts) {
                return Err(NodeError::shapes(format!("{size} in {parts} equal parts")));
            }
            Outcome::Values(split(call, &x, along, &vec![size / parts; parts])?)
        }
        "SplitV" => {
            let (along, x) = (call.int(2)?, call.input(0)?.clone());
            let size = x.shape()[axis(along, x.shape().len())?];
            let sizes = open_size(&call.ints(1)?, size)?;
            Outcome::Values(split(call, &x, along, &sizes)?)
        }
        "Pack" => {
            let along = call.node.int("axis").unwrap_or(0);
            let mut parts = Vec::with_capacity(call.inputs.len());
            for (index, value) in call.inputs.iter().enumerate() {
                let site = call.site.sub(&index.to_string());
                parts.push(axes::unsqueeze(&site, value, &[along])?);
            }
            concat::concat(call.importer, call.site, &parts, along)?.into()
        }
        "Unpack" => {
            let (along, x) = (call.node.int("axis").unwrap_or(0), call.input(0)?.clone());
            let parts = parts(call, "num")?;
            let values = split(call, &x, along, &vec![1; parts])?;
            let squeezed =
                values.iter().map(|value| axes::squeeze(call.site, value, Some(&[along])));
            Outcome::Values(squeezed.collect::<Result<Vec<Value>>>()?)
        }
        _ => Outcome::Unknown,
    })
}

/// The parts; their blobs are named as the node's outputs.
fn split(call: &mut Call<'_>, x: &Value, along: i64, sizes: &[usize]) -> Result<Vec<Value>> {
    let name = &call.node.name;
    let site = |index: usize| match index {
        0 => Site::new(name, name),
        _ => Site::new(name, &format!("{name}:{index}")),
    };
    let sites: Vec<Site> = (0..sizes.len()).map(site).collect();
    slice::split(call.importer, &sites, x, along, sizes)
}

fn parts(call: &Call<'_>, name: &'static str) -> Result<usize> {
    let parts = call.node.int(name).filter(|parts| (1..=MAX_PARTS).contains(parts));
    parts
        .and_then(|parts| usize::try_from(parts).ok())
        .ok_or_else(|| NodeError::attribute(name, format!("must be from 1 to {MAX_PARTS}")))
}

/// Sizes of which one may be −1, the rest.
fn open_size(sizes: &[i64], total: usize) -> Result<Vec<usize>> {
    let bad = || NodeError::shapes(format!("{total} in parts of {sizes:?}"));
    let known: usize = sizes
        .iter()
        .filter(|&&size| size != -1)
        .try_fold(0usize, |sum, &size| sum.checked_add(usize::try_from(size).ok()?))
        .ok_or_else(bad)?;
    let rest = total.checked_sub(known).ok_or_else(bad)?;
    sizes
        .iter()
        .map(|&size| if size == -1 { Ok(rest) } else { usize::try_from(size).map_err(|_| bad()) })
        .collect()
}
