//! Rows of bytes between whose pixels [`super::linear`] interpolates, four positions at once.

use super::separable::Columns;
use crate::simd::Avx2;

/// How the neighbours of all positions are shuffled from windows of 16 bytes.
pub struct Shuffles {
    #[cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]
    groups: Vec<Group>,
}

/// Four positions.
#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]
struct Group {
    /// Where the window begins.
    start: usize,
    /// The pairs of neighbours, each byte widened to 16 bits by a zero.
    shuffle: [u8; 16],
    weights: [i16; 8],
}

/// Pixels of a window.
const WINDOW: usize = 16;
/// Positions of a group.
const GROUP: usize = 4;
/// Tells the shuffle to put a zero.
const ZERO: u8 = 0x80;

impl Shuffles {
    /// For rows of `input` pixels, if they are not too short, and not shrunk too much.
    pub(super) fn new(_: Avx2, columns: &Columns<i16, 2>, input: usize) -> Option<Self> {
        let last = input.checked_sub(WINDOW)?;
        let positions: Vec<(usize, [i16; 2])> = columns.inside().collect();
        let group = |four: &[(usize, [i16; 2])]| {
            let start = four[0].0.min(last);
            let mut group = Group { start, shuffle: [ZERO; 16], weights: [0; 8] };
            for (k, (left, weights)) in four.iter().enumerate() {
                let at = left - start;
                if at + 2 > WINDOW {
                    return None;
                }
                group.shuffle[4 * k] = at as u8;
                group.shuffle[4 * k + 2] = at as u8 + 1;
                group.weights[2 * k..][..2].copy_from_slice(weights);
            }
            Some(group)
        };
        let groups = positions.chunks_exact(GROUP).map(group).collect::<Option<_>>()?;
        Some(Shuffles { groups })
    }

    /// Fills the first positions of `out`, and tells how many. The row has as many pixels as were
    /// said.
    #[inline(always)]
    pub(super) fn row(&self, values: &[u8], out: &mut [i16]) -> usize {
        #[cfg(target_arch = "x86_64")]
        {
            // SAFETY: shuffles are only made where there is proof of AVX2.
            #[allow(unsafe_code)]
            unsafe {
                x86::row(&self.groups, values, out);
            }
            GROUP * self.groups.len()
        }
        #[cfg(not(target_arch = "x86_64"))]
        0
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::{GROUP, Group};

    #[target_feature(enable = "avx2")]
    #[inline]
    pub(super) fn row(groups: &[Group], values: &[u8], out: &mut [i16]) {
        for (group, out) in groups.iter().zip(out.chunks_exact_mut(GROUP)) {
            let Some(window) = values[group.start..].first_chunk::<16>() else { return };
            // SAFETY: each of the three has the 16 bytes that an unaligned load reads.
            #[allow(unsafe_code)]
            let [window, shuffle, weights] = unsafe {
                [
                    _mm_loadu_si128(window.as_ptr().cast()),
                    _mm_loadu_si128(group.shuffle.as_ptr().cast()),
                    _mm_loadu_si128(group.weights.as_ptr().cast()),
                ]
            };
            let sums = _mm_madd_epi16(_mm_shuffle_epi8(window, shuffle), weights);
            let sums = _mm_srai_epi32::<4>(sums);
            let four = _mm_cvtsi128_si64(_mm_packs_epi32(sums, sums));
            for (k, out) in out.iter_mut().enumerate() {
                *out = (four >> (16 * k)) as i16;
            }
        }
    }
}
