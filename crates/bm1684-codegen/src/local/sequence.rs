//! What is done in local memory, in order, before anything has a place there.

use std::ops::Range;

use bm1684_isa::memory::LANE_BYTES;

use crate::emit::{Buffer, Emitter};
use crate::plan::Plan;

/// Which memory something takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Space {
    /// So many bytes of every lane.
    Lanes,
    /// The part of L2 memory that holds tables.
    Tables,
}

/// Something that takes memory from the first to the last operation that uses it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Storage {
    pub(super) space: Space,
    pub(super) bytes: usize,
}

/// Number of a storage in its sequence.
pub(super) type StorageId = usize;

/// Adds an operation's commands, with buffers in the order of its storages.
pub(super) type Emit<'a> = Box<dyn Fn(&mut Emitter, &Plan, &[Buffer]) + 'a>;

/// What an operation is.
pub(super) enum Action<'a> {
    /// The GDMA brings something from DDR into the only storage. It may come earlier than where it stands, but not before
    /// the operation of this number.
    Load { emit: Emit<'a>, after: usize },
    /// The GDMA moves something within local memory, or to DDR.
    Move(Emit<'a>),
    /// The TIU computes.
    Compute(Emit<'a>),
    /// A whole layer from DDR to DDR, which takes all of local memory.
    Through,
}

/// An operation.
pub(super) struct Op<'a> {
    pub(super) layer: usize,
    pub(super) uses: Vec<StorageId>,
    pub(super) action: Action<'a>,
}

/// Operations in an order in which they can be done.
#[derive(Default)]
pub(super) struct Sequence<'a> {
    pub(super) storages: Vec<Storage>,
    pub(super) ops: Vec<Op<'a>>,
    /// The first operation of each group of layers.
    pub(super) borders: Vec<usize>,
    /// Where in the pool the coefficients of each load are.
    pub(super) coefficients: Vec<Range<usize>>,
}

impl<'a> Sequence<'a> {
    /// Something new that takes memory.
    pub(super) fn storage(&mut self, space: Space, bytes: usize) -> StorageId {
        self.storages.push(Storage { space, bytes });
        self.storages.len() - 1
    }

    /// The next operation.
    pub(super) fn push(&mut self, layer: usize, uses: Vec<StorageId>, action: Action<'a>) {
        self.ops.push(Op { layer, uses, action });
    }

    /// Whether an operation alone needs more than a lane has.
    pub(super) fn is_too_large(&self, op: &Op<'_>) -> bool {
        let mut uses = op.uses.clone();
        uses.sort_unstable();
        uses.dedup();
        let lanes = uses.into_iter().map(|id| self.storages[id]);
        let lanes = lanes.filter(|storage| storage.space == Space::Lanes);
        lanes.map(|storage| storage.bytes).sum::<usize>() > LANE_BYTES
    }

    /// The first and the last operation that use each storage.
    pub(super) fn lifetimes(&self) -> Vec<[usize; 2]> {
        let mut lives = vec![[usize::MAX, 0]; self.storages.len()];
        for (index, op) in self.ops.iter().enumerate() {
            for &used in &op.uses {
                let [first, last] = &mut lives[used];
                *first = index.min(*first);
                *last = index;
            }
        }
        lives
    }
}
