/// Marks a place of a [`Gather`] that no value of the input belongs to.
pub(crate) const FILL: usize = usize::MAX;

/// Values moved, repeated or left out, axis by axis: for each index of each axis of the output an offset into
/// the input; a value's offset is the sum over the axes.
#[derive(Clone, Debug)]
pub(crate) struct Gather {
    axes: Vec<Vec<usize>>,
}

impl Gather {
    /// From the offsets of each output axis, [`FILL`] where nothing of the input belongs. Neighbouring axes
    /// that are contiguous in the input are joined.
    pub(crate) fn new(axes: Vec<Vec<usize>>) -> Self {
        let mut joined: Vec<Vec<usize>> = Vec::with_capacity(axes.len());
        for axis in axes.into_iter().rev() {
            match joined.last_mut() {
                // Runs only: an axis that steps by the length of the run behind it makes a longer run.
                Some(inner) if run(inner, 1) && run(&axis, inner.len()) && !axis.is_empty() => {
                    let (first, length) = (axis[0], axis.len() * inner.len());
                    *inner = (inner[0] + first..).take(length).collect();
                }
                _ => joined.push(axis),
            }
        }
        joined.reverse();
        Gather { axes: joined }
    }

    /// Writes the output, row after row.
    ///
    /// # Panics
    /// If an offset lies outside the input.
    pub(crate) fn run<T: Copy>(&self, input: &[T], fill: T, output: &mut [T]) {
        match self.axes.as_slice() {
            [] => output.copy_from_slice(&input[..output.len()]),
            [outer @ .., last] => {
                let contiguous = run(last, 1);
                rows(outer, Some(0), output, &mut |base, row| match base {
                    None => row.fill(fill),
                    Some(base) if contiguous => {
                        row.copy_from_slice(&input[base + last[0]..][..row.len()]);
                    }
                    Some(base) => {
                        for (y, &offset) in row.iter_mut().zip(last) {
                            *y = if offset == FILL { fill } else { input[base + offset] };
                        }
                    }
                });
            }
        }
    }
}

/// Whether offsets rise by a step, without gaps.
fn run(offsets: &[usize], step: usize) -> bool {
    offsets.first() != Some(&FILL)
        && offsets.windows(2).all(|pair| pair[1] != FILL && pair[0] + step == pair[1])
}

fn rows<T>(
    outer: &[Vec<usize>],
    base: Option<usize>,
    output: &mut [T],
    write: &mut dyn FnMut(Option<usize>, &mut [T]),
) {
    match outer {
        [] => write(base, output),
        [axis, rest @ ..] => {
            let part = (output.len() / axis.len().max(1)).max(1);
            for (&offset, output) in axis.iter().zip(output.chunks_exact_mut(part)) {
                let base = base.filter(|_| offset != FILL).map(|base| base + offset);
                rows(rest, base, output, write);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Exact against the definition.
        #[test]
        fn agrees_with_the_definition(
            axes in prop::collection::vec(
                prop::collection::vec(prop_oneof![0usize..40, Just(FILL)], 1..5), 0..4),
            contiguous in any::<bool>(),
        ) {
            let mut axes = axes;
            if contiguous {
                axes.push(vec![10, 11, 12]);
                axes.push(vec![0, 1]);
                let at = axes.len() - 2;
                axes[at] = vec![10, 12, 14];
            }
            let input: Vec<i32> = (0..300).collect();
            let mut expected = vec![Some(0)];
            for axis in &axes {
                expected = expected
                    .iter()
                    .flat_map(|base| axis.iter().map(move |&offset| {
                        base.filter(|_| offset != FILL).map(|base: usize| base + offset)
                    }))
                    .collect();
            }
            let expected: Vec<i32> =
                expected.iter().map(|base| base.map_or(-1, |base| input[base])).collect();
            let mut output = vec![7; expected.len()];
            Gather::new(axes).run(&input, -1, &mut output);
            prop_assert_eq!(output, expected);
        }
    }
}
