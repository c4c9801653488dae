//! Commands that move a part within DDR.
//!
//! The GDMA moves runs of neighbouring words. Where the words of a run are no neighbours on the other side, runs are
//! loaded into local memory, the TIU copies their words to their places there, and runs are stored.

use std::ops::Range;

use bm1684_isa::commands::{Arithmetic as Op, Direction, Format, Gdma, Precision, Tiu};
use bm1684_isa::memory::{BANK_BYTES, LANE_BYTES, LANES, Layout};

use super::parts::{Part, Step};
use crate::command::{Move, Operand, Sizes, View, arithmetic, copy, fill_ddr};
use crate::emit::{Buffer, Emitter};
use crate::error::{Reason, Remedy};
use crate::schedule::{Demand, pipeline, slots};
use crate::tile::chunks;

/// The largest size along an axis of a command; its field has 16 bits.
const MOST: usize = 1 << 15;
/// The most words of a tile in a lane, on either side of the copy.
const TILE_WORDS: usize = BANK_BYTES / 4;

/// Moves parts from one place in DDR to another. `value` goes where nothing comes from.
pub(in crate::lower) fn carry(
    emitter: &mut Emitter,
    [from, to]: [u64; 2],
    parts: &[Part],
    value: u32,
) -> Result<(), Reason> {
    for part in parts {
        let to = to + 4 * part.to as u64;
        let Some(first) = part.from else {
            run(emitter, &part.steps, |sizes, [_, strides], [_, start]| {
                fill_ddr(value, to + 4 * start as u64, sizes, strides)
            })?;
            continue;
        };
        let from = from + 4 * first as u64;
        if runs(&part.steps) {
            run(emitter, &part.steps, |sizes, [source, destination], [x, y]| {
                let side = |address: u64, start: usize, strides| {
                    (address + 4 * start as u64, sizes, strides, Format::Word)
                };
                copy(Direction::DdrToDdr, side(from, x, source), side(to, y, destination))
            })?;
        } else {
            turn(emitter, [from, to], &part.steps)?;
        }
    }
    Ok(())
}

/// Whether the GDMA alone can move a part: its innermost words are neighbours on both sides.
fn runs(steps: &[Step]) -> bool {
    steps.last().is_none_or(|last| last.from == 1 && last.to == 1)
}

/// Cuts a part, or one that is filled, into commands of four axes. `command` gets sizes, strides on both sides, and
/// the first words on both sides.
fn run(
    emitter: &mut Emitter,
    steps: &[Step],
    command: impl Fn(Sizes, [Sizes; 2], [usize; 2]) -> Gdma,
) -> Result<(), Reason> {
    // Neighbours along the last axis; where there are none, every word is a run of its own.
    let single = Step { count: 1, from: 1, to: 1 };
    let mut steps = steps.to_vec();
    if steps.last().is_none_or(|last| last.to != 1) {
        steps.push(single);
    }
    let inner = steps.split_off(steps.len().saturating_sub(4));
    let mut axes = [Step { count: 1, from: 0, to: 0 }; 4];
    axes[4 - inner.len()..].copy_from_slice(&inner);
    let strides = [axes.map(|axis| axis.from), axes.map(|axis| axis.to)];
    for outer in indices(&steps) {
        for cut in cuts(axes.map(|axis| chunks(axis.count, MOST))) {
            let start = |stride: fn(&Step) -> usize, outer: usize| -> usize {
                let inner = axes.iter().zip(&cut).map(|(axis, range)| range.start * stride(axis));
                outer + inner.sum::<usize>()
            };
            let starts = [start(|step| step.from, outer[0]), start(|step| step.to, outer[1])];
            let sizes = [0, 1, 2, 3].map(|axis| cut[axis].len());
            emitter.gdma(command(sizes, strides, starts), &[], &[]);
            emitter.tile_border()?;
        }
    }
    Ok(())
}

/// The first words of all combinations of some axes' indices, on both sides.
fn indices(steps: &[Step]) -> Vec<[usize; 2]> {
    let mut all = vec![[0, 0]];
    for step in steps {
        let next = |&[from, to]: &[usize; 2]| {
            (0..step.count).map(move |index| [from + index * step.from, to + index * step.to])
        };
        all = all.iter().flat_map(next).collect();
    }
    all
}

/// All combinations of the ranges of each axis.
fn cuts<const N: usize>(ranges: [Vec<Range<usize>>; N]) -> Vec<Vec<Range<usize>>> {
    let mut all = vec![Vec::with_capacity(N)];
    for axis in ranges {
        let next = |cut: &Vec<Range<usize>>| {
            let longer = |range: &Range<usize>| {
                let mut cut = cut.clone();
                cut.push(range.clone());
                cut
            };
            axis.iter().map(longer).collect::<Vec<_>>()
        };
        all = all.iter().flat_map(next).collect();
    }
    all
}

/// How a part is spread: over lanes, and within each lane over up to three axes.
#[derive(Clone, Copy, Debug)]
struct Spread {
    lane: Step,
    /// An axis that is neither of the next two.
    third: Step,
    /// The axis whose words are neighbours, or nearest to each other, where they come from.
    near: Step,
    /// The axis whose words are neighbours where they go to; none if that is `near`, too.
    last: Option<Step>,
}

const ONE: Step = Step { count: 1, from: 0, to: 0 };

/// A tile of a spread: how many of each axis.
#[derive(Clone, Copy, Debug)]
struct Tile {
    from: usize,
    to: usize,
    /// Along `lane`, `third`, `near` and `last`.
    counts: [usize; 4],
}

impl Spread {
    fn axes(&self) -> [Step; 4] {
        [self.lane, self.third, self.near, self.last.unwrap_or(ONE)]
    }

    /// Sizes of what is loaded into a lane: along `third`, `last` and the words from the first to the last of `near`.
    /// What is repeated is loaded once.
    fn loaded(&self, [_, third, near, last]: [usize; 4]) -> [usize; 3] {
        let once = |step: Step, count: usize| if step.from == 0 { 1 } else { count };
        let span = (near - 1) * self.near.from + 1;
        [once(self.third, third), once(self.last.unwrap_or(ONE), last), span]
    }

    /// How many of each axis a tile has.
    fn counts(&self) -> [usize; 4] {
        let mut counts = self.axes().map(|step| step.count);
        counts[0] = counts[0].min(LANES);
        let too_large = |counts: [usize; 4]| {
            let loaded: usize = self.loaded(counts).iter().product();
            let moved: usize = counts[1..].iter().product();
            loaded > TILE_WORDS || moved > TILE_WORDS
        };
        while too_large(counts) {
            let axis = if counts[1] > 1 {
                1
            } else if counts[2] >= counts[3] {
                2
            } else {
                3
            };
            counts[axis] = counts[axis].div_ceil(2);
        }
        counts
    }

    /// The tiles of what begins at each of these words.
    fn tiles(&self, starts: &[[usize; 2]]) -> Vec<Tile> {
        let (axes, counts) = (self.axes(), self.counts());
        let cuts = cuts([0, 1, 2, 3].map(|axis| chunks(axes[axis].count, counts[axis])));
        let tile = |[from, to]: [usize; 2], cut: &[Range<usize>]| {
            let along = |stride: fn(&Step) -> usize| -> usize {
                axes.iter().zip(cut).map(|(axis, range)| range.start * stride(axis)).sum()
            };
            Tile {
                from: from + along(|step| step.from),
                to: to + along(|step| step.to),
                counts: [0, 1, 2, 3].map(|axis| cut[axis].len()),
            }
        };
        starts.iter().flat_map(|&start| cuts.iter().map(move |cut| tile(start, cut))).collect()
    }
}

/// Moves a part whose runs are not the same on both sides.
fn turn(emitter: &mut Emitter, [from, to]: [u64; 2], steps: &[Step]) -> Result<(), Reason> {
    let Some((&last, rest)) = steps.split_last() else { return Ok(()) };
    if last.to != 1 {
        // Only single words are runs where they go to.
        return run(emitter, steps, |sizes, [source, destination], [x, y]| {
            let side = |address: u64, start: usize, strides| {
                (address + 4 * start as u64, sizes, strides, Format::Word)
            };
            copy(Direction::DdrToDdr, side(from, x, source), side(to, y, destination))
        });
    }
    let mut rest = rest.to_vec();
    // Repeated words are near to nothing.
    let near =
        (0..rest.len()).filter(|&axis| rest[axis].from > 0).min_by_key(|&axis| rest[axis].from);
    let near = near.filter(|&axis| last.from == 0 || rest[axis].from < last.from);
    let (near, last) = match near {
        Some(axis) => (rest.remove(axis), Some(last)),
        None => (last, None),
    };
    let lane = (0..rest.len()).max_by_key(|&axis| rest[axis].count.min(LANES));
    let lane = match lane {
        Some(axis) => rest.remove(axis),
        // Nothing else is there to be spread over lanes: a share of the longer axis goes to each.
        None => return share(emitter, [from, to], near, last),
    };
    let third = rest.pop().unwrap_or(ONE);
    copy_tiles(emitter, [from, to], &Spread { lane, third, near, last }, &indices(&rest))
}

/// Cuts the longer one of two axes into shares, which become an axis of their own.
fn share(
    emitter: &mut Emitter,
    [from, to]: [u64; 2],
    near: Step,
    last: Option<Step>,
) -> Result<(), Reason> {
    let mut axes = vec![near];
    axes.extend(last);
    let longer = usize::from(last.is_some_and(|last| last.count > near.count));
    let Step { count, from: x, to: y } = axes[longer];
    let shares = count.min(LANES);
    let length = count / shares;
    for (start, shares, length) in [(0, shares, length), (shares * length, 1, count % shares)] {
        if length == 0 {
            continue;
        }
        let mut axes = axes.clone();
        axes[longer].count = length;
        // An axis of one lane, even if there is one share only.
        let lane = Step { count: shares, from: length * x, to: length * y };
        let mut axes = axes.into_iter();
        let near = axes.next().unwrap_or(ONE);
        let spread = Spread { lane, third: ONE, near, last: axes.next() };
        copy_tiles(emitter, [from, to], &spread, &[[start * x, start * y]])?;
    }
    Ok(())
}

/// Loads, copies and stores what begins at these words, tile by tile.
fn copy_tiles(
    emitter: &mut Emitter,
    [from, to]: [u64; 2],
    spread: &Spread,
    starts: &[[usize; 2]],
) -> Result<(), Reason> {
    let tiles = spread.tiles(starts);
    let whole = spread.counts();
    let loaded: usize = spread.loaded(whole).iter().product();
    let moved: usize = whole[1..].iter().product();
    let count = tiles.len().min(2);
    let demand = Demand::default().and(loaded * 4, count).and(moved * 4, count);
    emitter.begin_layer();
    let Some(buffers) = demand.buffers(emitter) else {
        let (needed, available) = (demand.bytes(), LANE_BYTES);
        return Err(Reason::LocalMemory { needed, available, remedy: Remedy::Pictures });
    };
    let mut inputs = slots(&buffers[0]);
    let mut outputs = slots(&buffers[1]);
    let keys: Vec<usize> = (0..tiles.len()).collect();
    pipeline(
        emitter,
        &keys,
        |emitter, &key| {
            let (buffer, _) = inputs.get(key);
            emitter.gdma(load(spread, &tiles[key], from, buffer).load(), &[], &[buffer]);
            buffer
        },
        |emitter, &key, input: Buffer| {
            let (output, _) = outputs.get(key);
            emitter.tiu(place(spread, &tiles[key], input, output), &[input], &[output]);
            emitter.gdma(store(spread, &tiles[key], to, output).store(), &[output], &[]);
        },
    )
}

fn load(spread: &Spread, tile: &Tile, from: u64, buffer: Buffer) -> Move {
    let [third, last, span] = spread.loaded(tile.counts);
    let sizes = [third, tile.counts[0], last, span];
    let last_step = spread.last.unwrap_or(ONE).from;
    Move {
        format: Format::Word,
        sizes,
        ddr: from + 4 * tile.from as u64,
        ddr_strides: [spread.third.from, spread.lane.from, last_step, 1],
        local: buffer.offset,
        local_strides: Layout::local_aligned(sizes, 4, 0).strides,
    }
}

/// Sizes of what is stored.
fn placed(spread: &Spread, [lanes, third, near, last]: [usize; 4]) -> Sizes {
    match spread.last {
        Some(_) => [third, lanes, near, last],
        None => [1, lanes, third, near],
    }
}

fn place(spread: &Spread, tile: &Tile, input: Buffer, output: Buffer) -> Tiu {
    let sizes = placed(spread, tile.counts);
    let [third, last, span] = spread.loaded(tile.counts);
    let read = Layout::local_aligned([third, tile.counts[0], last, span], 4, 0).strides;
    let or_same = |stride: usize, step: Step| if step.from == 0 { 0 } else { stride };
    let third = or_same(read[0], spread.third);
    let strides = match spread.last {
        Some(last) => [third, read[1], spread.near.from, or_same(read[2], last)],
        None => [0, read[1], third, spread.near.from],
    };
    let view = |offset, strides| View { offset, strides, precision: Precision::F32, signed: true };
    let result = view(output.offset, Layout::local_aligned(sizes, 4, 0).strides);
    arithmetic(Op::Copy, sizes, result, Operand::At(view(input.offset, strides)), None)
}

fn store(spread: &Spread, tile: &Tile, to: u64, buffer: Buffer) -> Move {
    let sizes = placed(spread, tile.counts);
    let ddr_strides = match spread.last {
        Some(_) => [spread.third.to, spread.lane.to, spread.near.to, 1],
        None => [0, spread.lane.to, spread.third.to, 1],
    };
    Move {
        format: Format::Word,
        sizes,
        ddr: to + 4 * tile.to as u64,
        ddr_strides,
        local: buffer.offset,
        local_strides: Layout::local_aligned(sizes, 4, 0).strides,
    }
}
