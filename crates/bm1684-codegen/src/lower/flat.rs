//! Element-wise layers: blobs are arrays of words, whatever their shapes.

use bm1684_isa::commands::{Arithmetic, Format, Precision};
use bm1684_isa::memory::{LANE_BYTES, LANES, LINE_BYTES, Layout};
use umodel::{DType, Rescale};

use crate::command::{Move, Operand, Sizes, View, arithmetic};
use crate::emit::{Buffer, Emitter};
use crate::error::{Reason, Remedy};
use crate::schedule::{Demand, pipeline, slots};
use crate::tile::{FlatTile, cost, flat};

/// Where words come from or go to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Port {
    /// Words in DDR without gaps.
    Words(u64),
    /// Bytes of one image of a 4N blob. They become fp32 when they are loaded; when words are stored, the
    /// lowest byte of each is taken.
    Bytes {
        /// Address of the first byte; the next is four further.
        address: u64,
        signed: bool,
    },
}

/// An element-wise layer.
#[derive(Clone, Debug)]
pub(super) struct Flat {
    pub(super) inputs: Vec<Port>,
    pub(super) output: Port,
    /// Words of each input and of the output.
    pub(super) words: usize,
    /// Images that share a word, for commands on 8- or 16-bit integers.
    pub(super) images: usize,
    /// Temporary buffers: words for each word of input.
    pub(super) temporaries: Vec<usize>,
}

/// A tile at work.
pub(super) struct Block {
    tile: FlatTile,
    images: usize,
    pub(super) inputs: Vec<Buffer>,
    pub(super) temporaries: Vec<Buffer>,
    pub(super) output: Buffer,
}

impl Flat {
    /// Adds commands for all words; `compute` adds those of one tile.
    pub(super) fn lower(
        &self,
        emitter: &mut Emitter,
        mut compute: impl FnMut(&mut Emitter, &Block),
    ) -> Result<(), Reason> {
        let line = LINE_BYTES / 4;
        let demand = |width: usize, double: usize| {
            let mut demand = Demand::default().and(width * 4, double);
            for _ in &self.inputs {
                demand = demand.and(width * 4, double);
            }
            for words in &self.temporaries {
                demand = demand.and(width * 4 * words, 1);
            }
            demand
        };
        let loaded = self.words * 4 * self.inputs.len();
        let price = |width: usize| cost(loaded, self.words * 4, flat(self.words, width).len());
        // A lane's share of the words, in lines, cut into ever more pieces.
        let share = self.words.div_ceil(LANES).next_multiple_of(line);
        let widths = (1..=share / line).map(|parts| share.div_ceil(parts).next_multiple_of(line));
        let widths = widths.take(256).filter(|&width| width <= 1 << 15 && demand(width, 2).fits());
        let width = widths.min_by_key(|&width| price(width)).unwrap_or(line);
        let tiles = flat(self.words, width);
        let demand = demand(width, tiles.len().min(2));
        let Some(buffers) = demand.buffers(emitter) else {
            let (needed, remedy) = (demand.bytes(), Remedy::Bottoms);
            return Err(Reason::LocalMemory { needed, available: LANE_BYTES, remedy });
        };
        let (outputs, rest) = buffers.split_at(1);
        let (inputs, temporaries) = rest.split_at(self.inputs.len());
        let temporaries: Vec<Buffer> = temporaries.iter().flatten().copied().collect();
        let mut inputs: Vec<_> = inputs.iter().map(|pair| slots(pair)).collect();
        let mut outputs = slots(&outputs[0]);
        pipeline(
            emitter,
            &tiles,
            |emitter, tile| {
                let ports = self.inputs.iter().zip(&mut inputs);
                ports
                    .map(|(&port, slots)| {
                        let (buffer, _) = slots.get(tile.start);
                        load(emitter, port, tile, buffer);
                        buffer
                    })
                    .collect::<Vec<Buffer>>()
            },
            |emitter, &tile, inputs| {
                let (output, _) = outputs.get(tile.start);
                let temporaries = temporaries.clone();
                let block = Block { tile, images: self.images, inputs, temporaries, output };
                compute(emitter, &block);
                store(emitter, self.output, &tile, output);
            },
        )
    }
}

/// Brings so many words of four images from one format to another.
pub(super) fn rescale_words(
    emitter: &mut Emitter,
    [from, to]: [u64; 2],
    words: usize,
    by: Rescale,
    types: [DType; 2],
) -> Result<(), Reason> {
    let flat = Flat {
        inputs: vec![Port::Words(from)],
        output: Port::Words(to),
        words,
        images: 4,
        temporaries: vec![2],
    };
    emitter.begin_layer();
    flat.lower(emitter, |emitter, block| {
        let (x, y) = ((block.inputs[0], types[0]), (block.output, types[1]));
        block.rescale(emitter, x, by, y, block.temporaries[0]);
    })
}

fn layout(tile: &FlatTile) -> Layout {
    Layout::local_aligned([1, tile.lanes, 1, tile.width], 4, 0)
}

fn movement(port: Port, tile: &FlatTile, buffer: Buffer, word: usize) -> Move {
    let sizes = [1, tile.lanes, 1, tile.width];
    let strides = layout(tile).strides;
    let (format, address, step) = match port {
        Port::Words(address) => (Format::Word, address, 1),
        Port::Bytes { address, signed: true } => (Format::I8, address, 4),
        Port::Bytes { address, signed: false } => (Format::U8, address, 4),
    };
    Move {
        format,
        sizes,
        ddr: address + 4 * tile.start as u64,
        ddr_strides: [0, tile.width * step, tile.width * step, step],
        local: buffer.offset,
        local_strides: strides.map(|stride| stride * word),
    }
}

fn load(emitter: &mut Emitter, port: Port, tile: &FlatTile, buffer: Buffer) {
    let movement = movement(port, tile, buffer, 1);
    let command = match port {
        Port::Words(_) => movement.load(),
        Port::Bytes { .. } => movement.load_as_f32(),
    };
    emitter.gdma(command, &[], &[buffer]);
}

fn store(emitter: &mut Emitter, port: Port, tile: &FlatTile, buffer: Buffer) {
    let word = match port {
        Port::Words(_) => 1,
        Port::Bytes { .. } => 4,
    };
    emitter.gdma(movement(port, tile, buffer, word).store(), &[buffer], &[]);
}

/// Narrow operand type of a stored dtype.
pub(super) fn is_signed(dtype: DType) -> bool {
    dtype == DType::I8
}

impl Block {
    /// Images, channels, height, width of a command.
    fn sizes(&self, precision: Precision) -> Sizes {
        let images = if precision.images_per_word() == 1 { 1 } else { self.images };
        [images, self.tile.lanes, 1, self.tile.width]
    }

    /// Sizes of a command on 32-bit words.
    pub(super) fn words(&self) -> Sizes {
        self.sizes(Precision::F32)
    }

    /// A buffer as an operand.
    pub(super) fn view(&self, buffer: Buffer, precision: Precision, signed: bool) -> View {
        View { offset: buffer.offset, strides: layout(&self.tile).strides, precision, signed }
    }

    /// `result = a op b`; shifts as in the command.
    pub(super) fn compute(
        &self,
        emitter: &mut Emitter,
        operation: Arithmetic,
        result: (Buffer, Precision, bool),
        a: (Buffer, Precision, bool),
        b: Value,
        [left, right]: [u8; 2],
    ) {
        let view = |(buffer, precision, signed)| self.view(buffer, precision, signed);
        let (b, second) = match b {
            Value::In(buffer, precision, signed) => {
                (Operand::At(self.view(buffer, precision, signed)), Some(buffer))
            }
            Value::Integer(value, precision, signed) => {
                (Operand::Integer(value, precision, signed), None)
            }
            Value::Float(value) => (Operand::Float(value), None),
        };
        let sizes = self.sizes(result.1);
        let mut command = arithmetic(operation, sizes, view(result), Operand::At(view(a)), Some(b));
        (command.opt_left_shift, command.opt_right_shift) = (left, right);
        let mut reads = vec![a.0];
        reads.extend(second);
        emitter.tiu(command, &reads, &[result.0]);
    }

    /// `x = x >> bits` in place, without rounding; the sign moves in if there is one.
    pub(super) fn shift_right(
        &self,
        emitter: &mut Emitter,
        (buffer, precision, signed): (Buffer, Precision, bool),
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
