//! The softmax of an int8 net, in fp32 operations that BM1684 executes exactly: additions,
//! multiplications, comparisons, bit operations and tables of 256 words.
//!
//! For the classes x of one position, with every operation rounded to fp32:
//!
//! ```text
//! d = max(x − max x, FLOOR)
//! t = d + ROUND                       the lowest byte of t's bits is k, the integer nearest to d
//! r = d − (t − ROUND)                 −0.5 … 0.5
//! e = powers[k] · (1 + r·(c₁ + r·(c₂ + … r·c₆)))
//! s = Σ e                             halves added to each other: see below
//! u = reciprocals[bits 15 to 22 of s] · (exponent of s turned around)
//! u = u · (2 − s·u), twice
//! y = e · u
//! ```
//!
//! The sum over L values adds the last ⌊L/2⌋ to the first ⌊L/2⌋, one to one, and goes on with the
//! first L − ⌊L/2⌋. Turning the exponent around is `(bits & 0x7f800000) ^ 0x7f800000`; the factor
//! 1/2 that this is short of is in the table. Relative to the softmax of the rounded
//! differences the error is below 1e-6.

use crate::blob::narrow;

/// What differences below it count as: e⁻⁸⁰ vanishes beside 1 and keeps every product a normal number.
pub const FLOOR: f32 = -80.0;

/// [`FLOOR`], negated.
const LOWEST: usize = 80;

/// 1.5 · 2²³: adding it rounds to an integer, half to even.
pub const ROUND: f32 = 12_582_912.0;

/// c₆ to c₁ of the polynomial that is near eʳ for −0.5 ≤ r ≤ 0.5.
pub const COEFFICIENTS: [f32; 6] = [
    f32::from_bits(0x3ab4_c540),
    f32::from_bits(0x3c09_e940),
    f32::from_bits(0x3d2a_b0d3),
    f32::from_bits(0x3e2a_a814),
    f32::from_bits(0x3eff_ffee),
    f32::from_bits(0x3f80_0002),
];

/// The exponent's bits of an fp32 number.
pub const EXPONENT: u32 = 0x7f80_0000;

/// The bits of a number's mantissa that [`reciprocals`] is indexed with begin here.
pub const MANTISSA_SHIFT: u32 = 15;

/// e to the power of k, at the byte that represents k; 0 for k beyond [`FLOOR`] and above 0.
pub fn powers() -> [f32; 256] {
    let mut table = [0.0; 256];
    let mut power = 1.0f64;
    for k in 0..=LOWEST {
        table[(256 - k) % 256] = narrow(power);
        power /= std::f64::consts::E;
    }
    table
}

/// `0.5 / m` for the middle m of each 256th of 1 … 2.
pub fn reciprocals() -> [f32; 256] {
    std::array::from_fn(|index| narrow(0.5 / (1.0 + (index as f64 + 0.5) / 256.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative, 1e-7: against f64.
    #[test]
    fn tables() {
        let powers = powers();
        assert_eq!(FLOOR, -(LOWEST as f32));
        for k in 0..=LOWEST {
            let exact = (-(k as f64)).exp();
            let error = f64::from(powers[(256 - k) % 256]) / exact - 1.0;
            assert!(error.abs() < 1e-7, "{k}: {error}");
        }
        assert_eq!((powers[0], powers[1], powers[175]), (1.0, 0.0, 0.0));
        let reciprocals = reciprocals();
        assert!((reciprocals[0] - 0.499).abs() < 1e-4 && (reciprocals[255] - 0.25).abs() < 1e-3);
    }
}
