//! Numbers of 7 bits a byte, lowest first, and byte strings with such a length in front.

use super::Fault;
use crate::bytes::size;

/// Takes a number from the front of `input`.
pub(super) fn take_u64(input: &mut &[u8]) -> Result<u64, Fault> {
    let mut value = 0u64;
    let mut rest = *input;
    for shift in (0..64).step_by(7) {
        let Some((&byte, behind)) = rest.split_first() else { break };
        let bits = u64::from(byte & 0x7F);
        if bits << shift >> shift != bits {
            break;
        }
        value |= bits << shift;
        rest = behind;
        if byte < 0x80 {
            *input = rest;
            return Ok(value);
        }
    }
    Err(Fault::NumberLength)
}

/// Takes a number that is a size in memory.
pub(super) fn take_size(input: &mut &[u8]) -> Result<usize, Fault> {
    let value = take_u64(input)?;
    u32::try_from(value).map(size).map_err(|_| Fault::Size { size: value })
}

/// Takes `count` bytes.
pub(super) fn take<'a>(input: &mut &'a [u8], count: usize) -> Result<&'a [u8], Fault> {
    match input.split_at_checked(count) {
        Some((taken, rest)) => {
            *input = rest;
            Ok(taken)
        }
        None => Err(Fault::Short { wanted: count, left: input.len() }),
    }
}

/// Takes `N` bytes.
pub(super) fn take_array<const N: usize>(input: &mut &[u8]) -> Result<[u8; N], Fault> {
    let Some((taken, rest)) = input.split_first_chunk() else {
        return Err(Fault::Short { wanted: N, left: input.len() });
    };
    *input = rest;
    Ok(*taken)
}

/// Takes a byte string with its length in front.
pub(super) fn take_string<'a>(input: &mut &'a [u8]) -> Result<&'a [u8], Fault> {
    let count = take_size(input)?;
    take(input, count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_strings() {
        for (bytes, expected) in [
            (vec![0], Ok(0)),
            (vec![0x7F], Ok(127)),
            (vec![0x80, 1], Ok(128)),
            ([vec![0xFF; 9], vec![1]].concat(), Ok(u64::MAX)),
            ([vec![0xFF; 9], vec![2]].concat(), Err(())),
            (vec![0x80; 11], Err(())),
            (vec![0x80], Err(())),
            (vec![], Err(())),
        ] {
            let mut input = bytes.as_slice();
            assert_eq!(take_u64(&mut input).map_err(|_| ()), expected, "{bytes:?}");
            assert!(expected.is_err() || input.is_empty());
        }
        let mut input: &[u8] = &[2, 7, 8, 9];
        assert_eq!(take_string(&mut input), Ok(&[7, 8][..]));
        assert_eq!(input, [9]);
        assert!(take_string(&mut input).is_err());
    }
}
