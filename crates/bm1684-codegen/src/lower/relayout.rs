//! int8 blobs between words of four images and words of one value.
//!
//! The TIU shifts and masks bytes within words; bytes that are no neighbours are never moved by themselves.

use bm1684_isa::commands::{Arithmetic as Op, Precision};

use super::block::{Block, Cell, Value};
use super::elements::Elements;
use crate::emit::Emitter;
use crate::error::Reason;

/// The lowest byte of a word.
const BYTE: Value = Value::Integer(0xff, Precision::I32, true);

/// Moves a blob of `(images, values of each)` to another such form of the same values in the same
/// order, through words of one value each in `scratch`.
pub(super) fn relayout(
    emitter: &mut Emitter,
    [from, to]: [u64; 2],
    [old, new]: [(usize, usize); 2],
    scratch: u64,
) -> Result<(), Reason> {
    expand(emitter, from, old, scratch)?;
    collapse(emitter, scratch, new, to)
}

/// Bytes of scratch memory for such a blob.
pub(super) fn scratch_bytes((images, values): (usize, usize)) -> usize {
    4 * images * values
}

/// Words of one value of an image to another form of these values.
fn words_of(emitter: &mut Emitter, from: &[u64], to: u64, values: usize) -> Elements {
    emitter.begin_layer();
    Elements { images: 1, ..Elements::integers(from, to, values) }
}

/// A shift of words by so many bytes to the left.
fn left(bytes: usize) -> Value {
    Value::Integer(i32::try_from(8 * bytes).unwrap_or(0), Precision::I32, true)
}

/// A shift of words by so many bytes to the right.
pub(super) fn right(bytes: usize) -> Value {
    Value::Integer(-i32::try_from(8 * bytes).unwrap_or(0), Precision::I32, true)
}

/// `to = byte k of from`, as words.
pub(super) fn byte_of(emitter: &mut Emitter, block: &Block, to: Cell, from: Cell, k: usize) {
    let mut from = from;
    if k > 0 {
        block.compute(emitter, Op::Shift, to.i32(), from.i32(), right(k), [0, 0]);
        from = to;
    }
    if k < 3 {
        block.compute(emitter, Op::And, to.i32(), from.i32(), BYTE, [0, 0]);
    }
}

/// `to |= lowest byte of word, as byte k`; the first byte sets all. Changes `word`.
pub(super) fn set_byte(emitter: &mut Emitter, block: &Block, to: Cell, word: Cell, k: usize) {
    if k == 0 {
        block.compute(emitter, Op::And, to.i32(), word.i32(), BYTE, [0, 0]);
        return;
    }
    block.compute(emitter, Op::And, word.i32(), word.i32(), BYTE, [0, 0]);
    block.compute(emitter, Op::Shift, word.i32(), word.i32(), left(k), [0, 0]);
    block.compute(emitter, Op::Or, to.i32(), to.i32(), Value::In(word.i32()), [0, 0]);
}

/// 4N words to words that hold one value each, in their lowest byte.
pub(super) fn expand(
    emitter: &mut Emitter,
    from: u64,
    (images, values): (usize, usize),
    to: u64,
) -> Result<(), Reason> {
    for image in 0..images {
        let from = from + group(image, values);
        let to = to + 4 * (image * values) as u64;
        let all = words_of(emitter, &[from], to, values);
        all.lower(emitter, |emitter, block| {
            byte_of(emitter, block, block.output, block.inputs[0], image % 4);
        })?;
    }
    Ok(())
}

/// The inverse of [`expand`].
pub(super) fn collapse(
    emitter: &mut Emitter,
    from: u64,
    (images, values): (usize, usize),
    to: u64,
) -> Result<(), Reason> {
    for first in (0..images).step_by(4) {
        let count = (images - first).min(4);
        let from: Vec<u64> =
            (first..first + count).map(|image| from + 4 * (image * values) as u64).collect();
        let all = words_of(emitter, &from, to + group(first, values), values);
        all.temporaries(&[1]).lower(emitter, |emitter, block| {
            for (k, &input) in block.inputs.iter().enumerate() {
                let word = block.temporaries[0];
                if k == 0 {
                    set_byte(emitter, block, block.output, input, 0);
                } else {
                    block.compute(emitter, Op::And, word.i32(), input.i32(), BYTE, [0, 0]);
                    set_byte(emitter, block, block.output, word, k);
                }
            }
        })?;
    }
    Ok(())
}

/// Words of one value each, which is put into all of their bytes.
pub(super) fn repeat_bytes(emitter: &mut Emitter, words: u64, values: usize) -> Result<(), Reason> {
    let all = words_of(emitter, &[words], words, values).temporaries(&[1]);
    all.lower(emitter, |emitter, block| {
        let (x, y, other) = (block.inputs[0], block.output, block.temporaries[0]);
        block.compute(emitter, Op::Shift, other.i32(), x.i32(), left(1), [0, 0]);
        block.compute(emitter, Op::Or, y.i32(), x.i32(), Value::In(other.i32()), [0, 0]);
        block.compute(emitter, Op::Shift, other.i32(), y.i32(), left(2), [0, 0]);
        block.compute(emitter, Op::Or, y.i32(), y.i32(), Value::In(other.i32()), [0, 0]);
    })
}

/// Where the words of an image's group of four begin in a 4N blob.
pub(super) fn group(image: usize, values: usize) -> u64 {
    4 * (image / 4 * values) as u64
}
