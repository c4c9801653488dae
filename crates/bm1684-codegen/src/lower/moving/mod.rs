//! Layers that only move values: umodel says where those of each top come from.

mod carry;
mod parts;

use umodel::layers::{
    Crop, Pad, Permute, PixelShuffle, Reorg, Reverse, ShuffleChannel, Slice, SliceRange,
    StridedSlice, Tile, Upsample,
};
use umodel::movement::Axis;
use umodel::{Arithmetic, DType, LayerOp, Movement, Rescale};

use self::carry::carry;
use self::parts::{Part, Step, parts};
use super::elements::rescale_words;
use super::relayout::{collapse, expand};
use super::work::{Bottoms, Work};
use super::{Job, Lower, Pool, Site, words};
use crate::emit::Emitter;
use crate::error::{Int8Form, Reason};
use crate::form::Form;
use crate::plan::split;

/// How the values of a top are moved.
enum Way {
    /// As words: fp32 values, or int8 values of four images each.
    Words(Vec<Axis>),
    /// As words of one image each, because values go to other images.
    Expanded(Vec<Axis>),
}

fn movement(site: &Site<'_>, top: usize) -> Option<Movement> {
    let count = site.layer().tops.len();
    let shapes: Vec<&[usize]> = (0..count).map(|top| site.top_shape(top)).collect();
    site.layer().op.movement(site.bottom_shape(0), &shapes, top).ok().flatten()
}

fn way(site: &Site<'_>, movement: &Movement, top: usize) -> Way {
    let axes = movement.axes();
    if site.bottom_format(0).dtype == DType::F32 {
        return Way::Words(axes.to_vec());
    }
    match by_image(axes, split(site.bottom_shape(0)), split(site.top_shape(top))) {
        Some(axes) => Way::Words(axes),
        None => Way::Expanded(axes.to_vec()),
    }
}

/// The axes of a movement of 4N words, if each image's values come from the same image.
fn by_image(axes: &[Axis], bottom: (usize, usize), top: (usize, usize)) -> Option<Vec<Axis>> {
    let ((images, from), (new_images, to)) = (bottom, top);
    if images != new_images {
        return None;
    }
    if images == 1 {
        return Some(axes.to_vec());
    }
    let (first, rest) = axes.split_first()?;
    let runs = first.runs();
    let [run] = runs.as_slice() else { return None };
    // Neighbouring axes may have been joined with that of the images.
    let inner = run.count / images;
    let stride = usize::try_from(run.stride).ok()?;
    let others: usize = rest.iter().map(Axis::len).product();
    if !run.count.is_multiple_of(images) || inner * stride != from || inner * others != to {
        return None;
    }
    let groups = Axis::run(0, from, images.div_ceil(4));
    Some([&[groups, Axis::run(run.begin?, stride, inner)], rest].concat())
}

/// Bytes of scratch memory of the three uses: the bottom and a top as words of one image each, and a top before it is
/// brought to its own scale.
pub(super) fn scratch(site: &Site<'_>) -> [usize; 3] {
    let mut bytes = [0; 3];
    for top in 0..site.layer().tops.len() {
        let Some(movement) = movement(site, top) else { continue };
        if let Way::Expanded(_) = way(site, &movement, top) {
            let values = |shape: &[usize]| 4 * shape.iter().product::<usize>();
            bytes[0] = values(site.bottom_shape(0));
            bytes[1] = bytes[1].max(values(site.top_shape(top)));
        }
        if rescaled(site, top).is_some() {
            bytes[2] = bytes[2].max(4 * words(site.top_shape(top), site.top_format(top)));
        }
    }
    bytes.map(|bytes| bytes.next_multiple_of(bm1684_isa::memory::LINE_BYTES))
}

/// How the moved values are brought to the top's format, if they are not in it already.
fn rescaled(site: &Site<'_>, top: usize) -> Option<Rescale> {
    let Arithmetic::Cut(by) = site.arithmetic() else { return None };
    let same_type = site.bottom_format(0).dtype == site.top_format(top).dtype;
    by.get(top).copied().filter(|&by| by != Rescale::ONE || !same_type)
}

pub(super) fn lower(job: &mut Job<'_>) -> Result<Form, Reason> {
    let site = job.site;
    if !matches!(site.arithmetic(), Arithmetic::Same | Arithmetic::Cut(_) | Arithmetic::Float) {
        return Err(site.without_code(Int8Form::Type));
    }
    let [bottom_bytes, top_bytes, _] = scratch(&site);
    let mut form = Form::Moved;
    for top in 0..site.layer().tops.len() {
        let Some(movement) = movement(&site, top) else {
            return Err(site.without_code(Int8Form::Type));
        };
        let by = rescaled(&site, top);
        let raw = job.scratch() + (bottom_bytes + top_bytes) as u64;
        let to = if by.is_some() { raw } else { job.top(top) };
        match way(&site, &movement, top) {
            Way::Words(axes) => {
                // An int8 net fills with zeros only.
                let value = movement.fill.to_bits();
                carry(job.emitter, [job.bottom(0), to], &parts(&axes), value)?;
            }
            Way::Expanded(axes) => {
                let [from, moved] = [job.scratch(), job.scratch() + bottom_bytes as u64];
                expand(job.emitter, job.bottom(0), split(site.bottom_shape(0)), from)?;
                carry(job.emitter, [from, moved], &parts(&axes), 0)?;
                collapse(job.emitter, moved, split(site.top_shape(top)), to)?;
                form = Form::MovedBetweenImages;
            }
        }
        if let Some(by) = by {
            let types = [site.bottom_format(0).dtype, site.top_format(top).dtype];
            let images = split(site.top_shape(top)).0;
            let sizes = [images, words(site.top_shape(top), site.top_format(top))];
            rescale_words(job.emitter, [to, job.top(top)], sizes, by, types)?;
        }
    }
    Ok(form)
}

/// Slices of channels, values that are repeated along height and width, values that are left out there.
pub(super) fn work<'a>(site: &Site<'a>) -> Option<(Work<'a>, Form)> {
    if (0..site.layer().tops.len()).any(|top| rescaled(site, top).is_some()) {
        return None;
    }
    let work = match &site.layer().op {
        LayerOp::Upsample(upsample) => Work::Repeat(upsample.scale),
        LayerOp::Slice(slice) if slice.axis == 1 => {
            let tops = 0..site.layer().tops.len();
            let channels = tops.map(|top| site.top_shape(top).get(1).copied().unwrap_or(1));
            let starts = channels.scan(0, |next, count| {
                let start = *next;
                *next += count;
                Some(start)
            });
            Work::Slice(starts.collect())
        }
        LayerOp::Resample(_) => Work::Repeat(repeats(site)?),
        LayerOp::StridedSlice(slice) => {
            let shape = site.bottom_shape(0);
            let ranges = slice.ranges(shape).ok()?;
            let [images, channels, rows, columns] = ranges.as_slice() else { return None };
            let whole =
                |range: &SliceRange, size: &usize| range.count == *size && range.stride == 1;
            if !whole(images, &shape[0]) || !whole(channels, &shape[1]) {
                return None;
            }
            let step =
                |range: &SliceRange| Some([range.begin, usize::try_from(range.stride).ok()?]);
            Work::Sample([step(rows)?, step(columns)?])
        }
        _ => return None,
    };
    Some((work, Form::Moved))
}

/// How often a layer repeats each value along height and width, if that is all that it does.
fn repeats(site: &Site<'_>) -> Option<[usize; 2]> {
    let (bottom, top) = (site.bottom_shape(0), site.top_shape(0));
    let ([images, channels, height, width], [_, _, rows, columns]) = (bottom, top) else {
        return None;
    };
    let repeated = |size: usize, from: usize, stride: usize| {
        let times = (size / from).max(1);
        (times, Axis::of((0..size).map(|place| Some(place / times * stride))))
    };
    let (down, by_row) = repeated(*rows, *height, *width);
    let (right, by_column) = repeated(*columns, *width, 1);
    let planes = Axis::run(0, height * width, images * channels);
    let same = Movement::new(vec![planes, by_row, by_column]);
    let whole = [height * down, width * right] == [*rows, *columns];
    (whole && movement(site, 0)? == same).then_some([down, right])
}

/// Moves planes of words to places between which so many zeros are inserted.
pub(super) fn spread_words(
    emitter: &mut Emitter,
    addresses: [u64; 2],
    planes: usize,
    [height, width]: [usize; 2],
    inserts: [usize; 2],
) -> Result<(), Reason> {
    let [rows, columns] = [(height, inserts[0]), (width, inserts[1])]
        .map(|(size, insert)| (size - 1) * (insert + 1) + 1);
    let all = Step { count: planes * rows * columns, from: 0, to: 1 };
    let zeros = Part { from: None, to: 0, steps: vec![all] };
    let steps = vec![
        Step { count: planes, from: height * width, to: rows * columns },
        Step { count: height, from: width, to: (inserts[0] + 1) * columns },
        Step { count: width, from: 1, to: inserts[1] + 1 },
    ];
    let values = Part { from: Some(0), to: 0, steps }.joined();
    carry(emitter, addresses, &[zeros, values], 0)
}

/// Copies words without gaps.
pub(super) fn copy_words(
    emitter: &mut Emitter,
    addresses: [u64; 2],
    words: usize,
) -> Result<(), Reason> {
    carry(emitter, addresses, &parts(&[Axis::run(0, 1, words)]), 0)
}

/// Moves words without gaps from one place in DDR to another.
pub(super) fn move_words(
    emitter: &mut Emitter,
    addresses: [u64; 2],
    movement: &Movement,
) -> Result<(), Reason> {
    carry(emitter, addresses, &parts(movement.axes()), movement.fill.to_bits())
}

macro_rules! moving {
    ($($name:ident),*) => {
        $(impl Lower for $name {
            fn forms() -> &'static [Form] {
                &[Form::Moved, Form::MovedBetweenImages]
            }

            fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
                lower(job)
            }

            fn work<'a>(
                &self,
                site: &Site<'a>,
                _: &Bottoms,
                _: &mut Pool,
            ) -> Option<(Work<'a>, Form)> {
                work(site)
            }

            fn scratch(&self, site: &Site<'_>) -> usize {
                scratch(site).iter().sum()
            }
        })*
    };
}
moving!(
    Crop,
    Pad,
    Permute,
    PixelShuffle,
    Reorg,
    Reverse,
    ShuffleChannel,
    Slice,
    StridedSlice,
    Tile,
    Upsample
);
