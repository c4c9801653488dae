//! The accurate inverse DCT of libjpeg: columns, then rows, in 13-bit fixed point.
//!
//! # Source
//! Loeffler, Ligtenberg, Moschytz, ICASSP 1989: 11 multiplications and 1 for a sum that two
//! rotations share. libjpeg's `JDCT_ISLOW` rounds half up after each direction.
//!
//! # Bounds
//! libjpeg has 64 bits for its sums, we have 32. No coefficient weighs more than 1.39 · 2^13: if S
//! is the sum of the absolute coefficients, a column's results are below 5.6 · S, a row's sums below
//! 5.6 · S · 1.39 · 2^13. With S < 15,000 ([`super::huffman::LARGEST_SUM`]) they fit into 32 bits;
//! what is added up on the way may wrap.

use super::huffman::Block;
use crate::simd::Avx2;

/// Fraction bits of the weights.
const WEIGHT_BITS: u32 = 13;
/// Fraction bits that are kept from one direction to the other.
const KEPT_BITS: u32 = 2;
/// The shifts after each direction; √8 of each make 3 bits together.
const SHIFTS: [u32; 2] = [WEIGHT_BITS - KEPT_BITS, WEIGHT_BITS + KEPT_BITS + 3];

/// Writes the 8 × 8 samples of a block to where `out` begins, rows `stride` apart.
pub(super) fn inverse(avx2: Option<Avx2>, block: &Block, out: &mut [u8], stride: usize) {
    match avx2 {
        #[cfg(target_arch = "x86_64")]
        Some(_) => {
            // SAFETY: the proof says that this machine has AVX2.
            #[allow(unsafe_code)]
            let rows = unsafe { x86::inverse(block) };
            put(&rows, out, stride);
        }
        _ => put(&inverse_scalar(block), out, stride),
    }
}

/// A block all of whose coefficients but the first are zero.
pub(super) fn inverse_flat(block: &Block, out: &mut [u8], stride: usize) {
    let column = i32::from(block[0][0]) << KEPT_BITS;
    let value = sample((column + (1 << (KEPT_BITS + 2))) >> (KEPT_BITS + 3));
    put(&[[value; 8]; 8], out, stride);
}

#[inline(always)]
fn put(rows: &[[u8; 8]; 8], out: &mut [u8], stride: usize) {
    for (line, row) in out.chunks_mut(stride).zip(rows) {
        if let Some(line) = line.first_chunk_mut() {
            *line = *row;
        }
    }
}

/// libjpeg looks the sample up by the lowest ten bits.
fn sample(value: i32) -> u8 {
    ((value << 22 >> 22) + 128).clamp(0, 255) as u8
}

fn inverse_scalar(block: &Block) -> [[u8; 8]; 8] {
    let mut columns = [[0; 8]; 8];
    for (x, column) in columns.iter_mut().enumerate() {
        *column = one_direction_scalar(block.map(|row| row[x].into()), SHIFTS[0]);
    }
    std::array::from_fn(|y| {
        one_direction_scalar(columns.map(|column| column[y]), SHIFTS[1]).map(sample)
    })
}

fn one_direction_scalar(values: [i32; 8], shift: u32) -> [i32; 8] {
    let half = 1 << (shift - 1);
    one_direction(values, i32::wrapping_add, i32::wrapping_sub, i32::wrapping_mul, |a| {
        a << WEIGHT_BITS
    })
    .map(|sum| (sum + half) >> shift)
}

/// Eight coefficients to eight sums, of numbers or of vectors of them.
#[inline(always)]
fn one_direction<V: Copy>(
    c: [V; 8],
    add: impl Fn(V, V) -> V,
    sub: impl Fn(V, V) -> V,
    times: impl Fn(V, i32) -> V,
    scale: impl Fn(V) -> V,
) -> [V; 8] {
    // Even coefficients: one rotation by 6 · π / 16.
    let shared = times(add(c[2], c[6]), 4433);
    let low = sub(shared, times(c[6], 15137));
    let high = add(shared, times(c[2], 6270));
    let (sum, difference) = (scale(add(c[0], c[4])), scale(sub(c[0], c[4])));
    let even = [add(sum, high), add(difference, low), sub(difference, low), sub(sum, high)];

    // Odd coefficients.
    let shared = times(add(add(c[7], c[3]), add(c[5], c[1])), 9633);
    let z1 = times(add(c[7], c[1]), -7373);
    let z2 = times(add(c[5], c[3]), -20995);
    let z3 = add(times(add(c[7], c[3]), -16069), shared);
    let z4 = add(times(add(c[5], c[1]), -3196), shared);
    let odd = [
        add(times(c[1], 12299), add(z1, z4)),
        add(times(c[3], 25172), add(z2, z3)),
        add(times(c[5], 16819), add(z2, z4)),
        add(times(c[7], 2446), add(z1, z3)),
    ];
    [
        add(even[0], odd[0]),
        add(even[1], odd[1]),
        add(even[2], odd[2]),
        add(even[3], odd[3]),
        sub(even[3], odd[3]),
        sub(even[2], odd[2]),
        sub(even[1], odd[1]),
        sub(even[0], odd[0]),
    ]
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::{Block, SHIFTS, WEIGHT_BITS, one_direction};

    #[target_feature(enable = "avx2")]
    pub(super) fn inverse(block: &Block) -> [[u8; 8]; 8] {
        let rows = [0, 1, 2, 3, 4, 5, 6, 7].map(|y| widen(&block[y]));
        let columns = transpose(direction::<{ SHIFTS[0] as i32 }>(rows));
        let [a, b, c, d, e, f, g, h] = direction::<{ SHIFTS[1] as i32 }>(columns);
        // Vector x holds the column x, as 32-bit values; now their lowest ten bits as bytes.
        let narrow = |a, b| _mm256_packs_epi32(sample(a), sample(b));
        let [ab, cd, ef, gh] = [narrow(a, b), narrow(c, d), narrow(e, f), narrow(g, h)];
        // Each half: rows 0 to 3 (4 to 7) of columns a b c d, then of e f g h.
        let (left, right) = (_mm256_packus_epi16(ab, cd), _mm256_packus_epi16(ef, gh));
        let turn = _mm256_broadcastsi128_si256(_mm_set_epi8(
            15, 11, 7, 3, 14, 10, 6, 2, 13, 9, 5, 1, 12, 8, 4, 0,
        ));
        let (left, right) = (_mm256_shuffle_epi8(left, turn), _mm256_shuffle_epi8(right, turn));
        let (low, high) = (_mm256_unpacklo_epi32(left, right), _mm256_unpackhi_epi32(left, right));
        let row = |part: i64| part.to_le_bytes();
        [
            row(_mm256_extract_epi64::<0>(low)),
            row(_mm256_extract_epi64::<1>(low)),
            row(_mm256_extract_epi64::<0>(high)),
            row(_mm256_extract_epi64::<1>(high)),
            row(_mm256_extract_epi64::<2>(low)),
            row(_mm256_extract_epi64::<3>(low)),
            row(_mm256_extract_epi64::<2>(high)),
            row(_mm256_extract_epi64::<3>(high)),
        ]
    }

    #[target_feature(enable = "avx2")]
    fn widen(row: &[i16; 8]) -> __m256i {
        // SAFETY: the row has the 16 bytes that an unaligned load reads.
        #[allow(unsafe_code)]
        let row = unsafe { _mm_loadu_si128(row.as_ptr().cast()) };
        _mm256_cvtepi16_epi32(row)
    }

    /// See [`super::sample`]; the packing to bytes limits.
    #[target_feature(enable = "avx2")]
    fn sample(value: __m256i) -> __m256i {
        let low = _mm256_srai_epi32::<22>(_mm256_slli_epi32::<22>(value));
        _mm256_add_epi32(low, _mm256_set1_epi32(128))
    }

    #[target_feature(enable = "avx2")]
    fn direction<const SHIFT: i32>(values: [__m256i; 8]) -> [__m256i; 8] {
        let half = _mm256_set1_epi32(1 << (SHIFT - 1));
        let sums = one_direction(
            values,
            |a, b| _mm256_add_epi32(a, b),
            |a, b| _mm256_sub_epi32(a, b),
            |a, weight| _mm256_mullo_epi32(a, _mm256_set1_epi32(weight)),
            |a| _mm256_slli_epi32::<{ WEIGHT_BITS as i32 }>(a),
        );
        sums.map(|sum| _mm256_srai_epi32::<SHIFT>(_mm256_add_epi32(sum, half)))
    }

    #[target_feature(enable = "avx2")]
    fn transpose([a, b, c, d, e, f, g, h]: [__m256i; 8]) -> [__m256i; 8] {
        let pairs = |a, b| [_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b)];
        let fours = |[a, b]: [__m256i; 2], [c, d]: [__m256i; 2]| {
            [
                _mm256_unpacklo_epi64(a, c),
                _mm256_unpackhi_epi64(a, c),
                _mm256_unpacklo_epi64(b, d),
                _mm256_unpackhi_epi64(b, d),
            ]
        };
        let upper = fours(pairs(a, b), pairs(c, d));
        let lower = fours(pairs(e, f), pairs(g, h));
        let [a, b, c, d] =
            [0, 1, 2, 3].map(|k| _mm256_permute2x128_si256::<0x20>(upper[k], lower[k]));
        let [e, f, g, h] =
            [0, 1, 2, 3].map(|k| _mm256_permute2x128_si256::<0x31>(upper[k], lower[k]));
        [a, b, c, d, e, f, g, h]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Bit-exact: both ways give the same samples, up to the largest coefficients.
        #[test]
        fn vectors_equal_scalars(
            values in proptest::collection::vec(-1500i16..1500, 64),
            kept in 1usize..64, large in -14_000i16..14_000,
        ) {
            let mut block = [[0; 8]; 8];
            let mut left = 14_999 - i32::from(large.abs());
            block[kept % 8][kept / 8] = large;
            for (slot, value) in block.as_flattened_mut().iter_mut().zip(values).take(kept) {
                if left > i32::from(value.abs()) && *slot == 0 {
                    left -= i32::from(value.abs());
                    *slot = value;
                }
            }
            let mut found = [[7; 128], [9; 128]];
            inverse(Avx2::detect(), &block, &mut found[0], 16);
            inverse(None, &block, &mut found[1], 16);
            for (a, b) in found[0].chunks(16).zip(found[1].chunks(16)) {
                prop_assert_eq!(&a[..8], &b[..8]);
                prop_assert_eq!(&a[8..], [7; 8]);
            }
        }
    }

    /// Bit-exact: the short way for one coefficient is the long one.
    #[test]
    fn flat_blocks_need_no_transform() {
        for first in -14_999..15_000 {
            let mut block = [[0; 8]; 8];
            block[0][0] = first;
            let mut found = [[0; 64]; 2];
            inverse_flat(&block, &mut found[0], 8);
            inverse(None, &block, &mut found[1], 8);
            assert_eq!(found[0], found[1], "{first}");
        }
    }
}
