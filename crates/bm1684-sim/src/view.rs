//! Operands in local memory.

use bm1684_isa::memory::{LANE_BYTES, LANES, Layout, Place, local_address};

use crate::Fault;
use crate::memory::{Bytes, KNOWN, KNOWN_WORD};

/// Units of which a command may read or write so many; more than local memory has only repeat others.
pub(crate) const MOST_UNITS: usize = 1 << 25;

/// A size or stride of a command.
pub(crate) fn index(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

/// A tensor in local memory: channel c lies in lane `(lane + c) mod 64`, row `(lane + c) / 64`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct View {
    pub(crate) lane: usize,
    /// The byte within the lane.
    pub(crate) offset: usize,
    /// Units along N, C, H, W.
    pub(crate) sizes: [usize; 4],
    /// Bytes from one unit to the next along N, C, H, W; along C from one row to the next.
    pub(crate) strides: [usize; 4],
}

impl View {
    /// A tensor of units of so many bytes, with strides in units. All of it lies within local memory.
    pub(crate) fn new(
        address: u32,
        sizes: [usize; 4],
        strides: [usize; 4],
        unit: usize,
    ) -> Result<View, Fault> {
        let Place::Local { lane, offset } = Place::of(address.into()) else {
            return Err(Fault::Outside { address: address.into(), length: unit });
        };
        let [n, c, h, w] = sizes;
        if sizes.contains(&0) {
            return Err(Fault::Field { field: "a size", value: 0 });
        }
        let rows = (lane + c).div_ceil(LANES);
        let length = Layout { sizes: [n, rows, h, w], strides, unit }.bytes();
        if offset.saturating_add(length) > LANE_BYTES {
            return Err(Fault::Outside { address: address.into(), length });
        }
        // More units than there are bytes repeat others.
        let units = sizes.iter().fold(1usize, |product, size| product.saturating_mul(*size));
        if units > MOST_UNITS {
            let [steps, limit] = [units, MOST_UNITS].map(|units| units.try_into().unwrap_or(0));
            return Err(Fault::TooLong { steps, limit });
        }
        // Strides of axes with one element do not count, and may be anything.
        let of = |axis: usize, size: usize| if size > 1 { strides[axis] * unit } else { 0 };
        let strides = [of(0, n), of(1, rows), of(2, h), of(3, w)];
        Ok(View { lane, offset, sizes, strides })
    }

    /// The same, aligned.
    pub(crate) fn aligned(address: u32, sizes: [usize; 4], unit: usize) -> Result<View, Fault> {
        let lane = match Place::of(address.into()) {
            Place::Local { lane, .. } => lane,
            _ => 0,
        };
        View::new(address, sizes, Layout::local_aligned(sizes, unit, lane).strides, unit)
    }

    /// The same without gaps between the channels of a lane.
    pub(crate) fn compact(address: u32, sizes: [usize; 4], unit: usize) -> Result<View, Fault> {
        let lane = match Place::of(address.into()) {
            Place::Local { lane, .. } => lane,
            _ => 0,
        };
        View::new(address, sizes, Layout::local_compact(sizes, unit, lane).strides, unit)
    }

    /// The lane and the byte of the first unit of a row.
    pub(crate) fn row(&self, n: usize, c: usize, h: usize) -> (usize, usize) {
        let channel = self.lane + c;
        let [along_n, along_c, along_h, _] = self.strides;
        let at = self.offset + n * along_n + channel / LANES * along_c + h * along_h;
        (channel % LANES, at)
    }

    /// Rows along N, C, H.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let [n, c, h, _] = self.sizes;
        (0..n).flat_map(move |n| (0..c).flat_map(move |c| (0..h).map(move |h| self.row(n, c, h))))
    }

    /// How many units there are.
    pub(crate) fn count(&self) -> usize {
        self.sizes.iter().product()
    }

    /// All words, in the order N, C, H, W.
    pub(crate) fn words(&self, lanes: &[Bytes]) -> Words {
        let mut words = Words {
            values: Vec::with_capacity(self.count()),
            states: Vec::with_capacity(self.count()),
        };
        let [.., width] = self.sizes;
        let step = self.strides[3];
        for (lane, at) in self.rows() {
            let lane = &lanes[lane];
            if step == 4 {
                let row = |bytes: &[u8], into: &mut Vec<u32>| {
                    let words = bytes[at..at + 4 * width].as_chunks().0;
                    into.extend(words.iter().map(|word| u32::from_le_bytes(*word)));
                };
                row(&lane.values, &mut words.values);
                row(&lane.states, &mut words.states);
            } else {
                for w in 0..width {
                    let [value, state] = lane.word(at + w * step);
                    words.values.push(value);
                    words.states.push(state);
                }
            }
        }
        words
    }

    /// Writes all words.
    pub(crate) fn set_words(&self, lanes: &mut [Bytes], words: &Words) {
        let [.., width] = self.sizes;
        let step = self.strides[3];
        let rows = words.values.chunks_exact(width).zip(words.states.chunks_exact(width));
        for ((lane, at), (values, states)) in self.rows().zip(rows) {
            let lane = &mut lanes[lane];
            for (w, (&value, &state)) in values.iter().zip(states).enumerate() {
                lane.set_word(at + w * step, [value, state]);
            }
        }
    }

    /// Like [`View::words`], but of numbers to compute with: an error if one was never written.
    pub(crate) fn numbers(&self, lanes: &[Bytes]) -> Result<Words, Fault> {
        let words = self.words(lanes);
        match words.states.iter().position(|&states| crate::memory::lowest(states) == 0) {
            Some(at) => Err(self.unwritten(lanes, at, 0..4)),
            None => Ok(words),
        }
    }

    /// The error of a unit of which one of these bytes was never written.
    pub(crate) fn unwritten(
        &self,
        lanes: &[Bytes],
        at: usize,
        mut bytes: std::ops::Range<usize>,
    ) -> Fault {
        let [_, c, h, w] = self.sizes;
        let (lane, row) = self.row(at / w / h / c, at / w / h % c, at / w % h);
        let start = row + at % w * self.strides[3];
        let byte = bytes.find(|byte| lanes[lane].states[start + byte] == 0).unwrap_or(0);
        Fault::Unwritten { address: local_address(lane, start + byte).into() }
    }
}

/// Words with the states of their bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Words {
    pub(crate) values: Vec<u32>,
    pub(crate) states: Vec<u32>,
}

impl Words {
    /// Results of operations on whole words: known, or filler if an operand was.
    pub(crate) fn spread_states(&mut self) {
        for state in self.states.iter_mut().filter(|state| **state != KNOWN_WORD) {
            *state = u32::from(crate::memory::lowest(*state)) * 0x0101_0101;
        }
    }
}

/// Whether all codes are [`KNOWN`].
pub(crate) fn all_known(states: &[u8]) -> bool {
    states.iter().all(|state| *state == KNOWN)
}
