//! Reductions over axes.

use bm1684_isa::commands::Arithmetic as Op;
use bm1684_isa::memory::LINE_BYTES;
use umodel::layers::{Reduce, ReduceOp, Reduction};
use umodel::movement::Movement;
use umodel::{Arithmetic, DType};

use super::block::Block;
use super::elements::{Elements, Port};
use super::moving::move_words;
use super::window::{Bias, Element, Unit, Weights, WindowLayer, check_kernel};
use super::{Job, Lower, Site};
use crate::emit::Emitter;
use crate::error::{Int8Form, Reason};
use crate::form::Form;
use crate::plan::split;
use crate::tile::Axis;

/// The axes of a bottom's words, each with whether it is reduced. Images stay apart, so that the first are groups of
/// four; a bottom of one image may have a reduced first axis.
fn axes(site: &Site<'_>, reduced: &[bool]) -> Vec<(usize, bool)> {
    let shape = site.bottom_shape(0);
    let mut axes = vec![(shape.first().map_or(1, |images| images.div_ceil(4)), false)];
    for (&size, &reduced) in shape.iter().zip(reduced).skip(1) {
        match axes.last_mut() {
            Some((length, kind)) if *kind == reduced => *length *= size,
            _ => axes.push((size, reduced)),
        }
    }
    axes
}

/// What is reduced: `[outer, rows, inner]` of words, and, if reduced axes are apart, how words have to be moved first.
struct Rows {
    sizes: [usize; 3],
    movement: Option<Movement>,
}

fn rows(site: &Site<'_>, reduced: &[bool]) -> Rows {
    let axes = axes(site, reduced);
    let product = |part: &[(usize, bool)]| part.iter().map(|(size, _)| size).product::<usize>();
    let first = axes.iter().position(|(_, reduced)| *reduced);
    let last = axes.iter().rposition(|(_, reduced)| *reduced);
    let (Some(first), Some(last)) = (first, last) else {
        return Rows { sizes: [product(&axes), 1, 1], movement: None };
    };
    if first == last {
        let sizes = [product(&axes[..first]), axes[first].0, product(&axes[first + 1..])];
        return Rows { sizes, movement: None };
    }
    let mut order: Vec<usize> = (0..axes.len()).collect();
    order.sort_by_key(|&axis| axes[axis].1);
    let sizes: Vec<usize> = axes.iter().map(|(size, _)| *size).collect();
    let kept: usize = axes.iter().filter(|(_, reduced)| !reduced).map(|(size, _)| size).product();
    let movement = Movement::permuted(&sizes, &order);
    Rows { sizes: [kept, product(&axes) / kept, 1], movement: Some(movement) }
}

fn scratch(site: &Site<'_>, reduced: Option<Vec<bool>>) -> usize {
    let Some(reduced) = reduced.filter(|_| site.bottom_format(0).dtype != DType::F32) else {
        return 0;
    };
    let Rows { sizes: [outer, length, inner], movement } = rows(site, &reduced);
    moved_bytes(movement.as_ref()) + between_bytes([outer, length, inner])
}

/// Bytes for what pieces become, and the pieces of these.
fn between_bytes([outer, rows, inner]: [usize; 3]) -> usize {
    if rows <= PIECE {
        return 0;
    }
    let pieces = rows.div_ceil(PIECE);
    4 * outer * pieces * inner + between_bytes([outer, pieces, inner])
}

fn moved_bytes(movement: Option<&Movement>) -> usize {
    movement.map_or(0, |movement| (4 * movement.len()).next_multiple_of(LINE_BYTES))
}

/// The most rows that are brought together at once.
const PIECE: usize = 1024;

/// Rows that are brought together, if there are many, in pieces first.
struct Pieces {
    /// Images that share a word.
    images: usize,
    /// Outer, rows, inner.
    sizes: [usize; 3],
    to: u64,
    /// Scratch memory for what the pieces become.
    between: u64,
}

impl Pieces {
    fn fold(
        &self,
        emitter: &mut Emitter,
        from: u64,
        mut compute: impl FnMut(&mut Emitter, &Block),
    ) -> Result<(), Reason> {
        let [outer, rows, inner] = self.sizes;
        if rows <= PIECE {
            let addresses = [from, self.to];
            let strides = [rows * inner, inner];
            return fold(
                emitter,
                addresses,
                [outer, 1, rows, inner],
                strides,
                [inner, 0],
                self.images,
                &mut compute,
            );
        }
        let pieces = rows.div_ceil(PIECE);
        let (whole, rest) = (rows / PIECE, rows % PIECE);
        for (first, count, length) in [(0, whole, PIECE), (whole, 1, rest)] {
            if length > 0 {
                let at = |address: u64, words: usize| address + 4 * words as u64;
                let addresses = [at(from, first * PIECE * inner), at(self.between, first * inner)];
                let sizes = [outer, count, length, inner];
                let strides = [rows * inner, PIECE * inner];
                let to = [pieces * inner, inner];
                fold(emitter, addresses, sizes, strides, to, self.images, &mut compute)?;
            }
        }
        Pieces { sizes: [outer, pieces, inner], between: 0, ..*self }.fold(
            emitter,
            self.between,
            compute,
        )
    }
}

/// Brings rows of `[outer, pieces, rows, inner]` together. Strides are those along the first two axes.
fn fold(
    emitter: &mut Emitter,
    [from, to]: [u64; 2],
    sizes: [usize; 4],
    strides: [usize; 2],
    to_strides: [usize; 2],
    images: usize,
    compute: &mut dyn FnMut(&mut Emitter, &Block),
) -> Result<(), Reason> {
    let inner = sizes[3];
    let all = Elements {
        images,
        sizes: sizes.to_vec(),
        fold: Some(2),
        inputs: vec![Port { address: from, strides: vec![strides[0], strides[1], inner, 1] }],
        output: Port { address: to, strides: vec![to_strides[0], to_strides[1], 0, 1] },
        folds: true,
        ..Elements::integers(&[], 0, 1)
    };
    emitter.begin_layer();
    all.temporaries(&[1]).joined().lower(emitter, compute)
}

fn lower(job: &mut Job<'_>, reduced: Option<Vec<bool>>, operation: Op) -> Result<Form, Reason> {
    let Some(reduced) = reduced else { return Err(job.site.without_code(Int8Form::Type)) };
    let Rows { sizes, movement } = rows(&job.site, &reduced);
    let mut from = job.bottom(0);
    let moved = moved_bytes(movement.as_ref()) as u64;
    if let Some(movement) = &movement {
        move_words(job.emitter, [from, job.scratch()], movement)?;
        from = job.scratch();
    }
    job.emitter.begin_layer();
    let [outer, length, inner] = sizes;
    let (bottom, top) = (job.site.bottom_format(0).dtype, job.site.top_format(0).dtype);
    match job.site.arithmetic() {
        // The groups of images are taken for more channels of one group.
        &Arithmetic::AveragePool { multiplier, right_shift } => {
            check_kernel([length, 1], length)?;
            let bias = match (bottom, top) {
                (DType::U8, DType::I8) => Bias::Zero,
                _ => Bias::None,
            };
            let layer = WindowLayer {
                images: split(job.site.bottom_shape(0)).0.min(4),
                input_channels: outer,
                output_channels: outer,
                axes: [
                    Axis { kernel: length, ..Axis::pointwise(length) }.to(1),
                    Axis::pointwise(inner),
                ],
                element: Element::Int8,
                input_signed: bottom == DType::I8,
                relu: bottom == DType::I8 && top == DType::U8,
                right_shifts: right_shift.into(),
                unit: Unit::Depthwise { weights: Weights::All(multiplier), bias },
                plane: None,
            };
            layer.lower(job.emitter, [from, job.top(0)])?;
            Ok(Form::AveragePooling)
        }
        Arithmetic::Same => {
            let signed = bottom == DType::I8;
            let images = split(job.site.bottom_shape(0)).0.min(4);
            let pieces = Pieces { images, sizes, to: job.top(0), between: job.scratch() + moved };
            pieces.fold(job.emitter, from, |emitter, block| {
                let rows = block.temporaries[0].with(block.inputs[0].extent);
                block.copy(emitter, rows, block.inputs[0]);
                block.fold(emitter, operation, rows.i8(signed));
                block.copy(emitter, block.output, rows.with(block.output.extent));
            })?;
            Ok(Form::Max)
        }
        _ => Err(job.site.without_code(Int8Form::Type)),
    }
}

impl Lower for Reduce {
    fn forms() -> &'static [Form] {
        &[Form::AveragePooling, Form::Max]
    }

    fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
        let operation = if self.operation == ReduceOp::Min { Op::Min } else { Op::Max };
        lower(job, self.reduced(job.site.bottom_shape(0)).ok(), operation)
    }

    fn scratch(&self, site: &Site<'_>) -> usize {
        scratch(site, self.reduced(site.bottom_shape(0)).ok())
    }
}

impl Lower for Reduction {
    fn forms() -> &'static [Form] {
        &[Form::AveragePooling]
    }

    fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
        lower(job, self.reduced(job.site.bottom_shape(0)).ok(), Op::Max)
    }

    fn scratch(&self, site: &Site<'_>) -> usize {
        scratch(site, self.reduced(site.bottom_shape(0)).ok())
    }
}
