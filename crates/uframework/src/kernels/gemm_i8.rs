//! Exact int8 matrix product with 32-bit wrapping sums.
//!
//! Both operands are widened to 16 bits and laid out so that one `pmaddwd` multiplies two values
//! of k for eight columns: no intermediate can overflow before the 32-bit sum, unlike the
//! saturating 8-bit instructions. A tile of 6 rows and 16 columns fills the 16 AVX2 registers.

use super::Int8;

/// Rows of a register tile.
const ROWS: usize = 6;
/// Columns of a register tile.
const COLUMNS: usize = 16;

/// The left operand, `[m, k]` int8, packed once and used for every picture.
#[derive(Clone, Debug)]
pub struct PackedWeights {
    rows: usize,
    depth: usize,
    /// `[m / 6][k / 2][6][2]`, zeros where m or k does not divide.
    panels: Vec<i16>,
}

impl PackedWeights {
    /// Packs `[rows, depth]` weights that stand row after row.
    ///
    /// # Panics
    /// If there are not rows · depth of them.
    pub fn new(rows: usize, depth: usize, weights: &[i8]) -> Self {
        assert_eq!(weights.len(), rows * depth, "weights are rows x depth");
        let pairs = depth.div_ceil(2);
        let mut panels = vec![0; rows.div_ceil(ROWS) * pairs * ROWS * 2];
        for (row, values) in weights.chunks_exact(depth.max(1)).enumerate() {
            let panel = &mut panels[row / ROWS * pairs * ROWS * 2..];
            for (k, &value) in values.iter().enumerate() {
                panel[(k / 2 * ROWS + row % ROWS) * 2 + k % 2] = value.into();
            }
        }
        PackedWeights { rows, depth, panels }
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// `out[m, n] = weights[m, k] · columns[k, n]`, row after row, sums wrapping at 2^31.
    ///
    /// # Panics
    /// If the operands' k differ or `out` is not m · n long.
    pub fn multiply(&self, columns: &PackedColumns, out: &mut [i32]) {
        assert_eq!(self.depth, columns.depth, "both operands have the same k");
        assert_eq!(out.len(), self.rows * columns.count, "the result is m x n");
        let pairs = self.depth.div_ceil(2);
        if pairs == 0 {
            out.fill(0);
            return;
        }
        #[cfg(target_arch = "x86_64")]
        let vector = Avx2::detect();
        let mut tile = [0i32; ROWS * COLUMNS];
        for (at, right) in columns.panels.chunks_exact(pairs * COLUMNS * 2).enumerate() {
            let first_column = at * COLUMNS;
            let width = COLUMNS.min(columns.count - first_column);
            for (panel, left) in self.panels.chunks_exact(pairs * ROWS * 2).enumerate() {
                #[cfg(target_arch = "x86_64")]
                match vector {
                    Some(avx2) => tile_avx2(avx2, left, right, &mut tile),
                    None => tile_scalar(left, right, &mut tile),
                }
                #[cfg(not(target_arch = "x86_64"))]
                tile_scalar(left, right, &mut tile);
                let first_row = panel * ROWS;
                let height = ROWS.min(self.rows - first_row);
                for (row, values) in tile.chunks_exact(COLUMNS).take(height).enumerate() {
                    let start = (first_row + row) * columns.count + first_column;
                    out[start..start + width].copy_from_slice(&values[..width]);
                }
            }
        }
    }
}

/// The right operand, `[k, n]`, packed anew for every picture; the buffer is kept.
#[derive(Clone, Debug, Default)]
pub struct PackedColumns {
    count: usize,
    depth: usize,
    /// `[n / 16][k / 2][16][2]`, zeros where n or k does not divide.
    panels: Vec<i16>,
}

impl PackedColumns {
    pub(crate) fn bytes(&self) -> usize {
        self.panels.capacity() * size_of::<i16>()
    }

    /// Packs a `[depth, count]` matrix of which element (k, n) stands at
    /// `k · strides[0] + n · strides[1]`.
    ///
    /// # Panics
    /// If the slice is too short.
    pub fn pack<T: Int8>(&mut self, values: &[T], depth: usize, count: usize, strides: [usize; 2]) {
        let pairs = depth.div_ceil(2);
        self.depth = depth;
        self.count = count;
        self.panels.clear();
        self.panels.resize(count.div_ceil(COLUMNS) * pairs * COLUMNS * 2, 0);
        if pairs == 0 {
            return;
        }
        for (at, panel) in self.panels.chunks_exact_mut(pairs * COLUMNS * 2).enumerate() {
            let first = at * COLUMNS;
            let width = COLUMNS.min(count - first);
            for (pair, block) in panel.chunks_exact_mut(COLUMNS * 2).enumerate() {
                for k in 2 * pair..depth.min(2 * pair + 2) {
                    let start = k * strides[0] + first * strides[1];
                    let side = k % 2;
                    if strides[1] == 1 {
                        let row = &values[start..start + width];
                        for (slot, &value) in block.chunks_exact_mut(2).zip(row) {
                            slot[side] = value.into();
                        }
                    } else {
                        for (column, slot) in block.chunks_exact_mut(2).take(width).enumerate() {
                            slot[side] = values[start + column * strides[1]].into();
                        }
                    }
                }
            }
        }
    }
}

/// The reference for the vector tile, and the way of machines without AVX2.
fn tile_scalar(left: &[i16], right: &[i16], tile: &mut [i32; ROWS * COLUMNS]) {
    tile.fill(0);
    for (a, b) in left.chunks_exact(ROWS * 2).zip(right.chunks_exact(COLUMNS * 2)) {
        for (sums, a) in tile.chunks_exact_mut(COLUMNS).zip(a.chunks_exact(2)) {
            for (sum, b) in sums.iter_mut().zip(b.chunks_exact(2)) {
                let product = |side: usize| i32::from(a[side]) * i32::from(b[side]);
                *sum = sum.wrapping_add(product(0)).wrapping_add(product(1));
            }
        }
    }
}

/// Proof that this machine has AVX2.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy)]
struct Avx2(());

#[cfg(target_arch = "x86_64")]
impl Avx2 {
    fn detect() -> Option<Self> {
        std::is_x86_feature_detected!("avx2").then_some(Avx2(()))
    }
}

#[cfg(target_arch = "x86_64")]
fn tile_avx2(_: Avx2, left: &[i16], right: &[i16], tile: &mut [i32; ROWS * COLUMNS]) {
    let pairs = left.len() / (ROWS * 2);
    assert!(left.len() == pairs * ROWS * 2 && right.len() == pairs * COLUMNS * 2);
    // SAFETY: the proof says that this machine has AVX2; the panels hold `pairs` blocks each, as
    // asserted, and the tile has its fixed size.
    #[allow(unsafe_code)]
    unsafe {
        tile_avx2_unchecked(pairs, left.as_ptr(), right.as_ptr(), tile.as_mut_ptr());
    }
}

/// # Safety
/// Needs AVX2, `pairs · 12` values at `left`, `pairs · 32` at `right` and 96 at `tile`.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
#[allow(unsafe_code)]
unsafe fn tile_avx2_unchecked(pairs: usize, left: *const i16, right: *const i16, tile: *mut i32) {
    use std::arch::x86_64::*;

    let mut sums = [[_mm256_setzero_si256(); 2]; ROWS];
    for pair in 0..pairs {
        // SAFETY: `pair` is below `pairs`, so that all reads stay inside the panels; loads are
        // unaligned.
        unsafe {
            let b = right.add(pair * COLUMNS * 2).cast::<__m256i>();
            let columns = [_mm256_loadu_si256(b), _mm256_loadu_si256(b.add(1))];
            let a = left.add(pair * ROWS * 2).cast::<i32>();
            for (row, sums) in sums.iter_mut().enumerate() {
                let weight = _mm256_set1_epi32(a.add(row).read_unaligned());
                sums[0] = _mm256_add_epi32(sums[0], _mm256_madd_epi16(weight, columns[0]));
                sums[1] = _mm256_add_epi32(sums[1], _mm256_madd_epi16(weight, columns[1]));
            }
        }
    }
    for (row, sums) in sums.iter().enumerate() {
        // SAFETY: six rows of sixteen sums, as large as the tile.
        unsafe {
            let out = tile.add(row * COLUMNS).cast::<__m256i>();
            _mm256_storeu_si256(out, sums[0]);
            _mm256_storeu_si256(out.add(1), sums[1]);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check<T: Int8>(
        m: usize,
        n: usize,
        k: usize,
        weights: &[i8],
        values: &[T],
        transposed: bool,
    ) {
        let packed = PackedWeights::new(m, k, weights);
        let mut columns = PackedColumns::default();
        let strides = if transposed { [1, k] } else { [n, 1] };
        columns.pack(values, k, n, strides);
        let mut out = vec![-1; m * n];
        packed.multiply(&columns, &mut out);
        for row in 0..m {
            for column in 0..n {
                let sum = (0..k).fold(0i32, |sum, i| {
                    let x: i32 = values[i * strides[0] + column * strides[1]].into();
                    sum.wrapping_add(i32::from(weights[row * k + i]) * x)
                });
                assert_eq!(out[row * n + column], sum, "{m} {n} {k} at {row}, {column}");
            }
        }
    }

    /// AVX2, or a message past the capture of output that tests are skipped. With REQUIRE_ORACLE=1 that is a failure.
    #[cfg(target_arch = "x86_64")]
    fn avx2_or_say() -> Option<Avx2> {
        static SAID: std::sync::Once = std::sync::Once::new();
        let found = Avx2::detect();
        if found.is_none() {
            assert!(
                !std::env::var("REQUIRE_ORACLE").is_ok_and(|value| value == "1"),
                "this machine has no AVX2, without which the vector tile is not tested"
            );
            SAID.call_once(|| {
                let message = b"NOT RUN: the vector tile is not tested, this machine has no AVX2\n";
                let _ = std::io::Write::write_all(&mut std::io::stderr(), message);
            });
        }
        found
    }

    proptest! {
        /// Bit-exact against the triple loop, signed and unsigned, extremes included.
        #[test]
        fn agrees_with_the_triple_loop(
            m in 1usize..15, n in 1usize..35, k in 0usize..30, transposed: bool, seed in any::<u64>(),
        ) {
            let byte = |i: usize| {
                let x = (i as u64 ^ seed).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56;
                [x as u8, 128, 127, 255][usize::from(x.is_multiple_of(5)) * (x as usize % 4)]
            };
            let weights: Vec<i8> = (0..m * k).map(|i| byte(i).cast_signed()).collect();
            let unsigned: Vec<u8> = (0..k * n).map(|i| byte(i + 1_000_003)).collect();
            let signed: Vec<i8> = unsigned.iter().map(|&x| x.cast_signed()).collect();
            check(m, n, k, &weights, &unsigned, transposed);
            check(m, n, k, &weights, &signed, transposed);
        }

        /// Bit-exact: both tiles give the same sums.
        #[test]
        #[cfg(target_arch = "x86_64")]
        fn vector_tile_equals_scalar_tile(pairs in 1usize..20, seed in any::<u64>()) {
            let Some(avx2) = avx2_or_say() else { return Ok(()) };
            let value = |i: usize| ((i as u64 ^ seed).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 55) as i16 - 256;
            let left: Vec<i16> = (0..pairs * ROWS * 2).map(value).collect();
            let right: Vec<i16> = (0..pairs * COLUMNS * 2).map(|i| value(i + 77)).collect();
            let (mut a, mut b) = ([0; ROWS * COLUMNS], [1; ROWS * COLUMNS]);
            tile_scalar(&left, &right, &mut a);
            tile_avx2(avx2, &left, &right, &mut b);
            prop_assert_eq!(a, b);
        }
    }
}
