//! The two command streams as they grow, and the waits between them.

use std::ops::Range;

use bm1684_isa::commands::{Gdma, Streams, Tiu};
use bm1684_isa::memory::LANE_BYTES;

use crate::error::Reason;

/// Ids have 16 bits. A group ends at a tile's border once a stream is this long, so that most tiles lie in
/// one group; one that needs more ids than are left goes on in the next group.
const GROUP_COMMANDS: usize = 60_000;
/// The most groups of a program; as many commands already take hundreds of megabytes.
const MAX_GROUPS: usize = 64;

/// The latest command of each engine that read and wrote something; 0 for none in this group.
#[derive(Clone, Copy, Debug, Default)]
struct Use {
    tiu_read: u16,
    tiu_write: u16,
    gdma_read: u16,
    gdma_write: u16,
}

impl Use {
    fn merge(&mut self, other: &Use) {
        self.tiu_read = self.tiu_read.max(other.tiu_read);
        self.tiu_write = self.tiu_write.max(other.tiu_write);
        self.gdma_read = self.gdma_read.max(other.gdma_read);
        self.gdma_write = self.gdma_write.max(other.gdma_write);
    }
}

/// A part of every lane's local memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Buffer {
    index: usize,
    /// First byte within the lane.
    pub(crate) offset: usize,
}

impl Buffer {
    /// The same from a later byte on.
    pub(crate) fn from(self, bytes: usize) -> Buffer {
        Buffer { offset: self.offset + bytes, ..self }
    }
}

/// Collects commands, numbers them, and makes each wait for those of the other engine that touched
/// its buffers.
///
/// Commands of one engine run in order, so only the other engine's uses matter; DDR is touched by
/// the GDMA alone and needs no waits.
#[derive(Debug, Default)]
pub(crate) struct Emitter {
    finished: Vec<Streams>,
    streams: Streams,
    /// Buffers of the layer that is being lowered.
    current: Vec<(Range<usize>, Use)>,
    /// Buffers of earlier layers, and who used them last.
    past: Vec<(Range<usize>, Use)>,
    /// The layer that commands are for.
    layer: usize,
    /// The layer of each command so far, of the TIU and of the GDMA.
    layers: [Vec<usize>; 2],
}

impl Emitter {
    /// Forgets the buffers of the layer before; what they still wait for is kept.
    pub(crate) fn begin_layer(&mut self) {
        let current = std::mem::take(&mut self.current);
        let covered = |old: &Range<usize>| {
            current.iter().any(|(new, _)| new.start <= old.start && old.end <= new.end)
        };
        self.past.retain(|(range, _)| !covered(range));
        self.past.extend(current);
    }

    /// Commands from here on are for this layer.
    pub(crate) fn for_layer(&mut self, layer: usize) {
        self.layer = layer;
    }

    /// A buffer; those in use at the same time do not overlap.
    pub(crate) fn buffer(&mut self, bytes: Range<usize>) -> Buffer {
        let mut used = Use::default();
        self.past.retain(|(range, past)| {
            if range.start < bytes.end && bytes.start < range.end {
                used.merge(past);
            }
            // What the new buffer covers waits through that one from now on.
            range.start < bytes.start || bytes.end < range.end
        });
        let buffer = Buffer { index: self.current.len(), offset: bytes.start };
        self.current.push((bytes, used));
        buffer
    }

    /// Ends a buffer's use, so that others may take its place.
    pub(crate) fn release(&mut self, buffer: Buffer) {
        let (bytes, used) = &mut self.current[buffer.index];
        self.past.push((std::mem::take(bytes), *used));
    }

    /// Tables in L2 memory. They are tracked like local memory, behind its end.
    pub(crate) fn tables(&mut self, bytes: usize) -> Buffer {
        self.buffer(LANE_BYTES..LANE_BYTES + bytes)
    }

    /// Must be called between tiles: starts a new group when the ids run out.
    pub(crate) fn tile_border(&mut self) -> Result<(), Reason> {
        let full = self.streams.tiu.len().max(self.streams.gdma.len()) >= GROUP_COMMANDS;
        if self.finished.len() + usize::from(full) >= MAX_GROUPS {
            return Err(Reason::Commands { limit: MAX_GROUPS * GROUP_COMMANDS });
        }
        if full {
            self.next_group();
        }
        Ok(())
    }

    /// A group starts when the one before has finished, so nothing waits for commands of that.
    fn next_group(&mut self) {
        self.finished.push(std::mem::take(&mut self.streams));
        self.past.clear();
        for (_, used) in &mut self.current {
            *used = Use::default();
        }
    }

    /// The id of an engine's next command, of which there are `count` in this group. Must come before
    /// the command's waits: it may start a new group.
    fn next_id(&mut self, count: usize) -> u16 {
        u16::try_from(count + 1).unwrap_or_else(|_| {
            self.next_group();
            1
        })
    }

    /// A command that computes.
    pub(crate) fn tiu(&mut self, command: Tiu, reads: &[Buffer], writes: &[Buffer]) {
        let id = self.next_id(self.streams.tiu.len());
        let mut wait = 0;
        for buffer in reads {
            let used = &mut self.current[buffer.index].1;
            wait = wait.max(used.gdma_write);
            used.tiu_read = id;
        }
        for buffer in writes {
            let used = &mut self.current[buffer.index].1;
            wait = wait.max(used.gdma_write).max(used.gdma_read);
            used.tiu_write = id;
        }
        self.layers[0].push(self.layer);
        self.streams.tiu.push(Tiu { cmd_id_tpu: id, cmd_id_gdma: wait, ..command });
    }

    /// A command that moves data.
    pub(crate) fn gdma(&mut self, command: Gdma, reads: &[Buffer], writes: &[Buffer]) {
        let id = self.next_id(self.streams.gdma.len());
        let mut wait = 0;
        for buffer in reads {
            let used = &mut self.current[buffer.index].1;
            wait = wait.max(used.tiu_write);
            used.gdma_read = id;
        }
        for buffer in writes {
            let used = &mut self.current[buffer.index].1;
            wait = wait.max(used.tiu_write).max(used.tiu_read);
            used.gdma_write = id;
        }
        self.layers[1].push(self.layer);
        self.streams.gdma.push(Gdma { cmd_id: id, eng0_sync_id: wait, ..command });
    }

    /// Commands so far, of both engines.
    pub(crate) fn counts(&self) -> [usize; 2] {
        [self.layers[0].len(), self.layers[1].len()]
    }

    /// The last commands, so many of each engine as far as they are in the present group.
    pub(crate) fn latest(&self, [tiu, gdma]: [usize; 2]) -> (&[Tiu], &[Gdma]) {
        let Streams { tiu: all_tiu, gdma: all_gdma } = &self.streams;
        (
            &all_tiu[all_tiu.len().saturating_sub(tiu)..],
            &all_gdma[all_gdma.len().saturating_sub(gdma)..],
        )
    }

    /// All groups, in order, and the layer of each command of the TIU and of the GDMA.
    pub(crate) fn finish(mut self) -> (Vec<Streams>, [Vec<usize>; 2]) {
        if self.finished.is_empty() || self.streams != Streams::default() {
            self.finished.push(self.streams);
        }
        (self.finished, self.layers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exact ids and waits: the group ends in the middle of a tile.
    #[test]
    fn ids_start_anew_before_they_run_out() {
        let mut emitter = Emitter::default();
        emitter.begin_layer();
        let [a, b] = [0..128, 128..256].map(|bytes| emitter.buffer(bytes));
        emitter.gdma(Gdma::default(), &[], &[a]);
        for _ in 0..usize::from(u16::MAX) + 1 {
            emitter.tiu(Tiu::default(), &[a], &[b]);
        }
        emitter.gdma(Gdma::default(), &[b], &[]);
        assert_eq!(emitter.counts(), [65_536, 2]);
        let (groups, _) = emitter.finish();
        let ends: Vec<_> = groups
            .iter()
            .map(|group| {
                let [first, last] = [group.tiu[0], group.tiu[group.tiu.len() - 1]];
                let waits = [first.cmd_id_gdma, group.gdma[0].eng0_sync_id];
                (first.cmd_id_tpu, last.cmd_id_tpu, group.gdma[0].cmd_id, waits)
            })
            .collect();
        assert_eq!(ends, [(1, u16::MAX, 1, [1, 0]), (1, 1, 1, [0, 1])]);
    }

    #[test]
    fn there_is_an_end_of_groups() {
        let mut emitter = Emitter::default();
        emitter.begin_layer();
        for _ in 0..MAX_GROUPS - 1 {
            emitter.next_group();
        }
        assert_eq!(emitter.tile_border(), Ok(()));
        emitter.next_group();
        assert!(matches!(emitter.tile_border(), Err(Reason::Commands { .. })));
    }
}
