//! fp32 layers: the steps that umodel states, as commands.

use bm1684_isa::commands::{Arithmetic as Op, Direction, Format, Precision};
use bm1684_isa::memory::{L2_BASE, LINE_BYTES};
use umodel::Arithmetic;
use umodel::quant::float::{
    Binary, Fold, Op as Operation, Operand, Program, Source, Stage, Step, steps,
};

use super::block::{Block, Elements, Extent, Kind, Port, Temporary, Value, dense};
use super::moving::move_words;
use super::{Job, Site};
use crate::command::{copy, look_up};
use crate::emit::{Buffer, Emitter};
use crate::error::{Int8Form, Reason, Remedy};
use crate::form::Form;

/// Byte of L2 memory where the vendor's compiler puts its own tables.
const TABLES: u32 = 0x32_3800;
/// Words of a table.
const TABLE_WORDS: usize = 256;

/// The steps of a layer that is computed in fp32.
pub(super) fn steps_of(site: &Site<'_>) -> Option<Vec<Step>> {
    let layer = site.layer();
    if *site.arithmetic() != Arithmetic::Float || layer.tops.len() != 1 {
        return None;
    }
    let shapes: Vec<&[usize]> =
        (0..layer.bottoms.len()).map(|index| site.bottom_shape(index)).collect();
    steps(layer, &shapes, site.top_shape(0))
}

/// Bytes of scratch memory for the results of all steps but the last.
pub(super) fn scratch(site: &Site<'_>) -> usize {
    let steps = steps_of(site).unwrap_or_default();
    let rest = steps.len().saturating_sub(1);
    steps.iter().take(rest).map(bytes).sum()
}

fn bytes(step: &Step) -> usize {
    (step.len() * 4).next_multiple_of(LINE_BYTES)
}

/// Adds the commands of a layer in fp32.
pub(super) fn lower(job: &mut Job<'_>) -> Result<Form, Reason> {
    let Some(steps) = steps_of(&job.site) else {
        return Err(job.site.without_code(Int8Form::Type));
    };
    let mut results: Vec<u64> = Vec::new();
    let mut next = job.scratch();
    for (index, step) in steps.iter().enumerate() {
        let to = if index + 1 == steps.len() { job.top(0) } else { next };
        let address = |job: &mut Job<'_>, source: &Source| match source {
            Source::Bottom(index) => job.bottom(*index),
            Source::Values(values) => {
                let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
                job.coefficients(&bytes)
            }
            Source::Step(index) => results[*index],
        };
        match step {
            Step::Move { from, movement } => {
                let from = address(job, from);
                move_words(job.emitter, [from, to], movement)?;
            }
            Step::Compute(stage) => {
                let stage = stage.joined();
                let inputs: Vec<u64> =
                    stage.inputs.iter().map(|input| address(job, &input.from)).collect();
                compute(job, &stage, &inputs, to)?;
            }
        }
        results.push(to);
        next += bytes(step) as u64;
    }
    Ok(Form::Float)
}

/// Adds the commands of one stage.
fn compute(job: &mut Job<'_>, stage: &Stage, inputs: &[u64], to: u64) -> Result<(), Reason> {
    let tables = load_tables(job, &stage.program);
    let ports = stage.inputs.iter().zip(inputs);
    let ports = ports.map(|(input, address)| Port {
        address: address + 4 * input.begin as u64,
        kind: Kind::Words,
        strides: input.strides.clone(),
    });
    let folds = stage.folds();
    let mut sizes = stage.sizes.clone();
    if let (true, Some(axis)) = (folds, stage.fold) {
        sizes[axis] = 1;
    }
    let mut strides = dense(&sizes);
    if let (true, Some(axis)) = (folds, stage.fold) {
        strides[axis] = 0;
    }
    let mut elements = Elements {
        sizes: stage.sizes.clone(),
        fold: stage.fold,
        inputs: ports.collect(),
        output: Port { address: to, kind: Kind::Words, strides },
        folds,
        images: 1,
        temporaries: Vec::new(),
        remedy: if stage.fold.is_some() { Remedy::Classes } else { Remedy::Bottoms },
    };
    let registers = Registers::new(&stage.program, &elements);
    elements.temporaries =
        registers.extents.iter().map(|&extent| Temporary { extent, words: 1 }).collect();
    job.emitter.begin_layer();
    let tables = tables.map(|(buffers, bytes)| (buffers, job.emitter.tables(bytes)));
    elements.lower(job.emitter, |emitter, block| {
        let run = Run { emitter, block, registers: &registers, tables: tables.as_ref() };
        run.program(&stage.program);
    })
}

/// Copies the tables of a program to L2 memory. Returns which table each look-up uses, and the bytes of all.
fn load_tables(job: &mut Job<'_>, program: &Program) -> Option<(Vec<u32>, usize)> {
    let mut tables: Vec<&[f32]> = Vec::new();
    let mut places = Vec::new();
    for op in &program.ops {
        if let Operation::Table(table, _) = op {
            let known = tables.iter().position(|known| bits(known).eq(bits(table)));
            let index = known.unwrap_or_else(|| {
                tables.push(table);
                tables.len() - 1
            });
            places.push(TABLES + u32::try_from(index * TABLE_WORDS * 4).unwrap_or_default());
        }
    }
    if tables.is_empty() {
        return None;
    }
    let bytes: Vec<u8> = tables.concat().iter().flat_map(|value| value.to_le_bytes()).collect();
    let count = bytes.len();
    let from = job.coefficients(&bytes);
    job.emitter.begin_layer();
    let buffer = job.emitter.tables(count);
    let words = [1, 1, 1, count / 4];
    let side = |address| (address, words, [0, 0, words[3], 1], Format::Word);
    let place = L2_BASE + u64::from(TABLES);
    job.emitter.gdma(copy(Direction::DdrToDdr, side(from), side(place)), &[], &[buffer]);
    Some((places, count))
}

fn bits(table: &[f32]) -> impl Iterator<Item = u32> {
    table.iter().map(|value| value.to_bits())
}

/// Where the result of an operation is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Input(usize),
    Temporary(usize),
    Output,
}

/// Buffers for the results of a program: one that nothing reads any more is used again.
struct Registers {
    /// One for each operation.
    places: Vec<Place>,
    /// What each operation's result has.
    results: Vec<Extent>,
    /// One for each temporary buffer.
    extents: Vec<Extent>,
}

impl Registers {
    fn new(program: &Program, elements: &Elements) -> Self {
        let last = program.last_reads();
        let inputs = elements.input_extents();
        let mut results: Vec<Extent> = Vec::new();
        let mut places = Vec::new();
        let mut extents: Vec<Extent> = Vec::new();
        let mut busy_until: Vec<usize> = Vec::new();
        let mut next = 0;
        for (index, op) in program.ops.iter().enumerate() {
            let (extent, buffer) = match op {
                Operation::Input => {
                    next += 1;
                    (inputs[next - 1], None)
                }
                Operation::Binary(_, a, b) => {
                    let b = match b {
                        Operand::Value(b) => results[*b],
                        Operand::Number(_) | Operand::Bits(_) => results[*a],
                    };
                    let extent = results[*a].and(b);
                    (extent, Some(extent))
                }
                Operation::Table(_, a) => (results[*a], Some(results[*a])),
                // While rows are brought together there are several.
                Operation::Fold(_, a) => (Extent { rows: false, ..results[*a] }, Some(results[*a])),
            };
            results.push(extent);
            places.push(match buffer {
                None => Place::Input(next - 1),
                Some(_) if index == program.output => Place::Output,
                Some(wanted) => {
                    // An operand may be overwritten by the result of the same extent.
                    let free = (0..extents.len())
                        .find(|&slot| extents[slot] == wanted && busy_until[slot] <= index);
                    let slot = free.unwrap_or_else(|| {
                        extents.push(wanted);
                        busy_until.push(0);
                        extents.len() - 1
                    });
                    busy_until[slot] = last[index];
                    Place::Temporary(slot)
                }
            });
        }
        Registers { places, results, extents }
    }
}

/// A program at work on one tile.
struct Run<'a> {
    emitter: &'a mut Emitter,
    block: &'a Block,
    registers: &'a Registers,
    tables: Option<&'a (Vec<u32>, Buffer)>,
}

impl Run<'_> {
    fn buffer(&self, op: usize) -> Buffer {
        match self.registers.places[op] {
            Place::Input(index) => self.block.inputs[index],
            Place::Temporary(index) => self.block.temporaries[index],
            Place::Output => self.block.output,
        }
    }

    fn program(mut self, program: &Program) {
        let mut look_ups = 0;
        for (index, op) in program.ops.iter().enumerate() {
            match op {
                Operation::Input => {}
                Operation::Binary(binary, a, b) => self.binary(*binary, index, *a, *b),
                Operation::Table(_, a) => {
                    self.look_up(index, *a, look_ups);
                    look_ups += 1;
                }
                Operation::Fold(fold, a) => self.fold(*fold, index, *a),
            }
        }
        let output = program.output;
        if self.registers.places[output] != Place::Output {
            self.copy(self.block.output, output);
        }
    }

    fn binary(&mut self, binary: Binary, result: usize, a: usize, b: Operand) {
        let (operation, precision) = match binary {
            Binary::Add => (Op::Add, Precision::F32),
            Binary::Sub => (Op::Sub, Precision::F32),
            Binary::Mul => (Op::Mul, Precision::F32),
            Binary::Max => (Op::Max, Precision::F32),
            Binary::Min => (Op::Min, Precision::F32),
            Binary::And => (Op::And, Precision::I32),
            Binary::Or => (Op::Or, Precision::I32),
            Binary::Xor => (Op::Xor, Precision::I32),
            Binary::ShiftRight => (Op::Shift, Precision::I32),
        };
        let extents = &self.registers.results;
        let register = |op: usize| ((self.buffer(op), precision, true), extents[op]);
        let second = match b {
            Operand::Value(b) => (Value::In(self.buffer(b), precision, true), extents[b]),
            Operand::Number(number) => (Value::Float(number), extents[a]),
            Operand::Bits(bits) => {
                // A shift to the right is one by a negative number.
                let sign = if binary == Binary::ShiftRight { -1 } else { 1 };
                (Value::Integer(sign * bits.cast_signed(), Precision::I32, true), extents[a])
            }
        };
        let (to, from) = (register(result), register(a));
        self.block.combine(self.emitter, operation, to, from, second, [0, 0]);
    }

    fn look_up(&mut self, result: usize, a: usize, number: usize) {
        let Some((places, table)) = self.tables else { return };
        let (to, from) = (self.buffer(result), self.buffer(a));
        let count = self.block.count(self.registers.results[result]);
        let views = [to, from].map(|buffer| self.block.run(buffer, Precision::F32, count));
        let command = look_up(self.block.sizes_of(count), views[0], views[1], places[number]);
        self.emitter.tiu(command, &[from, *table], &[to]);
    }

    fn copy(&mut self, to: Buffer, from: usize) {
        let count = self.block.count(self.registers.results[from]);
        self.copy_words(to, self.buffer(from), count);
    }

    fn copy_words(&mut self, to: Buffer, from: Buffer, count: usize) {
        let command = self.block.copy(to, from, count);
        self.emitter.tiu(command, &[from], &[to]);
    }

    /// Brings all rows together: the last half of them into the first until one is left.
    fn fold(&mut self, fold: Fold, result: usize, a: usize) {
        let operation = match fold {
            Fold::Sum => Op::Add,
            Fold::Max => Op::Max,
            Fold::Min => Op::Min,
            Fold::Product => Op::Mul,
        };
        let extent = self.registers.results[a];
        let (buffer, from) = (self.buffer(result), self.buffer(a));
        if buffer != from {
            self.copy_words(buffer, from, self.block.count(extent));
        }
        let mut left = if extent.rows { self.block.rows() } else { 1 };
        let width = self.block.count(Extent { rows: false, ..extent });
        while left > 1 {
            let half = left / 2;
            left -= half;
            let command = self.block.halves(operation, buffer, half * width, left * width);
            self.emitter.tiu(command, &[buffer], &[buffer]);
        }
    }
}
