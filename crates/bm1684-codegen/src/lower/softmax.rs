use bm1684_isa::commands::{Arithmetic as Op, Direction, Format, Precision};
use bm1684_isa::memory::{L2_BASE, LANE_BYTES, LANES, Layout};
use umodel::Arithmetic;
use umodel::layers::Softmax;
use umodel::quant::softmax::{
    COEFFICIENTS, EXPONENT, FLOOR, MANTISSA_SHIFT, ROUND, powers, reciprocals,
};

use super::{Job, Lower};
use crate::command::{Move, Operand, View, arithmetic, copy, look_up};
use crate::emit::{Buffer, Emitter};
use crate::error::{Int8Form, Reason, Remedy, Size};
use crate::form::Form;
use crate::schedule::{Demand, pipeline, slots};
use crate::tile::{chunks, flat};

/// Byte of L2 memory where the vendor's compiler puts its own tables.
const TABLES: u32 = 0x32_3800;
/// Byte of L2 memory behind the first table.
const SECOND_TABLE: u32 = TABLES + 0x400;
/// Bytes of a table.
const TABLE_BYTES: usize = 1024;
/// Words of a tile in a lane that leave room for all buffers in banks of their own.
const TILE_WORDS: usize = 1 << 14;
/// The most classes: their number is a size in a command.
const MAX_CLASSES: usize = 1 << 15;
/// Positions of a tile in a lane.
const TILE_POSITIONS: usize = 1 << 12;

/// Positions of the bottom that share a tile: `lanes` times `width`, each with all its classes.
#[derive(Clone, Copy, Debug)]
struct Tile {
    /// First word.
    start: usize,
    lanes: usize,
    /// Words from one lane's first to the next's.
    lane_step: usize,
    width: usize,
}

impl Lower for Softmax {
    fn forms() -> &'static [Form] {
        &[Form::Softmax, Form::StridedSoftmax]
    }

    fn computes_float(&self) -> bool {
        true
    }

    /// See [`umodel::quant::softmax`] for the arithmetic.
    fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
        let Arithmetic::Float = job.site.arithmetic() else {
            return Err(job.site.without_code(Int8Form::Type));
        };
        let shape = job.site.bottom_shape(0);
        let Ok([outer, classes, inner]) = self.matrix(shape) else {
            unreachable!("the top has a shape")
        };
        if classes > MAX_CLASSES {
            let (size, found) = (Size::Classes, classes);
            return Err(Reason::Size { size, found, limit: MAX_CLASSES });
        }
        let width = (TILE_WORDS / classes).clamp(1, TILE_POSITIONS);
        let tiles = tiles([outer, classes, inner], width);
        let demand = |double: usize| {
            let whole = classes * width.min(inner) * 4;
            Demand::default()
                .and(whole, double)
                .and(whole, double)
                .and(whole, 1)
                .and(whole, 1)
                .and(width.min(inner) * 4, 2)
        };
        let demand = if demand(2).fits() { demand(tiles.len().min(2)) } else { demand(1) };
        let tables = [powers(), reciprocals()].concat();
        let tables: Vec<u8> = tables.iter().flat_map(|value| value.to_le_bytes()).collect();
        let tables = job.coefficients(&tables);
        let (input, output) = (job.bottom(0), job.top(0));
        let emitter = &mut *job.emitter;
        let Some(buffers) = demand.buffers(emitter) else {
            let needed = demand.bytes();
            let (available, remedy) = (LANE_BYTES, Remedy::Classes);
            return Err(Reason::LocalMemory { needed, available, remedy });
        };
        let table = emitter.tables(2 * TABLE_BYTES);
        let words = [1, 1, 1, 2 * TABLE_BYTES / 4];
        let side = |address| (address, words, [0, 0, words[3], 1], Format::Word);
        let place = L2_BASE + u64::from(TABLES);
        emitter.gdma(copy(Direction::DdrToDdr, side(tables), side(place)), &[], &[table]);
        let mut inputs = slots(&buffers[0]);
        let mut outputs = slots(&buffers[1]);
        let movement = |tile: &Tile, address: u64, buffer: Buffer| {
            let sizes = [1, tile.lanes, classes, tile.width];
            // Classes of single positions are one run.
            let (sizes, strides) = if inner == 1 {
                ([1, tile.lanes, 1, classes], [0, tile.lane_step, classes, 1])
            } else {
                (sizes, [0, tile.lane_step, inner, 1])
            };
            Move {
                format: Format::Word,
                sizes,
                ddr: address + 4 * tile.start as u64,
                ddr_strides: strides,
                local: buffer.offset,
                local_strides: Layout::local_aligned(sizes, 4, 0).strides,
            }
        };
        pipeline(
            emitter,
            &tiles,
            |emitter, tile| {
                let (buffer, _) = inputs.get(tile.start);
                emitter.gdma(movement(tile, input, buffer).load(), &[], &[buffer]);
                buffer
            },
            |emitter, tile, x| {
                let (y, _) = outputs.get(tile.start);
                let (lanes, width) = (tile.lanes, tile.width);
                let math = Math { emitter, table, lanes, classes, width };
                math.softmax([x, y, buffers[2][0], buffers[3][0], buffers[4][0], buffers[4][1]]);
                emitter.gdma(movement(tile, output, y).store(), &[y], &[]);
            },
        )?;
        Ok(if inner == 1 { Form::Softmax } else { Form::StridedSoftmax })
    }
}

/// Tiles of positions: of one row for each outer index, spread over lanes.
fn tiles([outer, classes, inner]: [usize; 3], width: usize) -> Vec<Tile> {
    if inner == 1 {
        let tile = |rows: std::ops::Range<usize>| Tile {
            start: rows.start * classes,
            lanes: rows.len(),
            lane_step: classes,
            width: 1,
        };
        return chunks(outer, LANES).into_iter().map(tile).collect();
    }
    let pieces = flat(inner, width);
    let tile = |row: usize| {
        pieces.iter().map(move |piece| Tile {
            start: row * classes * inner + piece.start,
            lanes: piece.lanes,
            lane_step: piece.width,
            width: piece.width,
        })
    };
    (0..outer).flat_map(tile).collect()
}

/// The commands of one tile.
struct Math<'a> {
    emitter: &'a mut Emitter,
    table: Buffer,
    lanes: usize,
    classes: usize,
    width: usize,
}

impl Math<'_> {
    fn softmax(mut self, [x, y, t, k, u, v]: [Buffer; 6]) {
        let (all, width) = (self.classes * self.width, self.width);
        let float = Operand::Float;
        // The largest value, in the first words of t.
        self.float(Op::Max, all, t, x, float(f32::MIN));
        self.fold(Op::Max, t);
        self.spread(Op::Sub, y, x, t);
        self.float(Op::Max, all, y, y, float(FLOOR));
        // e^d: the integer part by a table, the rest by a polynomial.
        self.float(Op::Add, all, t, y, float(ROUND));
        self.look_up(all, k, t, TABLES);
        self.float(Op::Sub, all, t, t, float(ROUND));
        self.both(Op::Sub, all, y, y, t);
        let [first, rest @ ..] = COEFFICIENTS;
        self.float(Op::Mul, all, t, y, float(first));
        for coefficient in rest {
            self.float(Op::Add, all, t, t, float(coefficient));
            self.both(Op::Mul, all, t, t, y);
        }
        self.float(Op::Add, all, t, t, float(1.0));
        self.both(Op::Mul, all, y, t, k);
        // The sum, in the first words of t.
        self.float(Op::Mul, all, t, y, float(1.0));
        self.fold(Op::Add, t);
        // Its reciprocal, in u.
        self.bits(Op::Shift, width, u, t, -MANTISSA_SHIFT.cast_signed());
        self.look_up(width, u, u, SECOND_TABLE);
        self.bits(Op::And, width, v, t, EXPONENT.cast_signed());
        self.bits(Op::Xor, width, v, v, EXPONENT.cast_signed());
        self.both(Op::Mul, width, u, u, v);
        for _ in 0..2 {
            self.both(Op::Mul, width, v, t, u);
            // 2 − v: changing the sign is exact.
            self.float(Op::Mul, width, v, v, float(-1.0));
            self.float(Op::Add, width, v, v, float(2.0));
            self.both(Op::Mul, width, u, u, v);
        }
        self.spread(Op::Mul, y, y, u);
    }

    /// The first words of a buffer; no lane has a second channel, so channels have no stride.
    fn view(&self, buffer: Buffer, precision: Precision) -> View {
        View { offset: buffer.offset, strides: [1, 1, self.width, 1], precision, signed: true }
    }

    fn emit(&mut self, operation: Op, count: usize, result: View, a: View, b: Operand, uses: Uses) {
        let sizes = [1, self.lanes, 1, count];
        let mut command = arithmetic(operation, sizes, result, Operand::At(a), Some(b));
        command.opt_shift_typ = operation != Op::Shift;
        self.emitter.tiu(command, &uses.0, &[uses.1]);
    }

    fn float(&mut self, operation: Op, count: usize, result: Buffer, a: Buffer, b: Operand) {
        let [to, from] = [result, a].map(|buffer| self.view(buffer, Precision::F32));
        self.emit(operation, count, to, from, b, Uses(vec![a], result));
    }

    fn both(&mut self, operation: Op, count: usize, result: Buffer, a: Buffer, b: Buffer) {
        let [to, first, second] = [result, a, b].map(|buffer| self.view(buffer, Precision::F32));
        self.emit(operation, count, to, first, Operand::At(second), Uses(vec![a, b], result));
    }

    fn bits(&mut self, operation: Op, count: usize, result: Buffer, a: Buffer, b: i32) {
        let [to, from] = [result, a].map(|buffer| self.view(buffer, Precision::I32));
        let b = Operand::Integer(b, Precision::I32, true);
        self.emit(operation, count, to, from, b, Uses(vec![a], result));
    }

    /// Brings all classes together: the last half of them into the first until one is left.
    fn fold(&mut self, operation: Op, buffer: Buffer) {
        let mut left = self.classes;
        while left > 1 {
            let half = left / 2;
            left -= half;
            let first = self.view(buffer, Precision::F32);
            let last = View { offset: buffer.offset + 4 * left * self.width, ..first };
            let uses = Uses(vec![buffer], buffer);
            self.emit(operation, half * self.width, first, first, Operand::At(last), uses);
        }
    }

    /// `result = a op b` with one b for all classes of a position.
    fn spread(&mut self, operation: Op, result: Buffer, a: Buffer, b: Buffer) {
        let [to, first, second] = [result, a, b].map(|buffer| self.view(buffer, Precision::F32));
        let second = Operand::At(View { strides: [1, 1, 0, 1], ..second });
        let sizes = [1, self.lanes, self.classes, self.width];
        let command = arithmetic(operation, sizes, to, Operand::At(first), Some(second));
        self.emitter.tiu(command, &[a, b], &[result]);
    }

    fn look_up(&mut self, count: usize, result: Buffer, a: Buffer, table: u32) {
        let [to, from] = [result, a].map(|buffer| self.view(buffer, Precision::F32));
        let command = look_up([1, self.lanes, 1, count], to, from, table);
        self.emitter.tiu(command, &[a, self.table], &[result]);
    }
}

/// What a command reads and writes.
struct Uses(Vec<Buffer>, Buffer);
