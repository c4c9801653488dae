//! Element-wise layers: an iteration space, cut into tiles that are spread over lanes.
//!
//! A tile has rows and columns in each lane. Operands may be the same for all rows or for all columns; then one word
//! stands for them, and commands read it again and again. If an axis is folded, a tile has all of it as its rows.

use bm1684_isa::commands::{Arithmetic, Format, Precision};
use bm1684_isa::memory::{LANE_BYTES, LANES, LINE_BYTES, Layout};
use umodel::quant::float::Space;
use umodel::{DType, Rescale};

use super::float::byte_of_table;
use crate::command::{Move, Operand, Sizes, View, arithmetic, look_up, to_integer};
use crate::emit::{Buffer, Emitter};
use crate::error::{Reason, Remedy};
use crate::schedule::{Demand, pipeline, slots};
use crate::tile::{chunks, flat};

/// Words of a lane's line.
const LINE: usize = LINE_BYTES / 4;
/// The most words of a buffer in a lane: sizes of commands have 16 bits.
const MOST: usize = 1 << 15;

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

/// Words that a tile has for each index of the space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    /// Whether there is one for each row, or one for all.
    pub(super) rows: bool,
    /// Whether there is one for each column, or one for all.
    pub(super) columns: bool,
}

impl Extent {
    pub(super) const FULL: Extent = Extent { rows: true, columns: true };

    /// What a result of two operands has.
    pub(super) fn and(self, other: Extent) -> Extent {
        Extent { rows: self.rows || other.rows, columns: self.columns || other.columns }
    }
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

/// A tile at work.
#[derive(Clone)]
pub(crate) struct Block {
    lanes: usize,
    rows: usize,
    columns: usize,
    images: usize,
    pub(super) inputs: Vec<Cell>,
    pub(super) temporaries: Vec<Cell>,
    pub(super) output: Cell,
    /// The layer's tables in L2 memory: what holds them, and the byte of the first.
    tables: Option<(Buffer, u32)>,
}

/// A buffer, and what of a tile it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(super) buffer: Buffer,
    pub(super) extent: Extent,
    /// Words from a channel to the next one in the same lane; as many as there are, in whole lines, if not said.
    pub(super) plane: Option<usize>,
}

impl Cell {
    /// A word for each index, with so many words from a channel to the next in its lane.
    pub(crate) fn plane_of(buffer: Buffer, plane: Option<usize>) -> Cell {
        Cell { buffer, extent: Extent::FULL, plane }
    }

    /// One word for each channel, each on a line of its own.
    pub(crate) fn word_of_channel(buffer: Buffer) -> Cell {
        Cell { buffer, extent: Extent { rows: false, columns: false }, plane: None }
    }

    /// The same buffer, of which no more is used than this.
    pub(super) fn with(self, extent: Extent) -> Cell {
        Cell { extent, ..self }
    }

    /// Its bytes.
    pub(super) fn i8(self, signed: bool) -> Register {
        Register { cell: self, precision: Precision::I8, signed }
    }

    /// Its half words.
    pub(super) fn i16(self, signed: bool) -> Register {
        Register { cell: self, precision: Precision::I16, signed }
    }

    /// Its words as integers.
    pub(super) fn i32(self) -> Register {
        Register { cell: self, precision: Precision::I32, signed: true }
    }

    /// Its words as fp32.
    pub(super) fn f32(self) -> Register {
        Register { cell: self, precision: Precision::F32, signed: true }
    }
}

/// An operand of a command.
#[derive(Clone, Copy, Debug)]
pub(super) struct Register {
    pub(super) cell: Cell,
    pub(super) precision: Precision,
    pub(super) signed: bool,
}

/// The second operand of an element-wise command.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value {
    In(Register),
    Integer(i32, Precision, bool),
    Float(f32),
}

impl Elements {
    fn spread(&self) -> Spread {
        let axes = self.sizes.len();
        let columns = (axes - 1..axes).find(|&axis| self.fold != Some(axis));
        let others = (0..axes).filter(|&axis| self.fold != Some(axis) && Some(axis) != columns);
        let lane = others.clone().max_by_key(|&axis| self.sizes[axis].min(LANES));
        let length = |axis: Option<usize>| axis.map_or(0, |axis| self.sizes[axis].min(LANES));
        let lane = lane.filter(|_| length(lane) > length(columns) / 2);
        let rows = self.fold.or_else(|| others.rev().find(|&axis| Some(axis) != lane));
        Spread { lane, rows, columns }
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
            .map(|(&buffer, temporary)| Cell { buffer, extent: temporary.extent, plane: None })
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
                        Cell { buffer, extent, plane: None }
                    })
                    .collect::<Vec<Cell>>()
            },
            |emitter, &number, inputs| {
                let tile = &tiles[number];
                let (output, _) = outputs.get(number);
                let extent = Extent { rows: !self.folds, columns: true };
                let block = Block {
                    lanes: tile.lanes,
                    rows: tile.rows,
                    columns: tile.columns,
                    images: self.images,
                    inputs,
                    temporaries: temporaries.clone(),
                    output: Cell { buffer: output, extent, plane: None },
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
    // Rows of one word that are neighbours are one run.
    let (rows, columns, row) =
        if columns == 1 && row == 1 { (1, rows, rows) } else { (rows, columns, row) };
    debug_assert!(column <= 1, "columns are neighbours");
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

/// Narrow operand type of a stored dtype.
pub(super) fn is_signed(dtype: DType) -> bool {
    dtype == DType::I8
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

impl Block {
    /// Words of so many channels, each of whose planes is one run of words.
    pub(crate) fn of_planes(
        [lanes, images, words]: [usize; 3],
        inputs: Vec<Cell>,
        temporaries: Vec<Cell>,
        output: Cell,
        tables: Option<(Buffer, u32)>,
    ) -> Block {
        Block { lanes, rows: 1, columns: words, images, inputs, temporaries, output, tables }
    }

    /// Images that share a word.
    pub(super) fn images(&self) -> usize {
        self.images
    }

    /// Words of a tile in a lane that has an extent.
    fn count(&self, extent: Extent) -> usize {
        let rows = if extent.rows { self.rows } else { 1 };
        rows * if extent.columns { self.columns } else { 1 }
    }

    /// Sizes of a command on the words of an extent.
    fn words(&self, extent: Extent) -> Sizes {
        [1, self.lanes, 1, self.count(extent)]
    }

    /// A register as an operand of a command whose result has an extent.
    fn view(&self, register: Register, result: Extent) -> View {
        let Register { cell: Cell { buffer, extent, plane }, precision, signed } = register;
        let plane = plane.unwrap_or(self.count(extent).next_multiple_of(LINE));
        let image = plane * self.lanes.div_ceil(LANES);
        let strides = if extent == result {
            [image, plane, self.count(extent), 1]
        } else {
            let row = match extent {
                Extent { rows: false, .. } => 0,
                Extent { columns: true, .. } => self.columns,
                Extent { columns: false, .. } => 1,
            };
            [image, plane, row, usize::from(extent.columns)]
        };
        View { offset: buffer.offset, strides, precision, signed }
    }

    /// `result = a op b`; shifts to the left and to the right as in the command. The result's extent is that of both
    /// operands together.
    pub(super) fn compute(
        &self,
        emitter: &mut Emitter,
        operation: Arithmetic,
        result: Register,
        a: Register,
        b: Value,
        [left, right]: [u8; 2],
    ) {
        let to = result.cell.extent;
        let second = match b {
            Value::In(b) => b.cell.extent,
            Value::Integer(..) | Value::Float(_) => to,
        };
        let images = if result.precision.images_per_word() == 1 { 1 } else { self.images };
        let count = self.count(to);
        // Without repeated words rows and columns are one run.
        let same = a.cell.extent == to && second == to;
        let rows = if to.rows && !same { self.rows } else { 1 };
        // Operands of the result's extent have strides for one run only.
        let whole = |register: Register| {
            let view = self.view(register, to);
            let [image, channel, row, column] = view.strides;
            let row = if register.cell.extent == to { count / rows } else { row };
            View { strides: [image, channel, row, column], ..view }
        };
        let (b, read) = match b {
            Value::In(b) => (Operand::At(whole(b)), Some(b.cell.buffer)),
            Value::Integer(value, precision, signed) => {
                (Operand::Integer(value, precision, signed), None)
            }
            Value::Float(value) => (Operand::Float(value), None),
        };
        let sizes = [images, self.lanes, rows, count / rows];
        let (result_view, a_view) = (whole(result), Operand::At(whole(a)));
        let mut command = arithmetic(operation, sizes, result_view, a_view, Some(b));
        (command.opt_left_shift, command.opt_right_shift) = (left, right);
        let mut reads = vec![a.cell.buffer];
        reads.extend(read);
        emitter.tiu(command, &reads, &[result.cell.buffer]);
    }

    /// `x = x >> bits` in place, without rounding; the sign moves in if there is one.
    pub(super) fn shift_right(&self, emitter: &mut Emitter, x: Register, bits: i32) {
        let amount = Value::Integer(-bits, x.precision, true);
        self.compute(emitter, Arithmetic::Shift, x, x, amount, [0, 0]);
    }

    /// Copies the words of a cell.
    pub(super) fn copy(&self, emitter: &mut Emitter, to: Cell, from: Cell) {
        let views = [to, from].map(|cell| self.view(cell.f32(), cell.extent));
        let sizes = self.words(from.extent);
        let command = arithmetic(Arithmetic::Copy, sizes, views[0], Operand::At(views[1]), None);
        emitter.tiu(command, &[from.buffer], &[to.buffer]);
    }

    /// `result = table[lowest byte of a]` for each word, with one of the block's tables.
    pub(super) fn look_up(&self, emitter: &mut Emitter, result: Cell, a: Cell, table: usize) {
        let Some((buffer, first)) = self.tables else { return };
        let views = [result, a].map(|cell| self.view(cell.f32(), cell.extent));
        let place = first + byte_of_table(table);
        let command = look_up(self.words(a.extent), views[0], views[1], place);
        emitter.tiu(command, &[a.buffer, buffer], &[result.buffer]);
    }

    /// `result = trunc(a)`, fp32 to i32.
    pub(super) fn to_integer(&self, emitter: &mut Emitter, result: Cell, a: Cell) {
        let to = self.view(result.i32(), result.extent);
        let from = self.view(a.f32(), a.extent);
        emitter.tiu(to_integer(self.words(a.extent), to, from), &[a.buffer], &[result.buffer]);
    }

    /// Brings all rows of a register together in its first one: the last half of them into the first until one is left.
    pub(super) fn fold(&self, emitter: &mut Emitter, operation: Arithmetic, register: Register) {
        let Cell { buffer, extent, .. } = register.cell;
        let width = self.count(Extent { rows: false, ..extent });
        let images = if register.precision.images_per_word() == 1 { 1 } else { self.images };
        let mut left = if extent.rows { self.rows } else { 1 };
        while left > 1 {
            let half = left / 2;
            left -= half;
            let first = self.view(register, extent);
            let last = View { offset: buffer.offset + 4 * left * width, ..first };
            let sizes = [images, self.lanes, 1, half * width];
            let (a, b) = (Operand::At(first), Some(Operand::At(last)));
            let command = arithmetic(operation, sizes, first, a, b);
            emitter.tiu(command, &[buffer], &[buffer]);
        }
    }

    /// `result = sat(rsh(x · m, r))` for 8-bit x and result of one extent; `wide` is a temporary of two words, used only
    /// where the command's own saturation is of the other type.
    pub(crate) fn rescale(
        &self,
        emitter: &mut Emitter,
        (x, from): (Cell, DType),
        by: Rescale,
        (result, to): (Cell, DType),
        wide: Cell,
    ) {
        let signed = is_signed(from);
        let multiplier = i32::from(by.multiplier);
        // The result is unsigned if and only if both operands are.
        let direct = match to {
            DType::U8 => !signed && multiplier > 0,
            DType::I8 | DType::F32 => true,
        };
        let factor = Value::Integer(multiplier, Precision::I8, is_signed(to) || !direct);
        let shifts = [0, by.right_shift];
        if direct {
            let result = result.i8(is_signed(to));
            self.compute(emitter, Arithmetic::Mul, result, x.i8(signed), factor, shifts);
        } else {
            let product = wide.with(x.extent);
            self.compute(emitter, Arithmetic::Mul, product.i16(true), x.i8(signed), factor, shifts);
            self.narrow(emitter, product, (result, to), 0);
        }
    }

    /// `result = sat(rsh(x, r))` for i16 x.
    pub(super) fn narrow(
        &self,
        emitter: &mut Emitter,
        x: Cell,
        (result, to): (Cell, DType),
        right_shift: u8,
    ) {
        let signed = is_signed(to);
        if !signed {
            let zero = Value::Integer(0, Precision::I16, true);
            self.compute(emitter, Arithmetic::Max, x.i16(true), x.i16(true), zero, [0, 0]);
        }
        let zero = Value::Integer(0, Precision::I16, signed);
        let shifts = [0, right_shift];
        self.compute(emitter, Arithmetic::Add, result.i8(signed), x.i16(signed), zero, shifts);
    }
}
