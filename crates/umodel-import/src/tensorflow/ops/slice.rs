//! StridedSlice with its masks, Slice, and gathering at constant places.

use super::{Call, Outcome};
use crate::error::NodeError;
use crate::graph::{Result, Value};
use crate::ops::{
    axes,
    slice::{self, Range},
};

pub(super) fn import(call: &mut Call<'_>) -> Result<Outcome> {
    Ok(match call.node.op.as_str() {
        "StridedSlice" => strided(call)?.into(),
        "Slice" => {
            let x = call.input(0)?.clone();
            let (begin, size) = (call.ints(1)?, call.ints(2)?);
            let ranges: Vec<[i64; 3]> = begin
                .iter()
                .zip(&size)
                .zip(x.shape())
                .map(|((&begin, &size), &full)| {
                    let end = if size == -1 { full as i64 } else { begin.saturating_add(size) };
                    [begin, end, 1]
                })
                .collect();
            part(call, &x, &ranges)?.into()
        }
        "GatherV2" | "Gather" => {
            let axis = if call.node.op == "Gather" { 0 } else { call.int(2)? };
            if call.node.int("batch_dims").unwrap_or(0) != 0 {
                return Err(NodeError::unsupported("batch_dims"));
            }
            let (x, indices) = (call.input(0)?.clone(), call.constant(1)?.clone());
            slice::gather(call.importer, call.site, &x, &indices, axis)?.into()
        }
        _ => Outcome::Unknown,
    })
}

/// The part of a value between starts and ends, each axis with a step.
fn part(call: &mut Call<'_>, x: &Value, ranges: &[[i64; 3]]) -> Result<Value> {
    if ranges.len() != x.shape().len() {
        let reason = format!("{} ranges for the axes of {:?}", ranges.len(), x.shape());
        return Err(NodeError::shapes(reason));
    }
    let ranges: Vec<Range> = ranges
        .iter()
        .enumerate()
        .map(|(axis, &[start, end, step])| {
            // A negative number would count from the end.
            let end = if end < 0 { i64::MIN } else { end };
            Range { axis, start, end, step }
        })
        .collect();
    slice::slice(call.importer, call.site, x, &ranges)
}

/// What one entry of a StridedSlice says.
#[derive(Clone, Copy, PartialEq)]
enum Entry {
    /// As many whole axes as are left over.
    Ellipsis,
    /// A new axis of size 1.
    New,
    /// One place of an axis, which then goes.
    Place(i64),
    Range {
        begin: Option<i64>,
        end: Option<i64>,
        step: i64,
    },
}

fn strided(call: &mut Call<'_>) -> Result<Value> {
    let x = call.input(0)?.clone();
    let entries = entries(call)?;
    let rank = x.shape().len();
    let taken =
        entries.iter().filter(|entry| !matches!(entry, Entry::Ellipsis | Entry::New)).count();
    let left = rank.checked_sub(taken).ok_or_else(|| {
        NodeError::shapes(format!("{taken} ranges for the axes of {:?}", x.shape()))
    })?;
    let whole = |size: usize| [0, size as i64, 1];
    let mut ranges = Vec::with_capacity(rank);
    let mut shape: Vec<Option<usize>> = Vec::new();
    let has_ellipsis = entries.contains(&Entry::Ellipsis);
    let end = [Entry::Ellipsis];
    // Without an ellipsis the axes that are not mentioned are the last ones.
    let entries = entries.iter().chain(if has_ellipsis { &[][..] } else { &end[..] });
    for entry in entries {
        let size = x.shape().get(ranges.len()).copied().unwrap_or(0);
        match *entry {
            Entry::Ellipsis => {
                for _ in 0..left {
                    shape.push(Some(ranges.len()));
                    ranges.push(whole(x.shape()[ranges.len()]));
                }
            }
            Entry::New => shape.push(None),
            Entry::Place(place) => {
                let from_zero = if place < 0 { place + size as i64 } else { place };
                if !(0..size as i64).contains(&from_zero) {
                    return Err(NodeError::shapes(format!("place {place} of {size}")));
                }
                ranges.push([from_zero, from_zero + 1, 1]);
            }
            Entry::Range { begin, end, step } => {
                shape.push(Some(ranges.len()));
                ranges.push(resolved(begin, end, step, size)?);
            }
        }
    }
    let result = part(call, &x, &ranges)?;
    let sizes: Vec<usize> =
        shape.iter().map(|axis| axis.map_or(1, |axis| result.shape()[axis])).collect();
    if sizes == result.shape() { Ok(result) } else { axes::reshape(call.site, &result, &sizes) }
}

fn entries(call: &Call<'_>) -> Result<Vec<Entry>> {
    let [begin, end, step] = [call.ints(1)?, call.ints(2)?, call.ints(3)?];
    if begin.len() != end.len() || begin.len() != step.len() || begin.len() > 32 {
        let reason = format!("{}, {} and {} values", begin.len(), end.len(), step.len());
        return Err(NodeError::shapes(reason));
    }
    let has = |name: &str, index: usize| call.node.int(name).unwrap_or(0) >> index & 1 != 0;
    let entry = |index: usize| {
        if has("ellipsis_mask", index) {
            Entry::Ellipsis
        } else if has("new_axis_mask", index) {
            Entry::New
        } else if has("shrink_axis_mask", index) {
            Entry::Place(begin[index])
        } else {
            Entry::Range {
                begin: (!has("begin_mask", index)).then_some(begin[index]),
                end: (!has("end_mask", index)).then_some(end[index]),
                step: step[index],
            }
        }
    };
    let entries: Vec<Entry> = (0..begin.len()).map(entry).collect();
    if entries.iter().filter(|entry| matches!(entry, Entry::Ellipsis)).count() > 1 {
        return Err(NodeError::attribute("ellipsis_mask", "more than one"));
    }
    Ok(entries)
}

/// Start, end and step for an axis of this size; numpy's rules.
fn resolved(begin: Option<i64>, end: Option<i64>, step: i64, size: usize) -> Result<[i64; 3]> {
    let size = size as i64;
    if step == 0 || step == i64::MIN {
        return Err(NodeError::attribute("strides", format!("{step}")));
    }
    let at = |value: i64| if value < 0 { value.saturating_add(size) } else { value };
    let (low, high) = if step > 0 { (0, size) } else { (-1, size - 1) };
    let (first, last) = if step > 0 { (low, high) } else { (high, low) };
    let begin = begin.map_or(first, |value| at(value).clamp(low, high));
    let end = end.map_or(last, |value| at(value).clamp(low, high));
    Ok([begin, end, step])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_follow_numpy() {
        for (begin, end, step, size, expected) in [
            (Some(1), Some(6), 1, 7, [1, 6, 1]),
            (None, None, 2, 7, [0, 7, 2]),
            (Some(-3), None, 1, 7, [4, 7, 1]),
            (Some(2), Some(100), 1, 7, [2, 7, 1]),
            (None, None, -1, 7, [6, -1, -1]),
            (Some(5), Some(1), -2, 7, [5, 1, -2]),
        ] {
            assert_eq!(resolved(begin, end, step, size).expect("a range"), expected);
        }
        assert!(resolved(None, None, 0, 7).is_err());
    }
}
