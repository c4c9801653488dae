//! Integers of 8, 16 and 32 bits in words that images share.

use bm1684_isa::commands::Precision;
use bm1684_isa::memory::local_address;

use crate::Fault;
use crate::memory::{Bytes, KNOWN};
use crate::view::View;

/// Integers with the lowest states of their bytes, in the order N, C, H, W.
#[derive(Clone, Debug, Default)]
pub(crate) struct Elements {
    pub(crate) values: Vec<i32>,
    pub(crate) states: Vec<u8>,
}

/// A tensor of integers: image i of 8 bits is byte i mod 4 of word ⌊i/4⌋, of 16 bits a half of word ⌊i/2⌋.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Images {
    /// The words.
    pub(crate) view: View,
    pub(crate) count: usize,
    pub(crate) precision: Precision,
    pub(crate) signed: bool,
    /// All images are the first.
    pub(crate) shared: bool,
}

/// Bytes of an integer.
pub(crate) fn bytes_of(precision: Precision) -> usize {
    4 / precision.images_per_word()
}

/// A number from its lower bytes.
pub(crate) fn number([a, b, c, d]: [u8; 4], precision: Precision, signed: bool) -> i32 {
    match (precision.images_per_word(), signed) {
        (4, false) => i32::from(a),
        (4, true) => i32::from(a.cast_signed()),
        (2, false) => i32::from(u16::from_le_bytes([a, b])),
        (2, true) => i32::from(i16::from_le_bytes([a, b])),
        _ => i32::from_le_bytes([a, b, c, d]),
    }
}

impl Images {
    /// The word and the byte within of an image.
    fn place(&self, image: usize) -> (usize, usize) {
        if self.shared {
            return (0, 0);
        }
        let each = self.precision.images_per_word();
        (image / each, image % each * bytes_of(self.precision))
    }

    /// All numbers; an error if one was never written.
    pub(crate) fn read(&self, lanes: &[Bytes]) -> Result<Elements, Fault> {
        let size = bytes_of(self.precision);
        let [_, c, h, w] = self.view.sizes;
        let step = self.view.strides[3];
        let total = self.count * c * h * w;
        let mut elements =
            Elements { values: Vec::with_capacity(total), states: Vec::with_capacity(total) };
        for image in 0..self.count {
            let (word, byte) = self.place(image);
            for c in 0..c {
                for h in 0..h {
                    let (lane, at) = self.view.row(word, c, h);
                    let Bytes { values, states } = &lanes[lane];
                    for w in 0..w {
                        let at = at + byte + w * step;
                        let mut number_bytes = [0; 4];
                        number_bytes[..size].copy_from_slice(&values[at..at + size]);
                        let state = states[at..at + size].iter().fold(KNOWN, |low, s| low & s);
                        if state == 0 {
                            let byte = (0..size).find(|byte| states[at + byte] == 0).unwrap_or(0);
                            let address = local_address(lane, at + byte).into();
                            return Err(Fault::Unwritten { address });
                        }
                        elements.values.push(number(number_bytes, self.precision, self.signed));
                        elements.states.push(state);
                    }
                }
            }
        }
        Ok(elements)
    }

    /// Writes the lower bytes of all numbers. Bytes of words that hold no image stay.
    pub(crate) fn write(&self, lanes: &mut [Bytes], elements: &Elements) {
        let size = bytes_of(self.precision);
        let [_, c, h, w] = self.view.sizes;
        let step = self.view.strides[3];
        let mut next = elements.values.iter().zip(&elements.states);
        for image in 0..self.count {
            let (word, byte) = self.place(image);
            for c in 0..c {
                for h in 0..h {
                    let (lane, at) = self.view.row(word, c, h);
                    let Bytes { values, states } = &mut lanes[lane];
                    for (w, (value, state)) in next.by_ref().take(w).enumerate() {
                        let at = at + byte + w * step;
                        values[at..at + size].copy_from_slice(&value.to_le_bytes()[..size]);
                        states[at..at + size].fill(*state);
                    }
                }
            }
        }
    }
}

/// The range of results of 8 or 16 bits.
pub(crate) fn range(precision: Precision, signed: bool) -> (i32, i32) {
    match (precision.images_per_word(), signed) {
        (4, true) => (i8::MIN.into(), i8::MAX.into()),
        (4, false) => (0, u8::MAX.into()),
        (2, true) => (i16::MIN.into(), i16::MAX.into()),
        (2, false) => (0, u16::MAX.into()),
        _ => (i32::MIN, i32::MAX),
    }
}

/// Shifted right, half rounding up.
pub(crate) fn rounded(value: i32, shift: u8) -> i32 {
    if shift == 0 { value } else { value.wrapping_add(1 << (shift - 1)) >> shift }
}
