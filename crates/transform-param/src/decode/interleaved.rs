//! From rows of interleaved pixels, as PNG, TIFF and WebP have them, to planes.

use super::ColorMode;
use super::gray::Luma;
use crate::error::Error;
use crate::memory;
use crate::pixels::Pixels;

/// Takes the rows of a picture one after the other.
pub(super) struct Planes {
    /// Channels of a stored pixel.
    channels: usize,
    size: [usize; 2],
    kind: Kind,
    narrow: fn(u32) -> u8,
    data: Vec<u8>,
    next: usize,
}

enum Kind {
    /// One channel of R, G, B.
    Luma(&'static Luma),
    /// Where the channels of the result are in a stored pixel.
    Order(&'static [usize]),
}

impl Planes {
    /// For a picture of `size` (h, w) with so many channels in the order of R, G, B, alpha or grey, alpha. `narrow`
    /// makes a byte of a stored value.
    pub(super) fn new(
        channels: usize,
        size: [usize; 2],
        mode: ColorMode,
        luma: &'static Luma,
        narrow: fn(u32) -> u8,
    ) -> Result<Self, Error> {
        let kind = match (mode, channels) {
            (ColorMode::Gray, 3 | 4) => Kind::Luma(luma),
            (ColorMode::AsStored, 4) => Kind::Order(&[2, 1, 0, 3]),
            (ColorMode::AsStored, 2) => Kind::Order(&[0, 0, 0, 1]),
            (ColorMode::Color | ColorMode::AsStored, 3 | 4) => Kind::Order(&[2, 1, 0]),
            (ColorMode::Color, _) => Kind::Order(&[0, 0, 0]),
            (ColorMode::Gray | ColorMode::AsStored, _) => Kind::Order(&[0]),
        };
        let planes = match kind {
            Kind::Luma(_) => 1,
            Kind::Order(order) => order.len(),
        };
        let data = memory::zeros(planes * size[0] * size[1])?;
        Ok(Planes { channels, size, kind, narrow, data, next: 0 })
    }

    /// The next row.
    pub(super) fn row<T: Copy + Into<u32>>(&mut self, row: &[T]) {
        let [h, w] = self.size;
        let narrow = self.narrow;
        let lines = self.data.chunks_exact_mut((h * w).max(1));
        let lines = lines.filter_map(|plane| plane.chunks_exact_mut(w.max(1)).nth(self.next));
        match self.kind {
            Kind::Luma(luma) => {
                for (out, pixel) in lines.flatten().zip(row.chunks_exact(self.channels)) {
                    if let [r, g, b, ..] = *pixel {
                        *out = narrow(luma.of([r.into(), g.into(), b.into()]));
                    }
                }
            }
            Kind::Order(order) => {
                for (line, &channel) in lines.zip(order) {
                    let values = row.iter().skip(channel).step_by(self.channels);
                    line.iter_mut().zip(values).for_each(|(out, &v)| *out = narrow(v.into()));
                }
            }
        }
        self.next += 1;
    }

    /// All rows at once.
    #[cfg(any(feature = "tiff", feature = "webp"))]
    pub(super) fn rows<T: Copy + Into<u32>>(mut self, rows: &[T]) -> Pixels<u8> {
        let length = (self.channels * self.size[1]).max(1);
        rows.chunks_exact(length).for_each(|row| self.row(row));
        self.finish()
    }

    /// The picture; rows that did not come are zeros.
    pub(super) fn finish(self) -> Pixels<u8> {
        let [h, w] = self.size;
        let planes = match self.kind {
            Kind::Luma(_) => 1,
            Kind::Order(order) => order.len(),
        };
        Pixels::from_planes([planes, h, w], self.data)
    }
}

/// A value that is a byte already.
pub(super) fn byte(value: u32) -> u8 {
    u8::try_from(value).unwrap_or(u8::MAX)
}

/// The upper byte of 16 bits.
#[cfg(any(feature = "png", feature = "tiff"))]
pub(super) fn upper(value: u32) -> u8 {
    byte(value >> 8)
}
