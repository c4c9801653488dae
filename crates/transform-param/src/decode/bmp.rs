//! Windows and OS/2 bitmaps: 1, 4, 8, 16, 24 and 32 bits, RLE4 and RLE8, either way up.

use super::{ColorMode, Limits, gray};
use crate::error::{DecodeError, Error};
use crate::format::Format;
use crate::memory;
use crate::pixels::Pixels;

struct Header {
    width: usize,
    height: usize,
    top_down: bool,
    /// Where the pixels begin.
    offset: usize,
    layout: Layout,
    /// Whether the file counts as grey: its palette has nothing else, or its header is OS/2's.
    gray: bool,
}

enum Layout {
    /// Bits of an index, and B, G, R for each.
    Palette {
        bits: usize,
        compressed: bool,
        colors: Vec<[u8; 3]>,
    },
    /// 16 bits: 5 each for B, G and R, or 6 for G.
    Packed {
        wide_green: bool,
    },
    Bgr,
    /// `alpha`: the fourth byte means something. `masked`: the header itself says where the parts
    /// are, and OpenCV takes another way to grey.
    Bgrx {
        alpha: bool,
        masked: bool,
    },
}

impl Layout {
    /// Bits of a pixel.
    fn bits(&self) -> usize {
        match self {
            Layout::Palette { bits, .. } => *bits,
            Layout::Packed { .. } => 16,
            Layout::Bgr => 24,
            Layout::Bgrx { .. } => 32,
        }
    }
}

pub(super) fn decode(bytes: &[u8], mode: ColorMode, limits: &Limits) -> Result<Pixels<u8>, Error> {
    let header = read_header(bytes, limits)?;
    let pixels = bytes.get(header.offset..).ok_or_else(truncated)?;
    let gray = mode == ColorMode::Gray || (mode == ColorMode::AsStored && header.gray);
    let alpha =
        mode == ColorMode::AsStored && matches!(header.layout, Layout::Bgrx { alpha: true, .. });
    let channels = if gray {
        1
    } else if alpha {
        4
    } else {
        3
    };
    let [h, w] = [header.height, header.width];
    let pitch = |bits: usize| w.checked_mul(bits).map(|bits| bits.div_ceil(32) * 4);
    // Nothing is allocated for pixels that the file does not have.
    let rows = |bits: usize| -> Result<_, Error> {
        let pitch = pitch(bits).ok_or_else(truncated)?;
        let all = pitch.checked_mul(h).and_then(|length| pixels.get(..length));
        Ok(all.ok_or_else(truncated)?.chunks_exact(pitch))
    };
    let masked = matches!(header.layout, Layout::Bgrx { masked: true, .. });
    let luma = if masked { gray::cut_off } else { gray::of_bgr };
    let indices = match &header.layout {
        Layout::Palette { bits, compressed: true, .. } => unpack_rle(pixels, *bits == 4, [h, w])?,
        layout => {
            rows(layout.bits()).map(drop)?;
            Vec::new()
        }
    };
    let mut out = memory::room(channels * h * w)?;
    let mut put = |bgr: [u8; 3], fourth: u8| {
        if gray {
            out.push(luma(bgr));
        } else {
            out.extend_from_slice(&bgr);
            if alpha {
                out.push(fourth);
            }
        }
    };
    match &header.layout {
        Layout::Palette { bits, compressed, colors } => {
            let color = |index: u8| colors.get(usize::from(index)).copied().unwrap_or_default();
            if *compressed {
                indices.into_iter().for_each(|index| put(color(index), 0));
            } else {
                let mask = u8::MAX >> (8 - bits);
                for row in rows(*bits)? {
                    for x in 0..w {
                        let byte = row.get(x * bits / 8).copied().unwrap_or_default();
                        put(color(byte >> (8 - bits - x * bits % 8) & mask), 0);
                    }
                }
            }
        }
        Layout::Packed { wide_green } => {
            for row in rows(16)? {
                for &pixel in row.as_chunks().0.iter().take(w) {
                    let value = u16::from_le_bytes(pixel);
                    let [g, r] = if *wide_green {
                        [(value >> 3) & 0xFC, value >> 8]
                    } else {
                        [(value >> 2) & 0xF8, value >> 7]
                    };
                    let [low, _] = (value << 3).to_le_bytes();
                    let [g, _] = g.to_le_bytes();
                    let [r, _] = (r & 0xF8).to_le_bytes();
                    put([low, g, r], 0);
                }
            }
        }
        Layout::Bgr => {
            for row in rows(24)? {
                row.as_chunks().0.iter().take(w).for_each(|&bgr| put(bgr, 0));
            }
        }
        Layout::Bgrx { .. } => {
            for row in rows(32)? {
                row.as_chunks().0.iter().take(w).for_each(|&[b, g, r, x]| put([b, g, r], x));
            }
        }
    }
    if !header.top_down {
        let width = w * channels;
        let (upper, lower) = out.split_at_mut(h / 2 * width);
        let pairs = upper.chunks_exact_mut(width).zip(lower.chunks_exact_mut(width).rev());
        pairs.for_each(|(a, b)| a.swap_with_slice(b));
    }
    Pixels::from_interleaved([channels, h, w], &out)
}

fn truncated() -> Error {
    DecodeError::Truncated { format: Format::Bmp }.into()
}

fn read_header(bytes: &[u8], limits: &Limits) -> Result<Header, Error> {
    let u16_at = |at: usize| -> Result<u16, Error> {
        let part = bytes.get(at..).and_then(|rest| rest.first_chunk());
        part.copied().map(u16::from_le_bytes).ok_or_else(truncated)
    };
    let u32_at = |at: usize| -> Result<u32, Error> {
        let part = bytes.get(at..).and_then(|rest| rest.first_chunk());
        part.copied().map(u32::from_le_bytes).ok_or_else(truncated)
    };
    let unknown = || Error::from(DecodeError::Layout { format: Format::Bmp });
    let count = |at: usize| usize::try_from(u32_at(at)?).map_err(|_| truncated());
    let length = count(14)?;
    let windows = length >= 36;
    if !windows && length != 12 {
        return Err(unknown());
    }
    let (width, height) = if windows {
        (u32_at(18)?.cast_signed(), u32_at(22)?.cast_signed())
    } else {
        (i32::from(u16_at(18)?), i32::from(u16_at(20)?))
    };
    let bits = usize::from(u16_at(if windows { 28 } else { 24 })?);
    let compression = if windows { u32_at(30)? } else { 0 };
    let [rows, columns] = limits
        .check(u64::try_from(width).map_err(|_| unknown())?, u64::from(height.unsigned_abs()))?;
    let after = length.checked_add(14).ok_or_else(truncated)?;
    let layout = match (bits, compression) {
        (1 | 4 | 8, 0) | (8, 1) | (4, 2) => {
            let used = if windows { count(46)? } else { 0 };
            let used = if used == 0 { 1 << bits } else { used };
            if used > 256 {
                return Err(unknown());
            }
            let entry = if windows { 4 } else { 3 };
            let table = bytes.get(after..).and_then(|rest| rest.get(..used * entry));
            let colors = table.ok_or_else(truncated)?.chunks_exact(entry);
            let colors = colors.filter_map(|color| color.first_chunk().copied()).collect();
            Layout::Palette { bits, compressed: compression != 0, colors }
        }
        (16, 0) if windows => Layout::Packed { wide_green: false },
        (16, 3) => match [u32_at(54)?, u32_at(58)?, u32_at(62)?] {
            [0x7C00, 0x3E0, 0x1F] => Layout::Packed { wide_green: false },
            [0xF800, 0x7E0, 0x1F] => Layout::Packed { wide_green: true },
            _ => return Err(unknown()),
        },
        (24, 0) => Layout::Bgr,
        (32, 0) => Layout::Bgrx { alpha: false, masked: false },
        (32, 3) => match [u32_at(54)?, u32_at(58)?, u32_at(62)?] {
            [0xFF_0000, 0xFF00, 0xFF] => Layout::Bgrx { alpha: true, masked: length >= 56 },
            _ => return Err(unknown()),
        },
        _ => return Err(unknown()),
    };
    let gray = match &layout {
        Layout::Palette { bits, colors, .. } if windows => {
            colors.iter().take(1 << bits).all(|[b, g, r]| b == g && g == r)
        }
        _ => !windows,
    };
    let offset = count(10)?;
    Ok(Header { width: columns, height: rows, top_down: height < 0, offset, layout, gray })
}

/// The indices of a run-length encoded bitmap, in the order of the file. What is skipped is 0.
fn unpack_rle(bytes: &[u8], nibbles: bool, [h, w]: [usize; 2]) -> Result<Vec<u8>, Error> {
    let mut input = bytes.iter().copied();
    let mut next = || input.next().ok_or_else(truncated);
    // A run of 255 pixels takes two bytes, a skip of 255 rows four. A file that is shorter cannot fill the picture.
    if (h / 255).saturating_mul(w / 255) > bytes.len() {
        return Err(truncated());
    }
    let mut indices = memory::zeros(h * w)?;
    let (mut x, mut y) = (0, 0);
    // A run that fills its row has moved on to the next row. An end of line right after it must not move on again.
    let mut wrapped = false;
    while y < h {
        let (count, value) = (usize::from(next()?), next()?);
        match (count, value) {
            (0, 0) => {
                if !(wrapped && x == 0) {
                    (x, y) = (0, y + 1);
                }
                wrapped = false;
            }
            (0, 1) => break,
            (0, 2) => {
                x += usize::from(next()?);
                y += usize::from(next()?);
                (x, y) = (x % w, y + x / w);
                wrapped = false;
            }
            (count, value) => {
                let absolute = count == 0;
                let count = if absolute { usize::from(value) } else { count };
                let row = indices.get_mut(y * w..(y + 1) * w).ok_or_else(truncated)?;
                let run = row.get_mut(x..x + count).ok_or_else(|| Error::from(DecodeError::Run))?;
                if absolute {
                    let bytes = if nibbles { count.div_ceil(2) } else { count };
                    for position in 0..bytes {
                        let byte = next()?;
                        if nibbles {
                            let pair = [byte >> 4, byte & 15];
                            let rest = run.iter_mut().skip(2 * position);
                            rest.zip(pair).for_each(|(out, index)| *out = index);
                        } else {
                            run.iter_mut().skip(position).take(1).for_each(|out| *out = byte);
                        }
                    }
                    if bytes % 2 == 1 {
                        next()?;
                    }
                } else if nibbles {
                    let pair = [value >> 4, value & 15];
                    run.iter_mut().zip(pair.iter().cycle()).for_each(|(out, &index)| *out = index);
                } else {
                    run.fill(value);
                }
                x += count;
                if x == w && !nibbles {
                    (x, y, wrapped) = (0, y + 1, true);
                }
            }
        }
    }
    Ok(indices)
}
