//! fp32 operations of the units for tensors: with a constant, linear functions of channels, comparisons.

use bm1684_isa::commands::{Arithmetic, Precision, Tiu};

use crate::memory::{Bytes, KNOWN_WORD};
use crate::view::{View, Words};
use crate::{Fault, arithmetic, float, operand};

fn sizes(t: &Tiu) -> [usize; 4] {
    [t.res0_n, t.res0_c, t.res0_h, t.res0_w].map(usize::from)
}

/// All operands must be fp32 and aligned.
fn check(t: &Tiu) -> Result<(), Fault> {
    let types = [t.opt_res0_prec, t.opt_opd0_prec, t.opt_opd1_prec];
    if types != [Precision::F32; 3] {
        return Err(Fault::Unknown { what: "this unit with these types" });
    }
    let layouts = [t.short_res0_str, t.short_opd0_str, t.short_opd1_str];
    if layouts != [0; 3] || t.opt_res_add {
        return Err(Fault::Unknown { what: "this unit with these layouts" });
    }
    Ok(())
}

/// An aligned operand, or its constant.
fn numbers(t: &Tiu, lanes: &[Bytes], constant: bool, address: u32) -> Result<Words, Fault> {
    let sizes = sizes(t);
    if constant {
        // The size is checked as if it lay in memory.
        let count = View::aligned(t.res0_addr, sizes, 4).map_or(0, |view| view.count());
        return Ok(Words { values: vec![address; count], states: vec![KNOWN_WORD; count] });
    }
    View::aligned(address, sizes, 4)?.numbers(lanes)
}

/// Executes an operation of two operands, of which one may be a constant.
pub(crate) fn run(t: &Tiu, lanes: &mut [Bytes]) -> Result<(), Fault> {
    check(t)?;
    let function: fn(f32, f32) -> f32 = match t.operation() {
        Some(Arithmetic::Add) => float::add,
        Some(Arithmetic::Sub) => float::sub,
        Some(Arithmetic::Mul) => float::mul,
        Some(Arithmetic::Divide) => float::div,
        _ => return Err(Fault::Unknown { what: "this operation of the scalar unit" }),
    };
    if t.tsk_opd_num != 2 {
        return Err(Fault::Field { field: "tsk_opd_num", value: t.tsk_opd_num.into() });
    }
    let result = operand::result(t, sizes(t))?;
    let a = numbers(t, lanes, t.opt_opd0_const, t.opd0_addr)?;
    let b = numbers(t, lanes, t.opt_opd1_const, t.opd1_addr)?;
    let mut words = arithmetic::apply(&a, &b, function);
    words.spread_states();
    result.set_words(lanes, &words);
    Ok(())
}

/// `result = operand 0 · operand 2 + operand 1`, of which the last two are constants or have a number for each channel.
pub(crate) fn linear(t: &Tiu, lanes: &mut [Bytes]) -> Result<(), Fault> {
    check(t)?;
    if t.operation() != Some(Arithmetic::Mac)
        || t.tsk_opd_num != 3
        || t.opt_opd0_const
        || t.opt_opd2_prec != Precision::F32
        || t.short_opd2_str > 2
    {
        return Err(Fault::Unknown { what: "this form of a linear function" });
    }
    let sizes = sizes(t);
    let [_, channels, height, width] = sizes;
    let result = operand::result(t, sizes)?;
    let a = operand::first(t, sizes)?.numbers(lanes)?;
    let of_channels = |constant: bool, address: u32| {
        if constant {
            let values = vec![address; channels];
            return Ok(Words { values, states: vec![KNOWN_WORD; channels] });
        }
        View::compact(address, [1, channels, 1, 1], 4)?.numbers(lanes)
    };
    let addends = of_channels(t.opt_opd1_const, t.opd1_addr)?;
    let factors = of_channels(t.opt_opd2_const, t.opd2_addr)?;
    let mut words = Words::default();
    for (index, (value, state)) in a.values.iter().zip(&a.states).enumerate() {
        let channel = index / (height * width) % channels;
        let [x, factor, addend] =
            [*value, factors.values[channel], addends.values[channel]].map(f32::from_bits);
        words.values.push(float::add(float::mul(x, factor), addend).to_bits());
        words.states.push(state & factors.states[channel] & addends.states[channel]);
    }
    words.spread_states();
    result.set_words(lanes, &words);
    Ok(())
}

/// `second result = operand 0 > operand 1 ? operand 2 : operand 3`.
pub(crate) fn compare(t: &Tiu, lanes: &mut [Bytes]) -> Result<(), Fault> {
    check(t)?;
    if t.operation() != Some(Arithmetic::Select)
        || t.tsk_opd_num != 0
        || t.opt_opd2_prec != Precision::F32
        || t.short_opd2_str != 2
    {
        return Err(Fault::Unknown { what: "this form of a comparison" });
    }
    let result = View::aligned(t.res1_addr, sizes(t), 4)?;
    let of = |constant: bool, address: u32| {
        if constant {
            let count = result.count();
            return Ok(Words { values: vec![address; count], states: vec![KNOWN_WORD; count] });
        }
        numbers(t, lanes, false, address)
    };
    let a = of(t.opt_opd0_const, t.opd0_addr)?;
    let b = of(t.opt_opd1_const, t.opd1_addr)?;
    let yes = of(t.opt_opd2_const, t.opd2_addr)?;
    let no = of(t.opt_opd3_const, t.opd3_addr)?;
    let mut words = Words::default();
    for index in 0..a.values.len() {
        let [x, y] = [a.values[index], b.values[index]].map(f32::from_bits);
        let chosen = if float::flushed(x) > float::flushed(y) { &yes } else { &no };
        words.values.push(chosen.values[index]);
        words.states.push(chosen.states[index] & a.states[index] & b.states[index]);
    }
    words.spread_states();
    result.set_words(lanes, &words);
    Ok(())
}
