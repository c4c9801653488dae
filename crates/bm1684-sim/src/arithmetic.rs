//! Arithmetic, element by element.

use bm1684_isa::commands::{Arithmetic, Precision, Tiu};

use crate::elements::{Elements, Images, number, range, rounded};
use crate::memory::{Bytes, FILLER, KNOWN, KNOWN_WORD, lowest};
use crate::operand;
use crate::view::Words;
use crate::{Fault, float};

/// Executes an element-wise operation.
pub(crate) fn run(t: &Tiu, lanes: &mut [Bytes]) -> Result<(), Fault> {
    if t.opt_res_add {
        return Err(Fault::Unknown { what: "arithmetic that is added to its result" });
    }
    let operation = t.operation().ok_or(Fault::Unknown { what: "this operation" })?;
    let wanted = match operation {
        Arithmetic::Copy => 1,
        Arithmetic::SelectGreater | Arithmetic::SelectEqual => 3,
        _ => 2,
    };
    if t.tsk_opd_num != wanted {
        return Err(Fault::Field { field: "tsk_opd_num", value: t.tsk_opd_num.into() });
    }
    match operation {
        Arithmetic::Copy => copy(t, lanes),
        Arithmetic::And | Arithmetic::Or | Arithmetic::Xor => bits(t, lanes, operation),
        Arithmetic::Shift if t.opt_res0_prec == Precision::I32 => shift_words(t, lanes),
        Arithmetic::SelectGreater | Arithmetic::SelectEqual => select(t, lanes, operation),
        _ if t.opt_res0_prec == Precision::F32 => floats(t, lanes, operation),
        _ if matches!(t.opt_res0_prec, Precision::I8 | Precision::I16) => {
            integers(t, lanes, operation)
        }
        _ => Err(Fault::Unknown { what: "arithmetic of this type" }),
    }
}

/// Words of result and operands.
fn sizes(t: &Tiu, precision: Precision) -> [usize; 4] {
    let images = usize::from(t.res0_n).div_ceil(precision.images_per_word());
    [images, t.res0_c.into(), t.res0_h.into(), t.res0_w.into()]
}

/// Words move as they are, with the states of their bytes.
fn copy(t: &Tiu, lanes: &mut [Bytes]) -> Result<(), Fault> {
    if [t.opt_res0_prec, t.opt_opd0_prec] != [Precision::F32; 2] {
        return Err(Fault::Unknown { what: "a copy of this type" });
    }
    let sizes = sizes(t, Precision::F32);
    let result = operand::result(t, sizes)?;
    let words = first_words(t, lanes, sizes)?;
    result.set_words(lanes, &words);
    Ok(())
}

fn first_words(t: &Tiu, lanes: &[Bytes], sizes: [usize; 4]) -> Result<Words, Fault> {
    if t.opt_opd0_const {
        return Ok(constant(t.opd0_addr, sizes));
    }
    Ok(operand::first(t, sizes)?.words(lanes))
}

fn second_words(t: &Tiu, lanes: &[Bytes], sizes: [usize; 4]) -> Result<Words, Fault> {
    if t.opt_opd1_const {
        return Ok(constant(t.opd1_addr, sizes));
    }
    Ok(operand::second(t, sizes)?.words(lanes))
}

fn constant(value: u32, sizes: [usize; 4]) -> Words {
    let count = sizes.iter().product();
    Words { values: vec![value; count], states: vec![KNOWN_WORD; count] }
}

/// Bits of words or of the images in them: states follow byte by byte, and what a zero or one decides is known.
fn bits(t: &Tiu, lanes: &mut [Bytes], operation: Arithmetic) -> Result<(), Fault> {
    let precision = t.opt_res0_prec;
    if [t.opt_opd0_prec, t.opt_opd1_prec] != [precision; 2] || precision == Precision::F16 {
        return Err(Fault::Unknown { what: "bits of these types" });
    }
    if precision.images_per_word() > 1 {
        return bits_of_images(t, lanes, operation);
    }
    let sizes = sizes(t, precision);
    let result = operand::result(t, sizes)?;
    let a = first_words(t, lanes, sizes)?;
    let b = second_words(t, lanes, sizes)?;
    let mut words = Words::default();
    for ((a, of_a), (b, of_b)) in a.values.iter().zip(&a.states).zip(b.values.iter().zip(&b.states))
    {
        let value = match operation {
            Arithmetic::And => a & b,
            Arithmetic::Or => a | b,
            _ => a ^ b,
        };
        let mut state = of_a & of_b;
        if state != KNOWN_WORD {
            let [a, b, of_a, of_b] = [a, b, of_a, of_b].map(|word| word.to_le_bytes());
            let byte = |at: usize| decided(operation, [(a[at], of_a[at]), (b[at], of_b[at])]);
            state = u32::from_le_bytes([byte(0), byte(1), byte(2), byte(3)]);
        }
        words.values.push(value);
        words.states.push(state);
    }
    result.set_words(lanes, &words);
    Ok(())
}

/// The state of a byte of bits: a known byte of which all bits decide makes the result known.
fn decided(operation: Arithmetic, [(a, of_a), (b, of_b)]: [(u8, u8); 2]) -> u8 {
    let decides = |value: u8, state: u8| {
        state == KNOWN
            && match operation {
                Arithmetic::And => value == 0,
                Arithmetic::Or => value == u8::MAX,
                _ => false,
            }
    };
    if decides(a, of_a) || decides(b, of_b) { KNOWN } else { of_a & of_b }
}

fn bits_of_images(t: &Tiu, lanes: &mut [Bytes], operation: Arithmetic) -> Result<(), Fault> {
    let [result, a, b] = operands(t)?;
    let Operand::At(result) = result else { return Ok(()) };
    let [a, b] = [read(&a, &result, lanes)?, read(&b, &result, lanes)?];
    let values = a.values.iter().zip(&b.values).map(|(a, b)| match operation {
        Arithmetic::And => a & b,
        Arithmetic::Or => a | b,
        _ => a ^ b,
    });
    let states = a.states.iter().zip(&b.states).map(|(a, b)| a & b);
    let elements = Elements { values: values.collect(), states: states.collect() };
    result.write(lanes, &elements);
    Ok(())
}

/// Words shifted to the left by a positive, to the right by a negative number of 6 bits. Zeros or the sign move in.
fn shift_words(t: &Tiu, lanes: &mut [Bytes]) -> Result<(), Fault> {
    if [t.opt_opd0_prec, t.opt_opd1_prec] != [Precision::I32; 2] {
        return Err(Fault::Unknown { what: "a shift of these types" });
    }
    let sizes = sizes(t, Precision::I32);
    let result = operand::result(t, sizes)?;
    let a = first_words(t, lanes, sizes)?;
    let by = if t.opt_opd1_const {
        constant(t.opd1_addr, sizes)
    } else {
        operand::second(t, sizes)?.numbers(lanes)?
    };
    let mut words = Words::default();
    for ((value, state), (by, of_by)) in
        a.values.iter().zip(&a.states).zip(by.values.iter().zip(&by.states))
    {
        let by = distance(*by);
        let signed = t.opt_shift_typ && by < 0;
        words.values.push(if signed {
            (value.cast_signed() >> by.unsigned_abs()).cast_unsigned()
        } else {
            shifted(*value, by)
        });
        let mut moved = shifted_states(*state, by);
        if signed && *state != KNOWN_WORD {
            moved = u32::from(lowest(*state)) * 0x0101_0101;
        }
        if *of_by != KNOWN_WORD {
            moved &= u32::from(FILLER) * 0x0101_0101;
        }
        words.states.push(moved);
    }
    result.set_words(lanes, &words);
    Ok(())
}

/// The lowest 6 bits with their sign. The least of these numbers moves nothing.
fn distance(by: u32) -> i32 {
    let by = (by << 26).cast_signed() >> 26;
    if by == -32 { 0 } else { by }
}

fn shifted(value: u32, by: i32) -> u32 {
    if by < 0 { value >> by.unsigned_abs() } else { value << by.unsigned_abs() }
}

/// The states of a shifted word. Bytes that move in are zeros, which are known; a byte that two bytes become part of has
/// the state of both.
fn shifted_states(state: u32, by: i32) -> u32 {
    let whole = |bytes: u32| {
        let bits = 8 * bytes;
        let [moved, kept] = match (bits > 31, by < 0) {
            (true, _) => [0, 0],
            (false, true) => [state >> bits, u32::MAX >> bits],
            (false, false) => [state << bits, u32::MAX << bits],
        };
        moved | !kept & KNOWN_WORD
    };
    let bits = by.unsigned_abs();
    whole(bits / 8) & whole(bits.div_ceil(8))
}

fn floats(t: &Tiu, lanes: &mut [Bytes], operation: Arithmetic) -> Result<(), Fault> {
    if [t.opt_opd0_prec, t.opt_opd1_prec] != [Precision::F32; 2] {
        return Err(Fault::Unknown { what: "fp32 arithmetic of these types" });
    }
    let function: fn(f32, f32) -> f32 = match operation {
        Arithmetic::Mul | Arithmetic::Mac => float::mul,
        Arithmetic::Add => float::add,
        Arithmetic::Sub => float::sub,
        Arithmetic::Max => float::max,
        Arithmetic::Min => float::min,
        Arithmetic::Divide => float::div,
        _ => return Err(Fault::Unknown { what: "this operation in fp32" }),
    };
    let sizes = sizes(t, Precision::F32);
    let result = operand::result(t, sizes)?;
    let a = if t.opt_opd0_const {
        constant(t.opd0_addr, sizes)
    } else {
        operand::first(t, sizes)?.numbers(lanes)?
    };
    let b = if t.opt_opd1_const {
        constant(t.opd1_addr, sizes)
    } else {
        operand::second(t, sizes)?.numbers(lanes)?
    };
    let mut words = apply(&a, &b, function);
    if operation == Arithmetic::Mac {
        words = apply(&words, &result.numbers(lanes)?, float::add);
    }
    words.spread_states();
    result.set_words(lanes, &words);
    Ok(())
}

/// A constant where two fp32 numbers compare as wanted, else 0.
fn select(t: &Tiu, lanes: &mut [Bytes], operation: Arithmetic) -> Result<(), Fault> {
    let types = [t.opt_res0_prec, t.opt_opd0_prec, t.opt_opd1_prec];
    if types != [Precision::F32; 3] || !t.opt_opd2_const || t.opt_opd0_const {
        return Err(Fault::Unknown { what: "a selection of this form" });
    }
    let sizes = sizes(t, Precision::F32);
    let result = operand::result(t, sizes)?;
    let a = operand::first(t, sizes)?.numbers(lanes)?;
    let b = if t.opt_opd1_const {
        constant(t.opd1_addr, sizes)
    } else {
        operand::second(t, sizes)?.numbers(lanes)?
    };
    let chosen = f32::from_bits(t.opd2_addr);
    let mut words = apply(&a, &b, |a, b| {
        let [a, b] = [a, b].map(float::flushed);
        let wanted = if operation == Arithmetic::SelectGreater { a > b } else { a == b };
        if wanted { chosen } else { 0.0 }
    });
    words.spread_states();
    result.set_words(lanes, &words);
    Ok(())
}

/// A function of pairs of fp32 numbers.
pub(crate) fn apply(a: &Words, b: &Words, function: impl Fn(f32, f32) -> f32) -> Words {
    let values = a.values.iter().zip(&b.values);
    Words {
        values: values
            .map(|(a, b)| function(f32::from_bits(*a), f32::from_bits(*b)).to_bits())
            .collect(),
        states: a.states.iter().zip(&b.states).map(|(a, b)| a & b).collect(),
    }
}

/// An integer operand.
enum Operand {
    At(Images),
    Constant(i32),
}

/// The result and the two operands of integers.
fn operands(t: &Tiu) -> Result<[Operand; 3], Fault> {
    let count = usize::from(t.res0_n);
    let result = Images {
        view: operand::result(t, sizes(t, t.opt_res0_prec))?,
        count,
        precision: t.opt_res0_prec,
        signed: true,
        shared: false,
    };
    let a = if t.opt_opd0_const {
        Operand::Constant(number(t.opd0_addr.to_le_bytes(), t.opt_opd0_prec, t.opt_opd0_sign))
    } else {
        Operand::At(Images {
            view: operand::first(t, sizes(t, t.opt_opd0_prec))?,
            count,
            precision: t.opt_opd0_prec,
            signed: t.opt_opd0_sign,
            shared: t.opd0_neq1,
        })
    };
    let b = if t.opt_opd1_const {
        Operand::Constant(number(t.opd1_addr.to_le_bytes(), t.opt_opd1_prec, t.opt_opd1_sign))
    } else {
        Operand::At(Images {
            view: operand::second(t, sizes(t, t.opt_opd1_prec))?,
            count,
            precision: t.opt_opd1_prec,
            signed: t.opt_opd1_sign,
            shared: t.opd1_neq1,
        })
    };
    Ok([Operand::At(result), a, b])
}

fn read(operand: &Operand, like: &Images, lanes: &[Bytes]) -> Result<Elements, Fault> {
    match operand {
        Operand::At(images) => images.read(lanes),
        Operand::Constant(value) => {
            let [_, c, h, w] = like.view.sizes;
            let count = like.count * c * h * w;
            Ok(Elements { values: vec![*value; count], states: vec![KNOWN; count] })
        }
    }
}

/// Operations on integers of 8 and 16 bits.
fn integers(t: &Tiu, lanes: &mut [Bytes], operation: Arithmetic) -> Result<(), Fault> {
    let [to, from, with] = [t.opt_res0_prec, t.opt_opd0_prec, t.opt_opd1_prec];
    let small = |precision| matches!(precision, Precision::I8 | Precision::I16);
    let same = from == with;
    let fits = match operation {
        Arithmetic::Mul => same && from == Precision::I8,
        Arithmetic::Mac => same && from == Precision::I8 && to == Precision::I16,
        Arithmetic::Add | Arithmetic::Sub => same && small(from),
        Arithmetic::Max | Arithmetic::Min => same && small(from) && to == from,
        Arithmetic::Shift => same && from == Precision::I16 && to == Precision::I16,
        _ => return Err(Fault::Unknown { what: "this operation on integers" }),
    };
    if !fits {
        return Err(Fault::Unknown { what: "this operation on these types" });
    }
    let [result, a, b] = operands(t)?;
    let Operand::At(result) = result else { return Ok(()) };
    let [a, b] = [read(&a, &result, lanes)?, read(&b, &result, lanes)?];
    let before = if operation == Arithmetic::Mac {
        // It counts as signed, whatever the bit of its sign says.
        result.read(lanes)?
    } else {
        Elements::default()
    };
    let signed = match operation {
        Arithmetic::Sub | Arithmetic::Mac => true,
        _ => t.opt_opd0_sign || t.opt_opd1_sign,
    };
    let (least, most) = range(to, signed);
    let shift = t.opt_right_shift;
    let close = |value: i32| rounded(value, shift).clamp(least, most);
    let mut elements = Elements::default();
    for (index, (&a, &b)) in a.values.iter().zip(&b.values).enumerate() {
        elements.values.push(match operation {
            Arithmetic::Mul => close(a * b),
            Arithmetic::Add => close(a + b),
            Arithmetic::Sub => close(a - b),
            Arithmetic::Max => a.max(b),
            Arithmetic::Min => a.min(b),
            Arithmetic::Mac => close(
                (a * b).wrapping_add(before.values[index].wrapping_shl(t.opt_left_shift.into())),
            ),
            _ => shift_half(a, b, t.opt_shift_typ),
        });
    }
    let states = a.states.iter().zip(&b.states).map(|(a, b)| a & b);
    elements.states = if before.states.is_empty() {
        states.collect()
    } else {
        states.zip(&before.states).map(|(low, state)| low & state).collect()
    };
    result.write(lanes, &elements);
    Ok(())
}

/// 16 bits shifted to the left by a positive, to the right by a negative number of 8 bits; with their sign or zeros.
fn shift_half(value: i32, by: i32, arithmetic: bool) -> i32 {
    let [by, ..] = by.to_le_bytes();
    let by = by.cast_signed();
    let bits = u32::from(by.unsigned_abs()).min(16);
    // The sign moves in even where the operand is called unsigned.
    let unsigned = value & 0xffff;
    let signed = (unsigned ^ 0x8000) - 0x8000;
    match (by < 0, arithmetic) {
        (false, _) => value << bits,
        (true, true) => signed >> bits,
        (true, false) => unsigned >> bits,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bit-exact: what the vendor's simulator gave.
    #[test]
    fn distances_of_shifts() {
        for (value, by, arithmetic, expected) in [
            (0x8765, 248, true, 0xff87),
            (0x8765, -128, true, 0xffff),
            (0x8765, -129, true, 0),
            (0x8765, 257, false, 0x0eca),
            (0x8765, -15, false, 1),
            (0x1234, 16, false, 0),
        ] {
            assert_eq!(shift_half(value, by, arithmetic) & 0xffff, expected, "{by}");
        }
        for (by, expected) in
            [(32, 0x8765_4321), (33, 1), (40, 0x87), (-33, 1 << 31), (300, 0x876), (-31, 1)]
        {
            let by: i32 = by;
            assert_eq!(shifted(0x8765_4321, distance(by.cast_unsigned())), expected, "{by}");
        }
    }

    #[test]
    fn states_move_with_their_bytes() {
        for (by, expected) in [
            (0, 0x0001_0303),
            (8, 0x0103_0303),
            (-16, 0x0303_0001),
            (4, 0x0001_0303),
            (-4, 0x0000_0103),
            (-31, 0x0303_0300),
        ] {
            assert_eq!(shifted_states(0x0001_0303, by), expected, "{by}");
        }
    }
}
