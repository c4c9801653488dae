//! Arithmetic on several int8 operands, of which some may be the same for all rows or columns.

use bm1684_isa::commands::{Arithmetic as Op, Precision};
use umodel::{DType, Rescale};

use super::block::{Block, Cell, Value, is_signed};
use crate::emit::Emitter;

/// `t = sat16(rsh(x₀·m₀, r₀))`, then `t = sat16(t + rsh(xᵢ·mᵢ, rᵢ))`, at last `sat(t)`. The previous t
/// is shifted left by rᵢ and back with the product, so it passes unchanged.
///
/// Temporaries: one of two words.
pub(super) fn sum(
    emitter: &mut Emitter,
    block: &Block,
    types: &[DType],
    by: &[Rescale],
    top: DType,
) {
    let total = block.temporaries[0];
    for (index, (&input, by)) in block.inputs.iter().zip(by).enumerate() {
        let (operation, left) = if index == 0 { (Op::Mul, 0) } else { (Op::Mac, by.right_shift) };
        let x = input.i8(is_signed(types[index]));
        let factor = Value::Integer(by.multiplier.into(), Precision::I8, true);
        block.compute(emitter, operation, total.i16(true), x, factor, [left, by.right_shift]);
    }
    block.narrow(emitter, total, (block.output, top), 0);
}

/// The largest (or smallest) of `sat(rsh(xᵢ·mᵢ, rᵢ))`.
///
/// Temporaries: one word, two words.
pub(super) fn extreme(
    emitter: &mut Emitter,
    block: &Block,
    operation: Op,
    types: &[DType],
    by: &[Rescale],
    top: DType,
) {
    let [part, wide] = [block.temporaries[0], block.temporaries[1]];
    let all = block.output.i8(is_signed(top));
    for (index, (&input, &by)) in block.inputs.iter().zip(by).enumerate() {
        if index == 0 && input.extent == block.output.extent {
            block.rescale(emitter, (input, types[index]), by, (block.output, top), wide);
            continue;
        }
        let part: Cell = part.with(input.extent);
        block.rescale(emitter, (input, types[index]), by, (part, top), wide);
        let part = part.i8(is_signed(top));
        if index == 0 {
            // The same operand twice: what is repeated is spread.
            block.compute(emitter, operation, all, part, Value::In(part), [0, 0]);
        } else {
            block.compute(emitter, operation, all, all, Value::In(part), [0, 0]);
        }
    }
}

/// `sat(rsh(a·b·m, r))`. There is no product of 16 by 8 bits, so a·b is cut into bytes:
/// `a·b·m = high·m·256 + low·m`.
///
/// Temporaries: two of two words, two of one.
pub(super) fn product(
    emitter: &mut Emitter,
    block: &Block,
    types: [DType; 2],
    by: Rescale,
    top: DType,
) {
    let [t, p, low, high] = [0, 1, 2, 3].map(|index| block.temporaries[index]);
    let [a, b] = types.map(is_signed);
    let signed = a || b;
    let second = Value::In(block.inputs[1].i8(b));
    block.compute(emitter, Op::Mul, t.i16(signed), block.inputs[0].i8(a), second, [0, 0]);
    let mask = Value::Integer(255, Precision::I16, signed);
    block.compute(emitter, Op::And, p.i16(false), t.i16(signed), mask, [0, 0]);
    let zero = Value::Integer(0, Precision::I16, false);
    block.compute(emitter, Op::Add, low.i8(false), p.i16(false), zero, [0, 0]);
    block.shift_right(emitter, t.i16(signed), 8);
    let zero = Value::Integer(0, Precision::I16, signed);
    block.compute(emitter, Op::Add, high.i8(signed), t.i16(signed), zero, [0, 0]);
    let factor = Value::Integer(by.multiplier.into(), Precision::I8, true);
    block.compute(emitter, Op::Mul, p.i16(true), high.i8(signed), factor, [0, 0]);
    let shifts = [8, by.right_shift];
    block.compute(emitter, Op::Mac, p.i16(true), low.i8(false), factor, shifts);
    block.narrow(emitter, p, (block.output, top), 0);
}
