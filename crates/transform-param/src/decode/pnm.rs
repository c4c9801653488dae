//! PBM, PGM and PPM, as text and as bytes.

use super::{ColorMode, Limits, gray};
use crate::error::{DecodeError, Error};
use crate::format::Format;
use crate::memory;
use crate::pixels::Pixels;

pub(super) fn decode(bytes: &[u8], mode: ColorMode, limits: &Limits) -> Result<Pixels<u8>, Error> {
    let kind = bytes.get(1).copied().unwrap_or_default();
    let mut text = Text { rest: bytes.get(2..).unwrap_or_default() };
    let width = text.number(usize::MAX)?;
    let height = text.number(usize::MAX)?;
    let bitmap = matches!(kind, b'1' | b'4');
    let max = if bitmap { 1 } else { text.number(usize::MAX)? };
    if max == 0 || max > 65535 {
        return Err(DecodeError::GreatestValue { found: max }.into());
    }
    let [h, w] = limits.check(width, height)?;
    let channels = if matches!(kind, b'3' | b'6') { 3 } else { 1 };
    let count = channels * h * w;
    // A text file has at least one byte for each value.
    let have = |length: usize| text.rest.get(..length).ok_or_else(truncated);
    let stored: Vec<u8> = match kind {
        b'4' => {
            let pitch = w.div_ceil(8);
            let rows = have(pitch * h)?.chunks_exact(pitch);
            let mut values = memory::room(count)?;
            for row in rows {
                let bits = row.iter().flat_map(|byte| (0..8).map(move |bit| byte << bit & 0x80));
                values.extend(bits.take(w).map(|bit| if bit == 0 { u8::MAX } else { 0 }));
            }
            values
        }
        b'5' | b'6' if max < 256 => {
            let mut values = memory::room(count)?;
            values.extend_from_slice(have(count)?);
            values
        }
        b'5' | b'6' => {
            let mut values = memory::room(count)?;
            values.extend(have(2 * count)?.as_chunks().0.iter().map(|[upper, _]| upper));
            values
        }
        _ => {
            have(count)?;
            let mut values = memory::room(count)?;
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
                    value if max < 256 => byte(value * 255 / max),
                    value => byte(value >> 8),
                });
            }
            values
        }
    };
    Ok(match (channels, mode) {
        (1, ColorMode::Color) => {
            let mut planes = memory::room(3 * count)?;
            (0..3).for_each(|_| planes.extend_from_slice(&stored));
            Pixels::from_planes([3, h, w], planes)
        }
        (1, ColorMode::Gray | ColorMode::AsStored) => Pixels::from_planes([1, h, w], stored),
        (_, ColorMode::Gray) => {
            let luma = stored.as_chunks().0.iter().map(|&[r, g, b]| gray::of_bgr([b, g, r]));
            Pixels::from_planes([1, h, w], luma.collect())
        }
        (_, ColorMode::Color | ColorMode::AsStored) => Pixels::from_rgb([h, w], &stored)?,
    })
}

fn truncated() -> Error {
    DecodeError::Truncated { format: Format::Pnm }.into()
}

/// A value of which the reader took care that it is one.
fn byte(value: u64) -> u8 {
    u8::try_from(value).unwrap_or(u8::MAX)
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
