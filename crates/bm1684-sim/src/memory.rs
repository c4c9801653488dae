//! The chip's memories. Each byte has a value and a [`State`].
//!
//! The state tells whether the value means something, as memcheck does for a host's programs. Copies carry it along;
//! computations give results of the worst state of what they read.

use std::ops::Range;

use bm1684_isa::check::Region;
use bm1684_isa::memory::{L2_BYTES, LANE_BYTES, LANES};

/// What is known of a byte.
///
/// The state of a result is the lower of its operands': the codes are bit sets, so that `&` finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Nothing was ever written here. To compute with it is an error.
    Unwritten,
    /// Something is here, but it means nothing: an image beyond N in a word of four images, or computed from one, or from
    /// what was never written if the chip is lenient. It must not reach an output.
    Filler,
    /// A value.
    Known,
}

impl State {
    /// The code in memory.
    pub(crate) const fn code(self) -> u8 {
        match self {
            State::Unwritten => UNWRITTEN,
            State::Filler => FILLER,
            State::Known => KNOWN,
        }
    }

    /// What a code stands for.
    pub(crate) const fn of(code: u8) -> State {
        match code {
            KNOWN => State::Known,
            FILLER => State::Filler,
            _ => State::Unwritten,
        }
    }
}

/// Codes of [`State`].
pub(crate) const UNWRITTEN: u8 = 0;
pub(crate) const FILLER: u8 = 1;
pub(crate) const KNOWN: u8 = 3;
/// Four known bytes.
pub(crate) const KNOWN_WORD: u32 = 0x0303_0303;

/// The lowest state of a word's bytes.
pub(crate) fn lowest(states: u32) -> u8 {
    let [a, b, c, d] = states.to_le_bytes();
    a & b & c & d
}

/// Bytes with their states.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bytes {
    pub(crate) values: Vec<u8>,
    /// Codes of [`State`].
    pub(crate) states: Vec<u8>,
}

impl Bytes {
    /// So many bytes that nobody wrote.
    pub(crate) fn unwritten(length: usize) -> Bytes {
        Bytes { values: vec![0; length], states: vec![UNWRITTEN; length] }
    }

    pub(crate) fn known(values: Vec<u8>) -> Bytes {
        let states = vec![KNOWN; values.len()];
        Bytes { values, states }
    }

    pub(crate) fn word(&self, at: usize) -> [u32; 2] {
        let word = |bytes: &[u8]| {
            bytes[at..].first_chunk().map_or(0, |word: &[u8; 4]| u32::from_le_bytes(*word))
        };
        [word(&self.values), word(&self.states)]
    }

    pub(crate) fn set_word(&mut self, at: usize, [value, state]: [u32; 2]) {
        self.values[at..at + 4].copy_from_slice(&value.to_le_bytes());
        self.states[at..at + 4].copy_from_slice(&state.to_le_bytes());
    }

    pub(crate) fn write(&mut self, at: usize, values: &[u8], state: State) {
        self.values[at..at + values.len()].copy_from_slice(values);
        self.states[at..at + values.len()].fill(state.code());
    }
}

/// A part of DDR that a program may use.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub(crate) base: u64,
    pub(crate) bytes: Bytes,
    pub(crate) writable: bool,
}

/// All memories of a chip.
///
/// ```
/// use bm1684_sim::{Memory, State};
///
/// let mut memory = Memory::new();
/// memory.add_ddr(0x1_0510_0000, vec![7; 64], State::Known, false);
/// assert_eq!(memory.ddr(0x1_0510_0000, 2), Some((&[7, 7][..], State::Known)));
/// assert_eq!(memory.local(63, 0, 4), Some((&[0; 4][..], State::Unwritten)));
/// ```
#[derive(Clone, Debug)]
pub struct Memory {
    pub(crate) lanes: Vec<Bytes>,
    pub(crate) l2: Bytes,
    pub(crate) ddr: Vec<Segment>,
}

impl Default for Memory {
    fn default() -> Self {
        Memory::new()
    }
}

impl Memory {
    /// Local memory that nobody wrote, L2 memory with the tables of the firmware, no DDR.
    pub fn new() -> Memory {
        let mut l2 = Bytes::unwritten(usize::try_from(L2_BYTES).unwrap_or(0));
        for (at, table) in crate::tables::firmware() {
            l2.write(at, &table, State::Known);
        }
        Memory {
            lanes: (0..LANES).map(|_| Bytes::unwritten(LANE_BYTES)).collect(),
            l2,
            ddr: Vec::new(),
        }
    }

    /// Adds a part of DDR. A program may read and, if it is `writable`, write it.
    pub fn add_ddr(&mut self, base: u64, values: Vec<u8>, state: State, writable: bool) {
        let states = vec![state.code(); values.len()];
        let bytes = Bytes { values, states };
        self.ddr.push(Segment { base, bytes, writable });
    }

    /// Writes a part of DDR; nothing if it is not there.
    #[must_use]
    pub fn write_ddr(&mut self, address: u64, values: &[u8], state: State) -> Option<()> {
        let (segment, range) = self.find(address, values.len())?;
        self.ddr[segment].bytes.write(range.start, values, state);
        Some(())
    }

    /// A part of DDR and the lowest of its states; nothing if it is not there.
    pub fn ddr(&self, address: u64, length: usize) -> Option<(&[u8], State)> {
        let (segment, range) = self.find(address, length)?;
        Some(part(&self.ddr[segment].bytes, range))
    }

    /// Writes a part of a lane's local memory; nothing if it is not there.
    #[must_use]
    pub fn write_local(
        &mut self,
        lane: usize,
        at: usize,
        values: &[u8],
        state: State,
    ) -> Option<()> {
        let lane = self.lanes.get_mut(lane)?;
        lane.values.get(at..at.checked_add(values.len())?)?;
        lane.write(at, values, state);
        Some(())
    }

    /// A part of a lane's local memory and the lowest of its states; nothing if it is not there.
    pub fn local(&self, lane: usize, at: usize, length: usize) -> Option<(&[u8], State)> {
        let lane = self.lanes.get(lane)?;
        let range = at..at.checked_add(length)?;
        lane.values.get(range.clone())?;
        Some(part(lane, range))
    }

    /// Writes a part of L2 memory; nothing if it is not there.
    #[must_use]
    pub fn write_l2(&mut self, at: usize, values: &[u8], state: State) -> Option<()> {
        self.l2.values.get(at..at.checked_add(values.len())?)?;
        self.l2.write(at, values, state);
        Some(())
    }

    /// A part of L2 memory and the lowest of its states; nothing if it is not there.
    pub fn l2(&self, at: usize, length: usize) -> Option<(&[u8], State)> {
        let range = at..at.checked_add(length)?;
        self.l2.values.get(range.clone())?;
        Some(part(&self.l2, range))
    }

    /// What was never written in a region counts as filler from now on.
    pub(crate) fn settle(&mut self, region: &Region) {
        match region {
            Region::Local { lanes, bytes } => {
                let named = |lane: &usize| lanes >> lane & 1 == 1;
                for lane in (0..LANES).filter(named) {
                    settle(&mut self.lanes[lane], bytes.clone());
                }
            }
            Region::L2(bytes) => {
                let [start, end] = [bytes.start, bytes.end].map(clamped);
                settle(&mut self.l2, start..end);
            }
            Region::Ddr(bytes) => {
                for segment in &mut self.ddr {
                    let [start, end] =
                        [bytes.start, bytes.end].map(|at| clamped(at.saturating_sub(segment.base)));
                    settle(&mut segment.bytes, start..end);
                }
            }
        }
    }

    /// The segment that holds a range of DDR, and the range within.
    pub(crate) fn find(&self, address: u64, length: usize) -> Option<(usize, Range<usize>)> {
        self.ddr.iter().enumerate().find_map(|(index, segment)| {
            let start = usize::try_from(address.checked_sub(segment.base)?).ok()?;
            let range = start..start.checked_add(length)?;
            segment.bytes.values.get(range.clone())?;
            Some((index, range))
        })
    }
}

fn clamped(at: u64) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}

fn settle(bytes: &mut Bytes, range: Range<usize>) {
    let end = range.end.min(bytes.states.len());
    let states = bytes.states.get_mut(range.start..end).unwrap_or_default();
    states.iter_mut().filter(|state| **state == UNWRITTEN).for_each(|state| *state = FILLER);
}

fn part(bytes: &Bytes, range: Range<usize>) -> (&[u8], State) {
    let state = bytes.states[range.clone()].iter().fold(KNOWN, |low, state| low & state);
    (&bytes.values[range], State::of(state))
}
