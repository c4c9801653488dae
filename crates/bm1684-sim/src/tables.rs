//! The tables that the firmware writes to L2 memory when a chip starts. Programs of the vendor read them.
//!
//! Only those that are known are here; what lies elsewhere counts as never written.

/// The byte where an index of 8 bits becomes an fp32 number.
const INTEGERS: usize = 0x30_0000;
/// e to the power of an index.
const EXPONENTIALS: usize = 0x30_0400;
/// Logarithms of powers of two, from 2^-127 on.
const LOGARITHMS: usize = 0x30_0800;
/// Coefficients of e^x − 1: 1/1!, 1/2!, 1/3! and so on.
const FACTORIALS: usize = 0x30_0c00;
/// Coefficients of ln(1 + x): 1, −1/2, 1/3 and so on.
const ALTERNATING: usize = 0x30_0d00;
/// Where an index of 8 bits becomes an fp32 number: from 0 to 255, and from −128 to 127.
const UNSIGNED: usize = 0x30_0f00;
const SIGNED: usize = 0x30_1300;

/// Words of a table of coefficients.
const COEFFICIENTS: u8 = 64;
/// Indices of which e to their power is an fp32 number.
const POWERS: std::ops::RangeInclusive<i8> = -103..=88;

/// The tables, and the bytes of L2 memory where they begin.
pub(crate) fn firmware() -> [(usize, Vec<u8>); 7] {
    let indices = || (0..=u8::MAX).map(u8::cast_signed);
    let integers = indices().map(|i| if POWERS.contains(&i) { f32::from(i) } else { 0.0 });
    let powers =
        indices().map(|i| if POWERS.contains(&i) { nearest(f64::from(i).exp()) } else { 0.0 });
    let logarithms =
        (0..=u8::MAX).map(|i| nearest((f64::from(i) - 127.0) * std::f64::consts::LN_2));
    let factorials = (1..=COEFFICIENTS).scan(1.0f32, |value, i| {
        *value /= f32::from(i);
        Some(*value)
    });
    let alternating = (1..=COEFFICIENTS)
        .map(|i| if i % 2 == 0 { -1.0 / f32::from(i) } else { 1.0 / f32::from(i) });
    [
        (INTEGERS, bytes(integers)),
        (EXPONENTIALS, bytes(powers)),
        (LOGARITHMS, bytes(logarithms)),
        (FACTORIALS, bytes(factorials)),
        (ALTERNATING, bytes(alternating)),
        (UNSIGNED, bytes((0..=u8::MAX).map(f32::from))),
        (SIGNED, bytes(indices().map(f32::from))),
    ]
}

fn bytes(values: impl Iterator<Item = f32>) -> Vec<u8> {
    values.flat_map(f32::to_le_bytes).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "rounding to fp32 is what is wanted")]
fn nearest(value: f64) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bit-exact: words that the vendor's simulator has there.
    #[test]
    fn words_of_the_tables() {
        let tables = firmware();
        for (table, index, expected) in [
            (0, 88, 88.0f32.to_bits()),
            (0, 89, 0),
            (0, 153, (-103.0f32).to_bits()),
            (1, 1, 0x402d_f854),
            (1, 153, 1),
            (2, 0, (-88.02969f32).to_bits()),
            (3, 10, 0x32d7_322c),
            (3, 33, 0x0024_e204),
            (4, 3, (-0.25f32).to_bits()),
            (5, 255, 255.0f32.to_bits()),
            (6, 128, (-128.0f32).to_bits()),
        ] {
            let word = tables[table].1[4 * index..].first_chunk().expect("within");
            assert_eq!(u32::from_le_bytes(*word), expected, "table {table}, word {index}");
        }
    }
}
