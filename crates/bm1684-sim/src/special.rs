//! Special functions of fp32 numbers.

use bm1684_isa::commands::{Arithmetic, Precision, Tiu};
use bm1684_isa::memory::L2_BASE;

use crate::memory::{Bytes, KNOWN_WORD, UNWRITTEN, lowest};
use crate::{Fault, float, operand};

/// Bits of an fp32 number's mantissa.
const MANTISSA: u32 = 23;
/// The most that it may be for a positive number to go down to a power of two: 4/3.
const THIRD: u32 = 0x2a_aaab;

/// Executes a special function.
pub(crate) fn run(t: &Tiu, lanes: &mut [Bytes], l2: &Bytes) -> Result<(), Fault> {
    if t.opt_opd0_prec != Precision::F32 || t.opt_opd0_const || t.opt_res_add || t.tsk_opd_num != 2
    {
        return Err(Fault::Unknown { what: "a special function of this type" });
    }
    match (t.operation(), t.opt_res0_prec) {
        (Some(Arithmetic::ToInteger), Precision::I32) => {
            map(t, lanes, |x| truncated(x).cast_unsigned())
        }
        (Some(Arithmetic::IntegerNormalize), Precision::I32) => map(t, lanes, exponent),
        (Some(Arithmetic::FloatNormalize), Precision::F32) => map(t, lanes, power),
        (Some(Arithmetic::ReciprocalRoot), Precision::F32) => {
            map(t, lanes, |x| float::reciprocal_root(x).to_bits())
        }
        (Some(Arithmetic::Taylor), Precision::F32) => taylor(t, lanes, l2),
        _ => Err(Fault::Unknown { what: "this special function" }),
    }
}

fn map(t: &Tiu, lanes: &mut [Bytes], function: impl Fn(f32) -> u32) -> Result<(), Fault> {
    let sizes = [t.res0_n, t.res0_c, t.res0_h, t.res0_w].map(usize::from);
    let result = operand::result(t, sizes)?;
    let mut words = operand::first(t, sizes)?.numbers(lanes)?;
    words.values.iter_mut().for_each(|value| *value = function(f32::from_bits(*value)));
    words.spread_states();
    result.set_words(lanes, &words);
    Ok(())
}

/// Rounded towards zero, and clipped to 32 bits; what is no number is clipped by its sign.
#[expect(clippy::cast_possible_truncation, reason = "the cast clips")]
fn truncated(x: f32) -> i32 {
    match (x.is_nan(), x.is_sign_negative()) {
        (false, _) => x as i32,
        (true, false) => i32::MAX,
        (true, true) => i32::MIN,
    }
}

/// The exponent's bits, one more for a positive number that is more than 4/3 of its power of two.
fn exponent(x: f32) -> u32 {
    let bits = x.to_bits();
    let up = x.is_sign_positive() && bits & ((1 << MANTISSA) - 1) > THIRD;
    (bits >> MANTISSA & 0xff) + u32::from(up)
}

/// The bits of the power of two that [`exponent`] chose, with the number's sign.
fn power(x: f32) -> u32 {
    x.to_bits() & (1 << 31) | (exponent(x) & 0xff) << MANTISSA
}

/// A power series without a constant, whose coefficients are in L2 memory, from the highest one on.
fn taylor(t: &Tiu, lanes: &mut [Bytes], l2: &Bytes) -> Result<(), Fault> {
    let (first, count) = (crate::view::index(t.opd1_addr), usize::from(t.opd1_n));
    let address = L2_BASE + u64::from(t.opd1_addr);
    if count == 0 {
        return Err(Fault::Field { field: "opd1_n", value: 0 });
    }
    if first.saturating_add(4 * count) > l2.values.len() {
        return Err(Fault::Outside { address, length: 4 * count });
    }
    let mut coefficients = Vec::with_capacity(count);
    let mut states = KNOWN_WORD;
    for at in (first..).step_by(4).take(count) {
        let [value, state] = l2.word(at);
        if lowest(state) == UNWRITTEN {
            let at = u64::try_from(at).unwrap_or(u64::MAX);
            return Err(Fault::Unwritten { address: L2_BASE + at });
        }
        states &= state;
        coefficients.push(f32::from_bits(value));
    }
    if states != KNOWN_WORD {
        return Err(Fault::Unknown { what: "a series of coefficients that mean nothing" });
    }
    map(t, lanes, |x| {
        let sum = coefficients.iter().rev().copied();
        let sum = sum.reduce(|sum, next| float::add(float::mul(sum, x), next)).unwrap_or(0.0);
        float::mul(sum, x).to_bits()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truncation() {
        for (x, expected) in
            [(1.9, 1), (-1.9, -1), (0.5, 0), (-2.5, -2), (3e9, i32::MAX), (-3e9, i32::MIN)]
        {
            assert_eq!(truncated(x), expected, "{x}");
        }
        assert_eq!(truncated(-f32::NAN.abs()), i32::MIN);
    }

    /// Bit-exact: what the vendor's simulator gave.
    #[test]
    fn powers() {
        for (x, exponents, powers) in [
            (0x3faa_aaab, 0x7f, 0x3f80_0000),
            (0x3faa_aaac, 0x80, 0x4000_0000),
            (0xbfff_ffff, 0x7f, 0xbf80_0000),
            (0x0000_0001, 0, 0),
            (0x007f_ffff, 1, 0x0080_0000),
            (0x7fc0_0000, 0x100, 0),
        ] {
            let x = f32::from_bits(x);
            assert_eq!((exponent(x), power(x)), (exponents, powers), "{x}");
        }
    }
}
