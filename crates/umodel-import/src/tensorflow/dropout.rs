//! Dropout of a graph that was frozen while it trained: at inference it does nothing.

use super::graph::{End, Resolved};

/// How far a mask may be from its random numbers.
const MAX_STEPS: usize = 8;

/// Replaces dropout's multiplications by what they would keep.
///
/// ```text
/// RandomUniform ─► Add ─► Floor ─────────┐
/// x ─► RealDiv or Mul by a constant ─► Mul          ⇒        x
///
/// RandomUniform ─► GreaterEqual ─► (Cast)┐
/// x ─► RealDiv or Mul by a constant ─► Mul, Select, SelectV2
/// ```
///
/// # Source
/// `tf.nn.dropout` of TensorFlow 1 and 2.
pub(super) fn remove(graph: &mut Resolved) {
    if !graph.nodes.iter().any(|node| node.op == "RandomUniform") {
        return;
    }
    let nodes = graph.nodes.iter().enumerate();
    let replaced: Vec<(usize, End)> = nodes
        .filter_map(|(index, node)| {
            let kept = match (node.op, node.inputs.as_slice()) {
                ("Mul", &[a, b]) if is_mask(graph, b) => a,
                ("Mul", &[a, b]) if is_mask(graph, a) => b,
                ("Select" | "SelectV2", &[mask, a, _]) if is_mask(graph, mask) => a,
                _ => return None,
            };
            Some((index, unscaled(graph, kept)))
        })
        .collect();
    for (index, source) in replaced {
        graph.bypass(index, source);
    }
}

/// Whether a tensor is made of random numbers by comparing or rounding.
fn is_mask(graph: &Resolved, end: End) -> bool {
    let mut at = end;
    let mut rounded = false;
    for _ in 0..MAX_STEPS {
        let Some(node) = graph.node(at.node) else { return false };
        let random = |end: &&End| reaches_random(graph, **end);
        at = match (node.op, node.inputs.as_slice()) {
            ("RandomUniform", _) => return rounded,
            ("Floor" | "GreaterEqual" | "Cast" | "Add" | "AddV2" | "Mul" | "Sub", inputs) => {
                rounded |= matches!(node.op, "Floor" | "GreaterEqual");
                match inputs.iter().find(random) {
                    Some(&next) => next,
                    None => return false,
                }
            }
            ("Identity", &[next]) => next,
            _ => return false,
        };
    }
    false
}

fn reaches_random(graph: &Resolved, end: End) -> bool {
    let mut at = end;
    for _ in 0..MAX_STEPS {
        let Some(node) = graph.node(at.node) else { return false };
        at = match (node.op, node.inputs.as_slice()) {
            ("RandomUniform", _) => return true,
            (
                "Floor" | "GreaterEqual" | "Cast" | "Add" | "AddV2" | "Mul" | "Sub" | "Identity",
                &[first, ..],
            ) => first,
            _ => return false,
        };
    }
    false
}

/// What dropout multiplied by 1 / keep_prob.
fn unscaled(graph: &Resolved, end: End) -> End {
    let Some(node) = graph.node(end.node) else { return end };
    let constant = |end: End| graph.node(end.node).is_some_and(|node| node.op == "Const");
    match (node.op, node.inputs.as_slice()) {
        ("RealDiv" | "Mul", &[x, factor]) if constant(factor) => x,
        ("Mul", &[factor, x]) if constant(factor) => x,
        _ => end,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::super::proto::{GraphDef, NodeDef};
    use super::*;
    use crate::error::Role;

    #[test]
    fn both_ways_of_writing_it_vanish() {
        let node = |name: &str, op: &str, inputs: &[&str]| NodeDef {
            name: name.to_owned(),
            op: op.to_owned(),
            input: inputs.iter().map(|&input| input.to_owned()).collect(),
            attr: HashMap::new(),
        };
        let nodes = vec![
            node("x", "Placeholder", &[]),
            node("c", "Const", &[]),
            node("shape", "Shape", &["x"]),
            node("random", "RandomUniform", &["shape"]),
            node("div", "RealDiv", &["x", "c"]),
            node("add", "Add", &["random", "c"]),
            node("floor", "Floor", &["add"]),
            node("old", "Mul", &["div", "floor"]),
            node("scaled", "Mul", &["x", "c"]),
            node("greater", "GreaterEqual", &["random", "c"]),
            node("cast", "Cast", &["greater"]),
            node("new", "Mul", &["scaled", "cast"]),
            node("select", "SelectV2", &["greater", "scaled", "c"]),
            node("noise", "Mul", &["x", "random"]),
        ];
        let graph = GraphDef { node: nodes, library: None };
        let graph = Resolved::new(&graph).expect("a graph");
        let x = graph.end(Role::Input, "x").expect("x");
        for name in ["old", "new", "select"] {
            let node = &graph.nodes[graph.find(name).expect("a node")];
            assert_eq!((node.op, node.inputs.as_slice()), ("Identity", &[x][..]), "{name}");
        }
        assert_eq!(graph.nodes[graph.find("noise").expect("a node")].op, "Mul");
    }
}
