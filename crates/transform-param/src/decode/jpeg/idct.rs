//! The accurate inverse DCT of libjpeg: columns, then rows, in 13-bit fixed point.
//!
//! # Source
//! Loeffler, Ligtenberg, Moschytz, ICASSP 1989: 11 multiplications and 1 for a sum that two
//! rotations share. libjpeg's `JDCT_ISLOW` rounds half up after each direction.
//!
//! # Bounds
//! libjpeg has 64 bits for its sums, we have 32. No coefficient weighs more than 1.39 · 2^13: if S
//! is the sum of the absolute coefficients, a column's results are below 5.6 · S, a row's sums below
//! 5.6 · S · 1.39 · 2^13. With S < [`LARGEST_SUM`] they fit into 32 bits; what is added up on the way
//! may wrap.

#![expect(
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    reason = "the inner loops of the decoder: blocks and their rows have eight places; samples are clamped to bytes"
)]

use super::huffman::Block;
use crate::simd::Avx2;

/// Fraction bits of the weights.
const WEIGHT_BITS: u32 = 13;
/// Fraction bits that are kept from one direction to the other.
const KEPT_BITS: u32 = 2;
/// The shifts after each direction; √8 of each make 3 bits together.
const SHIFTS: [u32; 2] = [WEIGHT_BITS - KEPT_BITS, WEIGHT_BITS + KEPT_BITS + 3];

/// What each coefficient of a block is multiplied by, 0 to 255.
pub(super) type Steps = [[i32; 8]; 8];

/// A block's absolute coefficients sum up to less than this in any picture that was encoded from
/// bytes: 8 · 8 · 128 by Cauchy and Schwarz, and what rounding adds.
const LARGEST_SUM: i32 = 15_000;

/// Writes the 8 × 8 samples of a block to where `out` begins, rows `stride` apart. Nothing for
/// coefficients that no picture has.
pub(super) fn inverse(
    avx2: Option<Avx2>,
    block: &Block,
    steps: &Steps,
    out: &mut [u8],
    stride: usize,
) -> Option<()> {
    let rows = match avx2 {
        #[cfg(target_arch = "x86_64")]
        Some(_) => {
            // SAFETY: the proof says that this machine has AVX2.
            #[allow(unsafe_code)]
            unsafe {
                x86::inverse(block, steps)?
            }
        }
        _ => inverse_scalar(block, steps)?,
    };
    put(&rows, out, stride);
    Some(())
}

/// A block all of whose coefficients but the first are zero.
pub(super) fn inverse_flat(
    block: &Block,
    steps: &Steps,
    out: &mut [u8],
    stride: usize,
) -> Option<()> {
    let first = i32::from(block[0][0]) * steps[0][0];
    let value = sample(((first << KEPT_BITS) + (1 << (KEPT_BITS + 2))) >> (KEPT_BITS + 3));
    put(&[[value; 8]; 8], out, stride);
    (first.abs() < LARGEST_SUM).then_some(())
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

fn inverse_scalar(block: &Block, steps: &Steps) -> Option<[[u8; 8]; 8]> {
    let mut columns = [[0; 8]; 8];
    let mut sum = 0;
    for (x, column) in columns.iter_mut().enumerate() {
        let scaled: [i32; 8] = std::array::from_fn(|y| i32::from(block[y][x]) * steps[y][x]);
        sum += scaled.iter().map(|value| value.abs()).sum::<i32>();
        *column = one_direction_scalar(scaled, SHIFTS[0]);
    }
    let rows = std::array::from_fn(|y| {
        one_direction_scalar(columns.map(|column| column[y]), SHIFTS[1]).map(sample)
    });
    (sum < LARGEST_SUM).then_some(rows)
}

fn one_direction_scalar(values: [i32; 8], shift: u32) -> [i32; 8] {
    let half = 1 << (shift - 1);
    one_direction(values, i32::wrapping_add, i32::wrapping_sub, i32::wrapping_mul, |a| {
        a << WEIGHT_BITS
    })
    .map(|sum| sum.wrapping_add(half) >> shift)
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

    use super::{Block, LARGEST_SUM, SHIFTS, Steps, WEIGHT_BITS, one_direction};

    #[target_feature(enable = "avx2")]
    pub(super) fn inverse(block: &Block, steps: &Steps) -> Option<[[u8; 8]; 8]> {
        let rows = [0, 1, 2, 3, 4, 5, 6, 7].map(|y| scaled(&block[y], &steps[y]));
        let sum = rows
            .map(|row| _mm256_abs_epi32(row))
            .into_iter()
            .reduce(|a, b| _mm256_add_epi32(a, b))?;
        let sum = _mm256_add_epi32(sum, _mm256_permute2x128_si256::<1>(sum, sum));
        let sum = _mm256_hadd_epi32(sum, sum);
        if _mm256_extract_epi32::<0>(sum) + _mm256_extract_epi32::<1>(sum) >= LARGEST_SUM {
            return None;
        }
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
        Some([
            row(_mm256_extract_epi64::<0>(low)),
            row(_mm256_extract_epi64::<1>(low)),
            row(_mm256_extract_epi64::<0>(high)),
            row(_mm256_extract_epi64::<1>(high)),
            row(_mm256_extract_epi64::<2>(low)),
            row(_mm256_extract_epi64::<3>(low)),
            row(_mm256_extract_epi64::<2>(high)),
            row(_mm256_extract_epi64::<3>(high)),
        ])
    }

    #[target_feature(enable = "avx2")]
    fn scaled(row: &[i16; 8], steps: &[i32; 8]) -> __m256i {
        // SAFETY: the row has the 16 bytes, the steps the 32, that unaligned loads read.
        #[allow(unsafe_code)]
        let (row, steps) = unsafe {
            (_mm_loadu_si128(row.as_ptr().cast()), _mm256_loadu_si256(steps.as_ptr().cast()))
        };
        _mm256_mullo_epi32(_mm256_cvtepi16_epi32(row), steps)
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

    /// What the two ways make of a block.
    fn both(block: &Block, steps: &Steps) -> [Option<[u8; 128]>; 2] {
        [Avx2::for_test("the inverse DCT"), None].map(|avx2| {
            let mut out = [7; 128];
            inverse(avx2, block, steps, &mut out, 16).map(|()| out)
        })
    }

    proptest! {
        /// Bit-exact: both ways give the same samples, and refuse the same blocks.
        #[test]
        fn vectors_equal_scalars(
            values in proptest::collection::vec(-32_767i16..=32_767, 64),
            steps in proptest::collection::vec(0i32..256, 64), bits in 0u32..16,
        ) {
            let mut block = [[0; 8]; 8];
            let mut table = [[0; 8]; 8];
            for (at, (value, step)) in values.into_iter().zip(steps).enumerate() {
                block[at / 8][at % 8] = value >> bits;
                table[at / 8][at % 8] = step >> ((15 - bits) / 2);
            }
            let [vectors, scalars] = both(&block, &table);
            prop_assert!(vectors == scalars);
            if let Some(out) = vectors {
                prop_assert!(out.chunks(16).all(|row| row[8..] == [7; 8]));
            }
        }
    }

    /// Bit-exact at the bound: one coefficient of any place, all of one size.
    #[test]
    fn the_largest_sums() {
        for place in 0..64 {
            for value in [14_999, -14_999, 15_000, -15_000] {
                let mut block = [[0; 8]; 8];
                block[place / 8][place % 8] = value;
                let [vectors, scalars] = both(&block, &[[1; 8]; 8]);
                assert!(vectors == scalars);
                assert_eq!(vectors.is_some(), value.abs() < 15_000);
            }
        }
        let alternating =
            std::array::from_fn(|y| std::array::from_fn(|x| [234, -234][(x + y) % 2]));
        let [vectors, scalars] = both(&alternating, &[[1; 8]; 8]);
        assert!(vectors.is_some() && vectors == scalars);
    }

    /// Bit-exact: the short way for one coefficient is the long one.
    #[test]
    fn flat_blocks_need_no_transform() {
        for first in -1500..=1500 {
            let mut block = [[0; 8]; 8];
            block[0][0] = first;
            let steps = [[10; 8]; 8];
            let mut out = [7; 128];
            let flat = inverse_flat(&block, &steps, &mut out, 16).map(|()| out);
            assert_eq!(flat.is_some(), first.abs() < 1500);
            assert!([flat, flat] == both(&block, &steps), "{first}");
        }
    }
}
