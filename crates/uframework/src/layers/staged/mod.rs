//! fp32 layers of an int8 net: the steps that BM1684 executes, operation by operation.

mod arithmetic;
mod window;

use umodel::quant::float::{
    Binary, Factor, Fold, Input, Op, Operand, Program, Source, Stage, Step, Unit, Window,
};

use self::arithmetic::{both, fold_rows, with};
use self::window::{Weights, run_window};

use super::{Call, Work};
use crate::error::KernelError;

/// About how many values of each operation are computed together, so that they stay in a core's cache.
const BLOCK: usize = 1024;

/// A layer as steps.
#[derive(Debug)]
pub(crate) struct Staged {
    steps: Vec<Step>,
}

impl Staged {
    pub(crate) fn new(steps: Vec<Step>) -> Self {
        let joined = |step| match step {
            Step::Compute(stage) => Step::Compute(stage.joined()),
            other @ (Step::Move { .. } | Step::Window(_)) => other,
        };
        Staged { steps: steps.into_iter().map(joined).collect() }
    }
}

impl Work for Staged {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let bottoms: Vec<&[f32]> = (0..call.bottoms.len()).map(|index| call.f32(index)).collect();
        let top = call.f32_top();
        let mut results: Vec<Vec<f32>> = Vec::new();
        for (index, step) in self.steps.iter().enumerate() {
            let last = index + 1 == self.steps.len();
            let mut result = if last { Vec::new() } else { vec![0.0; step.len()] };
            let output = if last { &mut *top } else { &mut result };
            match step {
                Step::Move { from, movement } => {
                    movement.run(read(from, &bottoms, &results), movement.fill, output);
                }
                Step::Window(window) => {
                    let read = |source| read(source, &bottoms, &results);
                    let [weights, bias] =
                        operands(window).map(|source| source.map_or(&[][..], read));
                    run_window(window, read(&window.input), &Weights { weights, bias }, output);
                }
                Step::Compute(stage) => {
                    let inputs = stage.inputs.iter();
                    let inputs: Vec<&[f32]> =
                        inputs.map(|input| read(&input.from, &bottoms, &results)).collect();
                    Blocks::new(stage).run(&inputs, output);
                }
            }
            results.push(result);
        }
        Ok(())
    }
}

/// The weights and the bias of a window.
fn operands(window: &Window) -> [Option<&Source>; 2] {
    match &window.unit {
        Unit::Convolution { weights, bias, .. } => [Some(weights), bias.as_ref()],
        Unit::Depthwise { weights: Factor::Each(weights), bias } => [Some(weights), bias.as_ref()],
        Unit::Depthwise { weights: Factor::All(_), bias } => [None, bias.as_ref()],
        Unit::Max => [None, None],
    }
}

/// The values that a step reads.
fn read<'a>(source: &'a Source, bottoms: &[&'a [f32]], results: &'a [Vec<f32>]) -> &'a [f32] {
    match source {
        Source::Bottom(index) => bottoms[*index],
        Source::Values(values) => values,
        Source::Step(index) => &results[*index],
    }
}

/// A stage cut into blocks: all values of the folded axis, if there is one, times some of the last other axis.
struct Blocks<'a> {
    stage: &'a Stage,
    /// The folded axis.
    rows: usize,
    /// The axis along which a block has several values, and how many; none if the folded axis is the only one.
    along: Option<usize>,
    columns: usize,
    /// Whether each operation has one value for all rows.
    single: Vec<bool>,
    /// Results of each operation.
    values: Vec<Vec<f32>>,
}

impl<'a> Blocks<'a> {
    fn new(stage: &'a Stage) -> Self {
        let rows = stage.fold.map_or(1, |axis| stage.sizes[axis]);
        let along = (0..stage.sizes.len()).rev().find(|&axis| stage.fold != Some(axis));
        // Behind a folded axis that is the last, neighbours are far apart.
        let along = along.filter(|&axis| axis + 1 == stage.sizes.len());
        let most = along.map_or(1, |axis| stage.sizes[axis]);
        let columns = (BLOCK / rows.max(1)).clamp(1, most.max(1));
        let single: Vec<bool> = stage
            .inputs
            .iter()
            .map(|input| stage.fold.is_none_or(|axis| input.strides[axis] == 0))
            .collect();
        let single = stage.program.extents(&single);
        let values = single.iter().map(|&single| {
            let rows = if single { 1 } else { rows };
            vec![0.0; rows * columns]
        });
        let values = values.collect();
        Blocks { stage, rows, along, columns, single, values }
    }

    fn run(mut self, inputs: &[&[f32]], output: &mut [f32]) {
        let stage = self.stage;
        if stage.sizes.contains(&0) {
            return;
        }
        let folds = stage.folds();
        let mut out_strides = vec![0; stage.sizes.len()];
        let mut stride = 1;
        for axis in (0..stage.sizes.len()).rev() {
            if !(folds && stage.fold == Some(axis)) {
                out_strides[axis] = stride;
                stride *= stage.sizes[axis];
            }
        }
        let outer: Vec<usize> = (0..stage.sizes.len())
            .filter(|&axis| stage.fold != Some(axis) && self.along != Some(axis))
            .collect();
        let mut index = vec![0; outer.len()];
        loop {
            let place = |strides: &[usize]| -> usize {
                outer.iter().zip(&index).map(|(&axis, index)| strides[axis] * index).sum()
            };
            let starts: Vec<usize> =
                stage.inputs.iter().map(|input| input.begin + place(&input.strides)).collect();
            self.blocks(inputs, &starts, output, place(&out_strides), &out_strides);
            // The next combination of the outer axes' indices.
            let next = (0..outer.len()).rev().find(|&at| {
                index[at] += 1;
                let wrapped = index[at] == stage.sizes[outer[at]];
                if wrapped {
                    index[at] = 0;
                }
                !wrapped
            });
            if next.is_none() {
                return;
            }
        }
    }

    /// All blocks of one combination of the outer axes' indices.
    fn blocks(
        &mut self,
        inputs: &[&[f32]],
        starts: &[usize],
        output: &mut [f32],
        out: usize,
        out_strides: &[usize],
    ) {
        let length = self.along.map_or(1, |axis| self.stage.sizes[axis]);
        for first in (0..length).step_by(self.columns) {
            let columns = self.columns.min(length - first);
            let mut next = 0;
            for op in 0..self.stage.program.ops.len() {
                if let Op::Input = self.stage.program.ops[op] {
                    let input = &self.stage.inputs[next];
                    self.load(op, input, inputs[next], starts[next], first, columns);
                    next += 1;
                } else {
                    self.compute(&self.stage.program, op, columns);
                }
            }
            let result = self.stage.program.output;
            let rows = if self.single[result] { 1 } else { self.rows };
            let row_stride = self.stage.fold.map_or(0, |axis| out_strides[axis]);
            // Along the last axis neighbours are neighbours in the output, too.
            for row in 0..rows {
                let at = out + first + row * row_stride;
                let values = &self.values[result][row * columns..][..columns];
                output[at..at + columns].copy_from_slice(values);
            }
        }
    }

    fn load(
        &mut self,
        op: usize,
        input: &Input,
        values: &[f32],
        start: usize,
        first: usize,
        columns: usize,
    ) {
        let rows = if self.single[op] { 1 } else { self.rows };
        let row_stride = self.stage.fold.map_or(0, |axis| input.strides[axis]);
        let stride = self.along.map_or(0, |axis| input.strides[axis]);
        for row in 0..rows {
            let from = start + row * row_stride + first * stride;
            let to = &mut self.values[op][row * columns..][..columns];
            match stride {
                0 => to.fill(values[from]),
                1 => to.copy_from_slice(&values[from..from + columns]),
                _ => {
                    to.iter_mut().enumerate().for_each(|(at, x)| *x = values[from + at * stride]);
                }
            }
        }
    }

    fn compute(&mut self, program: &Program, op: usize, columns: usize) {
        let rows = if self.single[op] { 1 } else { self.rows };
        let (before, rest) = self.values.split_at_mut(op);
        let result = &mut rest[0][..rows * columns];
        match &program.ops[op] {
            Op::Input => {}
            Op::Table(table, a) => {
                let words = before[*a].iter().map(|a| table[(a.to_bits() & 0xff) as usize]);
                result.iter_mut().zip(words).for_each(|(y, word)| *y = word);
            }
            Op::Fold(fold, a) => {
                let count = if self.single[*a] { 1 } else { self.rows };
                let binary = match fold {
                    Fold::Sum => Binary::Add,
                    Fold::Max => Binary::Max,
                    Fold::Min => Binary::Min,
                    Fold::Product => Binary::Mul,
                };
                fold_rows(binary, &before[*a][..count * columns], columns, result);
            }
            Op::Binary(binary, a, b) => {
                let a = (&before[*a][..], self.single[*a]);
                match b {
                    Operand::Value(b) => {
                        let b = (&before[*b][..], self.single[*b]);
                        both(*binary, a, b, columns, result);
                    }
                    Operand::Number(b) => with(*binary, a.0, *b, result),
                    Operand::Bits(b) => with(*binary, a.0, f32::from_bits(*b), result),
                }
            }
        }
    }
}
