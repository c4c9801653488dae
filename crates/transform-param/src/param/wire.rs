//! The wire format of protobuf messages, as far as the messages of this crate need it.

use crate::error::WireError;

/// The value of a field as it stands in the bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Wire<'a> {
    /// An integer, a bool or an enumeration.
    Varint(u64),
    Fixed32([u8; 4]),
    Fixed64,
    /// A string, a message, or many numbers one after the other.
    Bytes(&'a [u8]),
}

/// Takes the next field off: its number and its value. None at the end.
pub(crate) fn next<'a>(bytes: &mut &'a [u8]) -> Result<Option<(u64, Wire<'a>)>, WireError> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let key = varint(bytes)?;
    let number = key >> 3;
    if number == 0 || number >= 1 << 29 {
        return Err(WireError::Number);
    }
    let value = match key & 7 {
        0 => Wire::Varint(varint(bytes)?),
        1 => {
            take(bytes, 8)?;
            Wire::Fixed64
        }
        2 => {
            let length = usize::try_from(varint(bytes)?).map_err(|_| WireError::Truncated)?;
            Wire::Bytes(take(bytes, length)?)
        }
        5 => Wire::Fixed32(fixed32(bytes)?),
        _ => return Err(WireError::Kind),
    };
    Ok(Some((number, value)))
}

/// Takes an integer off, seven bits a byte, the lowest first.
pub(crate) fn varint(bytes: &mut &[u8]) -> Result<u64, WireError> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or(WireError::Truncated)?;
        *bytes = rest;
        let bits = u64::from(byte & 0x7F);
        // The tenth byte has room for one bit.
        if bits << shift >> shift != bits {
            return Err(WireError::Number);
        }
        value |= bits << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(WireError::Number)
}

pub(crate) fn fixed32(bytes: &mut &[u8]) -> Result<[u8; 4], WireError> {
    let (&value, rest) = bytes.split_first_chunk().ok_or(WireError::Truncated)?;
    *bytes = rest;
    Ok(value)
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Result<&'a [u8], WireError> {
    let (part, rest) = bytes.split_at_checked(length).ok_or(WireError::Truncated)?;
    *bytes = rest;
    Ok(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_value() {
        let mut bytes: &[u8] =
            &[8, 0xAC, 2, 0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0x1A, 2, 7, 8, 0x25, 1, 2, 3, 4];
        let mut found = Vec::new();
        while let Some(field) = next(&mut bytes).unwrap() {
            found.push(field);
        }
        let expected = [
            (1, Wire::Varint(300)),
            (2, Wire::Fixed64),
            (3, Wire::Bytes(&[7, 8])),
            (4, Wire::Fixed32([1, 2, 3, 4])),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn damage() {
        fn of(mut bytes: &[u8]) -> Result<Option<(u64, Wire<'_>)>, WireError> {
            next(&mut bytes)
        }
        assert_eq!(of(&[255]), Err(WireError::Truncated));
        assert_eq!(of(&[10, 3, 1, 2]), Err(WireError::Truncated));
        assert_eq!(of(&[13, 0, 0, 0]), Err(WireError::Truncated));
        assert_eq!(of(&[0, 1]), Err(WireError::Number), "field 0");
        assert_eq!(of(&[11]), Err(WireError::Kind), "a group");
        assert_eq!(
            of(&[8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2]),
            Err(WireError::Number)
        );
        let most = [8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1];
        assert_eq!(of(&most), Ok(Some((1, Wire::Varint(u64::MAX)))));
    }
}
