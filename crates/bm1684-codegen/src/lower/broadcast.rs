//! Two int8 bottoms, of which either may be repeated along axes: BroadcastBinary, and Scale and Bias with a second
//! bottom.

use bm1684_isa::commands::Arithmetic as Op;
use bm1684_isa::memory::LINE_BYTES;
use umodel::layers::{Bias, BinaryOp, BroadcastBinary};
use umodel::{Arithmetic, DType};

use super::block::Block;
use super::elements::{Elements, Port};
use super::joins::{extreme, product, sum};
use super::relayout::{expand, repeat_bytes};
use super::work::{Bottoms, Compute, ElementWork, Work};
use super::{Job, Lower, Pool, Site};
use crate::emit::Emitter;
use crate::error::{Int8Form, Reason};
use crate::form::Form;
use crate::plan::split;

/// A bottom as the top sees it.
struct Operand {
    /// Its shape with as many axes as the top's, 1 where it is repeated.
    shape: Vec<usize>,
    /// Whether it has the top's images in its words: its first axis is that of the top.
    by_image: bool,
}

/// Both bottoms. If the second one covers axes of the first one, `first_axis` is the first of them; else the last axes
/// belong together.
fn operands(site: &Site<'_>, first_axis: Option<i32>) -> [Operand; 2] {
    let top = site.top_shape(0);
    let axes = top.len();
    [0, 1].map(|index| {
        let mut shape = site.bottom_shape(index).to_vec();
        if let Some(axis) = first_axis.filter(|_| index == 1 && !shape.is_empty()) {
            let count = usize::try_from(axis.unsigned_abs()).unwrap_or(0);
            let axis = if axis < 0 { axes.saturating_sub(count) } else { count };
            let behind = axes.saturating_sub(axis + shape.len());
            shape.extend(vec![1; behind]);
        }
        let by_image = shape.len() == axes && shape.first() == top.first();
        let lacking = axes.saturating_sub(shape.len());
        Operand { shape: [vec![1; lacking], shape].concat(), by_image }
    })
}

/// Bytes of scratch memory for both bottoms, of which those are copied that have not the top's images in their words.
pub(super) fn scratch(site: &Site<'_>, first_axis: Option<i32>) -> [usize; 2] {
    if site.layer().bottoms.len() != 2 || site.top_format(0).dtype == DType::F32 {
        return [0, 0];
    }
    operands(site, first_axis).map(|operand| match operand.by_image {
        true => 0,
        false => (4 * operand.shape.iter().product::<usize>()).next_multiple_of(LINE_BYTES),
    })
}

/// Adds the commands of `operation`.
pub(super) fn lower(
    job: &mut Job<'_>,
    operation: BinaryOp,
    first_axis: Option<i32>,
) -> Result<Form, Reason> {
    let top = job.site.top_shape(0);
    let [first, _] = scratch(&job.site, first_axis);
    let places = [job.scratch(), job.scratch() + first as u64];
    let mut ports = Vec::new();
    for (index, operand) in operands(&job.site, first_axis).into_iter().enumerate() {
        let mut address = job.bottom(index);
        let Operand { shape: mut sizes, by_image } = operand;
        if by_image {
            if let Some(images) = sizes.first_mut() {
                *images = images.div_ceil(4);
            }
        } else {
            // Every image reads the same: a word for each value, with the value in all of its bytes.
            let words: usize = sizes.iter().product();
            expand(job.emitter, address, split(job.site.bottom_shape(index)), places[index])?;
            repeat_bytes(job.emitter, places[index], words)?;
            address = places[index];
        }
        let own = super::elements::dense(&sizes);
        let stride = |axis: usize| if sizes[axis] == 1 && top[axis] != 1 { 0 } else { own[axis] };
        let mut strides: Vec<usize> = (0..sizes.len()).map(stride).collect();
        // One image, or all that share a word, are one group.
        if let (Some(stride), false) = (strides.first_mut(), by_image) {
            *stride = 0;
        }
        ports.push(Port { address, strides });
    }
    let mut sizes = top.to_vec();
    match sizes.first_mut() {
        Some(images) => *images = images.div_ceil(4),
        None => {
            sizes.push(1);
            ports.iter_mut().for_each(|port| port.strides.push(0));
        }
    }
    let strides = super::elements::dense(&sizes);
    let output = Port { address: job.top(0), strides };
    let images = split(top).0;
    let all = Elements { sizes, inputs: ports, output, ..Elements::integers(&[], 0, 1) }
        .of_images(images);
    let Some((temporaries, compute, form)) = calculation(&job.site, operation) else {
        return Err(job.site.without_code(Int8Form::Type));
    };
    job.emitter.begin_layer();
    all.temporaries(temporaries).joined().lower(job.emitter, compute)?;
    Ok(form)
}

/// Words of temporary buffers for a word, the commands for a block, and what they are called.
fn calculation<'a>(
    site: &Site<'a>,
    operation: BinaryOp,
) -> Option<(&'static [usize], Compute<'a>, Form)> {
    let types = [0, 1].map(|index| site.bottom_format(index).dtype);
    let to = site.top_format(0).dtype;
    Some(match (operation, site.arithmetic()) {
        (BinaryOp::Add | BinaryOp::Sub, Arithmetic::Rescaled(by)) => {
            let compute = move |emitter: &mut Emitter, block: &Block| {
                sum(emitter, block, &types, by, to);
            };
            (&[2], Box::new(compute), Form::Sum)
        }
        (BinaryOp::Max | BinaryOp::Min, Arithmetic::Rescaled(by)) => {
            let operation = if operation == BinaryOp::Max { Op::Max } else { Op::Min };
            let compute = move |emitter: &mut Emitter, block: &Block| {
                extreme(emitter, block, operation, &types, by, to);
            };
            (&[1, 2], Box::new(compute), Form::Max)
        }
        (BinaryOp::Mul, Arithmetic::Product(by)) => {
            let compute = move |emitter: &mut Emitter, block: &Block| {
                product(emitter, block, types, *by, to);
            };
            (&[2, 2, 1, 1], Box::new(compute), Form::Product)
        }
        _ => return None,
    })
}

/// The same in local memory, if one bottom has the top's shape, and the other has it, too, or a value for each channel.
pub(super) fn work<'a>(
    site: &Site<'a>,
    operation: BinaryOp,
    first_axis: Option<i32>,
) -> Option<(Work<'a>, Form)> {
    let top = site.top_shape(0);
    let by_channel = |shape: &[usize]| {
        shape.len() == top.len()
            && shape[..2] == top[..2]
            && shape[2..].iter().all(|size| *size == 1)
    };
    let operands = (top.len() > 1).then(|| operands(site, first_axis))?;
    let fits = |operand: &Operand| operand.shape == top || by_channel(&operand.shape);
    let full = operands.iter().any(|operand| operand.shape == top);
    if !full || !operands.iter().all(|operand| operand.by_image && fits(operand)) {
        return None;
    }
    let (temporaries, compute, form) = calculation(site, operation)?;
    Some((Work::Elements(ElementWork::new(temporaries, compute)), form))
}

impl Lower for BroadcastBinary {
    fn forms() -> &'static [Form] {
        &[Form::Sum, Form::Max, Form::Product]
    }

    fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
        lower(job, self.operation, None)
    }

    fn work<'a>(&self, site: &Site<'a>, _: &Bottoms, _: &mut Pool) -> Option<(Work<'a>, Form)> {
        work(site, self.operation, None)
    }

    fn scratch(&self, site: &Site<'_>) -> usize {
        scratch(site, None).iter().sum()
    }
}

impl Lower for Bias {
    fn forms() -> &'static [Form] {
        &[Form::Sum]
    }

    fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
        if job.site.layer().bottoms.len() != 2 {
            return Err(job.site.without_code(Int8Form::Type));
        }
        lower(job, BinaryOp::Add, Some(self.axis))
    }

    fn scratch(&self, site: &Site<'_>) -> usize {
        scratch(site, Some(self.axis)).iter().sum()
    }
}
