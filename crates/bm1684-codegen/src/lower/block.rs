//! The commands of element-wise layers on what a tile has in each lane.

use bm1684_isa::commands::{Arithmetic, Precision};
use bm1684_isa::memory::{LANES, LINE_BYTES};
use umodel::{DType, Rescale};

use super::float::byte_of_table;
use crate::command::{Operand, Sizes, View, arithmetic, look_up, to_integer};
use crate::emit::{Buffer, Emitter};

/// Words of a lane's line.
pub(super) const LINE: usize = LINE_BYTES / 4;
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

/// A tile at work.
#[derive(Clone)]
pub(crate) struct Block {
    pub(super) lanes: usize,
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) images: usize,
    /// Whether the rows of a column are neighbours, instead of the columns of a row.
    pub(super) upright: bool,
    pub(super) inputs: Vec<Cell>,
    pub(super) temporaries: Vec<Cell>,
    pub(super) output: Cell,
    /// The layer's tables in L2 memory: what holds them, and the byte of the first.
    pub(super) tables: Option<(Buffer, u32)>,
}

/// A buffer, and what of a tile it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(super) buffer: Buffer,
    pub(super) extent: Extent,
    /// Words from a channel to the next one in the same lane; as many as there are, in whole lines, if not said.
    pub(super) plane: Option<usize>,
    /// Whether it has the first row only of what rows were brought together in.
    folded: bool,
}

impl Cell {
    /// What has an extent, in whole lines.
    pub(super) fn aligned(buffer: Buffer, extent: Extent) -> Cell {
        Cell { buffer, extent, plane: None, folded: false }
    }

    /// The first row of what rows were brought together in.
    pub(super) fn folded(self) -> Cell {
        Cell { folded: true, ..self }
    }

    /// A word for each index, with so many words from a channel to the next in its lane.
    pub(crate) fn plane_of(buffer: Buffer, plane: Option<usize>) -> Cell {
        Cell { plane, ..Cell::aligned(buffer, Extent::FULL) }
    }

    /// One word for each channel, each on a line of its own.
    pub(crate) fn word_of_channel(buffer: Buffer) -> Cell {
        Cell::aligned(buffer, Extent { rows: false, columns: false })
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

/// Narrow operand type of a stored dtype.
pub(super) fn is_signed(dtype: DType) -> bool {
    dtype == DType::I8
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
        let (rows, columns, upright) = (1, words, false);
        Block { lanes, rows, columns, images, upright, inputs, temporaries, output, tables }
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
        let Register { cell: Cell { buffer, extent, plane, .. }, precision, signed } = register;
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

    /// The same where columns stand upright: its rows and its columns.
    fn upright_view(&self, register: Register, rows: usize) -> (Sizes, View) {
        let Cell { extent, folded, .. } = register.cell;
        let [image, plane, ..] = self.view(register, extent).strides;
        let column = if extent.rows || folded { self.rows } else { 1 };
        let strides = [image, plane, usize::from(extent.rows), column];
        let sizes = [1, self.lanes, rows, self.columns];
        (sizes, View { strides, ..self.view(register, extent) })
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
        let folded = |value: Value| matches!(value, Value::In(b) if b.cell.folded);
        let apart = a.cell.extent != to || second != to || a.cell.folded || folded(b);
        let upright = self.upright && apart;
        // Without repeated words rows and columns are one run.
        let same = a.cell.extent == to && second == to;
        let rows = if to.rows && !same { self.rows } else { 1 };
        // Operands of the result's extent have strides for one run only.
        let whole = |register: Register| {
            if upright {
                return self.upright_view(register, 1).1;
            }
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
        let rows = if upright && to.rows { self.rows } else { rows };
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
        let folded = self.upright && !from.extent.rows && (from.folded || to.folded);
        let views = [to, from].map(|cell| match folded {
            true => self.upright_view(cell.f32(), 1).1,
            false => self.view(cell.f32(), cell.extent),
        });
        let sizes = self.words(from.extent);
        let command = arithmetic(Arithmetic::Copy, sizes, views[0], Operand::At(views[1]), None);
        emitter.tiu(command, &[from.buffer], &[to.buffer]);
    }

    /// `result = table[lowest byte of a]` for each word, with one of the block's tables.
    pub(super) fn look_up(&self, emitter: &mut Emitter, result: Cell, a: Cell, table: usize) {
        let Some((buffer, first)) = self.tables else { return };
        let a = self.side_by_side(emitter, result, a);
        let views = [result, a].map(|cell| self.view(cell.f32(), cell.extent));
        let place = first + byte_of_table(table);
        let command = look_up(self.words(a.extent), views[0], views[1], place);
        emitter.tiu(command, &[a.buffer, buffer], &[result.buffer]);
    }

    /// Words for commands that know no strides: those of what was brought together where columns stand upright are copied
    /// to the result first.
    fn side_by_side(&self, emitter: &mut Emitter, result: Cell, a: Cell) -> Cell {
        if !(self.upright && a.folded) {
            return a;
        }
        self.copy(emitter, result, a);
        result
    }

    /// `result = trunc(a)`, fp32 to i32.
    pub(super) fn to_integer(&self, emitter: &mut Emitter, result: Cell, a: Cell) {
        let a = self.side_by_side(emitter, result, a);
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
            let (sizes, first, row) = if self.upright {
                let (sizes, first) = self.upright_view(register, half);
                (sizes, first, 1)
            } else {
                ([images, self.lanes, 1, half * width], self.view(register, extent), width)
            };
            let last = View { offset: buffer.offset + 4 * left * row, ..first };
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
