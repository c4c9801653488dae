//! Element-wise layers: an iteration space, cut into tiles that are spread over lanes.
//!
//! A tile has rows and columns in each lane. Operands may be the same for all rows or for all columns; then one word
//! stands for them, and commands read it again and again. If an axis is folded, a tile has all of it as its rows.

use bm1684_isa::commands::Format;
use bm1684_isa::memory::{LANE_BYTES, LANES, Layout};
use umodel::quant::float::Space;
use umodel::{DType, Rescale};

use super::block::{Block, Cell, Extent, LINE};
use crate::command::Move;
use crate::emit::{Buffer, Emitter};
use crate::error::{Reason, Remedy};
use crate::schedule::{Demand, pipeline, slots};
use crate::tile::{chunks, flat};

/// The most words of a buffer in a lane: sizes of commands have 16 bits.
const MOST: usize = 1 << 15;
/// The most words of a vector of which a lane has several.
const MOST_UPRIGHT: usize = 128;

/// Where words come from or go to, and how far apart neighbours along each axis of the space are.
#[derive(Clone, Debug)]
pub(super) struct Port {
    /// Address of the first one.
    pub(super) address: u64,
    /// One for each axis of the space, in values; 0 if all indices read the same.
    pub(super) strides: Vec<usize>,
}

/// Distances along all axes of a space without gaps.
pub(super) fn dense(sizes: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; sizes.len()];
    for axis in (1..sizes.len()).rev() {
        strides[axis - 1] = strides[axis] * sizes[axis];
    }
    strides
}

/// A temporary buffer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Temporary {
    pub(super) extent: Extent,
    /// Words for each index: two for 16-bit values of four images.
    pub(super) words: usize,
}

impl Temporary {
    /// So many words for each index.
    pub(super) fn words(words: usize) -> Self {
        Temporary { extent: Extent::FULL, words }
    }
}

/// An element-wise layer, or a part of one.
#[derive(Clone, Debug)]
pub(super) struct Elements {
    /// The space, outer axes first. There is at least one axis.
    pub(super) sizes: Vec<usize>,
    /// The axis that a tile has all of, as its rows.
    pub(super) fold: Option<usize>,
    pub(super) inputs: Vec<Port>,
    pub(super) output: Port,
    /// Whether the output is one word for all rows.
    pub(super) folds: bool,
    /// Images that share a word, for commands on 8- or 16-bit integers.
    pub(super) images: usize,
    pub(super) temporaries: Vec<Temporary>,
    /// Tables in L2 memory: what holds them, and the byte of the first.
    pub(super) tables: Option<(Buffer, u32)>,
    /// What makes a tile smaller that does not fit.
    pub(super) remedy: Remedy,
}

impl Elements {
    /// Words of four images without gaps, from these addresses to that one.
    pub(super) fn integers(inputs: &[u64], output: u64, words: usize) -> Self {
        let port = |address: u64| Port { address, strides: vec![1] };
        Elements {
            sizes: vec![words],
            fold: None,
            inputs: inputs.iter().map(|&address| port(address)).collect(),
            output: port(output),
            folds: false,
            images: 4,
            temporaries: Vec::new(),
            tables: None,
            remedy: Remedy::Bottoms,
        }
    }

    /// With so many images in all, of which four or fewer share each word.
    pub(super) fn of_images(self, images: usize) -> Self {
        Elements { images: images.min(4), ..self }
    }

    /// With neighbouring axes joined where all ports allow it.
    pub(super) fn joined(mut self) -> Self {
        let all = self.inputs.iter().chain([&self.output]);
        let strides: Vec<&[usize]> = all.map(|port| port.strides.as_slice()).collect();
        let mut space = Space::new(&self.sizes, self.fold).joined(&strides);
        // Columns are neighbours in all ports. Where the last axis is not, there is one column.
        if space.strides.iter().any(|strides| strides.last().is_some_and(|&stride| stride > 1)) {
            space.sizes.push(1);
            space.strides.iter_mut().for_each(|strides| strides.push(0));
        }
        let mut strides = space.strides.into_iter();
        for port in self.inputs.iter_mut().chain([&mut self.output]) {
            port.strides = strides.next().unwrap_or_default();
        }
        Elements { sizes: space.sizes, fold: space.fold, ..self }
    }

    /// With temporary buffers of so many words for each index.
    pub(super) fn temporaries(self, words: &[usize]) -> Self {
        let temporaries = words.iter().map(|&words| Temporary::words(words)).collect();
        Elements { temporaries, ..self }
    }
}

/// How a space is spread.
#[derive(Clone, Copy, Debug)]
struct Spread {
    /// The axis that goes over lanes; none if that is a share of the columns' axis.
    lane: Option<usize>,
    rows: Option<usize>,
    columns: Option<usize>,
    /// Whether the rows of a column are neighbours, and a lane has several such columns one behind the other.
    upright: bool,
}

/// What is computed at once.
#[derive(Clone, Debug)]
struct Tile {
    /// The first index along each axis.
    starts: Vec<usize>,
    lanes: usize,
    rows: usize,
    columns: usize,
}

impl Elements {
    fn spread(&self) -> Spread {
        let axes = self.sizes.len();
        if self.is_upright() {
            let (rows, columns) = (self.fold, axes.checked_sub(2));
            return Spread { lane: None, rows, columns, upright: true };
        }
        let columns = (axes - 1..axes).find(|&axis| self.fold != Some(axis));
        let others = (0..axes).filter(|&axis| self.fold != Some(axis) && Some(axis) != columns);
        let lane = others.clone().max_by_key(|&axis| self.sizes[axis].min(LANES));
        let length = |axis: Option<usize>| axis.map_or(0, |axis| self.sizes[axis].min(LANES));
        let lane = lane.filter(|_| length(lane) > length(columns) / 2);
        let rows = self.fold.or_else(|| others.rev().find(|&axis| Some(axis) != lane));
        Spread { lane, rows, columns, upright: false }
    }

    /// Whether short vectors stand one behind the other in DDR, more than lanes could take one by one.
    fn is_upright(&self) -> bool {
        let [.., count, length] = self.sizes[..] else { return false };
        let neighbours = |port: &Port| {
            let [.., column, row] = port.strides[..] else { return false };
            [column, row] == [length, 1] || [column, row] == [1, 0]
        };
        self.fold == Some(self.sizes.len() - 1)
            && !self.folds
            && count > LANES
            && (2..=MOST_UPRIGHT).contains(&length)
            && self.inputs.iter().chain([&self.output]).all(neighbours)
    }

    fn extent(&self, port: &Port, spread: &Spread) -> Extent {
        let varies = |axis: Option<usize>| axis.is_some_and(|axis| port.strides[axis] > 0);
        Extent { rows: varies(spread.rows), columns: varies(spread.columns) }
    }

    /// What a tile has of each input.
    pub(super) fn input_extents(&self) -> Vec<Extent> {
        let spread = self.spread();
        self.inputs.iter().map(|port| self.extent(port, &spread)).collect()
    }

    /// Buffers for tiles of this size: the output, each input, the temporary ones.
    fn demand(&self, spread: &Spread, [rows, columns]: [usize; 2], double: usize) -> Demand {
        let bytes = |extent: Extent, words: usize| {
            let rows = if extent.rows { rows } else { 1 };
            let columns = if extent.columns { columns } else { 1 };
            (rows * columns).next_multiple_of(LINE) * words * 4
        };
        let output = Extent { rows: !self.folds, columns: true };
        let mut demand = Demand::default().and(bytes(output, 1), double);
        for port in &self.inputs {
            demand = demand.and(bytes(self.extent(port, spread), 1), double);
        }
        for temporary in &self.temporaries {
            demand = demand.and(bytes(temporary.extent, temporary.words), 1);
        }
        demand
    }

    /// Rows and columns of a tile: as many as fit.
    fn size(&self, spread: &Spread) -> [usize; 2] {
        let count = |axis: Option<usize>| axis.map_or(1, |axis| self.sizes[axis]);
        let all_rows = count(spread.rows);
        let all_columns = match spread.lane {
            Some(_) => count(spread.columns),
            None if spread.upright => count(spread.columns).div_ceil(LANES),
            None => count(spread.columns).div_ceil(LANES).next_multiple_of(LINE),
        };
        let fits = |rows: usize, columns: usize| {
            rows * columns <= MOST && self.demand(spread, [rows, columns], 2).fits()
        };
        let (mut rows, mut columns) = (all_rows, all_columns);
        while !fits(rows, columns) && (columns > 1 || (self.fold.is_none() && rows > 1)) {
            if self.fold.is_none() && rows > 1 {
                rows = rows.div_ceil(2);
            } else if columns > LINE {
                columns = columns.div_ceil(2).next_multiple_of(LINE).min(columns - 1);
            } else {
                columns = columns.div_ceil(2);
            }
        }
        [rows, columns]
    }

    fn tiles(&self, spread: &Spread, [rows, columns]: [usize; 2]) -> Vec<Tile> {
        // Ranges along each axis; an axis without a part in a tile goes index by index.
        let step = |axis: usize| match Some(axis) {
            part if part == spread.columns => columns,
            part if part == spread.rows => rows,
            part if part == spread.lane => LANES,
            _ => 1,
        };
        let mut tiles = vec![Tile { starts: Vec::new(), lanes: 1, rows: 1, columns: 1 }];
        for axis in 0..self.sizes.len() {
            let pieces: Vec<(usize, usize, usize)> =
                if spread.lane.is_none() && Some(axis) == spread.columns {
                    let pieces = flat(self.sizes[axis], columns).into_iter();
                    pieces.map(|piece| (piece.start, piece.lanes, piece.width)).collect()
                } else {
                    let pieces = chunks(self.sizes[axis], step(axis)).into_iter();
                    pieces.map(|piece| (piece.start, 1, piece.len())).collect()
                };
            let longer = |tile: &Tile| {
                let longer = pieces.iter().map(|&(start, lanes, length)| {
                    let mut tile = tile.clone();
                    tile.starts.push(start);
                    tile.lanes *= lanes;
                    match Some(axis) {
                        part if part == spread.columns => tile.columns = length,
                        part if part == spread.rows => tile.rows = length,
                        part if part == spread.lane => tile.lanes = length,
                        _ => {}
                    }
                    tile
                });
                longer.collect::<Vec<_>>()
            };
            tiles = tiles.iter().flat_map(longer).collect();
        }
        tiles
    }

    /// Adds commands for all indices; `compute` adds those of one tile.
    pub(super) fn lower(
        &self,
        emitter: &mut Emitter,
        mut compute: impl FnMut(&mut Emitter, &Block),
    ) -> Result<(), Reason> {
        let spread = self.spread();
        let size = self.size(&spread);
        let tiles = self.tiles(&spread, size);
        let double = self.demand(&spread, size, 2);
        let demand = if double.fits() { tiles.len().min(2) } else { 1 };
        let demand = self.demand(&spread, size, demand);
        let Some(buffers) = demand.buffers(emitter) else {
            let (needed, remedy) = (demand.bytes(), self.remedy);
            return Err(Reason::LocalMemory { needed, available: LANE_BYTES, remedy });
        };
        let (outputs, rest) = buffers.split_at(1);
        let (inputs, temporaries) = rest.split_at(self.inputs.len());
        let temporaries = temporaries.iter().flatten().zip(&self.temporaries);
        let temporaries: Vec<Cell> = temporaries
            .map(|(&buffer, temporary)| Cell::aligned(buffer, temporary.extent))
            .collect();
        let extents = self.input_extents();
        let mut inputs: Vec<_> = inputs.iter().map(|pair| slots(pair)).collect();
        let mut outputs = slots(&outputs[0]);
        let numbers: Vec<usize> = (0..tiles.len()).collect();
        pipeline(
            emitter,
            &numbers,
            |emitter, &number| {
                let ports = self.inputs.iter().zip(&mut inputs).zip(&extents);
                ports
                    .map(|((port, slots), &extent)| {
                        let (buffer, _) = slots.get(number);
                        let movement = movement(port, &spread, &tiles[number], extent, buffer);
                        emitter.gdma(movement.load(), &[], &[buffer]);
                        Cell::aligned(buffer, extent)
                    })
                    .collect::<Vec<Cell>>()
            },
            |emitter, &number, inputs| {
                let tile = &tiles[number];
                let (output, _) = outputs.get(number);
                let extent = Extent { rows: !self.folds, columns: true };
                let block = Block {
                    upright: spread.upright,
                    lanes: tile.lanes,
                    rows: tile.rows,
                    columns: tile.columns,
                    images: self.images,
                    inputs,
                    temporaries: temporaries.clone(),
                    output: Cell::aligned(output, extent),
                    tables: self.tables,
                };
                compute(emitter, &block);
                let movement = movement(&self.output, &spread, tile, extent, output);
                emitter.gdma(movement.store(), &[output], &[]);
            },
        )
    }
}

fn movement(port: &Port, spread: &Spread, tile: &Tile, extent: Extent, buffer: Buffer) -> Move {
    let stride = |axis: Option<usize>| axis.map_or(0, |axis| port.strides[axis]);
    let lane = match spread.lane {
        Some(_) => stride(spread.lane),
        None => stride(spread.columns) * tile.columns,
    };
    let first: usize = tile.starts.iter().zip(&port.strides).map(|(a, b)| a * b).sum();
    let rows = if extent.rows { tile.rows } else { 1 };
    let columns = if extent.columns { tile.columns } else { 1 };
    let (row, column) = (stride(spread.rows), stride(spread.columns));
    // Rows of one word that are neighbours are one run, and so are upright columns.
    let (rows, columns, row) = if spread.upright || columns == 1 && row == 1 {
        (1, rows * columns, rows * columns)
    } else {
        debug_assert!(column <= 1, "columns are neighbours");
        (rows, columns, row)
    };
    let sizes = [1, tile.lanes, rows, columns];
    Move {
        format: Format::Word,
        sizes,
        ddr: port.address + 4 * first as u64,
        ddr_strides: [0, lane, row, 1],
        local: buffer.offset,
        local_strides: Layout::local_aligned(sizes, 4, 0).strides,
    }
}

/// Brings so many words of four images from one format to another.
pub(super) fn rescale_words(
    emitter: &mut Emitter,
    [from, to]: [u64; 2],
    [images, words]: [usize; 2],
    by: Rescale,
    types: [DType; 2],
) -> Result<(), Reason> {
    emitter.begin_layer();
    let elements = Elements::integers(&[from], to, words).of_images(images).temporaries(&[2]);
    elements.lower(emitter, |emitter, block| {
        let (x, y) = ((block.inputs[0], types[0]), (block.output, types[1]));
        block.rescale(emitter, x, by, y, block.temporaries[0]);
    })
}
