//! Functions of one value as a table of 256 results.

/// An 8-bit integer and its bits.
pub(crate) trait Byte: Copy {
    /// Its bits.
    fn byte(self) -> u8;

    /// The integer of these bits.
    fn of(byte: u8) -> Self;
}

impl Byte for u8 {
    fn byte(self) -> u8 {
        self
    }

    fn of(byte: u8) -> u8 {
        byte
    }
}

impl Byte for i8 {
    fn byte(self) -> u8 {
        self.cast_unsigned()
    }

    fn of(byte: u8) -> i8 {
        byte.cast_signed()
    }
}

/// `output = table[input]`, by the bits of both.
pub(crate) fn look_up<T: Byte, U: Byte>(table: &[u8; 256], input: &[T], output: &mut [U]) {
    for (y, &x) in output.iter_mut().zip(input) {
        *y = U::of(table[usize::from(x.byte())]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exact.
    #[test]
    fn entries_are_found_by_bits() {
        let table: [u8; 256] = std::array::from_fn(|index| index.to_le_bytes()[0].wrapping_add(3));
        let mut signed = [0i8; 3];
        look_up(&table, &[-128i8, -1, 127], &mut signed);
        assert_eq!(signed, [-125, 2, -126]);
        let mut unsigned = [0u8; 3];
        look_up(&table, &[255u8, 0, 200], &mut unsigned);
        assert_eq!(unsigned, [2, 3, 203]);
    }
}
