//! fp32 layers of an int8 net, as BM1684 computes them.
//!
//! The chip adds, multiplies and compares fp32 numbers exactly as IEEE says, moves bits, and looks words up in
//! tables of 256; it has no exact division, root or exponential. So a layer that stays fp32 is written here as [`Step`]s of
//! such operations. The int8 executor interprets them and the code generator makes commands of them: both give the same
//! bytes because they do the same.
//!
//! A [`Stage`] is one pass over an iteration space: for each index it reads its inputs, computes a
//! [`Program`], and writes one value, or, if it folds an axis, one for all indices of that axis.

mod functions;
mod program;
mod rows;
mod window;

use std::sync::Arc;

pub use self::program::{Binary, Fold, Op, Operand, Program};
pub(crate) use self::program::{Build, Val};
pub(crate) use self::rows::{Operand as RowOperand, Rows};
pub use self::window::{Factor, Slide, Unit, Window};

use crate::Shape;
use crate::layers::LayerOp;
use crate::movement::{Movement, strides};
use crate::net::Layer;

/// Where a step reads from.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// A bottom of the layer.
    Bottom(usize),
    /// Numbers known before: weights and what is made of them.
    Values(Arc<Vec<f32>>),
    /// What an earlier step wrote, counted from 0.
    Step(usize),
}

/// What a stage reads for each index of its space.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// From where.
    pub from: Source,
    /// The place of the first value.
    pub begin: usize,
    /// For each axis, from one value to the next; 0 if all indices of the axis read the same.
    pub strides: Vec<usize>,
}

impl Input {
    /// Values that lie in the order of the space, without gaps.
    pub(crate) fn dense(from: Source, sizes: &[usize]) -> Self {
        Input { from, begin: 0, strides: strides(sizes) }
    }

    /// A blob of this shape, repeated along those axes of the space where its size is 1. Missing axes in front count as
    /// such.
    pub(crate) fn repeated(from: Source, shape: &[usize], sizes: &[usize]) -> Self {
        let own = strides(shape);
        let missing = sizes.len() - shape.len();
        let stride = |axis: usize| match axis.checked_sub(missing) {
            Some(axis) if shape[axis] != 1 => own[axis],
            _ => 0,
        };
        Input { from, begin: 0, strides: (0..sizes.len()).map(stride).collect() }
    }

    /// One value for each index of one axis.
    pub(crate) fn along(from: Source, axis: usize, axes: usize) -> Self {
        Input { from, begin: 0, strides: (0..axes).map(|at| usize::from(at == axis)).collect() }
    }
}

/// The axes of an iteration space, and how far apart each of some operands has neighbours along them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Space {
    /// The lengths of the axes, outer ones first.
    pub sizes: Vec<usize>,
    /// The axis that is folded.
    pub fold: Option<usize>,
    /// For each operand the distances along the axes; 0 if all indices read the same.
    pub strides: Vec<Vec<usize>>,
}

impl Space {
    /// A space without operands.
    pub fn new(sizes: &[usize], fold: Option<usize>) -> Self {
        Space { sizes: sizes.to_vec(), fold, strides: Vec::new() }
    }

    /// The space with these operands, neighbouring axes joined where all of them allow it. The folded axis stays one of its
    /// own; there is always an axis.
    #[must_use]
    pub fn joined(&self, operands: &[&[usize]]) -> Space {
        // Inner axes first.
        let mut kept: Vec<(usize, Vec<usize>, bool)> = Vec::new();
        for axis in (0..self.sizes.len()).rev() {
            let (size, folded) = (self.sizes[axis], self.fold == Some(axis));
            if size == 1 && !folded {
                continue;
            }
            let strides: Vec<usize> = operands.iter().map(|strides| strides[axis]).collect();
            match kept.last_mut() {
                Some((inner, inner_strides, false))
                    if !folded
                        && strides.iter().zip(&*inner_strides).all(|(a, b)| *a == *inner * b) =>
                {
                    *inner *= size;
                }
                _ => kept.push((size, strides, folded)),
            }
        }
        if kept.is_empty() {
            kept.push((1, vec![0; operands.len()], false));
        }
        kept.reverse();
        let along = |operand: usize| kept.iter().map(|(_, strides, _)| strides[operand]).collect();
        Space {
            sizes: kept.iter().map(|(size, ..)| *size).collect(),
            fold: kept.iter().position(|(.., folded)| *folded),
            strides: (0..operands.len()).map(along).collect(),
        }
    }
}

/// One pass over an iteration space.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// The space, outer axes first. What the stage writes lies in its order, without gaps.
    pub sizes: Vec<usize>,
    /// The axis that [`Op::Fold`] brings together.
    pub fold: Option<usize>,
    /// One for each [`Op::Input`] of the program.
    pub inputs: Vec<Input>,
    /// What is computed.
    pub program: Program,
}

impl Stage {
    /// The same with neighbouring axes joined where all inputs allow it.
    #[must_use]
    pub fn joined(&self) -> Stage {
        let strides = self.inputs.iter().map(|input| input.strides.as_slice());
        let space = Space::new(&self.sizes, self.fold).joined(&strides.collect::<Vec<_>>());
        let input = |(input, strides): (&Input, Vec<usize>)| Input { strides, ..input.clone() };
        Stage {
            inputs: self.inputs.iter().zip(space.strides).map(input).collect(),
            sizes: space.sizes,
            fold: space.fold,
            program: self.program.clone(),
        }
    }

    /// Whether the stage writes one value for all indices of the folded axis.
    pub fn folds(&self) -> bool {
        let single = |input: &Input| self.fold.is_some_and(|axis| input.strides[axis] == 0);
        let inputs: Vec<bool> = self.inputs.iter().map(single).collect();
        self.fold.is_some() && self.program.extents(&inputs)[self.program.output]
    }

    /// How many values the stage writes.
    pub fn len(&self) -> usize {
        let all: usize = self.sizes.iter().product();
        match self.fold {
            Some(axis) if self.folds() => all / self.sizes[axis].max(1),
            _ => all,
        }
    }

    /// Whether it writes nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A step of an fp32 layer. The last one writes the layer's top.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Values are computed.
    Compute(Stage),
    /// Sums or maxima under a window.
    Window(Window),
    /// Values are moved.
    Move {
        /// From where.
        from: Source,
        /// To which places.
        movement: Movement,
    },
}

impl Step {
    /// How many values the step writes.
    pub fn len(&self) -> usize {
        match self {
            Step::Compute(stage) => stage.len(),
            Step::Window(window) => window.len(),
            Step::Move { movement, .. } => movement.len(),
        }
    }

    /// Whether it writes nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What an fp32 layer is made of, with its weights.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Float<'a> {
    pub(crate) bottoms: &'a [&'a [usize]],
    pub(crate) top: &'a [usize],
    layer: &'a Layer,
}

impl Float<'_> {
    /// The shape of a weight blob of the layer.
    pub(crate) fn weight_shape(&self, index: usize) -> Option<Shape> {
        Some(self.layer.weights.get(index)?.shape().to_vec())
    }

    /// The values of a weight blob of the layer.
    pub(crate) fn numbers(&self, index: usize) -> Option<Vec<f32>> {
        Some(self.layer.weights.get(index)?.iter().copied().collect())
    }

    /// A weight blob of the layer.
    pub(crate) fn weight(&self, index: usize) -> Option<Source> {
        Some(Source::Values(Arc::new(self.numbers(index)?)))
    }

    /// A function of one value.
    pub(crate) fn map(&self, function: impl for<'b> Fn(Val<'b>) -> Val<'b>) -> Option<Vec<Step>> {
        let size: usize = self.top.iter().product();
        let build = Build::default();
        let y = function(build.input());
        let program = build.finish(y);
        let inputs = vec![Input::dense(Source::Bottom(0), &[size])];
        Some(vec![Step::Compute(Stage { sizes: vec![size], fold: None, inputs, program })])
    }

    /// A function of one value and of those that share its row, of a bottom that is seen as `[outer, row, inner]`.
    pub(crate) fn fold(
        &self,
        sizes: [usize; 3],
        function: impl for<'b> Fn(Val<'b>) -> Val<'b>,
    ) -> Option<Vec<Step>> {
        let build = Build::default();
        let y = function(build.input());
        let program = build.finish(y);
        let inputs = vec![Input::dense(Source::Bottom(0), &sizes)];
        Some(vec![Step::Compute(Stage { sizes: sizes.to_vec(), fold: Some(1), inputs, program })])
    }

    /// A function of a bottom and of weights of each channel, or of one weight for all.
    pub(crate) fn channels(
        &self,
        weights: &[Vec<f32>],
        function: impl for<'b> Fn(&[Val<'b>]) -> Val<'b>,
    ) -> Option<Vec<Step>> {
        let channels = self.top.get(1).copied().unwrap_or(1);
        self.along(1, channels, weights, function)
    }

    /// A function of a bottom and of weights of some of its axes, `count` values from `axis` on.
    pub(crate) fn along(
        &self,
        axis: usize,
        count: usize,
        weights: &[Vec<f32>],
        function: impl for<'b> Fn(&[Val<'b>]) -> Val<'b>,
    ) -> Option<Vec<Step>> {
        let outer: usize = self.top.iter().take(axis).product();
        let all: usize = self.top.iter().product();
        let sizes = [outer, count, all / (outer * count).max(1)];
        let build = Build::default();
        let mut inputs = vec![Input::dense(Source::Bottom(0), &sizes)];
        let mut values = vec![build.input()];
        for weight in weights {
            let single = weight.len() == 1;
            let source = Source::Values(Arc::new(weight.clone()));
            let mut input = Input::along(source, 1, 3);
            if single {
                input.strides = vec![0; 3];
            }
            inputs.push(input);
            values.push(build.input());
        }
        let y = function(&values);
        let program = build.finish(y);
        Some(vec![Step::Compute(Stage { sizes: sizes.to_vec(), fold: None, inputs, program })])
    }

    /// A function of the values of all bottoms, repeated as shapes say.
    pub(crate) fn combine(
        &self,
        function: impl for<'b> Fn(&[Val<'b>]) -> Option<Val<'b>>,
    ) -> Option<Vec<Step>> {
        let build = Build::default();
        let bottoms: Vec<Val<'_>> = self.bottoms.iter().map(|_| build.input()).collect();
        let y = function(&bottoms)?;
        let program = build.finish(y);
        let input = |(index, shape): (usize, &&[usize])| {
            Input::repeated(Source::Bottom(index), shape, self.top)
        };
        let inputs = self.bottoms.iter().enumerate().map(input).collect();
        let sizes = self.top.to_vec();
        Some(vec![Step::Compute(Stage { sizes, fold: None, inputs, program })])
    }
}

/// How BM1684 computes an fp32 layer, given the shapes of its blobs. None if it does not, and for a layer with several
/// tops, such as a Pooling that tells places, too.
pub fn steps(layer: &Layer, bottoms: &[&[usize]], top: &[usize]) -> Option<Vec<Step>> {
    if layer.tops.len() != 1 {
        return None;
    }
    let op: &LayerOp = &layer.op;
    op.param().steps(&Float { bottoms, top, layer })
}
