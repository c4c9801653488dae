//! fp32 layers: the steps that umodel states, as commands.

use bm1684_isa::commands::{Arithmetic as Op, Direction, Format, Precision};
use bm1684_isa::memory::{L2_BASE, LINE_BYTES};
use umodel::quant::float::{
    Binary, Factor, Fold, Op as Operation, Operand, Program, Source, Stage, Step, Unit, Window,
    steps,
};
use umodel::{Arithmetic, Shifts};

use super::block::{Block, Cell, Extent, Value};
use super::elements::{Elements, Port, Temporary, dense};
use super::moving::move_words;
use super::window::{self, Bias, Element, Weights, WindowLayer};
use super::{Job, Lower, Site};
use crate::command::copy;
use crate::emit::{Buffer, Emitter};
use crate::error::{Int8Form, Reason, Remedy};
use crate::form::Form;
use crate::tile::Axis;

/// Byte of L2 memory where the vendor's compiler puts its own tables.
pub(crate) const TABLES: u32 = 0x32_3800;
/// Bytes of a table.
const TABLE_BYTES: usize = 1024;

/// Whether a layer is computed in fp32, in steps.
pub(super) fn has_steps(site: &Site<'_>) -> bool {
    steps_of(site).is_some()
}

/// The steps of a layer that is computed in fp32.
fn steps_of(site: &Site<'_>) -> Option<Vec<Step>> {
    let layer = site.layer();
    if *site.arithmetic() != Arithmetic::Float || layer.tops.len() != 1 {
        return None;
    }
    let shapes: Vec<&[usize]> =
        (0..layer.bottoms.len()).map(|index| site.bottom_shape(index)).collect();
    steps(layer, &shapes, site.top_shape(0))
}

/// The way of all layers that umodel states in steps.
pub(super) struct Steps;

impl Lower for Steps {
    fn forms() -> &'static [Form] {
        &[Form::Float]
    }

    fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
        lower(job)
    }

    fn scratch(&self, site: &Site<'_>) -> usize {
        scratch(site)
    }
}

/// Bytes of scratch memory for the results of all steps but the last.
fn scratch(site: &Site<'_>) -> usize {
    let steps = steps_of(site).unwrap_or_default();
    let rest = steps.len().saturating_sub(1);
    steps.iter().take(rest).map(bytes).sum()
}

fn bytes(step: &Step) -> usize {
    (step.len() * 4).next_multiple_of(LINE_BYTES)
}

/// Adds the commands of a layer in fp32.
fn lower(job: &mut Job<'_>) -> Result<Form, Reason> {
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
            Step::Window(window) => {
                let from = address(job, &window.input);
                let (weights, bias) = match &window.unit {
                    Unit::Convolution { weights, bias, .. } => (Some(weights), bias.as_ref()),
                    Unit::Depthwise { weights: Factor::Each(weights), bias } => {
                        (Some(weights), bias.as_ref())
                    }
                    Unit::Depthwise { weights: Factor::All(_), bias } => (None, bias.as_ref()),
                    Unit::Max => (None, None),
                };
                let weights = match (weights, &window.unit) {
                    (Some(Source::Values(values)), Unit::Convolution { .. }) => {
                        Some(job.coefficients(&paired(window, values)))
                    }
                    (weights, _) => weights.map(|weights| address(job, weights)),
                };
                let bias = bias.map(|bias| address(job, bias));
                job.emitter.begin_layer();
                window_layer(window, weights, bias).lower(job.emitter, [from, to])?;
            }
            Step::Compute(stage) => {
                let inputs: Vec<u64> =
                    stage.inputs.iter().map(|input| address(job, &input.from)).collect();
                compute(job, stage, &inputs, to)?;
            }
        }
        results.push(to);
        next += bytes(step) as u64;
    }
    Ok(Form::Float)
}

/// A window of fp32 numbers.
fn window_layer(window: &Window, weights: Option<u64>, bias: Option<u64>) -> WindowLayer {
    let each_bias = bias.map_or(Bias::None, Bias::Each);
    let unit = match &window.unit {
        Unit::Convolution { groups, .. } => window::Unit::Convolution {
            groups: *groups,
            weights: weights.unwrap_or(0),
            bias,
            turned: false,
        },
        Unit::Depthwise { weights: Factor::Each(_), .. } => window::Unit::Depthwise {
            weights: Weights::Each(weights.unwrap_or(0)),
            bias: each_bias,
        },
        Unit::Depthwise { weights: Factor::All(number), .. } => {
            window::Unit::Depthwise { weights: Weights::Number(*number), bias: each_bias }
        }
        Unit::Max => window::Unit::Max,
    };
    let axes = window.axes.map(|slide| {
        Axis {
            kernel: slide.kernel,
            stride: slide.stride,
            pad: slide.pad,
            dilation: slide.dilation,
            ..Axis::pointwise(slide.input)
        }
        .to(slide.output)
    });
    WindowLayer {
        images: window.images,
        input_channels: window.channels,
        output_channels: window.outputs(),
        axes,
        element: Element::Float,
        input_signed: true,
        relu: false,
        right_shifts: Shifts::one(0),
        unit,
        plane: None,
    }
}

/// Weights `[outputs, inputs of a group, kh, kw]` as `[outputs][kh][kw][pairs of inputs][2]`, zeros where a pair lacks its
/// second input.
fn paired(window: &Window, values: &[f32]) -> Vec<u8> {
    let Unit::Convolution { groups, outputs, .. } = window.unit else { return Vec::new() };
    let inputs = window.channels / groups;
    let kernel = window.axes[0].kernel * window.axes[1].kernel;
    let mut bytes = Vec::with_capacity(4 * outputs * inputs.next_multiple_of(2) * kernel);
    for output in 0..outputs {
        for tap in 0..kernel {
            for input in 0..inputs.next_multiple_of(2) {
                let at = (output * inputs + input) * kernel + tap;
                let value = if input < inputs { values[at] } else { 0.0 };
                bytes.extend(value.to_le_bytes());
            }
        }
    }
    bytes
}

/// Adds the commands of one stage.
fn compute(job: &mut Job<'_>, stage: &Stage, inputs: &[u64], to: u64) -> Result<(), Reason> {
    let (tables, uses) = tables_of(&stage.program);
    let tables = (!tables.is_empty()).then(|| Tables::load(job, &tables));
    let ports = stage.inputs.iter().zip(inputs);
    let ports = ports.map(|(input, address)| Port {
        address: address + 4 * input.begin as u64,
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
    let elements = Elements {
        sizes: stage.sizes.clone(),
        fold: stage.fold,
        inputs: ports.collect(),
        output: Port { address: to, strides },
        folds,
        images: 1,
        temporaries: Vec::new(),
        tables: None,
        remedy: if stage.fold.is_some() { Remedy::Rows } else { Remedy::Bottoms },
    };
    let mut elements = elements.joined();
    let registers = Registers::new(&stage.program, &elements);
    elements.temporaries =
        registers.extents.iter().map(|&extent| Temporary { extent, words: 1 }).collect();
    job.emitter.begin_layer();
    elements.tables = tables.map(|tables| tables.place(job.emitter));
    elements.lower(job.emitter, |emitter, block| {
        let run = Run { emitter, block, registers: &registers, look_ups: &uses };
        run.program(&stage.program);
    })
}

/// Tables in L2 memory.
pub(super) struct Tables {
    count: usize,
}

impl Tables {
    /// Copies tables of 256 words to L2 memory.
    pub(super) fn load(job: &mut Job<'_>, tables: &[Vec<u32>]) -> Self {
        let words = tables.iter().flatten();
        let bytes: Vec<u8> = words.flat_map(|word| word.to_le_bytes()).collect();
        let from = job.coefficients(&bytes);
        job.emitter.begin_layer();
        let loaded = Tables { count: tables.len() };
        let (buffer, _) = loaded.place(job.emitter);
        let words = [1, 1, 1, bytes.len() / 4];
        let side = |address| (address, words, [0, 0, words[3], 1], Format::Word);
        let place = L2_BASE + u64::from(TABLES);
        job.emitter.gdma(copy(Direction::DdrToDdr, side(from), side(place)), &[], &[buffer]);
        loaded
    }

    /// What commands that read them wait for, and the byte of L2 memory where the first begins.
    pub(super) fn place(&self, emitter: &mut Emitter) -> (Buffer, u32) {
        (emitter.tables(self.count * TABLE_BYTES), TABLES)
    }
}

/// Bytes from the first of several tables to this one.
pub(super) fn byte_of_table(table: usize) -> u32 {
    u32::try_from(table * TABLE_BYTES).unwrap_or_default()
}

/// The tables of a program, and which one each look-up uses.
fn tables_of(program: &Program) -> (Vec<Vec<u32>>, Vec<usize>) {
    let mut tables: Vec<Vec<u32>> = Vec::new();
    let mut uses = Vec::new();
    for op in &program.ops {
        if let Operation::Table(table, _) = op {
            let words: Vec<u32> = table.iter().map(|word| word.to_bits()).collect();
            let known = tables.iter().position(|known| *known == words);
            uses.push(known.unwrap_or(tables.len()));
            if known.is_none() {
                tables.push(words);
            }
        }
    }
    (tables, uses)
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
    /// Whether each operation's result is the first row of several.
    folded: Vec<bool>,
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
        // The operation whose result each buffer has.
        let mut held: Vec<usize> = Vec::new();
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
                    // An operand may be overwritten by the result of the same extent, but not one row that all read.
                    let ended = |slot: usize| match results[held[slot]] == wanted {
                        true => busy_until[slot] <= index,
                        false => busy_until[slot] < index,
                    };
                    let free =
                        (0..extents.len()).find(|&slot| extents[slot] == wanted && ended(slot));
                    let slot = free.unwrap_or_else(|| {
                        extents.push(wanted);
                        busy_until.push(0);
                        held.push(index);
                        extents.len() - 1
                    });
                    (busy_until[slot], held[slot]) = (last[index], index);
                    Place::Temporary(slot)
                }
            });
        }
        let is_fold = |op: &Operation| matches!(op, Operation::Fold(..));
        let folded = program.ops.iter().map(is_fold).collect();
        Registers { places, results, folded, extents }
    }
}

/// A program at work on one tile.
struct Run<'a> {
    emitter: &'a mut Emitter,
    block: &'a Block,
    registers: &'a Registers,
    /// The table of each look-up.
    look_ups: &'a [usize],
}

impl Run<'_> {
    fn cell(&self, op: usize) -> Cell {
        let cell = match self.registers.places[op] {
            Place::Input(index) => self.block.inputs[index],
            Place::Temporary(index) => self.block.temporaries[index],
            Place::Output => self.block.output,
        };
        let cell = cell.with(self.registers.results[op]);
        if self.registers.folded[op] { cell.folded() } else { cell }
    }

    fn program(mut self, program: &Program) {
        let mut look_ups = 0;
        for (index, op) in program.ops.iter().enumerate() {
            match op {
                Operation::Input => {}
                Operation::Binary(binary, a, b) => self.binary(*binary, index, *a, *b),
                Operation::Table(_, a) => {
                    let (to, from) = (self.cell(index), self.cell(*a));
                    self.block.look_up(self.emitter, to, from, self.look_ups[look_ups]);
                    look_ups += 1;
                }
                Operation::Fold(fold, a) => self.fold(*fold, index, *a),
            }
        }
        let output = program.output;
        if self.registers.places[output] != Place::Output {
            let from = self.cell(output);
            self.block.copy(self.emitter, self.block.output.with(from.extent), from);
        }
    }

    fn binary(&mut self, binary: Binary, result: usize, a: usize, b: Operand) {
        let (operation, whole) = match binary {
            Binary::Add => (Op::Add, false),
            Binary::Sub => (Op::Sub, false),
            Binary::Mul => (Op::Mul, false),
            Binary::Max => (Op::Max, false),
            Binary::Min => (Op::Min, false),
            Binary::And => (Op::And, true),
            Binary::Or => (Op::Or, true),
            Binary::Xor => (Op::Xor, true),
            Binary::ShiftRight => (Op::Shift, true),
        };
        let register = |op: usize| if whole { self.cell(op).i32() } else { self.cell(op).f32() };
        let second = match b {
            Operand::Value(b) => Value::In(register(b)),
            Operand::Number(number) => Value::Float(number),
            Operand::Bits(bits) => {
                // A shift to the right is one by a negative number.
                let sign = if binary == Binary::ShiftRight { -1 } else { 1 };
                Value::Integer(sign * bits.cast_signed(), Precision::I32, true)
            }
        };
        let (to, from) = (register(result), register(a));
        self.block.compute(self.emitter, operation, to, from, second, [0, 0]);
    }

    /// Brings all rows together.
    fn fold(&mut self, fold: Fold, result: usize, a: usize) {
        let operation = match fold {
            Fold::Sum => Op::Add,
            Fold::Max => Op::Max,
            Fold::Min => Op::Min,
            Fold::Product => Op::Mul,
        };
        let from = self.cell(a);
        // While rows are brought together there are several.
        let to = self.cell(result).with(from.extent);
        if to.buffer != from.buffer {
            self.block.copy(self.emitter, to, from);
        }
        self.block.fold(self.emitter, operation, to.f32());
    }
}
