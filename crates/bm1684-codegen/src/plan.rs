//! Where blobs stand in DDR.

use std::ops::Range;

use bm1684_isa::memory::{COEFFICIENT_BASE, LINE_BYTES};
use umodel::{BlobId, DType, LayerOp, QuantizedNet};

/// Blobs get addresses from here on while code is made; they move behind the coefficients once those are
/// all known. Far beyond any address of DDR that a program can have.
pub(crate) const CONTEXT_BASE: u64 = 0x80_0000_0000;

/// Bytes of DDR that a program can use.
pub(crate) const DDR_BYTES: u64 = 4 << 30;

/// What a layer asks of DDR besides its blobs.
#[derive(Clone, Debug)]
pub(crate) struct Need {
    /// Its tops are its bottom under other names.
    pub(crate) renames: bool,
    /// Bytes of scratch memory.
    pub(crate) scratch: usize,
    /// Its step, with all whose commands take turns with its own.
    pub(crate) steps: Range<usize>,
}

/// The offset of every blob and of every layer's scratch memory.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The layer of each step.
    order: Vec<usize>,
    blobs: Vec<u64>,
    scratch: Vec<u64>,
    placed: Placed,
    /// Bytes of all.
    pub(crate) bytes: u64,
}

/// Bytes that are in use from one layer to another, both included.
#[derive(Clone, Copy, Debug)]
struct Storage {
    bytes: u64,
    first: usize,
    last: usize,
}

impl Plan {
    /// Blobs live from the layer that writes them to the last that reads them, with all whose commands take turns with
    /// those, inputs and outputs always. A blob that only renames another shares its place. Each goes to the lowest place that is
    /// free all its life. There is a need for each layer.
    pub(crate) fn new(
        net: &QuantizedNet,
        order: &[usize],
        needs: &[Need],
        in_ddr: impl Fn(BlobId) -> bool,
    ) -> Plan {
        let graph = net.net();
        let layers = graph.layers();
        let mut owner: Vec<usize> = (0..graph.blobs().len()).collect();
        let mut storages: Vec<Storage> = graph
            .blob_ids()
            .map(|id| {
                let bytes = if in_ddr(id) { blob_bytes(net, id) } else { 0 };
                Storage { bytes, first: 0, last: 0 }
            })
            .collect();
        for &index in order {
            let layer = &layers[index];
            for &top in &layer.tops {
                if let (true, Some(bottom)) = (needs[index].renames, layer.bottoms.first()) {
                    owner[top.index()] = owner[bottom.index()];
                } else {
                    storages[top.index()].first = needs[index].steps.start;
                }
            }
            for id in layer.bottoms.iter().chain(&layer.tops) {
                let storage = &mut storages[owner[id.index()]];
                storage.last = storage.last.max(needs[index].steps.end - 1);
            }
            if matches!(layer.op, LayerOp::Input(_)) {
                for top in &layer.tops {
                    storages[top.index()] =
                        Storage { first: 0, last: layers.len(), ..storages[top.index()] };
                }
            }
        }
        for output in graph.outputs() {
            storages[owner[output.index()]].last = layers.len();
        }
        let mut placed = Placed::default();
        let mut offsets = vec![0; storages.len()];
        for (index, storage) in storages.iter().enumerate() {
            if owner[index] == index {
                offsets[index] = placed.place(*storage);
            }
        }
        let scratch = needs.iter().map(|need| {
            let [first, last] = [need.steps.start, need.steps.end - 1];
            placed.place(Storage { bytes: need.scratch as u64, first, last })
        });
        let scratch = scratch.collect();
        let blobs = owner.iter().map(|&owner| offsets[owner]).collect();
        let bytes = placed.bytes();
        Plan { order: order.to_vec(), blobs, scratch, placed, bytes }
    }

    /// A plan for layers that are lowered on trial, each by itself: all blobs stand in one place, however many there are.
    pub(crate) fn on_trial(net: &QuantizedNet) -> Plan {
        let (blobs, layers) = (net.net().blobs().len(), net.net().layers().len());
        Plan {
            order: Vec::new(),
            blobs: vec![0; blobs],
            scratch: vec![0; layers],
            placed: Placed::default(),
            bytes: 0,
        }
    }

    /// The layer at which most bytes are in use, and how many.
    pub(crate) fn fullest(&self) -> Option<(usize, u64)> {
        let used = |step: usize| -> u64 {
            let alive =
                |(_, storage): &&(u64, Storage)| (storage.first..=storage.last).contains(&step);
            self.placed.0.iter().filter(alive).map(|(_, storage)| storage.bytes).sum()
        };
        (0..self.order.len())
            .map(|step| (self.order[step], used(step)))
            .max_by_key(|&(layer, bytes)| (bytes, std::cmp::Reverse(layer)))
    }

    /// The address of a blob.
    pub(crate) fn blob(&self, id: BlobId) -> u64 {
        CONTEXT_BASE + self.blobs[id.index()]
    }

    /// The address of a layer's scratch memory.
    pub(crate) fn scratch(&self, layer: usize) -> u64 {
        CONTEXT_BASE + self.scratch[layer]
    }
}

/// Bytes of a blob in DDR: fp32 without gaps, 8-bit blobs in 4N form.
pub(crate) fn blob_bytes(net: &QuantizedNet, id: BlobId) -> u64 {
    let shape = &net.net().blob(id).shape;
    match net.format(id).dtype {
        DType::F32 => 4 * shape.iter().product::<usize>() as u64,
        DType::I8 | DType::U8 => {
            let (images, words) = split(shape);
            4 * (images.div_ceil(4) * words) as u64
        }
    }
}

/// Images and values of each image.
pub(crate) fn split(shape: &[usize]) -> (usize, usize) {
    match shape {
        [] => (1, 1),
        [images, rest @ ..] => (*images, rest.iter().product()),
    }
}

#[derive(Debug, Default)]
struct Placed(Vec<(u64, Storage)>);

impl Placed {
    fn place(&mut self, storage: Storage) -> u64 {
        let bytes = storage.bytes.next_multiple_of(LINE_BYTES as u64);
        let storage = Storage { bytes, ..storage };
        if bytes == 0 {
            return 0;
        }
        let mut busy: Vec<(u64, u64)> = self
            .0
            .iter()
            .filter(|(_, other)| other.first <= storage.last && storage.first <= other.last)
            .map(|(offset, other)| (*offset, offset + other.bytes))
            .collect();
        busy.sort_unstable();
        let mut offset = 0;
        for (start, end) in busy {
            if offset + bytes <= start {
                break;
            }
            offset = offset.max(end);
        }
        self.0.push((offset, storage));
        offset
    }

    fn bytes(&self) -> u64 {
        self.0.iter().map(|(offset, storage)| offset + storage.bytes).max().unwrap_or(0)
    }
}

/// The address of blobs behind this many bytes of coefficients.
pub(crate) fn context_address(coefficients: usize) -> u64 {
    COEFFICIENT_BASE + (coefficients as u64).next_multiple_of(4096)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn storage_is_reused_only_when_free() {
        let mut placed = Placed::default();
        let mut place = |bytes, first, last| placed.place(Storage { bytes, first, last });
        assert_eq!(place(256, 0, 1), 0);
        assert_eq!(place(256, 1, 2), 256);
        assert_eq!(place(100, 2, 3), 0);
        assert_eq!(place(100, 2, 3), 128);
        assert_eq!(place(300, 2, 2), 512);
        assert_eq!(placed.bytes(), 512 + 384);
    }
}
