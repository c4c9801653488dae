//! Turning pictures as EXIF says.

use crate::error::Error;
use crate::memory;
use crate::pixels::Pixels;

/// How a stored picture has to be turned to stand upright.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Orientation {
    /// Not at all.
    #[default]
    Upright,
    /// Left to right.
    Mirrored,
    /// By 180 degrees.
    Half,
    /// Upside down.
    Flipped,
    /// Rows to columns.
    Transposed,
    /// By 90 degrees, clockwise.
    Right,
    /// Rows to columns, from the other corner.
    Transversed,
    /// By 90 degrees, counter-clockwise.
    Left,
}

impl Orientation {
    /// By the value of EXIF's tag; none for a value that has no meaning.
    pub(super) fn from_tag(value: u16) -> Option<Self> {
        Some(match value {
            1 => Orientation::Upright,
            2 => Orientation::Mirrored,
            3 => Orientation::Half,
            4 => Orientation::Flipped,
            5 => Orientation::Transposed,
            6 => Orientation::Right,
            7 => Orientation::Transversed,
            8 => Orientation::Left,
            _ => return None,
        })
    }

    /// From EXIF data, which is a TIFF without pixels: its first directory has the tag.
    #[cfg(any(feature = "jpeg", feature = "png", feature = "webp"))]
    pub(super) fn from_exif(data: &[u8]) -> Option<Self> {
        const ORIENTATION: u16 = 0x112;
        /// EXIF's type of 16-bit numbers.
        const SHORT: u16 = 3;
        let little = match data.first_chunk()? {
            b"II*\0" => true,
            b"MM\0*" => false,
            _ => return None,
        };
        let short = |at: usize| -> Option<u16> {
            let bytes = *data.get(at..)?.first_chunk()?;
            Some(if little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
        };
        let long = |at: usize| -> Option<u32> {
            let bytes = *data.get(at..)?.first_chunk()?;
            Some(if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
        };
        let directory = usize::try_from(long(4)?).ok()?;
        for entry in 0..usize::from(short(directory)?) {
            // Tag, type, count, value.
            let at = directory.checked_add(2 + 12 * entry)?;
            // An entry that is cut off ends the search.
            data.get(at..at.checked_add(12)?)?;
            if short(at)? == ORIENTATION && short(at + 2)? == SHORT && long(at + 4)? == 1 {
                return Orientation::from_tag(short(at + 8)?);
            }
        }
        None
    }
}

/// Makes the stored picture stand upright.
pub(super) fn upright(picture: Pixels<u8>, orientation: Orientation) -> Result<Pixels<u8>, Error> {
    Ok(match orientation {
        Orientation::Upright => picture,
        Orientation::Mirrored => flip(picture, [false, true]),
        Orientation::Half => flip(picture, [true, true]),
        Orientation::Flipped => flip(picture, [true, false]),
        Orientation::Transposed => transpose(&picture)?,
        Orientation::Right => flip(transpose(&picture)?, [false, true]),
        Orientation::Transversed => flip(transpose(&picture)?, [true, true]),
        Orientation::Left => flip(transpose(&picture)?, [true, false]),
    })
}

/// Upside down, left to right.
fn flip(picture: Pixels<u8>, [vertical, horizontal]: [bool; 2]) -> Pixels<u8> {
    let [c, h, w] = picture.shape();
    let mut data = picture.into_data();
    let plane = (h * w).max(1);
    for values in data.chunks_exact_mut(plane) {
        match (vertical, horizontal) {
            (true, true) => values.reverse(),
            (false, true) => values.chunks_exact_mut(w).for_each(<[u8]>::reverse),
            (true, false) => {
                let (upper, lower) = values.split_at_mut(h / 2 * w);
                let rows = upper.chunks_exact_mut(w).zip(lower.chunks_exact_mut(w).rev());
                rows.for_each(|(a, b)| a.swap_with_slice(b));
            }
            (false, false) => {}
        }
    }
    Pixels::from_planes([c, h, w], data)
}

fn transpose(picture: &Pixels<u8>) -> Result<Pixels<u8>, Error> {
    let [c, h, w] = picture.shape();
    let mut data = memory::room(picture.data().len())?;
    for plane in picture.data().chunks_exact((h * w).max(1)) {
        for column in 0..w {
            data.extend(plane.iter().skip(column).step_by(w));
        }
    }
    Ok(Pixels::from_planes([c, w, h], data))
}

#[cfg(all(test, any(feature = "jpeg", feature = "png", feature = "webp")))]
#[allow(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "numbers of the tests' own files"
)]
mod tests {
    use super::*;

    fn exif(little: bool, entries: &[[u16; 3]]) -> Vec<u8> {
        let short = |v: u16| if little { v.to_le_bytes() } else { v.to_be_bytes() };
        let long = |v: u32| if little { v.to_le_bytes() } else { v.to_be_bytes() };
        let mut data = if little { b"II*\0".to_vec() } else { b"MM\0*".to_vec() };
        data.extend(long(10));
        data.extend([0; 2]);
        data.extend(short(entries.len() as u16));
        for &[tag, kind, value] in entries {
            data.extend([short(tag), short(kind)].concat());
            data.extend(long(1));
            data.extend([short(value), [0; 2]].concat());
        }
        data
    }

    #[test]
    fn the_tag_is_found_in_either_byte_order() {
        for little in [true, false] {
            let data = exif(little, &[[0x10F, 3, 9], [0x112, 3, 6]]);
            assert_eq!(Orientation::from_exif(&data), Some(Orientation::Right));
            for end in 0..data.len() {
                assert_eq!(Orientation::from_exif(&data[..end]), None, "{end}");
            }
            assert_eq!(Orientation::from_exif(&exif(little, &[[0x112, 3, 0]])), None);
            assert_eq!(Orientation::from_exif(&exif(little, &[[0x112, 4, 6]])), None);
        }
    }

    /// Exact: 1 2 3 over 4 5 6.
    #[test]
    fn every_turn() {
        let turned = |value| {
            let picture = Pixels::from_planes([1, 2, 3], vec![1, 2, 3, 4, 5, 6]);
            upright(picture, Orientation::from_tag(value).expect("known")).expect("small")
        };
        for (value, shape, expected) in [
            (1, [1, 2, 3], [1, 2, 3, 4, 5, 6]),
            (2, [1, 2, 3], [3, 2, 1, 6, 5, 4]),
            (3, [1, 2, 3], [6, 5, 4, 3, 2, 1]),
            (4, [1, 2, 3], [4, 5, 6, 1, 2, 3]),
            (5, [1, 3, 2], [1, 4, 2, 5, 3, 6]),
            (6, [1, 3, 2], [4, 1, 5, 2, 6, 3]),
            (7, [1, 3, 2], [6, 3, 5, 2, 4, 1]),
            (8, [1, 3, 2], [3, 6, 2, 5, 1, 4]),
        ] {
            let turned = turned(value);
            assert_eq!((turned.shape(), turned.data()), (shape, &expected[..]), "{value}");
        }
    }
}
