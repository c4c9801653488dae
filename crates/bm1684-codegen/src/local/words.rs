//! Operations on rows of words: copies, shifts, masks.

use bm1684_isa::commands::{Arithmetic, Precision};

use super::sequence::{Action, Sequence};
use super::tensor::Tensor;
use crate::command::{Operand, View, arithmetic};

/// What becomes of a word.
#[derive(Clone, Copy, Debug)]
pub(super) enum WordOp {
    /// Nothing.
    Copy,
    /// So many bytes to the left; zeros move in.
    Left(usize),
    /// So many bytes to the right; zeros move in.
    Right(usize),
    /// Only these bits stay.
    And(u32),
    /// These bits are set.
    Set(u32),
    /// The bits of the destination are set, too.
    Join,
}

/// Some words of every channel of a tensor, at regular distances.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) tensor: Tensor,
    /// The first word of a plane.
    pub(super) first: usize,
    /// Words from row to row and from column to column.
    pub(super) strides: [usize; 2],
}

impl Part {
    /// Whole rows from this one on, as one run of words.
    pub(super) fn rows(tensor: Tensor, row: usize) -> Part {
        Part { tensor, first: row * tensor.width, strides: [0, 1] }
    }

    fn view(&self, precision: Precision) -> View {
        let plane = self.tensor.plane;
        let [row, column] = self.strides;
        View {
            offset: self.tensor.offset + 4 * self.first,
            strides: [plane * self.tensor.lane_rows(), plane, row, column],
            precision,
            signed: precision != Precision::F32,
        }
    }
}

/// The most words of a row: sizes of commands have 16 bits.
const MOST: usize = u16::MAX as usize;

/// Adds an operation on so many rows and columns of all channels.
pub(super) fn words(
    sequence: &mut Sequence<'_>,
    layer: usize,
    operation: WordOp,
    [to, from]: [Part; 2],
    [rows, columns]: [usize; 2],
) {
    if columns > MOST {
        let split = columns / 2;
        let later = |part: Part| Part { first: part.first + split * part.strides[1], ..part };
        words(sequence, layer, operation, [to, from], [rows, split]);
        words(sequence, layer, operation, [later(to), later(from)], [rows, columns - split]);
        return;
    }
    let channels = to.tensor.channels;
    let uses = vec![to.tensor.storage, from.tensor.storage];
    let emit = move |emitter: &mut crate::emit::Emitter,
                     _: &crate::plan::Plan,
                     buffers: &[crate::emit::Buffer]| {
        let precision = match operation {
            WordOp::Copy => Precision::F32,
            _ => Precision::I32,
        };
        let at = |part: &Part, buffer: crate::emit::Buffer| {
            let view = part.view(precision);
            View { offset: view.offset + buffer.offset, ..view }
        };
        let (result, a) = (at(&to, buffers[0]), at(&from, buffers[1]));
        let number = |value: i32| Some(Operand::Integer(value, Precision::I32, true));
        let bits = |bytes: usize| i32::try_from(8 * bytes).unwrap_or_default();
        let (op, b) = match operation {
            WordOp::Copy => (Arithmetic::Copy, None),
            WordOp::Left(bytes) => (Arithmetic::Shift, number(bits(bytes))),
            WordOp::Right(bytes) => (Arithmetic::Shift, number(-bits(bytes))),
            WordOp::And(mask) => (Arithmetic::And, number(mask.cast_signed())),
            WordOp::Set(mask) => (Arithmetic::Or, number(mask.cast_signed())),
            WordOp::Join => (Arithmetic::Or, Some(Operand::At(result))),
        };
        let command = arithmetic(op, [1, channels, rows, columns], result, Operand::At(a), b);
        emitter.tiu(command, &[buffers[0], buffers[1]], &[buffers[0]]);
    };
    sequence.push(layer, uses, Action::Compute(Box::new(emit)));
}
