//! Bit-exact: what [`baseline`] decodes equals libjpeg's result, with vectors and without.

use mozjpeg::{ColorSpace, Compress};
use proptest::prelude::*;

use super::fuzzing::jpeg as agrees;

/// A picture of `bytes` in waves of noise, encoded by libjpeg.
fn encoded([h, w]: [usize; 2], seed: u64, quality: f32, chroma: Option<(u8, u8)>) -> Vec<u8> {
    let (channels, space) = match chroma {
        Some(_) => (3, ColorSpace::JCS_RGB),
        None => (1, ColorSpace::JCS_GRAYSCALE),
    };
    let value = |i: usize| {
        let noise = ((i as u64 + 1) ^ seed).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 57;
        (i / channels % w * 3 + i / channels / w * 2 + i % channels * 40) as u8 / 2 + noise as u8
    };
    let values: Vec<u8> = (0..channels * h * w).map(value).collect();
    let mut jpeg = Compress::new(space);
    jpeg.set_fastest_defaults();
    jpeg.set_size(w, h);
    jpeg.set_quality(quality);
    if let Some((x, y)) = chroma {
        jpeg.set_chroma_sampling_pixel_sizes((x, y), (x, y));
    }
    let mut started = jpeg.start_compress(Vec::new()).expect("starts");
    started.write_scanlines(&values).expect("lines");
    started.finish().expect("whole")
}

#[test]
fn every_size_and_sampling_is_libjpegs() {
    for chroma in [None, Some((1, 1)), Some((2, 1)), Some((1, 2)), Some((2, 2))] {
        for h in 1..36 {
            for w in 1..36 {
                let file =
                    encoded([h, w], (h * w) as u64, [30.0, 75.0, 92.0, 100.0][(h + w) % 4], chroma);
                // Libjpeg repeats chroma rows of two samples: this is left to it.
                let two = matches!(chroma, Some((2, _))) && w <= 4;
                assert_eq!(agrees(&file), !two, "{h} x {w}, {chroma:?}");
            }
        }
    }
}

#[test]
fn what_is_unusual_is_left_to_libjpeg() {
    let usual = encoded([20, 30], 1, 80.0, Some((2, 2)));
    assert!(agrees(&usual));
    // The end marker is not needed, the last data byte is.
    assert!(agrees(&usual[..usual.len() - 2]));
    assert!(!agrees(&usual[..usual.len() - 6]));
    let mut four = usual.clone();
    let frame = four.windows(2).position(|pair| pair == [0xFF, 0xC0]).expect("a frame");
    four[frame + 11] = 0x41;
    assert!(!agrees(&four));
    let mut twelve = usual.clone();
    twelve[frame + 4] = 12;
    assert!(!agrees(&twelve));
    let mut jpeg = Compress::new(ColorSpace::JCS_RGB);
    jpeg.set_size(30, 20);
    jpeg.set_progressive_mode();
    let mut started = jpeg.start_compress(Vec::new()).expect("starts");
    started.write_scanlines(&[99; 1800]).expect("lines");
    assert!(!agrees(&started.finish().expect("whole")));
}

/// A file made of coefficients. libjpeg's encoder knows neither restart intervals nor extremes.
#[derive(Clone, Debug)]
struct Spec {
    size: [usize; 2],
    sampling: Option<[u8; 2]>,
    interval: usize,
    largest: i32,
    step: u8,
    zeros: u32,
    seed: u64,
}

fn specs() -> impl Strategy<Value = Spec> {
    let size = [5usize..50, 5usize..50];
    let sampling = proptest::option::of([1u8..=2, 1u8..=2]);
    let largest = prop_oneof![Just(1), Just(20), Just(1023), Just(32_000)];
    (size, sampling, 0usize..5, largest, 1u8..=255, 1u32..40, any::<u64>()).prop_map(
        |(size, sampling, interval, largest, step, zeros, seed)| {
            let step = if largest > 20 { step.min(4) } else { step };
            Spec { size, sampling, interval, largest, step, zeros, seed }
        },
    )
}

/// Bits to bytes, stuffed.
#[derive(Default)]
struct Writer {
    bytes: Vec<u8>,
    bits: u64,
    count: u32,
}

impl Writer {
    fn put(&mut self, value: u32, count: u32) {
        self.bits = self.bits << count | u64::from(value);
        self.count += count;
        while self.count >= 8 {
            self.count -= 8;
            let byte = (self.bits >> self.count) as u8;
            self.bytes.push(byte);
            if byte == 0xFF {
                self.bytes.push(0);
            }
        }
    }

    fn align(&mut self) {
        let free = (8 - self.count % 8) % 8;
        self.put((1 << free) - 1, free);
    }
}

/// Codes for the symbols 0 to 250: 100 of 8 bits, the others of 16.
fn code(symbol: u8) -> (u32, u32) {
    match u32::from(symbol) {
        short @ 0..100 => (short, 8),
        long => (100 * 256 + long - 100, 16),
    }
}

fn size_of(value: i32) -> (u32, u32) {
    let size = 32 - value.unsigned_abs().leading_zeros();
    let bits = if value < 0 { value + (1 << size) - 1 } else { value };
    (bits as u32, size)
}

impl Spec {
    fn file(&self) -> Vec<u8> {
        let mut file = vec![0xFF, 0xD8];
        let mut segment = |marker: u8, data: &[u8]| {
            file.extend([0xFF, marker]);
            file.extend((data.len() as u16 + 2).to_be_bytes());
            file.extend(data);
        };
        let mut table = vec![0];
        table.extend([self.step; 64]);
        segment(0xDB, &table);
        for class in [0x00, 0x10] {
            // A DC symbol is below 16.
            let (short, long) = if class == 0 { (16, 0) } else { (100, 151) };
            let mut table = vec![class, 0, 0, 0, 0, 0, 0, 0, short, 0, 0, 0, 0, 0, 0, 0, long];
            table.extend(0..short + long);
            segment(0xC4, &table);
        }
        if self.interval > 0 {
            segment(0xDD, &(self.interval as u16).to_be_bytes());
        }
        let [h, w] = self.size;
        let mut frame = vec![8, 0, h as u8, 0, w as u8];
        let ids: &[u8] = if self.sampling.is_some() { &[1, 2, 3] } else { &[1] };
        let [v, x] = self.sampling.unwrap_or([1, 1]);
        frame.push(ids.len() as u8);
        for &id in ids {
            frame.extend([id, if id == 1 { x << 4 | v } else { 0x11 }, 0]);
        }
        segment(0xC0, &frame);
        let mut scan = vec![ids.len() as u8];
        scan.extend(ids.iter().flat_map(|&id| [id, 0]));
        scan.extend([0, 63, 0]);
        segment(0xDA, &scan);

        let mcus = h.div_ceil(8 * usize::from(v)) * w.div_ceil(8 * usize::from(x));
        let mut out = Writer { bytes: file, ..Writer::default() };
        let mut state = self.seed | 1;
        let mut random = move |below: u32| {
            state = state.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
            ((state >> 33) % u64::from(below)) as u32
        };
        let mut dc = [0; 3];
        for mcu in 0..mcus {
            if self.interval > 0 && mcu > 0 && mcu % self.interval == 0 {
                out.align();
                let number = (mcu / self.interval - 1) % 8;
                out.bytes.extend([0xFF, 0xD0 + number as u8]);
                dc = [0; 3];
            }
            for (component, dc) in dc.iter_mut().enumerate().take(ids.len()) {
                let blocks = if component == 0 { usize::from(v * x) } else { 1 };
                for _ in 0..blocks {
                    let mut number = |largest: i32| random(2 * largest as u32 + 1) as i32 - largest;
                    let target = number(self.largest.min(1023));
                    let (bits, size) = size_of(target - *dc);
                    *dc = target;
                    let (value, length) = code(size as u8);
                    out.put(value, length);
                    out.put(bits, size);
                    let mut k = 1;
                    loop {
                        let run = random(self.zeros);
                        if k + run as usize > 63 {
                            out.put(code(0).0, code(0).1);
                            break;
                        }
                        let (bits, size) = loop {
                            let value = random(2 * self.largest as u32 + 1) as i32 - self.largest;
                            let (bits, size) = size_of(value);
                            if size > 0 {
                                break (bits, size);
                            }
                        };
                        for _ in 0..run / 16 {
                            out.put(code(0xF0).0, code(0xF0).1);
                        }
                        let (value, length) = code((run % 16 * 16 + size) as u8);
                        out.put(value, length);
                        out.put(bits, size);
                        k += run as usize + 1;
                        if k == 64 {
                            break;
                        }
                    }
                }
            }
        }
        out.align();
        out.bytes.extend([0xFF, 0xD9]);
        out.bytes
    }
}

proptest! {
    #[test]
    fn files_made_of_coefficients_are_libjpegs(spec in specs()) {
        let fast = agrees(&spec.file());
        // 64 · 20 · 255 and more may be beyond what a picture has.
        prop_assert!(fast || spec.largest > 20 || i32::from(spec.step) * spec.largest > 200);
    }

    #[test]
    fn damage_is_never_decoded_otherwise(
        spec in specs(), flips in proptest::collection::vec(any::<(prop::sample::Index, u8)>(), 0..4),
        end in any::<prop::sample::Index>(),
    ) {
        let mut file = spec.file();
        for (at, mask) in flips {
            let at = at.index(file.len());
            file[at] ^= mask;
        }
        agrees(&file);
        agrees(&file[..end.index(file.len())]);
    }
}
