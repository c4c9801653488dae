use bm1684_isa::commands::{Direction, Format};
use bm1684_isa::memory::LINE_BYTES;
use umodel::layers::Concat;
use umodel::{Arithmetic, Rescale};

use super::elements::rescale_words;
use super::relayout::{collapse, expand, scratch_bytes};
use super::work::{Bottoms, Work};
use super::{Job, Lower, Pool, Site};
use crate::command::copy;
use crate::emit::Emitter;
use crate::error::{Int8Form, Reason};
use crate::form::Form;
use crate::plan::split;

/// One bottom's place in the top: `rows` runs of `length` words, `distance` words apart in the top.
struct Runs {
    rows: usize,
    length: usize,
    offset: usize,
    distance: usize,
}

fn axis(layer: &Concat, site: &Site<'_>) -> usize {
    layer.canonical_axis(site.bottom_shape(0)).unwrap_or_default()
}

impl Lower for Concat {
    fn forms() -> &'static [Form] {
        &[Form::Concat, Form::ConcatImages]
    }

    fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
        let float = *job.site.arithmetic() == Arithmetic::Float;
        let count = job.site.layer().bottoms.len();
        let by = match job.site.arithmetic() {
            Arithmetic::Rescaled(by) => by.clone(),
            Arithmetic::Float => vec![Rescale::ONE; count],
            _ => return Err(job.site.without_code(Int8Form::Type)),
        };
        let axis = axis(self, &job.site);
        let top = job.site.top_shape(0);
        let mut done = 0;
        for (index, &by) in by.iter().enumerate() {
            let shape = job.site.bottom_shape(index);
            let same = by == Rescale::ONE
                && job.site.bottom_format(index).dtype == job.site.top_format(0).dtype;
            let mut source = job.bottom(index);
            if axis == 0 && !float {
                // Images: every one is a byte of a word.
                if !same {
                    let same = job.scratch() + expanded(&job.site) as u64;
                    rescale(job, index, by, source, same)?;
                    source = same;
                }
                let (images, values) = split(shape);
                let start = job.scratch() + scratch_bytes((done, values)) as u64;
                expand(job.emitter, source, (images, values), start)?;
                done += images;
                continue;
            }
            let product = |part: &[usize]| part.iter().product::<usize>();
            let inner = product(&top[axis + 1..]);
            let outer = match axis {
                0 => 1,
                _ if float => product(&shape[..axis]),
                _ => shape[0].div_ceil(4) * product(&shape[1..axis]),
            };
            let runs = Runs {
                rows: outer,
                length: shape[axis] * inner,
                offset: done * inner,
                distance: top[axis] * inner,
            };
            done += shape[axis];
            if !same {
                rescale(job, index, by, source, job.scratch())?;
                source = job.scratch();
            }
            copy_runs(job.emitter, source, job.top(0), &runs)?;
        }
        if axis > 0 || float {
            return Ok(Form::Concat);
        }
        collapse(job.emitter, job.scratch(), split(top), job.top(0))?;
        Ok(Form::ConcatImages)
    }

    /// Only along the channels.
    fn work<'a>(&self, site: &Site<'a>, _: &Bottoms, _: &mut Pool) -> Option<(Work<'a>, Form)> {
        let Arithmetic::Rescaled(by) = site.arithmetic() else { return None };
        let to = site.top_format(0).dtype;
        let rescaled = by.iter().enumerate().map(|(index, &by)| {
            let from = site.bottom_format(index).dtype;
            (by != Rescale::ONE || from != to).then_some((by, [from, to]))
        });
        (axis(self, site) == 1).then(|| (Work::Concat(rescaled.collect()), Form::Concat))
    }

    fn scratch(&self, site: &Site<'_>) -> usize {
        let bottoms = site.layer().bottoms.len();
        let largest = (0..bottoms).map(|index| site.bottom_words(index) * 4).max().unwrap_or(0);
        match site.arithmetic() {
            Arithmetic::Float => 0,
            _ if axis(self, site) == 0 => expanded(site) + largest,
            _ => largest,
        }
    }
}

/// Bytes of the top as words of one value, in lines.
fn expanded(site: &Site<'_>) -> usize {
    scratch_bytes(split(site.top_shape(0))).next_multiple_of(LINE_BYTES)
}

/// A bottom in the top's format.
fn rescale(job: &mut Job<'_>, index: usize, by: Rescale, from: u64, to: u64) -> Result<(), Reason> {
    let types = [job.site.bottom_format(index).dtype, job.site.top_format(0).dtype];
    let sizes = [split(job.site.bottom_shape(index)).0, job.site.bottom_words(index)];
    rescale_words(job.emitter, [from, to], sizes, by, types)
}

/// Copies words within DDR from runs without gaps to their places.
fn copy_runs(emitter: &mut Emitter, from: u64, to: u64, runs: &Runs) -> Result<(), Reason> {
    const MOST: usize = 1 << 15;
    for row in (0..runs.rows).step_by(MOST) {
        let rows = MOST.min(runs.rows - row);
        for start in (0..runs.length).step_by(MOST) {
            let width = MOST.min(runs.length - start);
            let side = |address: u64, distance: usize, offset: usize| {
                let first = 4 * (row * distance + offset + start);
                let strides = [0, 0, distance, 1];
                (address + first as u64, [1, 1, rows, width], strides, Format::Word)
            };
            let source = side(from, runs.length, 0);
            let destination = side(to, runs.distance, runs.offset);
            emitter.gdma(copy(Direction::DdrToDdr, source, destination), &[], &[]);
            emitter.tile_border()?;
        }
    }
    Ok(())
}
