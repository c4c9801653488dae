//! A movement as parts: boxes of words that are equally far apart along each axis, on either side.

use umodel::movement::{Axis, Run};

/// An axis of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lower) struct Step {
    pub(in crate::lower) count: usize,
    /// From one value to the next where they come from; 0 for one value that is repeated.
    pub(in crate::lower) from: usize,
    /// From one value to the next where they go to.
    pub(in crate::lower) to: usize,
}

/// A part of a movement, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::lower) struct Part {
    /// Where the first word comes from; none for a part that is filled.
    pub(in crate::lower) from: Option<usize>,
    /// Where it goes to.
    pub(in crate::lower) to: usize,
    /// Outer axes first.
    pub(in crate::lower) steps: Vec<Step>,
}

impl Part {
    /// The same without axes of one value, and with neighbouring axes joined where both sides allow it.
    pub(in crate::lower) fn joined(self) -> Part {
        let mut steps: Vec<Step> = Vec::with_capacity(self.steps.len());
        for step in self.steps.into_iter().rev().filter(|step| step.count != 1) {
            match steps.last_mut() {
                Some(inner)
                    if step.to == inner.count * inner.to
                        && (self.from.is_none() || step.from == inner.count * inner.from) =>
                {
                    inner.count *= step.count;
                }
                _ => steps.push(step),
            }
        }
        steps.reverse();
        Part { steps, ..self }
    }
}

/// The parts of a movement to an output without gaps: one for each combination of the axes' runs.
pub(super) fn parts(axes: &[Axis]) -> Vec<Part> {
    let mut parts = vec![Part { from: Some(0), to: 0, steps: Vec::new() }];
    let mut inner: usize = axes.iter().map(Axis::len).product();
    for axis in axes {
        inner /= axis.len().max(1);
        let strands = strands(axis);
        let extend = |part: &Part| {
            let longer = strands.iter().map(|strand| {
                let mut part = part.clone();
                part.to += strand.start * inner;
                part.from = part.from.zip(strand.run.begin).map(|(from, begin)| from + begin);
                let from = usize::try_from(strand.run.stride).unwrap_or(0);
                part.steps.push(Step { count: strand.run.count, from, to: strand.step * inner });
                part
            });
            longer.collect::<Vec<_>>()
        };
        parts = parts.iter().flat_map(extend).collect();
    }
    parts.into_iter().map(Part::joined).collect()
}

/// Indices of an axis that are equally far apart, whose places are, too.
#[derive(Clone, Copy, Debug)]
struct Strand {
    /// The first index.
    start: usize,
    /// From one index to the next.
    step: usize,
    run: Run,
}

/// The most distant indices that are looked at together: resizing repeats its pattern after a few pixels.
const MOST_STEPS: usize = 16;

/// An axis as few strands: neighbours, or every second, third, … index together. Commands have no negative distances, so
/// what runs backwards falls into single places.
fn strands(axis: &Axis) -> Vec<Strand> {
    let runs = axis.runs();
    let places: Vec<Option<usize>> = match runs.len() {
        // Only axes of many runs are worth a closer look.
        0..=4 => Vec::new(),
        _ => runs.iter().flat_map(|run| run.places()).collect(),
    };
    let mut best = places_of(runs, 0, 1);
    for step in 2..=MOST_STEPS.min(places.len()) {
        let phase = |first: usize| {
            let places = places.iter().skip(first).step_by(step).copied();
            places_of(Axis::of(places).runs(), first, step)
        };
        let strands: Vec<Strand> = (0..step).flat_map(phase).collect();
        if strands.len() < best.len() {
            best = strands;
        }
    }
    best
}

/// Runs of every so many indices as strands.
fn places_of(runs: Vec<Run>, first: usize, step: usize) -> Vec<Strand> {
    let mut strands = Vec::new();
    let mut start = first;
    for run in runs {
        match run.begin {
            Some(begin) if run.stride < 0 => {
                let single = |index: usize| Strand {
                    start: start + index * step,
                    step: 0,
                    run: Run {
                        begin: Some(begin - index * run.stride.unsigned_abs()),
                        stride: 0,
                        count: 1,
                    },
                };
                strands.extend((0..run.count).map(single));
            }
            _ => strands.push(Strand { start, step, run }),
        }
        start += run.count * step;
    }
    strands
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use umodel::Movement;

    use super::*;

    fn carry(parts: &[Part], input: &[i32], output: &mut [i32]) {
        for part in parts {
            let mut places = vec![(part.from, part.to)];
            for step in &part.steps {
                let next = places.iter().flat_map(|&(from, to)| {
                    (0..step.count).map(move |index| {
                        (from.map(|from| from + index * step.from), to + index * step.to)
                    })
                });
                places = next.collect();
            }
            for (from, to) in places {
                output[to] = from.map_or(-1, |from| input[from]);
            }
        }
    }

    proptest! {
        /// Exact: parts move what the movement itself moves.
        #[test]
        fn parts_are_the_movement(
            shape in prop::collection::vec(1usize..4, 1..5),
            seed in any::<u64>(),
        ) {
            let mut state = seed;
            let mut draw = |most: usize| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 33) as usize % most
            };
            let total: usize = shape.iter().product();
            let mut stride = total;
            let axes = shape.iter().map(|&size| {
                stride /= size;
                let kind = draw(5);
                let places: Vec<Option<usize>> = (0..size + draw(9)).map(|index| match kind {
                    0 => (index < size).then_some(index * stride),
                    1 => Some((size - 1 - index % size) * stride),
                    2 => Some(index / 2 % size * stride),
                    3 => Some((index * 3 / 2 + index % 2) % size * stride),
                    _ => Some(index % size * stride),
                }).collect();
                Axis::of(places.into_iter())
            });
            let movement = Movement::new(axes.collect());
            let input: Vec<i32> = (0..100).collect();
            let count: usize = movement.axes().iter().map(Axis::len).product();
            let (mut expected, mut found) = (vec![-2; count], vec![-2; count]);
            movement.run(&input, -1, &mut expected);
            carry(&parts(movement.axes()), &input, &mut found);
            prop_assert_eq!(found, expected);
        }
    }
}
