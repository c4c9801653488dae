//! From samples to pixels: libjpeg's fancy upsampling and its conversion to B, G, R.

#![expect(
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the inner loops of the decoder: rows were made as long as the header says; pixels are clamped to bytes"
)]

use crate::simd::Avx2;

/// A channel's samples, of which the last bands of MCUs are kept.
pub(super) struct Samples {
    values: Vec<u8>,
    /// Samples from one row to the next.
    pub(super) stride: usize,
    /// Rows of a band.
    band: usize,
    /// Rows and columns that belong to the picture.
    size: [usize; 2],
}

/// While one band is decoded, the one before it is put out. Its upsampling needs a row of the band before that.
const BANDS: usize = 3;

impl Samples {
    /// Room for bands of `mcus` MCUs of `blocks` blocks (vertically, horizontally) each.
    pub(super) fn new(mcus: usize, blocks: [usize; 2], size: [usize; 2]) -> Self {
        let [band, stride] = [8 * blocks[0], 8 * blocks[1] * mcus];
        Samples { values: vec![0; BANDS * band * stride], stride, band, size }
    }

    /// The samples of a band from `row`, `column` in it.
    pub(super) fn at(&mut self, band: usize, row: usize, column: usize) -> &mut [u8] {
        &mut self.values[(band % BANDS * self.band + row) * self.stride + column..]
    }

    /// A row; beyond the edges, the last one inside.
    pub(super) fn row(&self, row: usize) -> &[u8] {
        let row = row.min(self.size[0] - 1) % (BANDS * self.band);
        &self.values[row * self.stride..][..self.size[1]]
    }
}

/// Puts rows of Y, Cb, Cr out as B, G, R.
pub(super) struct Converter {
    avx2: Option<Avx2>,
    /// Luma samples per chroma sample, vertically and horizontally: 1 or 2.
    ratio: [usize; 2],
    /// A row of chroma before its upsampling along the row, its ends twice.
    sums: Vec<u16>,
    /// Rows of Cb and Cr.
    chroma: [Vec<u8>; 2],
}

impl Converter {
    /// For `columns` of chroma.
    pub(super) fn new(avx2: Option<Avx2>, ratio: [usize; 2], columns: usize) -> Self {
        let line = vec![0; columns * ratio[1]];
        Converter { avx2, ratio, sums: vec![0; columns + 2], chroma: [line.clone(), line] }
    }

    /// Row `y` of the picture.
    pub(super) fn row(&mut self, samples: &[Samples], y: usize, bgr: [&mut [u8]; 3]) {
        let [luma, cb, cr] = samples else { return };
        match self.avx2 {
            #[cfg(target_arch = "x86_64")]
            Some(_) => {
                // SAFETY: the proof says that this machine has AVX2.
                #[allow(unsafe_code)]
                unsafe {
                    self.row_avx2(luma, [cb, cr], y, bgr);
                }
            }
            _ => self.row_any(luma, [cb, cr], y, bgr),
        }
    }

    /// The same code; the compiler makes vectors of it.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn row_avx2(&mut self, luma: &Samples, chroma: [&Samples; 2], y: usize, bgr: [&mut [u8]; 3]) {
        self.row_any(luma, chroma, y, bgr);
    }

    #[inline(always)]
    fn row_any(&mut self, luma: &Samples, chroma: [&Samples; 2], y: usize, bgr: [&mut [u8]; 3]) {
        if self.ratio != [1, 1] {
            for (line, samples) in self.chroma.iter_mut().zip(chroma) {
                upsample(samples, self.ratio, y, &mut self.sums, line);
            }
        }
        let width = luma.size[1];
        let line = |k: usize| match self.ratio {
            [1, 1] => chroma[k].row(y),
            _ => &self.chroma[k][..width],
        };
        convert([luma.row(y), line(0), line(1)], bgr);
    }
}

/// Weighs the nearer sample by 3/4, the farther by 1/4, in either direction.
#[inline(always)]
fn upsample(samples: &Samples, ratio: [usize; 2], y: usize, sums: &mut [u16], out: &mut [u8]) {
    let lower = y % 2 == 1;
    let (near, far) = match ratio[0] {
        1 => (y, y),
        _ if lower => (y / 2, y / 2 + 1),
        _ => (y / 2, (y / 2).saturating_sub(1)),
    };
    let (near, far) = (samples.row(near), samples.row(far));
    let weigh = |near: u8, far: u8| 3 * u16::from(near) + u16::from(far);
    match ratio {
        [_, 1] => {
            // The halves are rounded up and down in turn.
            let bias = if lower { 2 } else { 1 };
            for ((out, &near), &far) in out.iter_mut().zip(near).zip(far) {
                *out = ((weigh(near, far) + bias) >> 2) as u8;
            }
        }
        [1, _] => {
            fill(sums, near, near, |near, _| near.into());
            double(sums, out, [1, 2], 2);
        }
        _ => {
            fill(sums, near, far, weigh);
            double(sums, out, [8, 7], 4);
        }
    }
}

#[inline(always)]
fn fill(sums: &mut [u16], near: &[u8], far: &[u8], weigh: impl Fn(u8, u8) -> u16) {
    let count = near.len();
    for ((sum, &near), &far) in sums[1..=count].iter_mut().zip(near).zip(far) {
        *sum = weigh(near, far);
    }
    sums[0] = sums[1];
    sums[count + 1] = sums[count];
}

#[inline(always)]
fn double(sums: &[u16], out: &mut [u8], bias: [u16; 2], shift: u32) {
    for (out, sums) in out.chunks_exact_mut(2).zip(sums.windows(3)) {
        out[0] = ((3 * sums[1] + sums[0] + bias[0]) >> shift) as u8;
        out[1] = ((3 * sums[1] + sums[2] + bias[1]) >> shift) as u8;
    }
}

/// Y, Cb, Cr to B, G, R in 16-bit fixed point, rounded half up: 1.402, 0.71414, 0.34414, 1.772.
#[inline(always)]
fn convert([luma, cb, cr]: [&[u8]; 3], [blue, green, red]: [&mut [u8]; 3]) {
    // (2 · x · weight + 1) / 2 in 16 bits: the upper half of a product of 16-bit numbers.
    let times = |x: i16, weight: i16| {
        let twice = ((i32::from(2 * x) * i32::from(weight)) >> 16) as i16;
        (twice + 1) >> 1
    };
    let byte = |value: i16| value.clamp(0, 255) as u8;
    let chroma = cb.iter().zip(cr);
    let pixels = blue.iter_mut().zip(green).zip(red);
    for (((blue, green), red), (&y, (&cb, &cr))) in pixels.zip(luma.iter().zip(chroma)) {
        let (y, cb, cr) = (i16::from(y), i16::from(cb) - 128, i16::from(cr) - 128);
        *blue = byte(y + 2 * cb + times(cb, -14942));
        *red = byte(y + cr + times(cr, 26345));
        let less = (-22554 * i32::from(cb) + 18734 * i32::from(cr) + 32768) >> 16;
        *green = byte(y + less as i16 - cr);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bit-exact against the definition, all colours.
    #[test]
    fn conversion_is_libjpegs() {
        let fixed = |x: f64| (x * 65536.0 + 0.5) as i32;
        let all: Vec<u8> = (0..=255).collect();
        for cb in 0..=255u8 {
            for cr in 0..=255u8 {
                let mut bgr = [[0; 256]; 3];
                let [b, g, r] = &mut bgr;
                convert([&all, &[cb; 256], &[cr; 256]], [b, g, r]);
                let (cb, cr) = (i32::from(cb) - 128, i32::from(cr) - 128);
                let blue = (fixed(1.772) * cb + 32768) >> 16;
                let green = (-fixed(0.34414) * cb + 32768 - fixed(0.71414) * cr) >> 16;
                let red = (fixed(1.402) * cr + 32768) >> 16;
                for (y, ((b, g), r)) in (0..).zip(bgr[0].iter().zip(bgr[1]).zip(bgr[2])) {
                    let expected = [blue, green, red].map(|c: i32| (y + c).clamp(0, 255) as u8);
                    assert_eq!([*b, g, r], expected, "{y} {cb} {cr}");
                }
            }
        }
    }
}
