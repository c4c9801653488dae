//! Calls of functions of the graph's library, replaced by their bodies.

use std::collections::HashMap;

use super::graph::{split, wrong};
use super::proto::attr_value::Value as Attr;
use super::proto::{FunctionDef, GraphDef, NodeDef};
use crate::error::Error;

/// Nodes at most after inlining, so that functions that call each other twice do not fill the memory.
const MAX_NODES: usize = 1 << 20;
/// Calls within calls at most.
const MAX_DEPTH: usize = 64;

/// The graph's nodes with all calls of functions inlined. A call `f` makes nodes `f/NAME`; nodes that read
/// the call's outputs read those of the body instead.
///
/// # Errors
/// [`Error::Graph`] for calls with other inputs than the function has, and if they go too deep or become
/// too many.
pub(super) fn inline(graph: &GraphDef) -> Result<Vec<NodeDef>, Error> {
    let library = graph.library.iter().flat_map(|library| &library.function);
    let functions: HashMap<&str, &FunctionDef> = library
        .filter_map(|function| Some((function.signature.as_ref()?.name.as_str(), function)))
        .collect();
    if !graph.node.iter().any(|node| called(node, &functions).is_some()) {
        return Ok(graph.node.clone());
    }
    let mut inliner = Inliner { functions, nodes: Vec::new(), outputs: HashMap::new() };
    for node in &graph.node {
        inliner.add(node.clone(), 0)?;
    }
    let Inliner { mut nodes, outputs, .. } = inliner;
    for input in nodes.iter_mut().flat_map(|node| &mut node.input) {
        // An output of a call may be an output of a call inside it.
        for _ in 0..MAX_DEPTH {
            let (name, output) = split(input);
            let Some(results) = outputs.get(name) else { break };
            let Some(result) = results.get(output) else {
                return Err(wrong(format!(
                    "\"{input}\" is not there: the call has {}",
                    results.len()
                )));
            };
            input.clone_from(result);
        }
    }
    Ok(nodes)
}

/// The function that a node calls. Conditions and loops are no calls.
fn called<'a>(
    node: &NodeDef,
    functions: &HashMap<&str, &'a FunctionDef>,
) -> Option<&'a FunctionDef> {
    let name = match node.op.as_str() {
        "PartitionedCall" | "StatefulPartitionedCall" => {
            match node.attr.get("f").and_then(|attr| attr.value.as_ref()) {
                Some(Attr::Func(function)) => function.name.as_str(),
                _ => return None,
            }
        }
        op => op,
    };
    functions.get(name).copied()
}

struct Inliner<'a> {
    functions: HashMap<&'a str, &'a FunctionDef>,
    nodes: Vec<NodeDef>,
    /// What the outputs of each call have become.
    outputs: HashMap<String, Vec<String>>,
}

impl Inliner<'_> {
    fn add(&mut self, node: NodeDef, depth: usize) -> Result<(), Error> {
        let Some(function) = called(&node, &self.functions) else {
            if self.nodes.len() >= MAX_NODES {
                return Err(wrong(format!("its functions make more than {MAX_NODES} nodes")));
            }
            self.nodes.push(node);
            return Ok(());
        };
        if depth >= MAX_DEPTH {
            return Err(wrong(format!("calls are {MAX_DEPTH} deep at node \"{}\"", node.name)));
        }
        let Some(signature) = &function.signature else { return Ok(()) };
        let given: Vec<&String> = node.input.iter().filter(|name| !name.starts_with('^')).collect();
        if given.len() != signature.input_arg.len() {
            return Err(wrong(format!(
                "node \"{}\" gives {} inputs to function \"{}\" of {}",
                node.name,
                given.len(),
                signature.name,
                signature.input_arg.len()
            )));
        }
        let arguments: HashMap<&str, &String> =
            signature.input_arg.iter().map(|arg| arg.name.as_str()).zip(given).collect();
        let ops: HashMap<&str, &str> = function
            .node_def
            .iter()
            .map(|inner| (inner.name.as_str(), inner.op.as_str()))
            .collect();
        let outer = |name: &str| match arguments.get(name) {
            Some(&argument) => argument.clone(),
            None => format!("{}/{}", node.name, flat(name, &ops, &self.functions)),
        };
        let results: Vec<String> = signature
            .output_arg
            .iter()
            .map(|arg| outer(function.ret.get(&arg.name).unwrap_or(&arg.name)))
            .collect();
        let bodies: Vec<NodeDef> = function
            .node_def
            .iter()
            .map(|inner| {
                let data = inner.input.iter().filter(|input| !input.starts_with('^'));
                NodeDef {
                    name: format!("{}/{}", node.name, inner.name),
                    op: inner.op.clone(),
                    input: data.map(|input| outer(input)).collect(),
                    attr: inner.attr.clone(),
                }
            })
            .collect();
        self.outputs.insert(node.name, results);
        for body in bodies {
            self.add(body, depth + 1)?;
        }
        Ok(())
    }
}

/// `node:output:index` of a function's body as `node:k`.
fn flat(name: &str, ops: &HashMap<&str, &str>, functions: &HashMap<&str, &FunctionDef>) -> String {
    let mut parts = name.splitn(3, ':');
    let (Some(node), Some(output), Some(index)) = (parts.next(), parts.next(), parts.next()) else {
        return name.to_owned();
    };
    let index: usize = index.parse().unwrap_or(0);
    let op = ops.get(node).copied().unwrap_or_default();
    // Lists of outputs count from 0. Of ops with several outputs only batch norm has names that matter.
    let first = match (op, output) {
        ("FusedBatchNorm" | "FusedBatchNormV2" | "FusedBatchNormV3", "y") => 0,
        ("FusedBatchNorm" | "FusedBatchNormV2" | "FusedBatchNormV3", _) => 1,
        ("Switch", "output_true") => 1,
        _ => functions
            .get(op)
            .and_then(|function| function.signature.as_ref())
            .and_then(|s| s.output_arg.iter().position(|arg| arg.name == output))
            .unwrap_or(0),
    };
    format!("{node}:{}", first + index)
}

#[cfg(test)]
mod tests {
    use super::super::proto::op_def::ArgDef;
    use super::super::proto::{FunctionDefLibrary, OpDef};
    use super::*;

    fn node(name: &str, op: &str, inputs: &[&str]) -> NodeDef {
        NodeDef {
            name: name.to_owned(),
            op: op.to_owned(),
            input: inputs.iter().map(|&input| input.to_owned()).collect(),
            attr: HashMap::new(),
        }
    }

    fn function(name: &str, body: Vec<NodeDef>, ret: &str) -> FunctionDef {
        let arg = |name: &str| vec![ArgDef { name: name.to_owned() }];
        let signature = OpDef { name: name.to_owned(), input_arg: arg("x"), output_arg: arg("y") };
        FunctionDef {
            signature: Some(signature),
            node_def: body,
            ret: HashMap::from([("y".to_owned(), ret.to_owned())]),
        }
    }

    fn graph(node: Vec<NodeDef>, function: Vec<FunctionDef>) -> GraphDef {
        GraphDef { node, library: Some(FunctionDefLibrary { function }) }
    }

    #[test]
    fn calls_become_their_bodies() {
        let inner = function("inner", vec![node("relu", "Relu", &["x"])], "relu:activations:0");
        let outer = function("outer", vec![node("call", "inner", &["x"])], "call:y:0");
        let nodes = vec![
            node("in", "Placeholder", &[]),
            node("f", "outer", &["in"]),
            node("out", "Tanh", &["f"]),
        ];
        let inlined = inline(&graph(nodes, vec![inner, outer])).expect("inlined");
        let text: Vec<String> = inlined
            .iter()
            .map(|node| format!("{} {} {}", node.name, node.op, node.input.join(" ")))
            .collect();
        assert_eq!(text, ["in Placeholder ", "f/call/relu Relu in", "out Tanh f/call/relu:0"]);
    }

    #[test]
    fn endless_calls_are_errors() {
        let again = function("again", vec![node("call", "again", &["x"])], "call:y:0");
        let doubled =
            function("f0", vec![node("a", "f0", &["x"]), node("b", "f0", &["a:y:0"])], "b:y:0");
        for (name, function) in [("again", again), ("f0", doubled)] {
            let nodes = vec![node("in", "Placeholder", &[]), node("call", name, &["in"])];
            assert!(inline(&graph(nodes, vec![function])).is_err(), "{name}");
        }
    }
}
