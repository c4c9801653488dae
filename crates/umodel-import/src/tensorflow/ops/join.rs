//! Concat, Split, Pack, Unpack and their kind.

use super::{Call, Outcome};
use crate::error::{AttributeError, NodeError, ShapeError};
use crate::graph::{Result, Site, Value, signed};
use crate::ops::{axes, axis, concat, slice};

/// Parts of a split at most.
const MAX_PARTS: i64 = 1 << 12;

/// The axis is the last input.
pub(super) fn concat(call: &mut Call<'_>) -> Result<Outcome> {
    let missing = NodeError::MissingInput { index: 0 };
    let (_, values) = call.inputs.split_last().ok_or(missing)?;
    let axis = call.int(values.len())?;
    Ok(concat::concat(call.importer, call.site, values, axis)?.into())
}

/// The axis is the first input.
pub(super) fn old_concat(call: &mut Call<'_>) -> Result<Outcome> {
    let axis = call.int(0)?;
    let values = call.inputs.get(1..).unwrap_or_default();
    Ok(concat::concat(call.importer, call.site, values, axis)?.into())
}

pub(super) fn split(call: &mut Call<'_>) -> Result<Outcome> {
    let (along, x) = (call.int(0)?, call.input(1)?);
    let size = size(x, along)?;
    let parts = parts(call, "num_split")?;
    if !size.is_multiple_of(parts) {
        return Err(ShapeError::Parts { size, parts: vec![signed(size / parts); parts] }.into());
    }
    Ok(Outcome::Values(split_into(call, x, along, &vec![size / parts; parts])?))
}

pub(super) fn split_v(call: &mut Call<'_>) -> Result<Outcome> {
    let (along, x) = (call.int(2)?, call.input(0)?);
    let sizes = open_size(&call.ints(1)?, size(x, along)?)?;
    Ok(Outcome::Values(split_into(call, x, along, &sizes)?))
}

pub(super) fn pack(call: &mut Call<'_>) -> Result<Outcome> {
    let along = call.node.int("axis").unwrap_or(0);
    let mut parts = Vec::with_capacity(call.inputs.len());
    for (index, value) in call.inputs.iter().enumerate() {
        let site = call.site.sub(&index.to_string());
        parts.push(axes::unsqueeze(&site, value, &[along])?);
    }
    Ok(concat::concat(call.importer, call.site, &parts, along)?.into())
}

pub(super) fn unpack(call: &mut Call<'_>) -> Result<Outcome> {
    let (along, x) = (call.node.int("axis").unwrap_or(0), call.input(0)?);
    let parts = parts(call, "num")?;
    let values = split_into(call, x, along, &vec![1; parts])?;
    let squeezed = values.iter().map(|value| axes::squeeze(call.site, value, Some(&[along])));
    Ok(Outcome::Values(squeezed.collect::<Result<Vec<Value>>>()?))
}

/// The parts; their blobs are named as the node's outputs.
fn split_into(call: &mut Call<'_>, x: &Value, along: i64, sizes: &[usize]) -> Result<Vec<Value>> {
    let name = &call.node.name;
    let site = |index: usize| match index {
        0 => Site::new(name, name),
        _ => Site::new(name, &format!("{name}:{index}")),
    };
    let sites: Vec<Site> = (0..sizes.len()).map(site).collect();
    slice::split(call.importer, &sites, x, along, sizes)
}

fn size(x: &Value, along: i64) -> Result<usize> {
    Ok(x.shape().get(axis(along, x.shape().len())?).copied().unwrap_or(0))
}

fn parts(call: &Call<'_>, name: &'static str) -> Result<usize> {
    let parts = call.node.int(name).ok_or_else(|| AttributeError::Missing.of(name))?;
    let number = usize::try_from(parts).ok().filter(|_| (1..=MAX_PARTS).contains(&parts));
    number.ok_or_else(|| {
        AttributeError::Range { found: parts.into(), lowest: 1, highest: MAX_PARTS }.of(name)
    })
}

/// Sizes of which one may be −1, the rest.
fn open_size(sizes: &[i64], total: usize) -> Result<Vec<usize>> {
    let bad = || ShapeError::Parts { size: total, parts: sizes.to_vec() };
    let known: usize = sizes
        .iter()
        .filter(|&&size| size != -1)
        .try_fold(0usize, |sum, &size| sum.checked_add(usize::try_from(size).ok()?))
        .ok_or_else(bad)?;
    let rest = total.checked_sub(known).ok_or_else(bad)?;
    let size = |&size: &i64| if size == -1 { Some(rest) } else { usize::try_from(size).ok() };
    Ok(sizes.iter().map(size).collect::<Option<_>>().ok_or_else(bad)?)
}
