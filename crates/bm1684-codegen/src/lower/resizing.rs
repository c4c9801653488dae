//! Bilinear resizing in int8: the four neighbours of every pixel are brought to its place, then weighted and added.

use bm1684_isa::commands::{Arithmetic as Op, Precision};
use bm1684_isa::memory::LINE_BYTES;
use umodel::layers::{BilinearInterpolate, Int8Form as Kind, Interp, Resample, Resize};
use umodel::movement::{Axis, Movement};
use umodel::quant::interpolate::Interpolation;
use umodel::{Arithmetic, DType};

use super::block::{Block, Value, is_signed};
use super::elements::{Elements, Port, dense};
use super::moving::{
    lower as move_values, move_words, scratch as moving_scratch, work as moving_work,
};
use super::work::{Bottoms, Work};
use super::{Job, Lower, Pool, Site};
use crate::emit::Emitter;
use crate::error::{Int8Form, Reason};
use crate::form::Form;
use crate::plan::split;

/// Bits of the weights' sum.
const SHIFT: u8 = 8;

fn plan(site: &Site<'_>) -> Option<Interpolation> {
    if *site.arithmetic() != Arithmetic::Interpolate {
        return None;
    }
    let Kind::Interpolate(linear) = site.layer().op.int8_form() else { return None };
    linear.plan(site.bottom_shape(0), site.top_shape(0)).ok()
}

/// Planes of words, and the height and width of the bottom and the top.
fn sizes(site: &Site<'_>) -> (usize, [[usize; 2]; 2]) {
    let (bottom, top) = (site.bottom_shape(0), site.top_shape(0));
    let size = |shape: &[usize]| [shape[2], shape[3]];
    (bottom[0].div_ceil(4) * bottom[1], [size(bottom), size(top)])
}

/// Bytes of each of the four blobs of neighbours.
fn neighbours_bytes(site: &Site<'_>) -> usize {
    let (planes, [_, [height, width]]) = sizes(site);
    (4 * planes * height * width).next_multiple_of(LINE_BYTES)
}

fn scratch(site: &Site<'_>) -> usize {
    if plan(site).is_some() { 4 * neighbours_bytes(site) } else { 0 }
}

fn lower(job: &mut Job<'_>) -> Result<Form, Reason> {
    let site = job.site;
    let Some(plan) = plan(&site) else { return Err(site.without_code(Int8Form::Type)) };
    let (planes, [[h, w], [height, width]]) = sizes(&site);
    let bytes = neighbours_bytes(&site) as u64;
    let mut inputs = Vec::new();
    for (index, [row, column]) in [[0, 0], [0, 1], [1, 0], [1, 1]].into_iter().enumerate() {
        let places = |axis: usize, neighbour: usize, stride: usize| {
            let pixels = plan.axes[axis].neighbours.iter();
            Axis::of(pixels.map(move |places| places[neighbour].map(|place| place * stride)))
        };
        let axes = vec![Axis::run(0, h * w, planes), places(0, row, w), places(1, column, 1)];
        let to = job.scratch() + index as u64 * bytes;
        move_words(job.emitter, [job.bottom(0), to], &Movement::new(axes))?;
        inputs.push(to);
    }
    // A weight of 256 is more than a byte has, so each is two numbers that add up to it. One word has them for four
    // images.
    let mut halves = [Vec::new(), Vec::new()];
    for index in 0..4 {
        for y in 0..height {
            for x in 0..width {
                let phases = [plan.axes[0].phase(y), plan.axes[1].phase(x)];
                let weight = plan.weights(phases)[index];
                for (half, part) in halves.iter_mut().zip([weight / 2, weight - weight / 2]) {
                    half.extend([u8::try_from(part).unwrap_or(u8::MAX); 4]);
                }
            }
        }
    }
    let halves = halves.map(|half| job.coefficients(&half));
    let sizes = [planes, height, width];
    let port = |address: u64, strides: Vec<usize>| Port { address, strides };
    let mut ports: Vec<Port> = inputs.iter().map(|&address| port(address, dense(&sizes))).collect();
    for index in 0..4 {
        for half in halves {
            let address = half + (4 * index * height * width) as u64;
            ports.push(port(address, vec![0, width, 1]));
        }
    }
    let all = Elements {
        sizes: sizes.to_vec(),
        inputs: ports,
        output: port(job.top(0), dense(&sizes)),
        ..Elements::integers(&[], 0, 1)
    };
    let dtype = site.top_format(0).dtype;
    job.emitter.begin_layer();
    let all = all.of_images(split(site.top_shape(0)).0).temporaries(&[2, 2]).joined();
    all.lower(job.emitter, |emitter, block| weigh(emitter, block, dtype))?;
    Ok(Form::Interpolate)
}

/// `y = rsh(Σ W·x, 8)`: no sum of products leaves 16 bits, signed or unsigned as x is.
fn weigh(emitter: &mut Emitter, block: &Block, dtype: DType) {
    let signed = is_signed(dtype);
    let [sum, product] = [0, 1].map(|index| block.temporaries[index].i16(signed));
    for neighbour in 0..4 {
        for half in 0..2 {
            let x = block.inputs[neighbour].i8(signed);
            let weight = Value::In(block.inputs[4 + 2 * neighbour + half].i8(false));
            if (neighbour, half) == (0, 0) {
                block.compute(emitter, Op::Mul, sum, x, weight, [0, 0]);
            } else {
                block.compute(emitter, Op::Mul, product, x, weight, [0, 0]);
                block.compute(emitter, Op::Add, sum, sum, Value::In(product), [0, 0]);
            }
        }
    }
    let zero = Value::Integer(0, Precision::I16, signed);
    block.compute(emitter, Op::Add, block.output.i8(signed), sum, zero, [0, SHIFT]);
}

macro_rules! bilinear {
    ($($name:ident),*) => {
        $(impl Lower for $name {
            fn forms() -> &'static [Form] {
                &[Form::Interpolate]
            }

            fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
                lower(job)
            }

            fn scratch(&self, site: &Site<'_>) -> usize {
                scratch(site)
            }
        })*
    };
}
bilinear!(BilinearInterpolate, Interp, Resize);

impl Lower for Resample {
    fn forms() -> &'static [Form] {
        &[Form::Interpolate, Form::Moved, Form::MovedBetweenImages]
    }

    fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
        match plan(&job.site) {
            Some(_) => lower(job),
            None => move_values(job),
        }
    }

    fn work<'a>(&self, site: &Site<'a>, _: &Bottoms, _: &mut Pool) -> Option<(Work<'a>, Form)> {
        plan(site).is_none().then(|| moving_work(site)).flatten()
    }

    fn scratch(&self, site: &Site<'_>) -> usize {
        match plan(site) {
            Some(_) => scratch(site),
            None => moving_scratch(site).iter().sum(),
        }
    }
}
