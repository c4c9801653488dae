//! The chip's integer arithmetic behind the multiplications.

use umodel::Rescale;

use super::Int8;

/// `(value + 2^(shift−1)) >> shift`, arithmetic: half rounds towards plus infinity; no rounding
/// for a shift of 0.
///
/// Computed as the shifted value plus its highest lost bit: the same number, without the sum that
/// could overflow, and in 32 bits, so that loops over it become vector code.
pub(crate) fn rsh(value: i32, shift: u8) -> i32 {
    match shift {
        0 => value,
        _ => (value >> shift) + ((value >> (shift - 1)) & 1),
    }
}

/// `rsh(x · m, r)`.
pub(crate) fn rescale(value: i32, rescale: Rescale) -> i32 {
    rsh(value * i32::from(rescale.multiplier), rescale.right_shift)
}

/// Clips to 16 bits, as the chip's intermediate sums are.
pub(crate) fn saturate_i16(value: i32) -> i32 {
    value.clamp(i16::MIN.into(), i16::MAX.into())
}

/// Accumulators plus bias to stored integers.
pub(crate) fn finish<T: Int8>(sums: &[i32], bias: i32, shift: u8, out: &mut [T]) {
    for (out, &sum) in out.iter_mut().zip(sums) {
        *out = T::saturate(rsh(sum.wrapping_add(bias), shift));
    }
}

/// fp32 to a stored integer: half away from zero, saturating, NaN to 0.
#[expect(clippy::cast_possible_truncation, reason = "saturates, and NaN becomes 0")]
pub(crate) fn quantize<T: Int8>(value: f32, inverse_scale: f32) -> T {
    let scaled = value * inverse_scale;
    T::saturate((scaled + 0.5f32.copysign(scaled)) as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bit-exact, by the definition.
    #[test]
    fn half_rounds_up() {
        for (value, shift, expected) in [
            (5, 1, 3),
            (-5, 1, -2),
            (-6, 2, -1),
            (6, 2, 2),
            (7, 0, 7),
            (-2357, 8, -9),
            (i32::MAX, 1, 1 << 30),
            (i32::MIN, 31, -1),
        ] {
            assert_eq!(rsh(value, shift), expected, "{value} >> {shift}");
        }
    }

    /// Bit-exact against the definition in 64 bits.
    #[test]
    fn rsh_is_its_definition() {
        let values = [0, 1, -1, 7, -8, 12345, -54321, i32::MAX, i32::MIN, i32::MAX - 1, 1 << 30];
        for value in values {
            for shift in 0..32u8 {
                let half = if shift > 0 { 1i64 << (shift - 1) } else { 0 };
                let exact = (i64::from(value) + half) >> shift;
                assert_eq!(i64::from(rsh(value, shift)), exact, "{value} >> {shift}");
            }
        }
    }

    #[test]
    fn quantize_rounds_half_away_and_saturates() {
        let signed = [0.5, -0.5, 1.4, -2.5, 200.0, -200.0, f32::NAN];
        assert_eq!(signed.map(|v| quantize::<i8>(v, 1.0)), [1, -1, 1, -3, 127, -128, 0]);
        let unsigned = [-1.0, 0.4, 254.5, 1e30];
        assert_eq!(unsigned.map(|v| quantize::<u8>(v, 1.0)), [0, 0, 255, 255]);
    }
}
