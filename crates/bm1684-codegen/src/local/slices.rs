//! Groups of layers cut along the height.

use std::collections::HashMap;
use std::ops::Range;

use super::{Facts, Own};
use crate::lower::Work;

/// The rows of blobs that one of so many slices works on: a part of every blob that is stored, and what other blobs need for
/// that. Of a single slice nothing is said.
pub(super) fn rows(
    facts: &Facts<'_>,
    layers: &Range<usize>,
    [slice, slices]: [usize; 2],
) -> HashMap<usize, Range<usize>> {
    let mut rows: HashMap<usize, Range<usize>> = HashMap::new();
    if slices < 2 {
        return rows;
    }
    for index in layers.clone().rev() {
        let Own::Local(local) = &facts.owns[index] else { continue };
        let layer = &facts.net.net().layers()[index];
        let mut whole = 0..0;
        for &top in &layer.tops {
            let top = facts.owner(top);
            let height = facts.sizes[top][1];
            let own = rows.entry(top).or_insert(0..0);
            if facts.is_stored(top, layers) {
                *own = hull(own, &(height * slice / slices..height * (slice + 1) / slices));
            }
            if let Work::Repeat([down, _]) = local.work {
                *own = own.start / down * down..own.end.next_multiple_of(down);
            }
            whole = hull(&whole, own);
        }
        for &bottom in &layer.bottoms {
            let bottom = facts.owner(bottom);
            let height = facts.sizes[bottom][1];
            let needed = match &local.work {
                _ if whole.is_empty() => 0..0,
                Work::Window(window) => window.on_rows(&whole).map_or(0..0, |(_, needed)| needed),
                Work::Elements(_)
                    if facts.sizes[bottom] != facts.sizes[facts.owner(layer.tops[0])] =>
                {
                    0..height
                }
                Work::Elements(_) | Work::Concat(_) | Work::Slice(_) => whole.clone(),
                Work::Repeat([down, _]) => whole.start / down..whole.end / down,
                Work::Sample([[first, down], _]) => {
                    first + down * whole.start..first + down * (whole.end - 1) + 1
                }
            };
            let own = rows.entry(bottom).or_insert(0..0);
            *own = hull(own, &needed);
        }
    }
    rows
}

/// The least range that has both.
fn hull(a: &Range<usize>, b: &Range<usize>) -> Range<usize> {
    match (a.is_empty(), b.is_empty()) {
        (true, _) => b.clone(),
        (_, true) => a.clone(),
        _ => a.start.min(b.start)..a.end.max(b.end),
    }
}
