//! Calls of functions of the graph's library, replaced by their bodies.

use std::collections::HashMap;

use super::graph::split;
use super::proto::attr_value::Value as Attr;
use super::proto::{AttrValue, FunctionDef, GraphDef, NodeDef};
use crate::error::GraphError;

/// Calls and nodes at most, so that functions that call each other twice do not fill the memory.
const MAX_NODES: usize = 1 << 20;
/// Bytes of the names of nodes that calls make, and of what they read.
const MAX_NAMES: usize = 1 << 26;
/// Calls within calls at most.
const MAX_DEPTH: usize = 64;

/// A node of the graph itself or of the body of a function. Attributes, which may be weights, are not copied.
#[derive(Clone, Debug)]
pub(super) struct Def<'a> {
    pub(super) name: String,
    pub(super) op: &'a str,
    pub(super) input: Vec<String>,
    pub(super) attr: &'a HashMap<String, AttrValue>,
}

impl<'a> From<&'a NodeDef> for Def<'a> {
    fn from(node: &'a NodeDef) -> Self {
        let NodeDef { name, op, input, attr } = node;
        Def { name: name.clone(), op, input: input.clone(), attr }
    }
}

/// The graph's nodes with all calls of functions inlined. A call `f` makes nodes `f/NAME`; nodes that read
/// the call's outputs read those of the body instead.
///
/// # Errors
/// For calls with other inputs than the function has, and if they go too deep or become too many.
pub(super) fn inline(graph: &GraphDef) -> Result<Vec<Def<'_>>, GraphError> {
    let library = graph.library.iter().flat_map(|library| &library.function);
    let functions: HashMap<&str, &FunctionDef> = library
        .filter_map(|function| Some((function.signature.as_ref()?.name.as_str(), function)))
        .collect();
    let mut inliner = Inliner {
        functions,
        nodes: Vec::with_capacity(graph.node.len()),
        outputs: HashMap::new(),
        made: 0,
        names: 0,
    };
    for node in &graph.node {
        inliner.add(node.into(), 0)?;
    }
    let Inliner { mut nodes, outputs, .. } = inliner;
    for input in nodes.iter_mut().flat_map(|node| &mut node.input) {
        // An output of a call may be an output of a call inside it.
        for _ in 0..MAX_DEPTH {
            let (name, output) = split(input);
            let Some(results) = outputs.get(name) else { break };
            let Some(result) = results.get(output) else {
                let (tensor, outputs) = (input.clone(), results.len());
                return Err(GraphError::CallOutput { tensor, outputs });
            };
            input.clone_from(result);
        }
    }
    Ok(nodes)
}

struct Inliner<'a> {
    functions: HashMap<&'a str, &'a FunctionDef>,
    nodes: Vec<Def<'a>>,
    /// What the outputs of each call have become.
    outputs: HashMap<String, Vec<String>>,
    /// Calls, and nodes that they made.
    made: usize,
    /// Bytes of the names that they made.
    names: usize,
}

impl<'a> Inliner<'a> {
    /// The function that a node calls. Conditions and loops are no calls.
    fn called(&self, node: &Def<'a>) -> Option<&'a FunctionDef> {
        let name = match node.op {
            "PartitionedCall" | "StatefulPartitionedCall" => {
                match node.attr.get("f").and_then(|attr| attr.value.as_ref()) {
                    Some(Attr::Func(function)) => function.name.as_str(),
                    _ => return None,
                }
            }
            op => op,
        };
        self.functions.get(name).copied()
    }

    fn add(&mut self, node: Def<'a>, depth: usize) -> Result<(), GraphError> {
        let Some(function) = self.called(&node) else {
            self.nodes.push(node);
            return Ok(());
        };
        if depth >= MAX_DEPTH {
            return Err(GraphError::CallDepth { node: node.name, limit: MAX_DEPTH });
        }
        let Some(signature) = &function.signature else { return Ok(()) };
        let given: Vec<&String> = node.input.iter().filter(|name| !name.starts_with('^')).collect();
        if given.len() != signature.input_arg.len() {
            return Err(GraphError::CallInputs {
                function: signature.name.clone(),
                expected: signature.input_arg.len(),
                found: given.len(),
                node: node.name,
            });
        }
        self.made = self.made.saturating_add(function.node_def.len()).saturating_add(1);
        if self.made > MAX_NODES {
            return Err(GraphError::TooManyNodes { limit: MAX_NODES });
        }
        let arguments: HashMap<&str, &String> =
            signature.input_arg.iter().map(|arg| arg.name.as_str()).zip(given).collect();
        let ops: HashMap<&str, &str> = function
            .node_def
            .iter()
            .map(|inner| (inner.name.as_str(), inner.op.as_str()))
            .collect();
        let names = &mut self.names;
        let functions = &self.functions;
        let mut counted = |name: String| {
            *names = names.saturating_add(name.len());
            match *names <= MAX_NAMES {
                true => Ok(name),
                false => Err(GraphError::NamesTooLong { limit: MAX_NAMES }),
            }
        };
        let outer = |name: &str| match arguments.get(name) {
            Some(&argument) => argument.clone(),
            None => format!("{}/{}", node.name, flat(name, &ops, functions)),
        };
        let mut results = Vec::with_capacity(signature.output_arg.len());
        for arg in &signature.output_arg {
            results.push(counted(outer(function.ret.get(&arg.name).unwrap_or(&arg.name)))?);
        }
        let mut bodies = Vec::with_capacity(function.node_def.len());
        for inner in &function.node_def {
            let name = counted(format!("{}/{}", node.name, inner.name))?;
            let data = inner.input.iter().filter(|input| !input.starts_with('^'));
            let input = data.map(|input| counted(outer(input))).collect::<Result<_, _>>()?;
            bodies.push(Def { name, op: &inner.op, input, attr: &inner.attr });
        }
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
    format!("{node}:{}", index.saturating_add(first))
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
        let graph = graph(nodes, vec![inner, outer]);
        let inlined = inline(&graph).expect("inlined");
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

    #[test]
    fn functions_that_grow_are_errors() {
        let nodes = || vec![node("in", "Placeholder", &[]), node("call", "f0", &["in"])];
        // Two calls each, sixty deep, and not a single node.
        let mut functions: Vec<FunctionDef> = (0..60)
            .map(|at| {
                let next = format!("f{}", at + 1);
                let body = vec![node("a", &next, &["x"]), node("b", &next, &["a:y:0"])];
                function(&format!("f{at}"), body, "b:y:0")
            })
            .collect();
        functions.push(function("f60", Vec::new(), "x"));
        let error = inline(&graph(nodes(), functions)).expect_err("too many calls");
        let limit =
            matches!(error, GraphError::TooManyNodes { .. } | GraphError::NamesTooLong { .. });
        assert!(limit, "{error}");

        // A name of a megabyte in front of many nodes.
        let body: Vec<NodeDef> =
            (0..1000).map(|at| node(&format!("n{at}"), "Relu", &["x"])).collect();
        let mut long = vec![node("in", "Placeholder", &[])];
        long.push(node(&"n".repeat(1 << 20), "f", &["in"]));
        let graph = graph(long, vec![function("f", body, "n0:y:0")]);
        let error = inline(&graph);
        assert!(matches!(error, Err(GraphError::NamesTooLong { .. })));
    }
}
