//! Reductions over axes.

use bm1684_isa::commands::Arithmetic as Op;
use bm1684_isa::memory::LINE_BYTES;
use umodel::layers::{Reduce, ReduceOp, Reduction};
use umodel::movement::Movement;
use umodel::{Arithmetic, DType};

use super::block::{Elements, Port, dense};
use super::moving::move_words;
use super::window::{Bias, Unit, Weights, WindowLayer, check_kernel};
use super::{Job, Lower, Site};
use crate::error::{Int8Form, Reason};
use crate::form::Form;
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
    match rows(site, &reduced).movement {
        Some(movement) => (4 * movement.len()).next_multiple_of(LINE_BYTES),
        None => 0,
    }
}

fn lower(job: &mut Job<'_>, reduced: Option<Vec<bool>>, operation: Op) -> Result<Form, Reason> {
    let Some(reduced) = reduced else { return Err(job.site.without_code(Int8Form::Type)) };
    let Rows { sizes, movement } = rows(&job.site, &reduced);
    let mut from = job.bottom(0);
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
                input: from,
                output: job.top(0),
                images: 4,
                input_channels: outer,
                output_channels: outer,
                axes: [
                    Axis { output: 1, kernel: length, ..Axis::pointwise(length) },
                    Axis::pointwise(inner),
                ],
                input_signed: bottom == DType::I8,
                relu: bottom == DType::I8 && top == DType::U8,
                right_shift,
                unit: Unit::Depthwise { weights: Weights::All(multiplier), bias },
            };
            layer.lower(job)?;
            Ok(Form::AveragePooling)
        }
        Arithmetic::Same => {
            let port = |address, strides| Port { address, strides };
            let all = Elements {
                sizes: sizes.to_vec(),
                fold: Some(1),
                inputs: vec![port(from, dense(&sizes))],
                output: port(job.top(0), vec![inner, 0, 1]),
                folds: true,
                ..Elements::integers(&[], 0, 1)
            };
            let all = all.temporaries(&[1]).joined();
            all.lower(job.emitter, |emitter, block| {
                let rows = block.temporaries[0].with(block.inputs[0].extent);
                block.copy(emitter, rows, block.inputs[0]);
                block.fold(emitter, operation, rows.i8(bottom == DType::I8));
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
