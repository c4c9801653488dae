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

/// Rounded towards zero. What does not fit into 32 bits is the least number, as on the host that the simulator runs on.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
fn truncated(x: f32) -> i32 {
    let limit = 2.0f32.powi(31);
    if x >= -limit && x < limit { x as i32 } else { i32::MIN }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truncation() {
        for (x, expected) in [(1.9, 1), (-1.9, -1), (0.5, 0), (-2.5, -2), (3e9, i32::MIN)] {
            assert_eq!(truncated(x), expected, "{x}");
        }
    }
}
