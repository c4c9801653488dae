//! Right shifts of a layer that multiplies and accumulates.

use std::ops::Range;
use std::sync::Arc;

/// How many of the bits of each sum are shifted out: one number for the whole layer, or one for each block of
/// [`Shifts::BLOCK`] output channels.
///
/// The chip computes 64 channels side by side, and each command has one shift. So blocks of 64 channels can have shifts
/// of their own at no cost. The last block of a layer may have fewer channels. Output channels count through all groups;
/// of an InnerProduct they are its outputs, of a Scale the channels of its bottom.
///
/// Equality compares the lists: one shift for all is not the same as the same shift for each block, although both
/// compute the same. [`Shifts::simplified`] makes the first of the second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shifts(Arc<[u8]>);

impl Shifts {
    /// Output channels of a block.
    pub const BLOCK: usize = 64;

    /// One shift for all output channels.
    pub fn one(right_shift: u8) -> Self {
        Shifts(Arc::new([right_shift]))
    }

    /// One shift for each block, in the order of the channels. How many there must be, the layer says: a
    /// [`QuantizedNet`](crate::QuantizedNet) refuses any other number, and none at all.
    pub fn of_blocks(right_shifts: impl Into<Arc<[u8]>>) -> Self {
        Shifts(right_shifts.into())
    }

    /// One shift for all if they are equal, otherwise the same list.
    #[must_use]
    pub fn simplified(self) -> Self {
        self.uniform().map_or(self, Shifts::one)
    }

    /// The list: one shift for all output channels, or one for each block.
    pub fn blocks(&self) -> &[u8] {
        &self.0
    }

    /// The shift of all output channels, if they have only one.
    pub fn uniform(&self) -> Option<u8> {
        let first = *self.0.first()?;
        self.0.iter().all(|&shift| shift == first).then_some(first)
    }

    /// The shift of an output channel. A channel behind the last block has the last block's.
    pub fn of_channel(&self, channel: usize) -> u8 {
        let block = self.0.get(channel / Shifts::BLOCK).or(self.0.last());
        block.copied().unwrap_or_default()
    }

    /// The output channels of this range, cut wherever the shift changes: each piece with its shift.
    pub fn runs(&self, channels: Range<usize>) -> Vec<(Range<usize>, u8)> {
        let mut runs: Vec<(Range<usize>, u8)> = Vec::new();
        let single = self.uniform().is_some();
        let mut start = channels.start;
        while start < channels.end {
            let border = (start / Shifts::BLOCK + 1).saturating_mul(Shifts::BLOCK);
            let end = if single { channels.end } else { border.min(channels.end) };
            let shift = self.of_channel(start);
            match runs.last_mut() {
                Some((run, last)) if *last == shift => run.end = end,
                _ => runs.push((start..end, shift)),
            }
            start = end;
        }
        runs
    }
}

/// One shift for all output channels.
impl From<u8> for Shifts {
    fn from(right_shift: u8) -> Self {
        Shifts::one(right_shift)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exact, by the definition: channel by channel.
    #[test]
    fn channels_have_the_shift_of_their_block() {
        let shifts = Shifts::of_blocks([7, 7, 9]);
        for channel in 0..192 {
            assert_eq!(shifts.of_channel(channel), if channel < 128 { 7 } else { 9 }, "{channel}");
        }
        assert_eq!((shifts.uniform(), shifts.blocks()), (None, &[7, 7, 9][..]));
        assert_eq!((0..300).map(|c| Shifts::one(3).of_channel(c)).max(), Some(3));
        assert_eq!(Shifts::of_blocks([5, 5]).uniform(), Some(5));
        assert_eq!(Shifts::of_blocks([5, 5]).simplified(), Shifts::from(5));
        assert_eq!(Shifts::of_blocks([5, 6]).simplified(), Shifts::of_blocks([5, 6]));
        assert_eq!(Shifts::of_blocks([]).uniform(), None);
    }

    /// Exact: runs cover the range in order, and neighbours differ.
    #[test]
    fn runs_are_cut_where_the_shift_changes() {
        let shifts = Shifts::of_blocks([7, 7, 9, 8]);
        assert_eq!(shifts.runs(0..200), [(0..128, 7), (128..192, 9), (192..200, 8)]);
        assert_eq!(shifts.runs(100..150), [(100..128, 7), (128..150, 9)]);
        assert_eq!(shifts.runs(5..70), [(5..70, 7)]);
        assert_eq!(shifts.runs(5..5), []);
        assert_eq!(Shifts::one(4).runs(0..1000), [(0..1000, 4)]);
    }
}
