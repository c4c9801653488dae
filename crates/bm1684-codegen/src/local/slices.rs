//! Groups of layers cut along the height.

use std::collections::HashMap;
use std::ops::Range;

use super::{Facts, Own};
use crate::lower::Work;

/// The rows of blobs that one of so many slices works on: a part of every blob that is stored, and what other blobs need for
/// that. Of a single slice nothing is said.
pub(super) fn rows(
    facts: &Facts<'_>,
    steps: &Range<usize>,
    [slice, slices]: [usize; 2],
) -> HashMap<usize, Range<usize>> {
    let mut rows: HashMap<usize, Range<usize>> = HashMap::new();
    if slices < 2 {
        return rows;
    }
    for step in steps.clone().rev() {
        let (layer, own) = facts.step(step);
        let Own::Local(local) = own else { continue };
        let mut whole = 0..0;
        for &top in &layer.tops {
            let top = facts.owner(top);
            let height = facts.sizes[top][1];
            let own = rows.entry(top).or_insert(0..0);
            if facts.is_stored(top, steps) {
                *own = hull(own, &(height * slice / slices..height * (slice + 1) / slices));
            }
            match &local.work {
                Work::Repeat([down, _]) => {
                    *own = own.start / down * down..own.end.next_multiple_of(*down);
                }
                // A command has some input at least, not padding alone.
                Work::Window(window) if own.start < own.end => {
                    while window.on_rows(own).is_none() {
                        *own = own.start.saturating_sub(1)..(own.end + 1).min(height);
                    }
                }
                _ => {}
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

#[cfg(test)]
mod tests {
    use umodel::{NetParameter, NoSources, Phase, QuantizedNet};

    use super::*;
    use crate::Optimization;

    /// Rows of input and output of a 1×1 convolution with a row of padding above and below, nine rows high.
    fn of_slice(slice: [usize; 2]) -> [Range<usize>; 2] {
        let text =
            "layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: [1, 1, 9, 9] } }
               quantization_param { arithmetic: CAST top { dtype: INT8 scale: 1 } } }
             layer { name: 'y' type: 'Convolution' bottom: 'x' top: 'y'
               convolution_param { num_output: 1 kernel_size: 1 pad: 1 bias_term: false }
               quantization_param { arithmetic: MULTIPLY_ACCUMULATE right_shift: 1
                 top { dtype: INT8 scale: 1 } }
               blobs { shape { dim: [1, 1, 1, 1] } int8_data: 'a' } }";
        let model = NetParameter::parse_text(text).expect("a net");
        let net = QuantizedNet::read(&model, &model, Phase::Test, &NoSources).expect("int8");
        let facts = Facts::new(&net, Optimization::Groups);
        let rows = rows(&facts, &(0..2), slice);
        [0, 1].map(|blob| rows[&blob].clone())
    }

    /// Exact.
    #[test]
    fn every_slice_has_some_input() {
        assert_eq!(of_slice([0, 2]), [0..4, 0..5]);
        assert_eq!(of_slice([1, 2]), [4..9, 5..11]);
        assert_eq!(of_slice([5, 11]), [4..5, 5..6]);
        // The first and the last row of the output are padding alone.
        assert_eq!(of_slice([0, 11]), [0..1, 0..2]);
        assert_eq!(of_slice([10, 11]), [8..9, 9..11]);
    }
}
