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
        match (bytes_of(self.precision), self.signed) {
            (1, true) => self.read_as(lanes, |[byte]: [u8; 1]| byte.cast_signed().into()),
            (1, false) => self.read_as(lanes, |[byte]: [u8; 1]| byte.into()),
            (2, true) => self.read_as(lanes, |bytes| i16::from_le_bytes(bytes).into()),
            (2, false) => self.read_as(lanes, |bytes| u16::from_le_bytes(bytes).into()),
            _ => self.read_as(lanes, i32::from_le_bytes),
        }
    }

    /// The same for numbers of so many bytes.
    fn read_as<const SIZE: usize>(
        &self,
        lanes: &[Bytes],
        number: impl Fn([u8; SIZE]) -> i32,
    ) -> Result<Elements, Fault> {
        let [_, c, h, w] = self.view.sizes;
        let step = self.view.strides[3];
        let total = self.count * c * h * w;
        let mut elements =
            Elements { values: Vec::with_capacity(total), states: Vec::with_capacity(total) };
        let extent = (w - 1) * step + SIZE;
        for image in 0..self.count {
            let (word, byte) = self.place(image);
            for c in 0..c {
                for h in 0..h {
                    let (lane, at) = self.view.row(word, c, h);
                    let at = at + byte;
                    let row = |bytes| parts::<SIZE>(bytes, at..at + extent, step, w);
                    elements.values.extend(row(&lanes[lane].values).map(&number));
                    let before = elements.states.len();
                    elements.states.extend(row(&lanes[lane].states).map(lowest));
                    if let Some(w) = elements.states[before..].iter().position(|state| *state == 0)
                    {
                        let states = &lanes[lane].states;
                        let at = at + w * step;
                        let byte = (0..SIZE).find(|byte| states[at + byte] == 0).unwrap_or(0);
                        let address = local_address(lane, at + byte).into();
                        return Err(Fault::Unwritten { address });
                    }
                }
            }
        }
        Ok(elements)
    }

    /// Writes the lower bytes of all numbers. Bytes of words that hold no image stay.
    pub(crate) fn write(&self, lanes: &mut [Bytes], elements: &Elements) {
        match bytes_of(self.precision) {
            1 => self.write_as::<1>(lanes, elements),
            2 => self.write_as::<2>(lanes, elements),
            _ => self.write_as::<4>(lanes, elements),
        }
    }

    /// The same for numbers of so many bytes.
    fn write_as<const SIZE: usize>(&self, lanes: &mut [Bytes], elements: &Elements) {
        let [_, c, h, w] = self.view.sizes;
        let step = self.view.strides[3];
        let mut rows = elements.values.chunks_exact(w).zip(elements.states.chunks_exact(w));
        for image in 0..self.count {
            let (word, byte) = self.place(image);
            for c in 0..c {
                for (h, (numbers, of)) in (0..h).zip(rows.by_ref()) {
                    let (lane, at) = self.view.row(word, c, h);
                    let Bytes { values, states } = &mut lanes[lane];
                    for (w, (value, state)) in numbers.iter().zip(of).enumerate() {
                        let at = at + byte + w * step;
                        let bytes = value.to_le_bytes();
                        values[at..at + SIZE].copy_from_slice(&bytes[..SIZE]);
                        states[at..at + SIZE].copy_from_slice(&[*state; SIZE]);
                    }
                }
            }
        }
    }
}

/// So many parts of a range of bytes, each `step` behind the one before.
fn parts<const SIZE: usize>(
    bytes: &[u8],
    range: std::ops::Range<usize>,
    step: usize,
    count: usize,
) -> impl ExactSizeIterator<Item = [u8; SIZE]> + '_ {
    let bytes = &bytes[range];
    (0..count).map(move |index| {
        let part = bytes.get(index * step..).and_then(<[u8]>::first_chunk);
        part.copied().unwrap_or([0; SIZE])
    })
}

fn lowest<const SIZE: usize>(states: [u8; SIZE]) -> u8 {
    states.iter().fold(KNOWN, |low, state| low & state)
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
