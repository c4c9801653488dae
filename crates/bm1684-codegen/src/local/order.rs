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

#[cfg(test)]
mod tests {
    use umodel::{NetParameter, NoSources, Phase, QuantizedNet};

    use crate::Optimization;
    use crate::local::Facts;

    /// Exact: pooling works in local memory, permuting from DDR to DDR.
    #[test]
    fn layers_in_local_memory_come_together() {
        let same = "quantization_param { arithmetic: SAME top { dtype: INT8 scale: 1 } }";
        let pooling = |name: &str, bottom: &str| {
            format!(
                "layer {{ name: '{name}' type: 'Pooling' bottom: '{bottom}' top: '{name}'
                   pooling_param {{ pool: MAX kernel_size: 2 stride: 1 }} {same} }}"
            )
        };
        let permuting = |name: &str, bottom: &str| {
            format!(
                "layer {{ name: '{name}' type: 'Permute' bottom: '{bottom}' top: '{name}'
                   permute_param {{ order: [0, 2, 3, 1] }} {same} }}"
            )
        };
        let text = [
            "layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: [1, 8, 8, 8] } }
               quantization_param { arithmetic: CAST top { dtype: INT8 scale: 1 } } }"
                .to_owned(),
            pooling("a", "x"),
            permuting("p", "a"),
            pooling("b", "a"),
            permuting("q", "b"),
            pooling("c", "q"),
        ];
        let model = NetParameter::parse_text(&text.concat()).expect("a net");
        let net = QuantizedNet::read(&model, &model, Phase::Test, &NoSources).expect("int8");
        let order = |optimization| Facts::new(&net, optimization).order;
        assert_eq!(order(Optimization::Groups), [0, 1, 3, 2, 4, 5]);
        assert_eq!(order(Optimization::Layers), [0, 1, 2, 3, 4, 5]);
    }
}
