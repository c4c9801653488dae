//! Numbers of 7 bits a byte, lowest first, and byte strings with such a length in front.

/// Takes a number from the front of `input`.
pub(super) fn take_u64(input: &mut &[u8]) -> Result<u64, String> {
    let mut value = 0u64;
    for (index, &byte) in input.iter().enumerate().take(10) {
        let bits = u64::from(byte & 0x7F);
        let shift = 7 * index as u32;
        if bits << shift >> shift != bits {
            break;
        }
        value |= bits << shift;
        if byte < 0x80 {
            *input = input.get(index + 1..).unwrap_or_default();
            return Ok(value);
        }
    }
    Err("a number does not end".to_owned())
}

/// Takes a number that is a size in memory.
pub(super) fn take_size(input: &mut &[u8]) -> Result<usize, String> {
    let value = take_u64(input)?;
    u32::try_from(value).map(|value| value as usize).map_err(|_| format!("a size of {value} bytes"))
}

/// Takes `count` bytes.
pub(super) fn take<'a>(input: &mut &'a [u8], count: usize) -> Result<&'a [u8], String> {
    match input.split_at_checked(count) {
        Some((taken, rest)) => {
            *input = rest;
            Ok(taken)
        }
        None => Err(format!("{count} bytes are wanted where {} are left", input.len())),
    }
}

/// Takes a byte string with its length in front.
pub(super) fn take_string<'a>(input: &mut &'a [u8]) -> Result<&'a [u8], String> {
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
