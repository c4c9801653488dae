//! fp32 as the chip computes it: IEEE's, to nearest even, but numbers below the normal ones are zeros of their sign.

/// The bits of an exponent.
const EXPONENT: u32 = 0x7f80_0000;
const SIGN: u32 = 0x8000_0000;
/// What an operation gives that has no result.
const NO_NUMBER: u32 = 0xffc0_0000;
/// The bit of a number that is none that makes it a quiet one.
const QUIET: u32 = 0x0040_0000;

/// A number below the normal ones as zero of its sign.
#[inline]
pub(crate) fn flushed(x: f32) -> f32 {
    if x.to_bits() & EXPONENT == 0 { f32::from_bits(x.to_bits() & SIGN) } else { x }
}

/// The result of an operation that is not a number: the first operand that is none, or the one of no operand.
fn no_number(a: f32, b: f32) -> f32 {
    let bits = match (a.is_nan(), b.is_nan()) {
        (true, _) => a.to_bits() | QUIET,
        (_, true) => b.to_bits() | QUIET,
        _ => NO_NUMBER,
    };
    f32::from_bits(bits)
}

#[inline]
fn settled(result: f32, a: f32, b: f32) -> f32 {
    if result.is_nan() { no_number(a, b) } else { flushed(result) }
}

#[inline]
pub(crate) fn add(a: f32, b: f32) -> f32 {
    settled(flushed(a) + flushed(b), a, b)
}

#[inline]
pub(crate) fn sub(a: f32, b: f32) -> f32 {
    settled(flushed(a) - flushed(b), a, b)
}

/// The product. One that IEEE rounds up to the least normal number is such a number only if 24 bits are enough for it.
#[inline]
pub(crate) fn mul(a: f32, b: f32) -> f32 {
    let product = flushed(a) * flushed(b);
    if product.abs() == f32::MIN_POSITIVE && below_normal(a, b) {
        return f32::from_bits(product.to_bits() & SIGN);
    }
    settled(product, a, b)
}

/// Whether a product rounded to 24 bits is below the normal numbers.
#[cold]
fn below_normal(a: f32, b: f32) -> bool {
    let product = f64::from(a) * f64::from(b);
    product.abs() < f64::from(f32::MIN_POSITIVE) * (1.0 - (-25f64).exp2())
}

#[inline]
pub(crate) fn max(a: f32, b: f32) -> f32 {
    flushed(if flushed(a) > flushed(b) { a } else { b })
}

/// The smaller one, whose bits stay.
#[inline]
pub(crate) fn min(a: f32, b: f32) -> f32 {
    if flushed(a) <= flushed(b) { a } else { b }
}

/// 1/√a as three of Newton's steps from a guess of its bits find it.
pub(crate) fn reciprocal_root(a: f32) -> f32 {
    const GUESS: i32 = 0x5f37_59df;
    let bits = GUESS.wrapping_sub(a.to_bits().cast_signed() >> 1);
    let half = mul(a, 0.5);
    let mut root = f32::from_bits(bits.cast_unsigned());
    for _ in 0..3 {
        root = mul(root, sub(1.5, mul(mul(half, root), root)));
    }
    root
}

/// a / b: a product with the square of 1/√|b|, which is not IEEE's quotient.
pub(crate) fn div(a: f32, b: f32) -> f32 {
    let root = reciprocal_root(b.abs());
    mul(mul(root, root), if b.is_sign_negative() { -a } else { a })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bit-exact, by hand.
    #[test]
    fn numbers_at_the_lower_end() {
        let least = f32::MIN_POSITIVE;
        let below = f32::from_bits(1);
        assert_eq!(add(below, below).to_bits(), 0);
        assert_eq!(sub(-below, below).to_bits(), 0x8000_0000);
        assert_eq!(mul(least, 0.5).to_bits(), 0);
        assert_eq!(mul(least, -0.5).to_bits(), 0x8000_0000);
        // IEEE rounds this up to the least normal number.
        let half_less = f32::from_bits(0x3eff_ffff);
        assert_eq!(mul(2.0 * least, half_less).to_bits(), 0);
        assert_eq!(mul(least, 1.0), least);
        assert_eq!(min(below, 0.0).to_bits(), 1);
        assert_eq!(max(below, 0.0).to_bits(), 0);
        assert_eq!(max(below, -1.0).to_bits(), 0);
    }

    /// Bit-exact: what the vendor's simulator gave.
    #[test]
    fn roots_and_quotients() {
        for (x, expected) in
            [(0.0, 0x601a_b3d4), (-0.0, 0xa01a_b3d4), (1.0, 0x3f7f_ffff), (2.0, 0x3f35_04f4)]
        {
            assert_eq!(reciprocal_root(x).to_bits(), expected, "{x}");
        }
        assert_eq!(div(1.0, f32::from_bits(0xc01c_8403)).to_bits(), 0xbed1_5bf5);
        assert_eq!(div(-1.0, 0.0), f32::NEG_INFINITY);
        assert_eq!(div(1.0, f32::INFINITY), f32::INFINITY);
        for (a, b, expected) in [
            (0, 0, 0xffc0_0000u32),
            (0, 0x8000_0000, 0xffc0_0000),
            (0x3f80_0000, 0xff81_2345, 0x7fc1_2345),
            (0x7fc0_0001, 0xbf80_0000, 0xffc0_0001),
            (0x7fd0_0000, 0x7f80_0001, 0x7fc0_0001),
        ] {
            assert_eq!(div(f32::from_bits(a), f32::from_bits(b)).to_bits(), expected);
        }
    }

    /// Bit-exact, by hand.
    #[test]
    fn what_is_no_number() {
        let [a, b] = [0x7f80_0001, 0xffc0_0002].map(f32::from_bits);
        assert_eq!(add(a, b).to_bits(), 0x7fc0_0001);
        assert_eq!(mul(1.0, b).to_bits(), 0xffc0_0002);
        assert_eq!(sub(f32::INFINITY, f32::INFINITY).to_bits(), 0xffc0_0000);
    }
}
