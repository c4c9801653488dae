//! Where everything stands in local memory, and how early loads may come.

use bm1684_isa::memory::{LANE_BYTES, LINE_BYTES};

use super::sequence::{Action, Sequence, Space, StorageId};

/// Bytes of L2 memory for tables.
pub(super) const TABLE_MEMORY: usize = 16 << 10;

/// A place for each storage.
pub(super) struct Places {
    /// First byte in a lane, or among the tables.
    pub(super) offsets: Vec<usize>,
    /// The operation before which a load may come, by operation; of others their own number.
    pub(super) earliest: Vec<usize>,
}

/// An operation that needs more memory than there is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Full {
    pub(super) op: usize,
}

/// Something that has its place.
#[derive(Clone, Copy, Debug)]
struct Placed {
    start: usize,
    end: usize,
    first: usize,
    last: usize,
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
/// there is room for it.
pub(super) fn place(sequence: &Sequence<'_>) -> Result<Places, Full> {
    let lives = sequence.lifetimes();
    let loaded = loads(sequence);
    let bytes = |id: StorageId| sequence.storages[id].bytes.next_multiple_of(LINE_BYTES);
    let mut order: Vec<StorageId> = (0..lives.len()).filter(|&id| loaded[id].is_none()).collect();
    order.sort_by_key(|&id| (std::cmp::Reverse(bytes(id)), lives[id]));
    let mut offsets = vec![0; lives.len()];
    let mut placed: [Vec<Placed>; 2] = [Vec::new(), Vec::new()];
    for id in order {
        let [first, last] = lives[id];
        if first > last {
            continue;
        }
        let space = sequence.storages[id].space;
        let beside: Vec<(usize, usize)> = placed[space.index()]
            .iter()
            .filter(|other| other.first <= last && first <= other.last)
            .map(|other| (other.start, other.end))
            .collect();
        let start = lowest(beside, bytes(id));
        if start + bytes(id) > space.bytes() {
            return Err(Full { op: first });
        }
        offsets[id] = start;
        placed[space.index()].push(Placed { start, end: start + bytes(id), first, last });
    }
    let mut earliest: Vec<usize> = (0..sequence.ops.len()).collect();
    let mut barrier = 0;
    let mut before = 0;
    for (index, op) in sequence.ops.iter().enumerate() {
        match op.action {
            Action::Through => barrier = index + 1,
            Action::Load(_) => {
                let id = op.uses[0];
                let space = sequence.storages[id].space;
                let last = lives[id][1];
                let from = before.max(barrier);
                let others = &placed[space.index()];
                let found = earliest_place(others, space.bytes(), bytes(id), from, [index, last]);
                let Some((start, first)) = found else { return Err(Full { op: index }) };
                offsets[id] = start;
                earliest[index] = first;
                before = first;
                placed[space.index()].push(Placed { start, end: start + bytes(id), first, last });
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
        if let Action::Load(_) = op.action {
            loads[op.uses[0]] = Some(index);
        }
    }
    loads
}

/// The lowest place beside these ranges.
fn lowest(mut taken: Vec<(usize, usize)>, bytes: usize) -> usize {
    taken.sort_unstable();
    let mut free = 0;
    for (start, end) in taken {
        if start >= free + bytes {
            break;
        }
        free = free.max(end);
    }
    free
}

/// The place that is free earliest, from an operation on that is not before `from`, until `last`.
fn earliest_place(
    placed: &[Placed],
    memory: usize,
    bytes: usize,
    from: usize,
    [needed, last]: [usize; 2],
) -> Option<(usize, usize)> {
    let alive: Vec<&Placed> =
        placed.iter().filter(|other| other.last >= from && other.first <= last).collect();
    let mut starts: Vec<usize> = alive.iter().map(|other| other.end).collect();
    starts.push(0);
    starts.sort_unstable();
    starts.dedup();
    let mut best: Option<(usize, usize)> = None;
    for start in starts {
        let end = start + bytes;
        if end > memory {
            break;
        }
        let mut first = from;
        let mut fits = true;
        for other in &alive {
            if other.start < end && start < other.end {
                if other.last >= needed {
                    fits = false;
                    break;
                }
                first = first.max(other.last + 1);
            }
        }
        if fits && best.is_none_or(|(_, found)| first < found) {
            best = Some((start, first));
        }
    }
    best.map(|(start, first)| (start, first.min(needed)))
}
