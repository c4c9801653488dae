//! Operations with places become the two command streams.

use bm1684_isa::cycles;
use bm1684_isa::memory::LANE_BYTES;

use super::memory::Places;
use super::sequence::{Action, Sequence, Space, StorageId};
use crate::emit::{Buffer, Emitter};
use crate::error::Reason;
use crate::plan::Plan;

/// The two engines' clocks.
#[derive(Clone, Copy, Debug, Default)]
struct Clock {
    tiu: u64,
    gdma: u64,
}

/// Adds the commands of a sequence. Loads come while the TIU computes, as early as their places are free, but no earlier
/// than the GDMA would be idle, so that what must be moved at once does not wait behind them.
pub(super) fn emit(
    sequence: &Sequence<'_>,
    places: &Places,
    plan: &Plan,
    emitter: &mut Emitter,
    mut through: impl FnMut(&mut Emitter, usize) -> Result<(), Reason>,
) -> Result<(), Reason> {
    let lives = sequence.lifetimes();
    let mut run = Run {
        sequence,
        places,
        plan,
        lives: &lives,
        buffers: vec![None; sequence.storages.len()],
        ready: vec![0; sequence.storages.len()],
        free: vec![0; sequence.ops.len() + 1],
        clock: Clock::default(),
    };
    let loads: Vec<usize> = (0..sequence.ops.len())
        .filter(|&index| matches!(sequence.ops[index].action, Action::Load { .. }))
        .collect();
    let mut next = 0;
    emitter.begin_layer();
    for (index, op) in sequence.ops.iter().enumerate() {
        // What is needed now, and what fits into the time until then.
        while let Some(&load) = loads.get(next) {
            let due = load <= index;
            let idle = run.clock.gdma <= run.clock.tiu;
            if !(due || idle && places.earliest[load] <= index) {
                break;
            }
            run.op(emitter, load);
            next += 1;
        }
        match op.action {
            Action::Load { .. } => {}
            Action::Move(_) | Action::Compute(_) => run.op(emitter, index),
            Action::Through => {
                emitter.begin_layer();
                emitter.for_layer(op.layer);
                through(emitter, op.layer)?;
                emitter.begin_layer();
            }
        }
        run.release(emitter, index);
        run.free[index + 1] = run.clock.tiu.max(run.free[index]);
        emitter.tile_border()?;
    }
    Ok(())
}

struct Run<'s, 'a> {
    sequence: &'s Sequence<'a>,
    places: &'s Places,
    plan: &'s Plan,
    lives: &'s [[usize; 2]],
    buffers: Vec<Option<Buffer>>,
    /// When what is in a storage is there.
    ready: Vec<u64>,
    /// When everything before an operation is done by the TIU.
    free: Vec<u64>,
    clock: Clock,
}

impl Run<'_, '_> {
    fn buffer(&mut self, emitter: &mut Emitter, id: StorageId) -> Buffer {
        let storage = self.sequence.storages[id];
        let start = match storage.space {
            Space::Lanes => self.places.offsets[id],
            Space::Tables => LANE_BYTES + self.places.offsets[id],
        };
        *self.buffers[id].get_or_insert_with(|| emitter.buffer(start..start + storage.bytes))
    }

    fn op(&mut self, emitter: &mut Emitter, index: usize) {
        let op = &self.sequence.ops[index];
        let buffers: Vec<Buffer> = op.uses.iter().map(|&id| self.buffer(emitter, id)).collect();
        let before = emitter.counts();
        emitter.for_layer(op.layer);
        match &op.action {
            Action::Load { emit: add, .. } | Action::Move(add) | Action::Compute(add) => {
                add(emitter, self.plan, &buffers);
            }
            Action::Through => {}
        }
        let after = emitter.counts();
        let counts = [after[0] - before[0], after[1] - before[1]];
        let (tiu, gdma) = emitter.latest(counts);
        let cost: u64 = tiu.iter().map(cycles::tiu).chain(gdma.iter().map(cycles::gdma)).sum();
        let ready = op.uses.iter().map(|&id| self.ready[id]).max().unwrap_or(0);
        let clock = match op.action {
            Action::Load { .. } => {
                let free = self.free[self.places.earliest[index]];
                self.clock.gdma = self.clock.gdma.max(free) + cost;
                self.clock.gdma
            }
            Action::Move(_) => {
                self.clock.gdma = self.clock.gdma.max(ready) + cost;
                self.clock.gdma
            }
            Action::Compute(_) | Action::Through => {
                self.clock.tiu = self.clock.tiu.max(ready) + cost;
                self.clock.tiu
            }
        };
        for &id in &op.uses {
            self.ready[id] = clock.max(self.ready[id]);
        }
    }

    /// Ends the use of everything that no later operation needs.
    fn release(&mut self, emitter: &mut Emitter, index: usize) {
        let op = &self.sequence.ops[index];
        for &id in &op.uses {
            if self.lives[id][1] == index
                && let Some(buffer) = self.buffers[id].take()
            {
                emitter.release(buffer);
            }
        }
    }
}
