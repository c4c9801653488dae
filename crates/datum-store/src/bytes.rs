//! Little-endian numbers in byte strings, and numbers as sizes. Nothing here panics.

/// The `N` bytes from byte `at` on, if there are as many.
pub(crate) fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    array(bytes, at).map(u16::from_le_bytes)
}

pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_le_bytes)
}

pub(crate) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    array(bytes, at).map(u64::from_le_bytes)
}

/// A size in memory as a file has it. No memory has `usize::MAX` bytes, so that what does not fit
/// fails every check of a bound.
pub(crate) fn size(value: impl TryInto<usize>) -> usize {
    value.try_into().unwrap_or(usize::MAX)
}

/// A size in memory as a number of a file.
pub(crate) fn long(value: usize) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}

/// An integer as the nearest float.
#[expect(clippy::as_conversions, reason = "no other conversion rounds; C++ rounds alike")]
pub(crate) fn float(value: i64) -> f32 {
    value as f32
}

/// The value of an IEEE 754 number of 16 bits.
pub(crate) fn half(bits: u16) -> f32 {
    let sign = if bits >> 15 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = (u32::from(bits >> 10 & 0x1F), bits & 0x3FF);
    match exponent {
        // In steps of 2^-24.
        0 => sign * f32::from(fraction) / 16_777_216.0,
        0x1F if fraction == 0 => sign * f32::INFINITY,
        // No number; its bits travel along, and it is made quiet.
        0x1F => {
            f32::from_bits(u32::from(bits >> 15) << 31 | 0x7FC0_0000 | u32::from(fraction) << 13)
        }
        // The exponent's bias is 15 in 16 bits and 127 in 32.
        _ => sign * f32::from_bits((exponent + 112) << 23 | u32::from(fraction) << 13),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_end_with_their_bytes() {
        let bytes = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        assert_eq!(u16_at(&bytes, 7), Some(0x0908));
        assert_eq!(u16_at(&bytes, 8), None);
        assert_eq!(u32_at(&bytes, 5), Some(0x0908_0706));
        assert_eq!(u64_at(&bytes, 1), Some(0x0908_0706_0504_0302));
        assert_eq!((u64_at(&bytes, 2), u16_at(&bytes, usize::MAX)), (None, None));
        assert_eq!((size(-1i64), size(7u32), long(7)), (usize::MAX, 7, 7));
    }

    /// Bit-exact, all of them.
    #[test]
    fn halves_are_those_of_the_crate_half() {
        for bits in 0..=u16::MAX {
            let expected = half::f16::from_bits(bits).to_f32();
            let found = super::half(bits);
            assert_eq!(found.to_bits(), expected.to_bits(), "{bits:#x}");
        }
    }
}
