//! fp32 values that are brought together along an axis, and what is made of them.

use std::sync::Arc;

use super::{Build, Float, Fold, Input, Op, Source, Stage, Step, Val};
use crate::movement::{Axis, Movement};
use crate::taps::Taps;

/// The most values that are brought together at once. More are cut into pieces of equal length, as many as are needed;
/// the last one is filled up with numbers that change nothing.
const PIECE: usize = 1024;

/// An input of `[outer, row, inner]`.
#[derive(Clone, Debug)]
pub(crate) struct Operand {
    from: Source,
    strides: [usize; 3],
}

impl Operand {
    /// All values.
    pub(crate) fn all(from: Source, [_, length, inner]: [usize; 3]) -> Self {
        Operand { from, strides: [length * inner, inner, 1] }
    }

    /// One value for each outer index.
    pub(crate) fn each(from: Source) -> Self {
        Operand { from, strides: [1, 0, 0] }
    }

    /// One value for each place along rows.
    pub(crate) fn middle(from: Source) -> Self {
        Operand { from, strides: [0, 1, 0] }
    }

    /// As [`Operand::middle`], or one for all if there is only one.
    pub(crate) fn of_channels(values: Vec<f32>) -> Self {
        let stride = usize::from(values.len() != 1);
        Operand { from: Source::Values(Arc::new(values)), strides: [0, stride, 0] }
    }

    /// One value for each row.
    pub(crate) fn of_rows(from: Source, [_, _, inner]: [usize; 3]) -> Self {
        Operand { from, strides: [inner, 0, 1] }
    }
}

/// Steps of a layer that grow.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    steps: Vec<Step>,
}

impl Rows {
    pub(crate) fn finish(self) -> Option<Vec<Step>> {
        Some(self.steps)
    }

    fn add(&mut self, step: Step) -> Source {
        self.steps.push(step);
        Source::Step(self.steps.len() - 1)
    }

    /// Moves values.
    pub(crate) fn moved(&mut self, from: Source, movement: Movement) -> Source {
        self.add(Step::Move { from, movement })
    }

    /// A function of the values of some inputs, place by place; it may fold rows.
    pub(crate) fn compute(
        &mut self,
        sizes: [usize; 3],
        inputs: &[Operand],
        function: &dyn for<'b> Fn(&[Val<'b>]) -> Val<'b>,
    ) -> Source {
        let build = Build::default();
        let values: Vec<Val<'_>> = inputs.iter().map(|_| build.input()).collect();
        let y = function(&values);
        let program = build.finish(y);
        let input = |operand: &Operand| Input {
            from: operand.from.clone(),
            begin: 0,
            strides: operand.strides.to_vec(),
        };
        let inputs = inputs.iter().map(input).collect();
        let folds = program.ops.iter().any(|op| matches!(op, Op::Fold(..)));
        let fold = folds.then_some(1);
        self.add(Step::Compute(Stage { sizes: sizes.to_vec(), fold, inputs, program }))
    }

    /// For each place along rows the sum of it, of so many places in front of it and so many behind it, in their order;
    /// beyond the ends are zeros.
    pub(crate) fn sum_of_neighbours(
        &mut self,
        from: Source,
        sizes: [usize; 3],
        before: usize,
        behind: usize,
    ) -> Source {
        let [outer, length, inner] = sizes;
        let places = (0..length).map(|at| Some(at * inner));
        let zeros = |count: usize| (0..count).map(|_| None);
        let middle = Axis::of(zeros(before).chain(places).chain(zeros(behind)));
        let axes = vec![Axis::run(0, length * inner, outer), middle, Axis::run(0, 1, inner)];
        let padded = self.moved(from, Movement::new(axes));
        let build = Build::default();
        let mut sum = build.input();
        for _ in 0..before + behind {
            sum = sum + build.input();
        }
        let program = build.finish(sum);
        let input = |shift: usize| Input {
            from: padded.clone(),
            begin: shift * inner,
            strides: vec![(length + before + behind) * inner, inner, 1],
        };
        let inputs = (0..=before + behind).map(input).collect();
        self.add(Step::Compute(Stage { sizes: sizes.to_vec(), fold: None, inputs, program }))
    }

    /// For each index of the output the weighted sum of some places along rows, in their order.
    fn weighted(
        &mut self,
        from: Source,
        [outer, length, inner]: [usize; 3],
        taps: &Taps,
    ) -> Source {
        let sizes = [outer, taps.len(), inner];
        let mut inputs = Vec::new();
        for tap in 0..taps.count {
            let own = |index: usize| taps.at(index).nth(tap).unwrap_or_default();
            let places = Axis::of((0..taps.len()).map(|index| Some(own(index).0 * inner)));
            let weights = (0..taps.len()).map(|index| own(index).1).collect();
            let whole = Axis::run(0, length * inner, outer);
            let movement = Movement::new(vec![whole, places, Axis::run(0, 1, inner)]);
            let moved = self.moved(from.clone(), movement);
            inputs.push(Operand::all(moved, sizes));
            inputs.push(Operand { from: Source::Values(Arc::new(weights)), strides: [0, 1, 0] });
        }
        self.compute(sizes, &inputs, &|values| {
            let products = values.chunks_exact(2).map(|pair| pair[0] * pair[1]);
            products.reduce(|sum, product| sum + product).unwrap_or(values[0])
        })
    }

    /// Brings the rows of a function of some inputs together, and makes something of the result.
    pub(crate) fn fold(
        &mut self,
        [outer, length, inner]: [usize; 3],
        inputs: &[Operand],
        fold: Fold,
        before: &dyn for<'b> Fn(&[Val<'b>]) -> Val<'b>,
        after: &dyn for<'b> Fn(Val<'b>) -> Val<'b>,
    ) -> Source {
        if length <= PIECE {
            return self.folded([outer, length, inner], inputs, fold, before, after);
        }
        let pieces = length.div_ceil(PIECE);
        let each = length.div_ceil(pieces);
        let mut values = self.compute([outer, length, inner], inputs, before);
        if pieces * each > length {
            let rows = (0..length).map(|row| Some(row * inner));
            let rows = rows.chain((length..pieces * each).map(|_| None));
            let whole = Axis::run(0, length * inner, outer);
            let movement = Movement::new(vec![whole, Axis::of(rows), Axis::run(0, 1, inner)]);
            values = self.moved(values, movement.filled(neutral(fold)));
        }
        let sizes = [outer * pieces, each, inner];
        let values = [Operand::all(values, sizes)];
        let values = self.folded(sizes, &values, fold, &|values| values[0], &|value| value);
        let sizes = [outer, pieces, inner];
        self.fold(sizes, &[Operand::all(values, sizes)], fold, &|values| values[0], after)
    }

    fn folded(
        &mut self,
        sizes: [usize; 3],
        inputs: &[Operand],
        fold: Fold,
        before: &dyn for<'b> Fn(&[Val<'b>]) -> Val<'b>,
        after: &dyn for<'b> Fn(Val<'b>) -> Val<'b>,
    ) -> Source {
        self.compute(sizes, inputs, &|values| after(before(values).fold(fold)))
    }
}

/// What changes nothing when it is brought together with others.
fn neutral(fold: Fold) -> f32 {
    match fold {
        Fold::Sum => 0.0,
        Fold::Product => 1.0,
        Fold::Max => f32::MIN,
        Fold::Min => f32::MAX,
    }
}

impl Float<'_> {
    /// Rows of so many values, each by its own mean and variance: `(x − mean) · factor` with a factor of the variance, or
    /// `x − mean` without one.
    pub(crate) fn normalized(
        &self,
        length: usize,
        factor: Option<&dyn for<'b> Fn(Val<'b>) -> Val<'b>>,
    ) -> Option<Vec<Step>> {
        let all: usize = self.top.iter().product();
        let sizes = [all / length.max(1), length, 1];
        let share = 1.0 / length as f32;
        let x = Operand::all(Source::Bottom(0), sizes);
        let mut rows = Rows::default();
        let mean =
            rows.fold(sizes, std::slice::from_ref(&x), Fold::Sum, &|values| values[0], &|sum| {
                sum * share
            });
        let inputs = [x, Operand::of_rows(mean, sizes)];
        let Some(factor) = factor else {
            rows.compute(sizes, &inputs, &|values| values[0] - values[1]);
            return rows.finish();
        };
        let factor = rows.fold(
            sizes,
            &inputs,
            Fold::Sum,
            &|values| (values[0] - values[1]) * (values[0] - values[1]),
            &|sum| factor(sum * share),
        );
        let [x, mean] = inputs;
        let inputs = [x, mean, Operand::of_rows(factor, sizes)];
        rows.compute(sizes, &inputs, &|values| (values[0] - values[1]) * values[2]);
        rows.finish()
    }

    /// Height and width resized by weighted sums: along columns first, then along rows.
    pub(crate) fn resized(&self, taps: [Taps; 2]) -> Option<Vec<Step>> {
        let &[&[images, channels, height, width]] = self.bottoms else { return None };
        let [rows, columns] = &taps;
        let mut steps = Rows::default();
        let along_columns = [images * channels * height, width, 1];
        let from = steps.weighted(Source::Bottom(0), along_columns, columns);
        steps.weighted(from, [images * channels, height, columns.len()], rows);
        steps.finish()
    }

    /// Axes that are brought together, one after the other, the last one first.
    pub(crate) fn reduced(
        &self,
        reduced: &[bool],
        fold: Fold,
        before: &dyn for<'b> Fn(Val<'b>) -> Val<'b>,
        after: &dyn for<'b> Fn(Val<'b>) -> Val<'b>,
    ) -> Option<Vec<Step>> {
        let bottom = self.bottoms.first()?;
        // Neighbouring axes of one kind are one.
        let mut axes: Vec<(usize, bool)> = Vec::new();
        for (&size, &reduced) in bottom.iter().zip(reduced) {
            match axes.last_mut() {
                Some((length, kind)) if *kind == reduced => *length *= size,
                _ => axes.push((size, reduced)),
            }
        }
        let mut rows = Rows::default();
        let mut from = Source::Bottom(0);
        let mut left = axes.iter().filter(|(_, reduced)| *reduced).count();
        if left == 0 {
            return self.map(|x| after(before(x)));
        }
        let mut first = true;
        for axis in (0..axes.len()).rev().filter(|&axis| axes[axis].1) {
            left -= 1;
            let outer: usize = axes[..axis].iter().map(|(size, _)| size).product();
            // Behind this axis those that were reduced are gone.
            let behind = axes[axis + 1..].iter().filter(|(_, reduced)| !reduced);
            let sizes = [outer, axes[axis].0, behind.map(|(size, _)| size).product()];
            let inputs = [Operand::all(from, sizes)];
            let is_first = std::mem::replace(&mut first, false);
            from = rows.fold(
                sizes,
                &inputs,
                fold,
                &|values| if is_first { before(values[0]) } else { values[0] },
                &|value| if left == 0 { after(value) } else { value },
            );
        }
        rows.finish()
    }
}
