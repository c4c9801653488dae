//! PBM, PGM and PPM, as text and as bytes.

use super::{ColorMode, Limits, fail, gray};
use crate::error::Error;
use crate::pixels::Pixels;

pub(super) fn decode(bytes: &[u8], mode: ColorMode, limits: &Limits) -> Result<Pixels<u8>, Error> {
    let kind = bytes.get(1).copied().unwrap_or_default();
    let mut text = Text { rest: bytes.get(2..).unwrap_or_default() };
    let width = text.number(usize::MAX)?;
    let height = text.number(usize::MAX)?;
    let bitmap = matches!(kind, b'1' | b'4');
    let max = if bitmap { 1 } else { text.number(usize::MAX)? };
    if max == 0 || max > 65535 {
        return Err(fail(format!("a greatest value of {max}")));
    }
    let [h, w] = limits.check(width, height)?;
    let channels = if matches!(kind, b'3' | b'6') { 3 } else { 1 };
    let count = channels * h * w;
    // A text file has at least one byte for each value.
    let have = |length: usize| text.rest.get(..length).ok_or_else(truncated);
    let stored: Vec<u8> = match kind {
        b'4' => {
            let pitch = w.div_ceil(8);
            let bit = |row: &[u8], x: usize| (row[x / 8] >> (7 - x % 8)) & 1;
            let rows = have(pitch * h)?.chunks_exact(pitch);
            rows.flat_map(|row| (0..w).map(move |x| if bit(row, x) == 0 { 255 } else { 0 }))
                .collect()
        }
        b'5' | b'6' if max < 256 => have(count)?.to_vec(),
        b'5' | b'6' => have(2 * count)?.chunks_exact(2).map(|value| value[0]).collect(),
        _ => {
            have(count)?;
            let mut values = Vec::with_capacity(count);
            for _ in 0..count {
                let value = text.number(if bitmap { 1 } else { usize::MAX })?.min(max);
                values.push(match value {
                    value if bitmap => {
                        if value == 0 {
                            255
                        } else {
                            0
                        }
                    }
                    value if max < 256 => (value * 255 / max) as u8,
                    value => (value >> 8) as u8,
                });
            }
            values
        }
    };
    Ok(match (channels, mode) {
        (1, ColorMode::Color) => Pixels::from_planes([3, h, w], stored.repeat(3)),
        (1, ColorMode::Gray | ColorMode::AsStored) => Pixels::from_planes([1, h, w], stored),
        (_, ColorMode::Gray) => {
            let luma = stored.chunks_exact(3).map(|p| gray::of_bgr([p[2], p[1], p[0]])).collect();
            Pixels::from_planes([1, h, w], luma)
        }
        (_, ColorMode::Color | ColorMode::AsStored) => Pixels::from_rgb([h, w], &stored),
    })
}

fn truncated() -> Error {
    fail("truncated PNM")
}

struct Text<'a> {
    rest: &'a [u8],
}

impl Text<'_> {
    fn byte(&mut self) -> Result<u8, Error> {
        let (&byte, rest) = self.rest.split_first().ok_or_else(truncated)?;
        self.rest = rest;
        Ok(byte)
    }

    /// The next number, of at most so many digits, and the byte behind it unless digits ran out.
    fn number(&mut self, digits: usize) -> Result<u64, Error> {
        let mut byte = self.byte()?;
        while !byte.is_ascii_digit() {
            if byte == b'#' {
                while !matches!(byte, b'\n' | b'\r') {
                    byte = self.byte()?;
                }
            }
            byte = self.byte()?;
        }
        let mut value: u64 = 0;
        for digit in 1.. {
            value = value.saturating_mul(10).saturating_add((byte - b'0').into());
            if digit >= digits {
                break;
            }
            // The last number of a text file may end it.
            match self.byte() {
                Ok(next) if next.is_ascii_digit() => byte = next,
                _ => break,
            }
        }
        Ok(value)
    }
}
