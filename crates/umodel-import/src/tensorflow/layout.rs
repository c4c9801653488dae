//! Whether an input's four axes are N, H, W, C or N, C, H, W.

use std::collections::{HashSet, VecDeque};

use super::graph::{End, Resolved};
use super::tensor;
use crate::graph::{Budget, Layout};

/// Nodes that are looked at before N, H, W, C is taken for granted.
const MAX_NODES: usize = 10_000;

/// The layout by the first node behind a tensor that tells one: by its `data_format`, or because it
/// turns one layout into the other.
pub(super) fn of_input(graph: &Resolved, readers: &[Vec<usize>], input: End) -> Layout {
    let mut seen = HashSet::new();
    let mut queue = VecDeque::from([input.node]);
    while let Some(at) = queue.pop_front() {
        for &reader in readers.get(at).into_iter().flatten() {
            if !seen.insert(reader) || seen.len() > MAX_NODES {
                continue;
            }
            let Some(node) = graph.nodes.get(reader) else { continue };
            match (node.op, node.text("data_format")) {
                (_, "NCHW") => return Layout::ChannelsFirst,
                (_, "NHWC") => return Layout::ChannelsLast,
                ("Transpose", _) => match permutation(graph, node.inputs.get(1)).as_deref() {
                    Some([0, 3, 1, 2]) => return Layout::ChannelsLast,
                    Some([0, 2, 3, 1]) => return Layout::ChannelsFirst,
                    _ => {}
                },
                _ => queue.push_back(reader),
            }
        }
    }
    Layout::ChannelsLast
}

fn permutation(graph: &Resolved, end: Option<&End>) -> Option<Vec<i64>> {
    let node = graph.nodes.get(end?.node).filter(|node| node.op == "Const")?;
    let message = node.tensor("value").ok()?;
    // A constant of more than a few numbers is no order of axes.
    let budget = Budget::new(Some(1 << 10), 0);
    tensor::decode(message, &budget).ok().map(|tensor| tensor.ints())
}
