//! TIFFs with a palette, which the tiff crate only decodes as the indices that they are.

use tiff::ColorType;
use tiff::decoder::DecodingResult;
use tiff::tags::Tag;

use super::interleaved::{Planes, byte, upper};
use super::orientation::Orientation;
use super::tiff::{decoder_limits, open, read, turn, unknown};
use super::{ColorMode, Limits, decoder, gray};
use crate::error::{DecodeError, Error};
use crate::format::Format;
use crate::pixels::Pixels;

const PHOTOMETRIC: u16 = 262;
const BLACK_IS_ZERO: u16 = 1;
const PALETTE: u16 = 3;

/// The same file, its indices called grey values; none if it has no palette.
pub(super) fn as_grey(bytes: &[u8]) -> Option<Vec<u8>> {
    let little = match bytes.first_chunk()? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let number = |at: usize| -> Option<u16> {
        let bytes = *bytes.get(at..)?.first_chunk()?;
        Some(if little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    };
    let [first, second] = [number(4)?, number(6)?].map(usize::from);
    let directory = if little { first | second << 16 } else { first << 16 | second };
    let entries =
        (0..usize::from(number(directory)?)).map(|k| directory.saturating_add(2 + 12 * k));
    let mut entries = entries.take_while(|&at| at < bytes.len());
    let value = entries.find(|&at| number(at) == Some(PHOTOMETRIC))?.checked_add(8)?;
    if number(value)? != PALETTE {
        return None;
    }
    let mut grey = bytes.to_vec();
    let kind = if little { BLACK_IS_ZERO.to_le_bytes() } else { BLACK_IS_ZERO.to_be_bytes() };
    *grey.get_mut(value..)?.first_chunk_mut()? = kind;
    Some(grey)
}

/// The picture in colours, of what [`as_grey`] made, and how it is to be turned.
pub(super) fn decode(
    file: &[u8],
    mode: ColorMode,
    limits: &Limits,
) -> Result<(Pixels<u8>, Orientation), Error> {
    let (mut file, [height, width]) = open(file, limits)?;
    let bits = match file.colortype().map_err(decoder)? {
        ColorType::Gray(bits @ (1 | 2 | 4 | 8)) => usize::from(bits),
        _ => return Err(unknown()),
    };
    let map = file.get_tag_u16_vec(Tag::ColorMap).map_err(decoder)?;
    let count = 1 << bits;
    if map.len() != 3 * count {
        return Err(DecodeError::Palette { found: map.len(), bits }.into());
    }
    // libtiff takes a map without large values for one of bytes.
    let narrow = if map.iter().all(|&value| value < 256) { byte } else { upper };
    let part = |channel: usize| map.iter().skip(channel * count).take(count);
    let colors: Vec<[u8; 3]> = part(0)
        .zip(part(1))
        .zip(part(2))
        .map(|((&r, &g), &b)| [r, g, b].map(|value| narrow(value.into())))
        .collect();
    let turn = turn(&mut file);
    let line = (width * bits).div_ceil(8);
    let file = file.with_limits(decoder_limits(line * height, [height, width]));
    let DecodingResult::U8(packed) = read(file, line * height)?.0 else {
        return Err(unknown());
    };
    if packed.len() != line * height {
        return Err(DecodeError::Truncated { format: Format::Tiff }.into());
    }
    // OpenCV calls all that has one bit grey, even with a palette.
    let mode = if mode == ColorMode::AsStored && bits == 1 { ColorMode::Gray } else { mode };
    let mut planes = Planes::new(3, [height, width], mode, &gray::OPENCV, byte)?;
    let color = |row: &[u8], x: usize| {
        let byte = row.get(x * bits / 8).copied().unwrap_or_default();
        let index = usize::from(byte >> (8 - bits - x * bits % 8)) & (count - 1);
        colors.get(index).copied().unwrap_or_default()
    };
    for row in packed.chunks_exact(line) {
        planes.row(&(0..width).flat_map(|x| color(row, x)).collect::<Vec<u8>>());
    }
    Ok((planes.finish(), turn))
}

#[cfg(test)]
#[allow(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "numbers of the tests' own files"
)]
mod tests {
    use crate::decode::{ColorMode, decode};

    /// Rows of indices 0, 1, 2, …, and a palette whose colour i is 3i, 3i + 1, 3i + 2 times `unit`.
    fn file([h, w]: [u16; 2], bits: u16, little: bool, unit: u16) -> Vec<u8> {
        let short = |value: u16| if little { value.to_le_bytes() } else { value.to_be_bytes() };
        let long = |value: usize| {
            let value = value as u32;
            if little { value.to_le_bytes() } else { value.to_be_bytes() }
        };
        let mut rows = Vec::new();
        for y in 0..h {
            let mut row = vec![0u8; usize::from(w * bits).div_ceil(8)];
            for x in 0..w {
                let index = (y * w + x) % (1 << bits);
                row[usize::from(x * bits / 8)] |= (index << (8 - bits - x * bits % 8)) as u8;
            }
            rows.extend(row);
        }
        rows.resize(rows.len().next_multiple_of(2), 0);
        let mut tiff = if little { b"II*\0".to_vec() } else { b"MM\0*".to_vec() };
        tiff.extend(long(8 + rows.len()));
        tiff.extend(&rows);
        let map = tiff.len() + 2 + 9 * 12 + 4;
        let tags = [
            (256, w),
            (257, h),
            (258, bits),
            (259, 1),
            (262, 3),
            (273, 8),
            (277, 1),
            (279, rows.len() as u16),
        ];
        tiff.extend(short(9));
        for (tag, value) in tags {
            tiff.extend(
                [
                    short(tag),
                    short(3),
                    short(if little { 1 } else { 0 }),
                    short(u16::from(!little)),
                    short(value),
                    short(0),
                ]
                .concat(),
            );
        }
        tiff.extend([&short(320)[..], &short(3), &long(3 << bits), &long(map), &long(0)].concat());
        for channel in 0..3 {
            (0..1 << bits)
                .for_each(|i: u16| tiff.extend(short((3 * i + channel).wrapping_mul(unit))));
        }
        tiff
    }

    /// Bit-exact.
    #[test]
    fn indices_of_every_size_become_colours() {
        for (bits, little, unit) in [1, 2, 4, 8].into_iter().flat_map(|bits| {
            [(bits, true, 1), (bits, false, 1), (bits, true, 257), (bits, false, 300)]
        }) {
            // Values up to 255 are bytes.
            let unit = if bits == 8 && unit == 1 { 256 } else { unit };
            let picture =
                decode(&file([3, 7], bits, little, unit), ColorMode::Color).expect("sound");
            assert_eq!(picture.shape(), [3, 3, 7]);
            for (at, &value) in picture.data().iter().enumerate() {
                let index = (at % 21) as u16 % (1 << bits);
                let whole = (3 * index + 2 - at as u16 / 21).wrapping_mul(unit);
                let expected = if unit == 1 { whole } else { whole >> 8 };
                assert_eq!(u16::from(value), expected, "{bits} bits, unit {unit}, {at}");
            }
        }
        let stored =
            |bits| decode(&file([3, 7], bits, true, 300), ColorMode::AsStored).expect("sound");
        assert_eq!((stored(1).shape(), stored(8).shape()), ([1, 3, 7], [3, 3, 7]));
    }

    #[test]
    fn damage_is_an_error() {
        let whole = file([3, 7], 4, true, 257);
        for end in 0..whole.len() {
            assert!(decode(&whole[..end], ColorMode::Color).is_err(), "{end}");
        }
    }
}
