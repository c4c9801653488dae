//! Ping-pong: the next tile loads while this one computes.

use std::ops::Range;

use bm1684_isa::memory::{BANK_BYTES, LANE_BYTES, LINE_BYTES};

use crate::emit::{Buffer, Emitter};
use crate::error::Reason;

/// One or two buffers of the same size that tiles use in turn.
///
/// A tile asks for the buffer of a key (which part of which blob it holds): if one holds it already, it
/// is not loaded again. Two are enough as long as a tile is loaded at most one tile ahead.
#[derive(Debug)]
pub(crate) struct Slots<K> {
    buffers: Vec<(Buffer, Option<K>)>,
    latest: usize,
}

impl<K: PartialEq> Slots<K> {
    /// The buffer of this key, and whether it has yet to be filled.
    pub(crate) fn get(&mut self, key: K) -> (Buffer, bool) {
        if let Some(index) = self.buffers.iter().position(|(_, held)| held.as_ref() == Some(&key)) {
            self.latest = index;
            return (self.buffers[index].0, false);
        }
        self.latest = (self.latest + 1) % self.buffers.len();
        let slot = &mut self.buffers[self.latest];
        slot.1 = Some(key);
        (slot.0, true)
    }
}

/// Sizes of buffers in bytes of a lane, and how many of each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Demand(Vec<(usize, usize)>);

impl Demand {
    /// `count` buffers of `bytes` each.
    pub(crate) fn and(mut self, bytes: usize, count: usize) -> Self {
        self.0.push((bytes.next_multiple_of(LINE_BYTES), count));
        self
    }

    /// Bytes of all.
    pub(crate) fn bytes(&self) -> usize {
        self.0.iter().map(|(bytes, count)| bytes * count).sum()
    }

    /// Whether all fit into a lane.
    pub(crate) fn fits(&self) -> bool {
        self.bytes() <= LANE_BYTES
    }

    /// Places for all, in order: each from a bank of its own on where that is possible, else one behind the
    /// other. `None` if they do not fit.
    fn place(&self) -> Option<Vec<Range<usize>>> {
        let place = |alignment: usize| {
            let mut free = 0;
            let mut places = Vec::new();
            for &(bytes, count) in &self.0 {
                for _ in 0..count {
                    places.push(free..free + bytes);
                    free += bytes.next_multiple_of(alignment);
                }
            }
            (places.last().is_none_or(|last: &Range<usize>| last.end <= LANE_BYTES))
                .then_some(places)
        };
        place(BANK_BYTES).or_else(|| place(LINE_BYTES))
    }

    /// The buffers, grouped as they were asked for. `None` if they do not fit.
    pub(crate) fn buffers(&self, emitter: &mut Emitter) -> Option<Vec<Vec<Buffer>>> {
        let mut places = self.place()?.into_iter();
        let group = |&(_, count): &(usize, usize)| {
            places.by_ref().take(count).map(|place| emitter.buffer(place)).collect()
        };
        Some(self.0.iter().map(group).collect())
    }
}

/// Slots over buffers.
pub(crate) fn slots<K>(buffers: &[Buffer]) -> Slots<K> {
    Slots { buffers: buffers.iter().map(|&buffer| (buffer, None)).collect(), latest: 0 }
}

/// Runs tiles so that each is loaded before its predecessor is computed.
pub(crate) fn pipeline<T, L>(
    emitter: &mut Emitter,
    tiles: &[T],
    mut load: impl FnMut(&mut Emitter, &T) -> L,
    mut compute_and_store: impl FnMut(&mut Emitter, &T, L),
) -> Result<(), Reason> {
    let Some(first) = tiles.first() else { return Ok(()) };
    let mut loaded = load(emitter, first);
    for (index, tile) in tiles.iter().enumerate() {
        let next = tiles.get(index + 1).map(|next| load(emitter, next));
        compute_and_store(emitter, tile, loaded);
        emitter.tile_border()?;
        match next {
            Some(next) => loaded = next,
            None => break,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn banks_are_respected_where_possible() {
        let places = Demand::default().and(1000, 2).and(BANK_BYTES + 1, 1).place().expect("fits");
        assert_eq!(places[0], 0..1024);
        assert_eq!(places[1].start, BANK_BYTES);
        assert_eq!(places[2].start, 2 * BANK_BYTES);
        let tight = Demand::default().and(LANE_BYTES / 10, 9);
        assert!(tight.place().is_some_and(|places| places[1].start == places[0].end));
        assert!(Demand::default().and(LANE_BYTES / 2 + 1, 2).place().is_none());
    }

    #[test]
    fn slots_alternate_and_remember() {
        let mut emitter = Emitter::default();
        let buffers = Demand::default().and(128, 2).buffers(&mut emitter).expect("fits");
        let mut slots = slots::<u32>(&buffers[0]);
        let (a, fresh) = slots.get(1);
        assert!(fresh);
        let (b, fresh) = slots.get(2);
        assert!(fresh && a != b);
        assert_eq!(slots.get(1), (a, false));
        assert_eq!(slots.get(3), (b, true));
    }
}
