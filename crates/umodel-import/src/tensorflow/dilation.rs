//! Dilated convolutions as TensorFlow writes them for want of a kernel of their own.

use super::graph::{End, Resolved};

/// Ops that work alike on every picture of a batch and every position, if their other inputs are constants.
const BETWEEN: [&str; 12] = [
    "Identity",
    "BiasAdd",
    "Add",
    "AddV2",
    "Sub",
    "Mul",
    "Relu",
    "Relu6",
    "FusedBatchNorm",
    "FusedBatchNormV2",
    "FusedBatchNormV3",
    "LeakyRelu",
];
/// How many of them there may be.
const MAX_BETWEEN: usize = 8;

/// Gives convolutions between SpaceToBatchND and BatchToSpaceND the block, the paddings and the crops as
/// further inputs, and makes the two others hand on what they get.
///
/// ```text
/// SpaceToBatchND(block, paddings) ─► convolution ─► … ─► BatchToSpaceND(block, crops)
///     ⇒     convolution(dilation = block, padding = paddings − crops) ─► …
/// ```
///
/// # Source
/// `tf.nn.convolution` of TensorFlow 1, with_space_to_batch.
pub(super) fn join(graph: &mut Resolved) {
    let readers = graph.readers();
    for index in 0..graph.nodes.len() {
        let Some((batch, result, inputs, between)) = joined(graph, &readers, index) else {
            continue;
        };
        if let Some(node) = graph.nodes.get_mut(index) {
            node.inputs = inputs;
        }
        graph.bypass(batch, result);
        graph.between_blocks.extend(between);
    }
}

/// Of a convolution between blocks: the BatchToSpaceND behind it, what that reads, the inputs that the convolution
/// gets, and the nodes between the blocks.
fn joined(
    graph: &Resolved,
    readers: &[Vec<usize>],
    index: usize,
) -> Option<(usize, End, Vec<End>, Vec<usize>)> {
    let node = graph.node(index)?;
    if !matches!(node.op, "Conv2D" | "DepthwiseConv2dNative") {
        return None;
    }
    let &[from, filter] = node.inputs.as_slice() else { return None };
    let space = graph.node(from.node)?;
    let ("SpaceToBatchND", &[source, block, paddings]) = (space.op, space.inputs.as_slice()) else {
        return None;
    };
    let (batch, crops, between) = batch_to_space(graph, readers, index)?;
    let &result = graph.node(batch)?.inputs.first()?;
    Some((batch, result, vec![source, filter, block, paddings, crops], between))
}

/// The BatchToSpaceND behind a convolution, its crops, and the nodes in front of it.
fn batch_to_space(
    graph: &Resolved,
    readers: &[Vec<usize>],
    from: usize,
) -> Option<(usize, End, Vec<usize>)> {
    let mut between = Vec::new();
    let mut at = from;
    for _ in 0..MAX_BETWEEN {
        between.push(at);
        // Somebody else would see the batch of blocks.
        let &[reader] = readers.get(at)?.as_slice() else { return None };
        let node = graph.nodes.get(reader)?;
        match (node.op, node.inputs.as_slice()) {
            ("BatchToSpaceND", &[_, _, crops]) => return Some((reader, crops, between)),
            (op, _) if BETWEEN.contains(&op) => at = reader,
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::super::proto::{GraphDef, NodeDef};
    use super::*;

    #[test]
    fn the_convolution_gets_it_all() {
        let node = |name: &str, op: &str, inputs: &[&str]| NodeDef {
            name: name.to_owned(),
            op: op.to_owned(),
            input: inputs.iter().map(|&input| input.to_owned()).collect(),
            attr: HashMap::new(),
        };
        let constants = ["block", "paddings", "crops", "filter", "bias"];
        let mut nodes = vec![node("x", "Placeholder", &[])];
        nodes.extend(constants.map(|name| node(name, "Const", &[])));
        nodes.extend([
            node("space", "SpaceToBatchND", &["x", "block", "paddings"]),
            node("conv", "Conv2D", &["space", "filter"]),
            node("biased", "BiasAdd", &["conv", "bias"]),
            node("batch", "BatchToSpaceND", &["biased", "block", "crops"]),
        ]);
        let graph = GraphDef { node: nodes, library: None };
        let graph = Resolved::new(&graph).expect("a graph");
        let names = |name: &str| -> Vec<String> {
            let node = &graph.nodes[graph.find(name).expect("a node")];
            node.inputs.iter().map(|&end| graph.tensor_name(end)).collect()
        };
        assert_eq!(names("conv"), ["x", "filter", "block", "paddings", "crops"]);
        assert_eq!(names("batch"), ["biased"]);
    }
}
