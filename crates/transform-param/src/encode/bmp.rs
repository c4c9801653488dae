//! Grey has a palette of 256 greys, colour 24 bits, alpha 32 bits with masks in a header of version 4.

use super::Rows;
use crate::error::EncodeError;

const FILE_HEADER: u32 = 14;

pub(super) fn write(rows: &Rows) -> Result<Vec<u8>, EncodeError> {
    let too_large = || rows.no_such_size();
    let [h, w] = rows.sides()?;
    let (header, bytes, bits, colors): (u32, u32, u16, u32) = match rows.channels {
        1 => (40, 1, 8, 256),
        3 => (40, 3, 24, 0),
        _ => (108, 4, 32, 0),
    };
    // Rows are filled up to whole words.
    let pitch = w.checked_mul(bytes).and_then(|pitch| pitch.checked_next_multiple_of(4));
    let pixels = pitch.and_then(|pitch| pitch.checked_mul(h)).ok_or_else(too_large)?;
    let offset = FILE_HEADER + header + 4 * colors;
    let length = offset.checked_add(pixels).ok_or_else(too_large)?;

    let mut out = b"BM".to_vec();
    let long = |out: &mut Vec<u8>, values: &[u32]| {
        values.iter().for_each(|value| out.extend(value.to_le_bytes()));
    };
    long(&mut out, &[length, 0, offset, header, w, h]);
    out.extend(1u16.to_le_bytes()); // planes
    out.extend(bits.to_le_bytes());
    // Compression (3: masks), bytes of the pixels, pixels per metre, colours, of which all are important.
    long(&mut out, &[if header == 108 { 3 } else { 0 }, pixels, 0, 0, colors, 0]);
    if header == 108 {
        // Masks of R, G, B and alpha; sRGB, whose end points and gamma are not given.
        long(&mut out, &[0xFF_0000, 0xFF00, 0xFF, 0xFF00_0000, 0x7352_4742]);
        long(&mut out, &[0; 12]);
    }
    if colors > 0 {
        (0..=u8::MAX).for_each(|grey| out.extend([grey, grey, grey, 0]));
    }
    let [_, width] = rows.size;
    // From the lowest row to the highest.
    for row in rows.values.chunks_exact(rows.channels * width).rev() {
        out.extend(row);
        out.extend(std::iter::repeat_n(0, row.len().next_multiple_of(4) - row.len()));
    }
    Ok(out)
}
