//! Where everything stands in local memory, and how early loads may come.

use bm1684_isa::memory::{LANE_BYTES, LINE_BYTES};

use super::sequence::{Action, Sequence, Space, StorageId};

/// Bytes of L2 memory for tables.
const TABLE_MEMORY: usize = 16 << 10;
/// By how many operations a load comes earlier at most.
const AHEAD: usize = 1024;
/// Operations of a stretch of a shelf.
const STRETCH: usize = 64;

/// A place for each storage.
pub(super) struct Places {
    /// First byte in a lane, or among the tables.
    pub(super) offsets: Vec<usize>,
    /// The operation before which a load may come, by operation; of others their own number.
    pub(super) earliest: Vec<usize>,
}

/// Something needs more memory than there is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Full;

/// Where loads may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// While groups of layers before their own are at work.
    Anywhere,
    /// With the group of layers that needs them.
    Group,
}

/// Something that has its place.
#[derive(Clone, Copy, Debug)]
struct Placed {
    start: usize,
    end: usize,
    first: usize,
    last: usize,
}

/// What has its place in a memory, to be found by the operations of its life.
struct Shelf {
    bytes: usize,
    /// For each stretch of operations, what lives then.
    stretches: Vec<Vec<Placed>>,
}

impl Shelf {
    fn new(space: Space, operations: usize) -> Self {
        Shelf { bytes: space.bytes(), stretches: vec![Vec::new(); operations / STRETCH + 1] }
    }

    fn add(&mut self, placed: Placed) {
        for stretch in &mut self.stretches[placed.first / STRETCH..=placed.last / STRETCH] {
            stretch.push(placed);
        }
    }

    /// What lives between two operations, in the order of its places.
    fn alive(&self, [first, last]: [usize; 2]) -> Vec<Placed> {
        let mut alive: Vec<Placed> = self.stretches[first / STRETCH..=last / STRETCH]
            .iter()
            .flatten()
            .filter(|other| other.first <= last && first <= other.last)
            .copied()
            .collect();
        alive.sort_unstable_by_key(|other| other.start);
        alive
    }

    /// The lowest place that is free from the first to the last operation.
    fn free(&self, bytes: usize, life: [usize; 2]) -> Option<usize> {
        self.gap(&self.alive(life), bytes, life[0])
    }

    /// The lowest place beside those that live until an operation or longer.
    fn gap(&self, alive: &[Placed], bytes: usize, first: usize) -> Option<usize> {
        let mut free = 0;
        for other in alive.iter().filter(|other| other.last >= first) {
            if other.start >= free + bytes {
                break;
            }
            free = free.max(other.end);
        }
        (free + bytes <= self.bytes).then_some(free)
    }

    /// The place that is free earliest, from an operation on that is not before `from`, until `last`.
    fn earliest(
        &self,
        bytes: usize,
        from: usize,
        [needed, last]: [usize; 2],
    ) -> Option<(usize, usize)> {
        let (mut low, mut high) = (from.min(needed), needed);
        let alive = self.alive([low, last]);
        // What is free from an operation on is free from each later one on, too.
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.gap(&alive, bytes, middle).is_some() { high = middle } else { low = middle + 1 }
        }
        self.gap(&alive, bytes, low).map(|start| (start, low))
    }
}

impl Space {
    fn bytes(self) -> usize {
        match self {
            Space::Lanes => LANE_BYTES,
            Space::Tables => TABLE_MEMORY,
        }
    }

    fn index(self) -> usize {
        match self {
            Space::Lanes => 0,
            Space::Tables => 1,
        }
    }
}

/// Finds a place for everything: what the TIU writes and reads at first, the largest first, then loads, each as early as
/// there is room for it and its `Start` allows.
pub(super) fn place(sequence: &Sequence<'_>, start: Start) -> Result<Places, Full> {
    let lives = sequence.lifetimes();
    let loaded = loads(sequence);
    let bytes = |id: StorageId| sequence.storages[id].bytes.next_multiple_of(LINE_BYTES);
    let mut order: Vec<StorageId> = (0..lives.len()).filter(|&id| loaded[id].is_none()).collect();
    order.sort_by_key(|&id| (std::cmp::Reverse(bytes(id)), lives[id]));
    let mut offsets = vec![0; lives.len()];
    let mut shelves =
        [Space::Lanes, Space::Tables].map(|space| Shelf::new(space, sequence.ops.len()));
    for id in order {
        let [first, last] = lives[id];
        if first > last {
            continue;
        }
        let shelf = &mut shelves[sequence.storages[id].space.index()];
        let Some(start) = shelf.free(bytes(id), [first, last]) else {
            return Err(Full);
        };
        offsets[id] = start;
        shelf.add(Placed { start, end: start + bytes(id), first, last });
    }
    let mut earliest: Vec<usize> = (0..sequence.ops.len()).collect();
    let mut barrier = 0;
    let mut before = 0;
    for (index, op) in sequence.ops.iter().enumerate() {
        if start == Start::Group && sequence.borders.binary_search(&index).is_ok() {
            barrier = index;
        }
        match op.action {
            Action::Through => barrier = index + 1,
            Action::Load { after, .. } => {
                let id = op.uses[0];
                let shelf = &mut shelves[sequence.storages[id].space.index()];
                let last = lives[id][1];
                let from = before.max(barrier).max(after).max(index.saturating_sub(AHEAD));
                let found = shelf.earliest(bytes(id), from, [index, last]);
                let Some((start, first)) = found else { return Err(Full) };
                offsets[id] = start;
                earliest[index] = first;
                before = first;
                shelf.add(Placed { start, end: start + bytes(id), first, last });
            }
            Action::Move(_) | Action::Compute(_) => {}
        }
    }
    Ok(Places { offsets, earliest })
}

/// The load of each storage that is loaded.
fn loads(sequence: &Sequence<'_>) -> Vec<Option<usize>> {
    let mut loads = vec![None; sequence.storages.len()];
    for (index, op) in sequence.ops.iter().enumerate() {
        if let Action::Load { .. } = op.action {
            loads[op.uses[0]] = Some(index);
        }
    }
    loads
}
