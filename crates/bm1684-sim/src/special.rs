//! Special functions of fp32 numbers.

use bm1684_isa::commands::{Arithmetic, Precision, Tiu};

use crate::Fault;
use crate::memory::Bytes;
use crate::operand;

/// Executes a special function.
pub(crate) fn run(t: &Tiu, lanes: &mut [Bytes]) -> Result<(), Fault> {
    if t.opt_opd0_prec != Precision::F32 || t.opt_opd0_const {
        return Err(Fault::Unknown { what: "a special function of this type" });
    }
    match (t.operation(), t.opt_res0_prec) {
        (Some(Arithmetic::ToInteger), Precision::I32) => {
            map(t, lanes, |x| truncated(x).cast_unsigned())
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truncation() {
        for (x, expected) in [(1.9, 1), (-1.9, -1), (0.5, 0), (-2.5, -2), (3e9, i32::MAX), (-3e9, i32::MIN)] {
            assert_eq!(truncated(x), expected, "{x}");
        }
    }
}
