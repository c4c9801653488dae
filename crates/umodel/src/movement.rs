//! Values moved, repeated or left out: what layers do that compute nothing.

/// The distance of neighbours along each axis of a blob without gaps.
pub(crate) fn strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis];
    }
    strides
}

/// Marks an index that no value of the input belongs to.
const FILL: usize = usize::MAX;

/// Indices of an axis whose places in the input are equally far apart, or none of which has a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The place of the first one. None if nothing of the input belongs to these indices: they are filled.
    pub begin: Option<usize>,
    /// From one place to the next.
    pub stride: isize,
    /// How many indices.
    pub count: usize,
}

impl Run {
    /// The places of all indices; none for those that are filled.
    pub fn places(self) -> impl Iterator<Item = Option<usize>> {
        self.raw().map(|place| (place != FILL).then_some(place))
    }

    fn raw(self) -> impl Iterator<Item = usize> {
        (0..self.count).map(move |index| match self.begin {
            None => FILL,
            // A place of the input is below isize::MAX, and so is each index.
            Some(begin) => begin.wrapping_add(index.wrapping_mul(self.stride.cast_unsigned())),
        })
    }

    /// Whether a place continues the run.
    fn takes(self, place: usize) -> bool {
        match self.begin {
            None => place == FILL,
            Some(begin) => {
                let next = self.count.wrapping_mul(self.stride.cast_unsigned());
                place != FILL && begin.wrapping_add(next) == place
            }
        }
    }

    /// Copies the values of a row.
    fn copy<T: Copy>(self, base: usize, input: &[T], fill: T, row: &mut [T]) {
        let steps = self.count.saturating_sub(1);
        let distance = self.stride.unsigned_abs();
        match (self.begin, self.stride) {
            (None, _) => row.fill(fill),
            (_, _) if row.is_empty() => {}
            (Some(begin), 1) => row.copy_from_slice(&input[base + begin..][..self.count]),
            (Some(begin), 0) => row.fill(input[base + begin]),
            (Some(begin), 1..) => {
                let first = base + begin;
                let from = input[first..=first + steps * distance].iter().step_by(distance);
                row.iter_mut().zip(from).for_each(|(y, &x)| *y = x);
            }
            (Some(begin), _) => {
                let first = base + begin;
                let from = &input[first - steps * distance..=first];
                let from = from.iter().rev().step_by(distance);
                row.iter_mut().zip(from).for_each(|(y, &x)| *y = x);
            }
        }
    }
}

/// For each index along an axis of the output a place in the input, to which those of the other axes are added.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis(Kind);

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    /// Few and long runs.
    Runs(Vec<Run>),
    /// One place for each index.
    Each(Vec<usize>),
}

/// Places as runs, each as long as it can be.
fn runs(places: impl Iterator<Item = usize>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for place in places {
        let begin = (place != FILL).then_some(place);
        match runs.last_mut() {
            Some(run) if run.takes(place) => run.count += 1,
            Some(Run { begin: Some(first), stride, count: count @ 1 }) if begin.is_some() => {
                *stride = place.wrapping_sub(*first).cast_signed();
                *count = 2;
            }
            _ => runs.push(Run { begin, stride: 0, count: 1 }),
        }
    }
    runs
}

impl Axis {
    /// `count` places, `stride` apart.
    pub fn run(begin: usize, stride: usize, count: usize) -> Self {
        Axis(Kind::Runs(vec![Run { begin: Some(begin), stride: stride.cast_signed(), count }]))
    }

    /// These places; none where nothing of the input belongs.
    pub fn of(places: impl Iterator<Item = Option<usize>>) -> Self {
        let places: Vec<usize> = places.map(|place| place.unwrap_or(FILL)).collect();
        let runs = runs(places.iter().copied());
        // Short runs cost more than a place for each index.
        if runs.len() <= 1 || runs.len() * 4 <= places.len() {
            return Axis(Kind::Runs(runs));
        }
        Axis(Kind::Each(places))
    }

    /// How many indices there are.
    pub fn len(&self) -> usize {
        match &self.0 {
            Kind::Runs(runs) => runs.iter().map(|run| run.count).sum(),
            Kind::Each(places) => places.len(),
        }
    }

    /// Whether there are no indices.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All places as runs, in the order of the indices.
    pub fn runs(&self) -> Vec<Run> {
        match &self.0 {
            Kind::Runs(runs) => runs.clone(),
            Kind::Each(places) => runs(places.iter().copied()),
        }
    }

    fn places(&self) -> impl Iterator<Item = usize> {
        let (runs, each): (&[Run], &[usize]) = match &self.0 {
            Kind::Runs(runs) => (runs, &[]),
            Kind::Each(places) => (&[], places),
        };
        runs.iter().flat_map(|run| run.raw()).chain(each.iter().copied())
    }

    /// This axis and the next inner one as one, if their places are one run.
    fn joined(&self, inner: &Axis) -> Option<Axis> {
        let (Kind::Runs(outer), Kind::Runs(inner)) = (&self.0, &inner.0) else { return None };
        let ([outer], [inner]) = (&outer[..], &inner[..]) else { return None };
        let begin = outer.begin? + inner.begin?;
        let count = outer.count * inner.count;
        let length = isize::try_from(inner.count).ok()?.checked_mul(inner.stride)?;
        let stride = match (outer.count, inner.count) {
            (1, _) => inner.stride,
            (_, 1) => outer.stride,
            _ if outer.stride == length => inner.stride,
            _ => return None,
        };
        Some(Axis(Kind::Runs(vec![Run { begin: Some(begin), stride, count }])))
    }

    /// Writes the output's last axis for one place of all others together.
    fn copy<T: Copy>(&self, base: usize, input: &[T], fill: T, row: &mut [T]) {
        match &self.0 {
            Kind::Runs(runs) => {
                let mut rest = row;
                for run in runs {
                    let (part, behind) = rest.split_at_mut(run.count);
                    run.copy(base, input, fill, part);
                    rest = behind;
                }
            }
            Kind::Each(places) => {
                for (y, &place) in row.iter_mut().zip(places) {
                    *y = if place == FILL { fill } else { input[base + place] };
                }
            }
        }
    }
}

/// A way to move values, axis by axis: a value's place in the input is the sum over the axes of the output.
///
/// It depends on shapes only, so a layer makes it once. It takes no memory for each value: axes are runs where they
/// can be, and neighbours that are one run are joined.
#[derive(Clone, Debug, PartialEq)]
pub struct Movement {
    axes: Vec<Axis>,
    /// What stands where nothing of the input belongs.
    pub fill: f32,
}

impl Movement {
    /// From the output's axes.
    pub fn new(axes: Vec<Axis>) -> Self {
        let mut joined: Vec<Axis> = Vec::with_capacity(axes.len());
        for axis in axes.into_iter().rev() {
            match joined.last_mut() {
                Some(inner) => match axis.joined(inner) {
                    Some(both) => *inner = both,
                    None => joined.push(axis),
                },
                None => joined.push(axis),
            }
        }
        joined.reverse();
        Movement { axes: joined, fill: 0.0 }
    }

    /// The same with this value where nothing of the input belongs.
    #[must_use]
    pub fn filled(self, fill: f32) -> Self {
        Movement { fill, ..self }
    }

    /// The axes of a view of the input, in another order.
    pub fn permuted(shape: &[usize], order: &[usize]) -> Self {
        let strides = strides(shape);
        Movement::new(order.iter().map(|&axis| Axis::run(0, strides[axis], shape[axis])).collect())
    }

    /// A part of the input: where it begins along each axis, and how large it is.
    pub fn part(shape: &[usize], begin: &[usize], size: &[usize]) -> Self {
        let axes = strides(shape).into_iter().zip(begin).zip(size);
        let axis = |((stride, begin), &size): ((usize, &usize), &usize)| {
            Axis::run(begin * stride, stride, size)
        };
        Movement::new(axes.map(axis).collect())
    }

    /// The output's axes, of which neighbours that are one run are joined.
    pub fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// Writes the output, row after row.
    ///
    /// # Panics
    /// If a place lies outside the input, or the output has not as many values as the axes.
    pub fn run<T: Copy>(&self, input: &[T], fill: T, output: &mut [T]) {
        assert_eq!(output.len(), self.len(), "the output is as large as its axes");
        match self.axes.as_slice() {
            _ if output.is_empty() => {}
            [] => output.copy_from_slice(&input[..1]),
            [outer @ .., last] => rows(outer, 0, output, fill, &mut |base, row| {
                last.copy(base, input, fill, row);
            }),
        }
    }

    /// How many values the output has.
    pub fn len(&self) -> usize {
        self.axes.iter().map(Axis::len).product()
    }

    /// Whether the output has no values.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Runs and places that are held in memory.
    #[cfg(test)]
    pub(crate) fn parts(&self) -> usize {
        let parts = |axis: &Axis| match &axis.0 {
            Kind::Runs(runs) => runs.len(),
            Kind::Each(places) => places.len(),
        };
        self.axes.iter().map(parts).sum()
    }
}

/// Calls `write` for each row of an output that is not empty, and fills what has no place.
fn rows<T: Copy>(
    outer: &[Axis],
    base: usize,
    output: &mut [T],
    fill: T,
    write: &mut dyn FnMut(usize, &mut [T]),
) {
    match outer {
        [] => write(base, output),
        [axis, rest @ ..] => {
            let part = output.len() / axis.len();
            for (place, output) in axis.places().zip(output.chunks_exact_mut(part)) {
                if place == FILL {
                    output.fill(fill);
                } else {
                    rows(rest, base + place, output, fill, write);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Axes of single places, of runs up and down, and of runs between what is filled.
    fn axis() -> impl Strategy<Value = Vec<usize>> {
        let run = |stride: isize| {
            (20usize..40, 0usize..7).prop_map(move |(begin, count)| {
                (0..count.cast_signed())
                    .map(|index| begin.wrapping_add_signed(index * stride))
                    .collect::<Vec<usize>>()
            })
        };
        let steps = prop_oneof![Just(0), Just(1), Just(3), Just(-1), Just(-3), Just(6)];
        prop_oneof![
            prop::collection::vec(prop_oneof![0usize..40, Just(FILL)], 1..5),
            steps.clone().prop_flat_map(run),
            (0usize..3, steps.prop_flat_map(run), 0usize..9).prop_map(|(before, run, behind)| {
                [vec![FILL; before], run, vec![FILL; behind]].concat()
            }),
        ]
    }

    proptest! {
        /// Exact against the definition.
        #[test]
        fn agrees_with_the_definition(
            axes in prop::collection::vec(axis(), 0..4),
            contiguous in any::<bool>(),
        ) {
            let mut axes = axes;
            if contiguous {
                axes.push(vec![10, 12, 14]);
                axes.push(vec![0, 1]);
            }
            let input: Vec<i32> = (0..400).collect();
            let mut expected = vec![Some(0)];
            for axis in &axes {
                expected = expected
                    .iter()
                    .flat_map(|base| axis.iter().map(move |&place| {
                        base.filter(|_| place != FILL).map(|base: usize| base + place)
                    }))
                    .collect();
            }
            let expected: Vec<i32> =
                expected.iter().map(|base| base.map_or(-1, |base| input[base])).collect();
            let mut output = vec![7; expected.len()];
            let axes = axes.into_iter().map(|places| Axis::of(places.into_iter().map(|place| (place != FILL).then_some(place)))).collect();
            Movement::new(axes).run(&input, -1, &mut output);
            prop_assert_eq!(output, expected);
        }
    }

    /// Exact: what is held does not grow with the blob.
    #[test]
    fn runs_are_joined() {
        // [2, 3, 4, 5] as it is, and its last two axes turned.
        let same =
            [(60, 2), (20, 3), (5, 4), (1, 5)].map(|(stride, count)| Axis::run(0, stride, count));
        assert_eq!(Movement::new(same.to_vec()).axes, [Axis::run(0, 1, 120)]);
        let [n, c, h, w] = same;
        assert_eq!(Movement::new(vec![n, c, w, h]).axes.len(), 3);
        let padded = [None, None].into_iter().chain((3..1000).map(Some)).chain([None]);
        assert_eq!(Movement::new(vec![Axis::of(padded)]).parts(), 3);
    }
}
