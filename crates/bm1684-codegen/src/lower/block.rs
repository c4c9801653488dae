//! Element-wise layers: an iteration space, cut into tiles that are spread over lanes.
//!
//! A tile has rows and columns in each lane. Operands may be the same for all rows or for all columns; then one word
//! stands for them, and commands read it again and again. If an axis is folded, a tile has all of it as its rows.

use bm1684_isa::commands::{Arithmetic, Format, Precision, Tiu};
use bm1684_isa::memory::{LANE_BYTES, LANES, LINE_BYTES, Layout};
use umodel::{DType, Rescale};

use crate::command::{Move, Operand, Sizes, View, arithmetic};
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
    pub(super) kind: Kind,
    /// One for each axis of the space, in values; 0 if all indices read the same.
    pub(super) strides: Vec<usize>,
}

/// What is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Words.
    Words,
    /// Bytes of one image of a 4N blob, four bytes apart. They become fp32 when they are loaded; when words are stored,
    /// the lowest byte of each is taken.
    Bytes { signed: bool },
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
pub(super) struct Extent {
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
    /// What makes a tile smaller that does not fit.
    pub(super) remedy: Remedy,
}

impl Elements {
    /// Words of four images without gaps, from these addresses to that one.
    pub(super) fn integers(inputs: &[u64], output: u64, words: usize) -> Self {
        let port = |address: u64| Port { address, kind: Kind::Words, strides: vec![1] };
        Elements {
            sizes: vec![words],
            fold: None,
            inputs: inputs.iter().map(|&address| port(address)).collect(),
            output: port(output),
            folds: false,
            images: 4,
            temporaries: Vec::new(),
            remedy: Remedy::Bottoms,
        }
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
pub(super) struct Block {
    lanes: usize,
    rows: usize,
    columns: usize,
    images: usize,
    pub(super) inputs: Vec<Buffer>,
    pub(super) temporaries: Vec<Buffer>,
    pub(super) output: Buffer,
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
        let temporaries: Vec<Buffer> = temporaries.iter().flatten().copied().collect();
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
                        let command = match port.kind {
                            Kind::Words => movement.load(),
                            Kind::Bytes { .. } => movement.load_as_f32(),
                        };
                        emitter.gdma(command, &[], &[buffer]);
                        buffer
                    })
                    .collect::<Vec<Buffer>>()
            },
            |emitter, &number, inputs| {
                let tile = &tiles[number];
                let (output, _) = outputs.get(number);
                let block = Block {
                    lanes: tile.lanes,
                    rows: tile.rows,
                    columns: tile.columns,
                    images: self.images,
                    inputs,
                    temporaries: temporaries.clone(),
                    output,
                };
                compute(emitter, &block);
                let extent = Extent { rows: !self.folds, columns: true };
                let mut movement = movement(&self.output, &spread, tile, extent, output);
                if let Kind::Bytes { .. } = self.output.kind {
                    // The lowest byte of each word.
                    movement.local_strides = movement.local_strides.map(|stride| stride * 4);
                }
                emitter.gdma(movement.store(), &[output], &[]);
            },
        )
    }
}

fn movement(port: &Port, spread: &Spread, tile: &Tile, extent: Extent, buffer: Buffer) -> Move {
    let (format, unit) = match port.kind {
        Kind::Words => (Format::Word, 1),
        Kind::Bytes { signed: true } => (Format::I8, 4),
        Kind::Bytes { signed: false } => (Format::U8, 4),
    };
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
        format,
        sizes,
        ddr: port.address + 4 * first as u64,
        ddr_strides: [0, lane * unit, row * unit, unit],
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
    words: usize,
    by: Rescale,
    types: [DType; 2],
) -> Result<(), Reason> {
    emitter.begin_layer();
    let elements = Elements::integers(&[from], to, words).temporaries(&[2]);
    elements.lower(emitter, |emitter, block| {
        let (x, y) = ((block.inputs[0], types[0]), (block.output, types[1]));
        block.rescale(emitter, x, by, y, block.temporaries[0]);
    })
}

/// An operand in local memory.
pub(super) type Register = (Buffer, Precision, bool);

impl Block {
    /// Images, channels, height, width of a command on all indices.
    fn sizes(&self, precision: Precision) -> Sizes {
        let images = if precision.images_per_word() == 1 { 1 } else { self.images };
        [images, self.lanes, 1, self.rows * self.columns]
    }

    /// Sizes of a command on 32-bit words.
    pub(super) fn words(&self) -> Sizes {
        self.sizes(Precision::F32)
    }

    /// Words of a tile in a lane that has an extent.
    pub(super) fn count(&self, extent: Extent) -> usize {
        let rows = if extent.rows { self.rows } else { 1 };
        rows * if extent.columns { self.columns } else { 1 }
    }

    /// Sizes of a command on so many words.
    pub(super) fn sizes_of(&self, count: usize) -> Sizes {
        [1, self.lanes, 1, count]
    }

    /// The first words of a buffer as an operand.
    pub(super) fn run(&self, buffer: Buffer, precision: Precision, count: usize) -> View {
        let strides = Layout::local_aligned(self.sizes_of(count), 4, 0).strides;
        View { offset: buffer.offset, strides, precision, signed: true }
    }

    /// Copies so many words.
    pub(super) fn copy(&self, to: Buffer, from: Buffer, count: usize) -> Tiu {
        let [to, from] = [to, from].map(|buffer| self.run(buffer, Precision::F32, count));
        arithmetic(Arithmetic::Copy, self.sizes_of(count), to, Operand::At(from), None)
    }

    /// Brings so many fp32 words of a buffer, from one of its words on, into its first ones.
    pub(super) fn halves(
        &self,
        operation: Arithmetic,
        buffer: Buffer,
        count: usize,
        from: usize,
    ) -> Tiu {
        let first = self.run(buffer, Precision::F32, count);
        let last = View { offset: buffer.offset + 4 * from, ..first };
        let (a, b) = (Operand::At(first), Some(Operand::At(last)));
        arithmetic(operation, self.sizes_of(count), first, a, b)
    }

    /// How many rows there are.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// A buffer with words for all indices as an operand.
    pub(super) fn view(&self, buffer: Buffer, precision: Precision, signed: bool) -> View {
        let strides = Layout::local_aligned(self.words(), 4, 0).strides;
        View { offset: buffer.offset, strides, precision, signed }
    }

    /// A buffer of some extent as an operand of a command on rows and columns.
    fn spread(&self, (buffer, precision, signed): Register, extent: Extent) -> View {
        let plane = self.count(extent).next_multiple_of(LINE);
        let column = usize::from(extent.columns);
        let row = if !extent.rows {
            0
        } else if extent.columns {
            self.columns
        } else {
            1
        };
        let strides = [plane, plane, row, column];
        View { offset: buffer.offset, strides, precision, signed }
    }

    /// `result = a op b` for all indices; shifts as in the command.
    pub(super) fn compute(
        &self,
        emitter: &mut Emitter,
        operation: Arithmetic,
        result: Register,
        a: Register,
        b: Value,
        shifts: [u8; 2],
    ) {
        let full = Extent::FULL;
        self.combine(emitter, operation, (result, full), (a, full), (b, full), shifts);
    }

    /// The same for operands of any extent.
    pub(super) fn combine(
        &self,
        emitter: &mut Emitter,
        operation: Arithmetic,
        (result, to): (Register, Extent),
        (a, first): (Register, Extent),
        (b, second): (Value, Extent),
        [left, right]: [u8; 2],
    ) {
        let constant = !matches!(b, Value::In(..));
        let same = first == to && (constant || second == to);
        let images = if result.1.images_per_word() == 1 { 1 } else { self.images };
        // Without repeated words rows and columns are one run.
        let count = self.count(to);
        let sizes = match same {
            true => [images, self.lanes, 1, count],
            false => {
                let rows = if to.rows { self.rows } else { 1 };
                [images, self.lanes, rows, count / rows]
            }
        };
        let view = |register: Register, extent: Extent| {
            let view = self.spread(register, extent);
            let [plane, channel, ..] = view.strides;
            if same { View { strides: [plane, channel, count, 1], ..view } } else { view }
        };
        let (b, read) = match b {
            Value::In(buffer, precision, signed) => {
                (Operand::At(view((buffer, precision, signed), second)), Some(buffer))
            }
            Value::Integer(value, precision, signed) => {
                (Operand::Integer(value, precision, signed), None)
            }
            Value::Float(value) => (Operand::Float(value), None),
        };
        let (result_view, a_view) = (view(result, to), Operand::At(view(a, first)));
        let mut command = arithmetic(operation, sizes, result_view, a_view, Some(b));
        (command.opt_left_shift, command.opt_right_shift) = (left, right);
        // A shift of words is a logical one, that of narrower integers keeps the sign.
        if operation == Arithmetic::Shift && result.1 == Precision::I32 {
            command.opt_shift_typ = false;
        }
        let mut reads = vec![a.0];
        reads.extend(read);
        emitter.tiu(command, &reads, &[result.0]);
    }

    /// `x = x >> bits` in place, without rounding; the sign moves in if there is one.
    pub(super) fn shift_right(
        &self,
        emitter: &mut Emitter,
        (buffer, precision, signed): Register,
        bits: i32,
    ) {
        let view = self.view(buffer, precision, signed);
        let amount = Some(Operand::Integer(-bits, precision, true));
        let sizes = self.sizes(precision);
        let mut command = arithmetic(Arithmetic::Shift, sizes, view, Operand::At(view), amount);
        command.opt_shift_typ = signed;
        emitter.tiu(command, &[buffer], &[buffer]);
    }

    /// `result = sat(rsh(x · m, r))` for 8-bit x and result; `wide` is a temporary of two words, used only
    /// where the command's own saturation is of the other type.
    pub(super) fn rescale(
        &self,
        emitter: &mut Emitter,
        (x, from): (Buffer, DType),
        by: Rescale,
        (result, to): (Buffer, DType),
        wide: Buffer,
    ) {
        let signed = is_signed(from);
        let multiplier = i32::from(by.multiplier);
        // The result is unsigned if and only if both operands are.
        let direct = match to {
            DType::U8 => !signed && multiplier > 0,
            DType::I8 | DType::F32 => true,
        };
        let factor = Value::Integer(multiplier, Precision::I8, is_signed(to) || !direct);
        let x = (x, Precision::I8, signed);
        let shifts = [0, by.right_shift];
        if direct {
            let result = (result, Precision::I8, is_signed(to));
            self.compute(emitter, Arithmetic::Mul, result, x, factor, shifts);
        } else {
            let product = (wide, Precision::I16, true);
            self.compute(emitter, Arithmetic::Mul, product, x, factor, shifts);
            self.narrow(emitter, wide, (result, to));
        }
    }

    /// `result = sat(x)` for i16 x.
    pub(super) fn narrow(&self, emitter: &mut Emitter, x: Buffer, (result, to): (Buffer, DType)) {
        let wide = (x, Precision::I16, true);
        let signed = is_signed(to);
        if !signed {
            let zero = Value::Integer(0, Precision::I16, true);
            self.compute(emitter, Arithmetic::Max, wide, wide, zero, [0, 0]);
        }
        let zero = Value::Integer(0, Precision::I16, signed);
        let (x, result) = ((x, Precision::I16, signed), (result, Precision::I8, signed));
        self.compute(emitter, Arithmetic::Add, result, x, zero, [0, 0]);
    }
}

/// The second operand of an element-wise command.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value {
    In(Buffer, Precision, bool),
    Integer(i32, Precision, bool),
    Float(f32),
}
