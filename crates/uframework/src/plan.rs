//! Lifetimes: when each blob is read for the last time.

use umodel::{BlobId, Net};

/// For each layer, the blobs that nobody needs after it.
#[derive(Debug)]
pub(crate) struct Plan {
    dying: Vec<Vec<BlobId>>,
}

impl Plan {
    pub(crate) fn new(net: &Net) -> Self {
        let mut last = vec![0; net.blobs().len()];
        for (index, layer) in net.layers().iter().enumerate() {
            for id in layer.bottoms.iter().chain(&layer.tops) {
                last[id.index()] = index;
            }
        }
        let mut dying = vec![Vec::new(); net.layers().len()];
        for id in net.blob_ids() {
            dying[last[id.index()]].push(id);
        }
        Plan { dying }
    }

    pub(crate) fn last_read_by(&self, layer: usize) -> &[BlobId] {
        &self.dying[layer]
    }
}
