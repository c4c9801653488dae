//! StridedSlice with its masks, Slice, and gathering at constant places.

use super::{Call, Outcome};
use crate::error::{AttributeError, NodeError, ShapeError, Unsupported};
use crate::graph::{Result, Value, signed};
use crate::ops::{
    axes,
    slice::{self, Range},
};

pub(super) fn slice(call: &mut Call<'_>) -> Result<Outcome> {
    let (x, begin, size) = (call.input(0)?, call.ints(1)?, call.ints(2)?);
    let ranges: Vec<[i64; 3]> = begin
        .iter()
        .zip(&size)
        .zip(x.shape())
        .map(|((&begin, &size), &full)| {
            let end = if size == -1 { signed(full) } else { begin.saturating_add(size) };
            [begin, end, 1]
        })
        .collect();
    Ok(part(call, x, &ranges)?.into())
}

/// Along the first axis.
pub(super) fn gather(call: &mut Call<'_>) -> Result<Outcome> {
    gather_along(call, 0)
}

pub(super) fn gather_v2(call: &mut Call<'_>) -> Result<Outcome> {
    let axis = call.int(2)?;
    gather_along(call, axis)
}

fn gather_along(call: &mut Call<'_>, axis: i64) -> Result<Outcome> {
    if let Some(axes) = call.node.int("batch_dims").filter(|&axes| axes != 0) {
        return Err(Unsupported::Value { name: "batch_dims", found: axes.into() }.into());
    }
    let (x, indices) = (call.input(0)?, call.constant(1)?);
    Ok(slice::gather(call.importer, call.site, x, indices, axis)?.into())
}

/// The part of a value between starts and ends, each axis with a step.
fn part(call: &mut Call<'_>, x: &Value, ranges: &[[i64; 3]]) -> Result<Value> {
    if ranges.len() != x.shape().len() {
        let (found, shape) = (ranges.len(), x.shape().to_vec());
        return Err(ShapeError::Ranges { found, shape }.into());
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

pub(super) fn strided(call: &mut Call<'_>) -> Result<Outcome> {
    let x = call.input(0)?;
    let entries = entries(call)?;
    let rank = x.shape().len();
    let taken =
        entries.iter().filter(|entry| !matches!(entry, Entry::Ellipsis | Entry::New)).count();
    let left = rank
        .checked_sub(taken)
        .ok_or_else(|| ShapeError::Ranges { found: taken, shape: x.shape().to_vec() })?;
    let mut ranges = Vec::with_capacity(rank);
    let mut shape: Vec<Option<usize>> = Vec::new();
    let has_ellipsis = entries.contains(&Entry::Ellipsis);
    let end = [Entry::Ellipsis];
    // Without an ellipsis the axes that are not mentioned are the last ones.
    let rest: &[Entry] = if has_ellipsis { &[] } else { &end };
    for entry in entries.iter().chain(rest) {
        let size = x.shape().get(ranges.len()).copied().unwrap_or(0);
        match *entry {
            Entry::Ellipsis => {
                for &size in x.shape().iter().skip(ranges.len()).take(left) {
                    shape.push(Some(ranges.len()));
                    ranges.push([0, signed(size), 1]);
                }
            }
            Entry::New => shape.push(None),
            Entry::Place(place) => {
                let size = signed(size);
                let from_zero = if place < 0 { place.saturating_add(size) } else { place };
                if !(0..size).contains(&from_zero) {
                    let size = x.shape().get(ranges.len()).copied().unwrap_or(0);
                    return Err(ShapeError::Index { index: place, size }.into());
                }
                ranges.push([from_zero, from_zero.saturating_add(1), 1]);
            }
            Entry::Range { begin, end, step } => {
                shape.push(Some(ranges.len()));
                ranges.push(resolved(begin, end, step, size)?);
            }
        }
    }
    let result = part(call, x, &ranges)?;
    let size = |axis: &usize| result.shape().get(*axis).copied().unwrap_or(1);
    let sizes: Vec<usize> = shape.iter().map(|axis| axis.as_ref().map_or(1, size)).collect();
    Ok(if sizes == result.shape() {
        result.into()
    } else {
        axes::reshape(call.site, &result, &sizes)?.into()
    })
}

/// Entries at most: one for each bit of a mask.
const MAX_ENTRIES: usize = 32;

fn entries(call: &Call<'_>) -> Result<Vec<Entry>> {
    let (begin, end, step) = (call.ints(1)?, call.ints(2)?, call.ints(3)?);
    let lengths = vec![begin.len(), end.len(), step.len()];
    if lengths.iter().any(|&length| length != begin.len()) {
        return Err(ShapeError::Lengths { lengths }.into());
    }
    if begin.len() > MAX_ENTRIES {
        let (found, expected) = (begin.len(), MAX_ENTRIES);
        return Err(AttributeError::Count { found, expected }.of("begin"));
    }
    let has = |name: &str, index: usize| call.node.int(name).unwrap_or(0) >> index & 1 != 0;
    let numbers = begin.iter().zip(&end).zip(&step).enumerate();
    let entry = |(index, ((&begin, &end), &step)): (usize, ((&i64, &i64), &i64))| {
        if has("ellipsis_mask", index) {
            Entry::Ellipsis
        } else if has("new_axis_mask", index) {
            Entry::New
        } else if has("shrink_axis_mask", index) {
            Entry::Place(begin)
        } else {
            Entry::Range {
                begin: (!has("begin_mask", index)).then_some(begin),
                end: (!has("end_mask", index)).then_some(end),
                step,
            }
        }
    };
    let entries: Vec<Entry> = numbers.map(entry).collect();
    if entries.iter().filter(|entry| matches!(entry, Entry::Ellipsis)).count() > 1 {
        return Err(AttributeError::Twice.of("ellipsis_mask"));
    }
    Ok(entries)
}

/// Start, end and step for an axis of this size; numpy's rules.
fn resolved(begin: Option<i64>, end: Option<i64>, step: i64, size: usize) -> Result<[i64; 3]> {
    let size = signed(size);
    if step == 0 || step == i64::MIN {
        return Err(NodeError::attribute("strides", step));
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
