//! Baseline JPEGs in one scan: grey, or Y, Cb, Cr with the chroma halved or not.
//!
//! The picture is decoded in bands, one row of MCUs each: coefficients, then samples, then pixels. Where libjpeg
//! would warn, guess or fill, this decoder gives up, and libjpeg decodes the file instead. So both give the same.

#![expect(
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "the inner loops of the decoder: places are counted from the header, whose sizes were checked"
)]

use super::color::{Converter, Samples};
use super::header::Header;
use super::huffman::{AcTable, Bits, Block, DcTable, PADDING, read_block};
use super::idct;
use super::{ColorMode, Limits, orientation, turn};
use crate::memory;
use crate::pixels::Pixels;
use crate::simd::Avx2;

pub(super) fn decode(file: &[u8], mode: ColorMode, limits: &Limits) -> Option<Pixels<u8>> {
    decode_on(Avx2::detect(), file, mode, limits)
}

/// [`decode`] with vectors or without.
pub(super) fn decode_on(
    avx2: Option<Avx2>,
    file: &[u8],
    mode: ColorMode,
    limits: &Limits,
) -> Option<Pixels<u8>> {
    let header = Header::read(file)?;
    let [h, w] = header.size;
    limits.check(w.try_into().ok()?, h.try_into().ok()?).ok()?;
    let scan = Scan::new(avx2, &header)?;
    let stored = header.components.len();
    let picture = if mode == ColorMode::Gray || stored == 1 {
        let channels = if mode == ColorMode::Color { 3 } else { 1 };
        let mut luma = memory::room(channels * h * w).ok()?;
        luma.resize(h * w, 0);
        let mut lines = luma.chunks_exact_mut(w);
        scan.decode(1, |samples, y| {
            if let (Some(line), [luma, ..]) = (lines.next(), samples) {
                line.copy_from_slice(luma.row(y));
            }
        })?;
        (1..channels).for_each(|_| luma.extend_from_within(..h * w));
        Pixels::from_planes([channels, h, w], luma)
    } else {
        let mut bgr = memory::zeros(3 * h * w).ok()?;
        let (blue, rest) = bgr.split_at_mut(h * w);
        let (green, red) = rest.split_at_mut(h * w);
        let [blue, green, red] = [blue, green, red].map(|plane| plane.chunks_exact_mut(w));
        let mut lines = blue.zip(green).zip(red);
        let mut converter = Converter::new(avx2, scan.ratio, w.div_ceil(scan.ratio[1]));
        scan.decode(stored, |samples, y| {
            if let Some(((blue, green), red)) = lines.next() {
                converter.row(samples, y, [blue, green, red]);
            }
        })?;
        Pixels::from_planes([3, h, w], bgr)
    };
    orientation::upright(picture, turn(mode, header.app1.iter().copied())).ok()
}

/// The entropy-coded data of a picture and what is needed to decode it.
struct Scan<'a> {
    avx2: Option<Avx2>,
    header: &'a Header<'a>,
    segments: Segments,
    /// Luma samples per chroma sample, and blocks of luma in an MCU, vertically and horizontally.
    ratio: [usize; 2],
    /// MCUs, vertically and horizontally.
    mcus: [usize; 2],
}

impl<'a> Scan<'a> {
    fn new(avx2: Option<Avx2>, header: &'a Header) -> Option<Self> {
        let ratio = header.components.first()?.sampling;
        let mcus = [0, 1].map(|side| header.size[side].div_ceil(8 * ratio[side]));
        // libjpeg upsamples rows of two samples in another way.
        if ratio[1] == 2 && header.size[1] <= 4 {
            return None;
        }
        let segments = Segments::new(header.scan)?;
        let count = mcus[0] * mcus[1];
        let expected = match header.restart_interval {
            0 => 1,
            interval => count.div_ceil(interval),
        };
        // A block takes at least two bits. A file with fewer bits than its header needs is refused before memory is
        // asked for.
        let blocks: usize = header.components.iter().map(|c| c.sampling[0] * c.sampling[1]).sum();
        let enough = segments.bytes.len() >= count * blocks / 4;
        (segments.ends.len() == expected && enough).then_some(Scan {
            avx2,
            header,
            segments,
            ratio,
            mcus,
        })
    }

    /// Decodes the first `needed` components, and puts out row after row.
    fn decode(self, needed: usize, mut put: impl FnMut(&[Samples], usize)) -> Option<()> {
        let [height, _] = self.header.size;
        let band_height = 8 * self.ratio[0];
        let mut samples: Vec<Samples> = (self.header.components.iter().take(needed))
            .map(|c| {
                let below = [0, 1].map(|side| self.ratio[side] / c.sampling[side]);
                let size = [0, 1].map(|side| self.header.size[side].div_ceil(below[side]));
                Samples::new(self.mcus[1], c.sampling, size)
            })
            .collect();
        let mut entropy = Entropy::new(self.header, &self.segments)?;
        for band in 0..=self.mcus[0] {
            if band < self.mcus[0] {
                for column in 0..self.mcus[1] {
                    self.decode_mcu(&mut entropy, &mut samples, [band, column])?;
                }
            }
            // Upsampling looks at the next row, so that a band is put out when the one below it was decoded.
            if let Some(before) = band.checked_sub(1) {
                let rows = before * band_height..(band * band_height).min(height);
                rows.for_each(|y| put(&samples, y));
            }
        }
        entropy.finish()
    }

    #[inline(always)]
    fn decode_mcu(
        &self,
        entropy: &mut Entropy,
        samples: &mut [Samples],
        [band, column]: [usize; 2],
    ) -> Option<()> {
        entropy.next_mcu()?;
        let mut block = [[0; 8]; 8];
        for (index, component) in self.header.components.iter().enumerate() {
            let [rows, columns] = component.sampling;
            for row in 0..rows {
                for within in 0..columns {
                    let varies = entropy.block(self.avx2, index, &mut block)?;
                    let Some(samples) = samples.get_mut(index) else { continue };
                    let stride = samples.stride;
                    let out = samples.at(band, 8 * row, 8 * (column * columns + within));
                    if varies {
                        idct::inverse(self.avx2, &block, &component.steps, out, stride)?;
                    } else {
                        idct::inverse_flat(&block, &component.steps, out, stride)?;
                    }
                }
            }
        }
        Some(())
    }
}

/// Where in the entropy-coded data the decoder is.
struct Entropy<'a> {
    header: &'a Header<'a>,
    segments: &'a Segments,
    bits: Bits<'a>,
    /// Segments begun.
    begun: usize,
    /// MCUs left until the next segment begins.
    left: usize,
    /// The tables and the last DC coefficient of each component.
    components: Vec<((&'a DcTable, &'a AcTable), i32)>,
}

impl<'a> Entropy<'a> {
    fn new(header: &'a Header, segments: &'a Segments) -> Option<Self> {
        let tables = header.components.iter().map(|component| header.tables(component));
        let components = tables.map(|tables| Some((tables?, 0))).collect::<Option<_>>()?;
        Some(Entropy { header, segments, bits: Bits::new(&[]), begun: 0, left: 0, components })
    }

    /// Goes over to the next segment where one begins.
    #[inline(always)]
    fn next_mcu(&mut self) -> Option<()> {
        if self.left == 0 {
            if self.begun > 0 && self.unread()? >= 8 {
                return None;
            }
            self.bits = Bits::new(self.segments.bytes.get(self.start(self.begun)..)?);
            self.begun += 1;
            self.components.iter_mut().for_each(|(_, dc)| *dc = 0);
            self.left = match self.header.restart_interval {
                0 => usize::MAX,
                interval => interval,
            };
        }
        self.left -= 1;
        Some(())
    }

    /// Reads a block of a component; see [`read_block`].
    fn block(&mut self, avx2: Option<Avx2>, component: usize, block: &mut Block) -> Option<bool> {
        match avx2 {
            #[cfg(target_arch = "x86_64")]
            Some(_) => {
                // SAFETY: the proof says that this machine has these instructions.
                #[allow(unsafe_code)]
                unsafe {
                    self.block_bmi(component, block)
                }
            }
            _ => self.block_any(component, block),
        }
    }

    /// The same code with shifts that need no fixed register.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,bmi1,bmi2")]
    fn block_bmi(&mut self, component: usize, block: &mut Block) -> Option<bool> {
        self.block_any(component, block)
    }

    #[inline(always)]
    fn block_any(&mut self, component: usize, block: &mut Block) -> Option<bool> {
        let ((dc_table, ac_table), dc) = &mut self.components[component];
        read_block(&mut self.bits, dc_table, ac_table, dc, block)
    }

    fn start(&self, segment: usize) -> usize {
        segment.checked_sub(1).map_or(0, |before| self.segments.ends[before])
    }

    /// Bits of the present segment that were not read, if not too many were.
    fn unread(&self) -> Option<usize> {
        let present = self.begun - 1;
        let bits = 8 * (self.segments.ends[present] - self.start(present));
        bits.checked_sub(self.bits.position())
    }

    /// Whether all was there.
    fn finish(&self) -> Option<()> {
        self.unread().map(|_| ())
    }
}

/// Entropy-coded data, its stuffed bytes and restart markers taken out.
struct Segments {
    /// All of them, and [`PADDING`].
    bytes: Vec<u8>,
    /// Where each one ends.
    ends: Vec<usize>,
}

impl Segments {
    fn new(mut scan: &[u8]) -> Option<Self> {
        let mut segments =
            Segments { bytes: Vec::with_capacity(scan.len() + PADDING), ends: vec![] };
        while let Some(at) = memchr::memchr(0xFF, scan) {
            segments.bytes.extend_from_slice(&scan[..at]);
            let number = segments.ends.len() as u8;
            match scan.get(at + 1) {
                Some(0) => segments.bytes.push(0xFF),
                Some(marker @ 0xD0..=0xD7) if marker & 7 == number & 7 => {
                    segments.ends.push(segments.bytes.len());
                }
                Some(0xD0..=0xD7 | 0xFF) => return None,
                _ => {
                    scan = &[];
                    break;
                }
            }
            scan = &scan[at + 2..];
        }
        segments.bytes.extend_from_slice(scan);
        segments.ends.push(segments.bytes.len());
        segments.bytes.extend([0; PADDING]);
        Some(segments)
    }
}
