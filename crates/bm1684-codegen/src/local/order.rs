//! The order of layers.

use std::collections::BTreeSet;

use umodel::Net;

use super::Own;

/// An order in which layers that work in local memory come as early as they can, so that they come together. Between them the
/// net's order is kept.
pub(super) fn order(net: &Net, owns: &[Own<'_>]) -> Vec<usize> {
    let layers = net.layers();
    let mut makers = vec![None; net.blobs().len()];
    // How many bottoms of each layer are still to be made, and who reads what a layer makes.
    let mut missing = vec![0; layers.len()];
    let mut readers = vec![Vec::new(); layers.len()];
    for (index, layer) in layers.iter().enumerate() {
        for maker in layer.bottoms.iter().filter_map(|id| makers[id.index()]) {
            missing[index] += 1;
            let list: &mut Vec<usize> = &mut readers[maker];
            list.push(index);
        }
        for &top in &layer.tops {
            makers[top.index()] = Some(index);
        }
    }
    let is_through = |index: usize| matches!(owns[index], Own::Through);
    let mut ready = [BTreeSet::new(), BTreeSet::new()];
    for index in (0..layers.len()).filter(|&index| missing[index] == 0) {
        ready[usize::from(is_through(index))].insert(index);
    }
    let mut order = Vec::with_capacity(layers.len());
    loop {
        let [local, through] = &mut ready;
        let Some(index) = local.pop_first().or_else(|| through.pop_first()) else { break };
        order.push(index);
        for &reader in &readers[index] {
            missing[reader] -= 1;
            if missing[reader] == 0 {
                ready[usize::from(is_through(reader))].insert(reader);
            }
        }
    }
    order
}
