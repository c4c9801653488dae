//! fp32 operations as BM1684 executes them: IEEE's, but numbers below the normal ones are zeros.

use umodel::quant::float::Binary;

/// The bits of an exponent.
const EXPONENT: u32 = 0x7f80_0000;

/// A number below the normal ones as zero of its sign.
#[inline]
pub(super) fn flushed(x: f32) -> f32 {
    if x.to_bits() & EXPONENT == 0 { f32::from_bits(x.to_bits() & 0x8000_0000) } else { x }
}

#[inline]
pub(super) fn add(a: f32, b: f32) -> f32 {
    flushed(flushed(a) + flushed(b))
}

/// A product; but see [`exact_product`].
#[inline]
pub(super) fn mul(a: f32, b: f32) -> f32 {
    flushed(flushed(a) * flushed(b))
}

/// Of products that IEEE rounds up to the least normal number, which the chip does only if 24 bits are enough for it.
pub(super) fn exact_product(a: f32, b: f32) -> f32 {
    let product = f64::from(flushed(a)) * f64::from(flushed(b));
    let least = f64::from(f32::MIN_POSITIVE);
    let sign = 0.0f32.copysign(if product.is_sign_negative() { -1.0 } else { 1.0 });
    if product.abs() < least * (1.0 - (-25f64).exp2()) { sign } else { mul(a, b) }
}

/// Runs a body with the function of an operation. Which operand a maximum or minimum takes of two that are equal, or of
/// which one is no number, is the chip's choice, too.
macro_rules! for_binary {
    ($binary:expr, $function:ident => $body:expr) => {
        match $binary {
            Binary::Add => {
                let $function = |a: f32, b: f32| add(a, b);
                $body
            }
            Binary::Sub => {
                let $function = |a: f32, b: f32| add(a, -b);
                $body
            }
            Binary::Mul => {
                let $function = |a: f32, b: f32| mul(a, b);
                $body
            }
            Binary::Max => {
                let $function =
                    |a: f32, b: f32| flushed(if flushed(a) > flushed(b) { a } else { b });
                $body
            }
            Binary::Min => {
                let $function = |a: f32, b: f32| if flushed(a) <= flushed(b) { a } else { b };
                $body
            }
            Binary::And => {
                let $function = |a: f32, b: f32| f32::from_bits(a.to_bits() & b.to_bits());
                $body
            }
            Binary::Or => {
                let $function = |a: f32, b: f32| f32::from_bits(a.to_bits() | b.to_bits());
                $body
            }
            Binary::Xor => {
                let $function = |a: f32, b: f32| f32::from_bits(a.to_bits() ^ b.to_bits());
                $body
            }
            Binary::ShiftRight => {
                let $function = |a: f32, b: f32| f32::from_bits(a.to_bits() >> b.to_bits());
                $body
            }
        }
    };
}

/// Whether the exact product of any two operands has to be looked at.
fn at_the_limit(binary: Binary, result: &[f32]) -> bool {
    binary == Binary::Mul && result.iter().any(|y| y.abs() == f32::MIN_POSITIVE)
}

/// A value and one number.
pub(super) fn with(binary: Binary, a: &[f32], b: f32, result: &mut [f32]) {
    for_binary!(binary, f => result.iter_mut().zip(a).for_each(|(y, &a)| *y = f(a, b)));
    if at_the_limit(binary, result) {
        result.iter_mut().zip(a).for_each(|(y, &a)| *y = exact_product(a, b));
    }
}

/// Two values of as many rows.
fn pairs(binary: Binary, a: &[f32], b: &[f32], result: &mut [f32]) {
    let values = a.iter().zip(b);
    for_binary!(binary, f => {
        result.iter_mut().zip(values.clone()).for_each(|(y, (&a, &b))| *y = f(a, b));
    });
    if at_the_limit(binary, result) {
        result.iter_mut().zip(values).for_each(|(y, (&a, &b))| *y = exact_product(a, b));
    }
}

/// Two values, of which one may be the same for all rows.
pub(super) fn both(
    binary: Binary,
    a: (&[f32], bool),
    b: (&[f32], bool),
    columns: usize,
    result: &mut [f32],
) {
    if a.1 == b.1 {
        return pairs(binary, a.0, b.0, result);
    }
    for (row, result) in result.chunks_exact_mut(columns).enumerate() {
        let [a, b] = [a, b]
            .map(|(values, single)| &values[if single { 0 } else { row * columns }..][..columns]);
        pairs(binary, a, b, result);
    }
}

/// Brings rows together: the last half of them into the first until one is left.
pub(super) fn fold_rows(binary: Binary, values: &[f32], columns: usize, result: &mut [f32]) {
    let mut values = values.to_vec();
    let mut left = values.len() / columns;
    while left > 1 {
        let half = left / 2;
        left -= half;
        let (first, last) = values.split_at_mut(left * columns);
        let first = &mut first[..half * columns];
        let before = first.to_vec();
        pairs(binary, &before, last, first);
    }
    result.copy_from_slice(&values[..columns]);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bit-exact, by hand: what the chip makes of numbers at the lower end.
    #[test]
    fn numbers_below_the_normal_ones_are_zeros() {
        let least = f32::MIN_POSITIVE;
        let all = |binary, a: f32, b: f32| {
            let mut result = [7.0];
            both(binary, (&[a], false), (&[b], false), 1, &mut result);
            result[0].to_bits()
        };
        assert_eq!(all(Binary::Add, least, -1.5 * least), (-0.0f32).to_bits());
        assert_eq!(all(Binary::Add, 1e-40, 1.0), 1.0f32.to_bits());
        assert_eq!(all(Binary::Mul, least, 0.5), 0);
        assert_eq!(all(Binary::Max, -1.0, 1e-40), 0);
        assert_eq!(all(Binary::Min, 1.0, 1e-40), 1e-40f32.to_bits());
        // (1 − 2⁻²⁴)·2⁻¹²⁶ is rounded up by IEEE, as fewer bits are left for it.
        let nearly = 1.0 - f32::EPSILON / 2.0;
        assert_eq!((least * nearly).to_bits(), least.to_bits());
        assert_eq!(all(Binary::Mul, least, nearly), 0);
    }
}
