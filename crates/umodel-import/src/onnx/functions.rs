//! Local functions: each call becomes the nodes of its function, with tensors of its own.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Bound;

use super::node;
use super::proto::{
    AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto,
};
use crate::error::GraphError;

/// Calls and nodes of a model at most, so that few functions cannot make endlessly many.
const MAX_NODES: usize = 1 << 20;
/// Bytes of the names of what they make at most.
const MAX_NAMES: usize = 1 << 26;
/// How deep functions may call each other.
const MAX_DEPTH: usize = 64;

/// Domain, name and overload.
type Key<'a> = [&'a str; 3];

/// The version of the standard operators.
pub(super) fn operator_set(sets: &[OperatorSetIdProto]) -> Option<i64> {
    let standard = |set: &&OperatorSetIdProto| set.domain.is_empty() || set.domain == "ai.onnx";
    sets.iter().find(standard).map(|set| set.version)
}

/// Replaces all calls, those in subgraphs and in functions, too.
///
/// # Errors
/// If a call does not suit its function, a function is of another operator set, or there are too many.
pub(super) fn inline(model: &mut ModelProto, opset: i64) -> Result<(), GraphError> {
    let functions = std::mem::take(&mut model.functions);
    let Some(graph) = model.graph.as_mut().filter(|_| !functions.is_empty()) else {
        return Ok(());
    };
    let mut names = BTreeSet::new();
    collect(graph, &mut names);
    let keyed = functions.iter().map(|function| (key(function), function));
    let functions = keyed.collect();
    let mut inliner = Inliner { functions, opset, names, made: 0, bytes: 0 };
    graph.node = inliner.nodes(std::mem::take(&mut graph.node), 0)?;
    Ok(())
}

fn key(function: &FunctionProto) -> Key<'_> {
    [&function.domain, &function.name, &function.overload]
}

/// All names of tensors.
fn collect(graph: &GraphProto, names: &mut BTreeSet<String>) {
    names.extend(graph.input.iter().map(|input| input.name.clone()));
    names.extend(graph.initializer.iter().map(|weight| weight.name.clone()));
    for node in &graph.node {
        names.extend(node.output.iter().cloned());
        node.attribute.iter().filter_map(|it| it.g.as_ref()).for_each(|it| collect(it, names));
    }
}

struct Inliner<'a> {
    functions: HashMap<Key<'a>, &'a FunctionProto>,
    opset: i64,
    /// Names of tensors that are taken.
    names: BTreeSet<String>,
    /// Calls and nodes so far, and the bytes of their names.
    made: usize,
    bytes: usize,
}

impl<'a> Inliner<'a> {
    /// The nodes without calls; `depth` is the number of calls around them.
    fn nodes(&mut self, nodes: Vec<NodeProto>, depth: usize) -> Result<Vec<NodeProto>, GraphError> {
        let mut all = Vec::with_capacity(nodes.len());
        for mut node in nodes {
            let key: Key<'_> = [&node.domain, &node.op_type, &node.overload];
            if let Some(&function) = self.functions.get(&key) {
                all.extend(self.call(&node, function, depth)?);
                continue;
            }
            for graph in node.attribute.iter_mut().filter_map(|attribute| attribute.g.as_mut()) {
                graph.node = self.nodes(std::mem::take(&mut graph.node), depth)?;
            }
            all.push(node);
        }
        Ok(all)
    }

    fn call(
        &mut self,
        call: &NodeProto,
        function: &FunctionProto,
        depth: usize,
    ) -> Result<Vec<NodeProto>, GraphError> {
        let name = node::name(call);
        if depth == MAX_DEPTH {
            return Err(GraphError::CallDepth { node: name.to_owned(), limit: MAX_DEPTH });
        }
        if let Some(found) = operator_set(&function.opset_import).filter(|set| *set != self.opset) {
            let (function, expected) = (function.name.clone(), self.opset);
            return Err(GraphError::FunctionSet { function, found, expected });
        }
        let (expected, found) = (function.input.len(), call.input.len());
        if found > expected {
            let (node, function) = (name.to_owned(), function.name.clone());
            return Err(GraphError::CallInputs { node, function, expected, found });
        }
        if let Some(tensor) = call.output.get(function.output.len()) {
            let (tensor, outputs) = (tensor.clone(), function.output.len());
            return Err(GraphError::CallOutput { tensor, outputs });
        }
        let mut body = Body { call, function, prefix: self.prefix(name), tensors: HashMap::new() };
        // Inputs that the call leaves out have no name.
        let given = call.input.iter().map(String::as_str).chain(std::iter::repeat(""));
        for (inner, outer) in function.input.iter().zip(given) {
            body.tensors.insert(inner, outer.to_owned());
        }
        let written: HashSet<&str> =
            function.node.iter().flat_map(|node| &node.output).map(String::as_str).collect();
        let mut passed = Vec::new();
        for (inner, outer) in function.output.iter().zip(&call.output) {
            if outer.is_empty() {
                continue;
            }
            // An input, or an output for the second time, is passed on.
            let known = body.tensors.get(inner.as_str()).cloned();
            match known {
                None if written.contains(inner.as_str()) => {
                    body.tensors.insert(inner, outer.clone());
                }
                known => passed.push(NodeProto {
                    op_type: "Identity".to_owned(),
                    name: format!("{}{outer}", body.prefix),
                    input: vec![known.unwrap_or_else(|| body.tensor(inner))],
                    output: vec![outer.clone()],
                    ..NodeProto::default()
                }),
            }
        }
        let mut nodes = Vec::with_capacity(function.node.len() + passed.len());
        self.made = self.made.saturating_add(1);
        for node in &function.node {
            nodes.push(self.count(body.node(node))?);
        }
        nodes.append(&mut passed);
        self.nodes(nodes, depth + 1)
    }

    /// A beginning that no tensor's name has.
    fn prefix(&mut self, name: &str) -> String {
        let taken = |names: &BTreeSet<String>, prefix: &str| {
            let next = names.range::<str, _>((Bound::Included(prefix), Bound::Unbounded)).next();
            next.is_some_and(|name| name.starts_with(prefix))
        };
        let tries = (0usize..).map(|index| match index {
            0 => format!("{name}/"),
            _ => format!("{name}_{index}/"),
        });
        let free = tries.into_iter().find(|prefix| !taken(&self.names, prefix)).unwrap_or_default();
        self.names.insert(free.clone());
        free
    }

    /// Counts a node that a function has made, and its names.
    fn count(&mut self, node: NodeProto) -> Result<NodeProto, GraphError> {
        let (nodes, bytes) = size(&node);
        self.made = self.made.saturating_add(nodes);
        self.bytes = self.bytes.saturating_add(bytes);
        if self.made > MAX_NODES {
            return Err(GraphError::TooManyNodes { limit: MAX_NODES });
        }
        if self.bytes > MAX_NAMES {
            return Err(GraphError::NamesTooLong { limit: MAX_NAMES });
        }
        self.names.extend(node.output.iter().cloned());
        Ok(node)
    }
}

/// A node with those in its graphs, and the bytes of their names.
fn size(node: &NodeProto) -> (usize, usize) {
    let names = node.input.iter().chain(&node.output).chain([&node.name]);
    let mut all = (1, names.map(String::len).sum::<usize>());
    for graph in node.attribute.iter().filter_map(|attribute| attribute.g.as_ref()) {
        for inner in graph.node.iter().map(size) {
            all = (all.0 + inner.0, all.1 + inner.1);
        }
    }
    all
}

/// A function for one call.
struct Body<'a> {
    call: &'a NodeProto,
    function: &'a FunctionProto,
    /// What names of tensors and nodes begin with.
    prefix: String,
    /// The names that inputs and outputs have outside.
    tensors: HashMap<&'a str, String>,
}

impl Body<'_> {
    fn tensor(&self, name: &str) -> String {
        match self.tensors.get(name) {
            Some(outside) => outside.clone(),
            None if name.is_empty() => String::new(),
            None => format!("{}{name}", self.prefix),
        }
    }

    fn node(&self, node: &NodeProto) -> NodeProto {
        let tensors = |names: &[String]| names.iter().map(|name| self.tensor(name)).collect();
        NodeProto {
            input: tensors(&node.input),
            output: tensors(&node.output),
            name: if node.name.is_empty() {
                String::new()
            } else {
                format!("{}{}", self.prefix, node.name)
            },
            attribute: node.attribute.iter().filter_map(|it| self.attribute(it)).collect(),
            ..node.clone()
        }
    }

    /// An attribute, of the call or by default if the function refers to one; nothing if nobody gives it.
    fn attribute(&self, attribute: &AttributeProto) -> Option<AttributeProto> {
        let wanted = attribute.ref_attr_name.as_str();
        if wanted.is_empty() {
            let g = attribute.g.as_ref().map(|graph| self.graph(graph));
            return Some(AttributeProto { g, ..attribute.clone() });
        }
        let mut given = self.call.attribute.iter().chain(&self.function.attribute_proto);
        let found = given.find(|found| found.name == wanted)?;
        let name = attribute.name.clone();
        Some(AttributeProto { name, ref_attr_name: String::new(), ..found.clone() })
    }

    fn graph(&self, graph: &GraphProto) -> GraphProto {
        let mut graph = graph.clone();
        let inputs = graph.input.iter_mut().map(|input| &mut input.name);
        let outputs = graph.output.iter_mut().map(|output| &mut output.name);
        let weights = graph.initializer.iter_mut().map(|weight| &mut weight.name);
        for name in inputs.chain(outputs).chain(weights) {
            *name = self.tensor(name);
        }
        graph.node = graph.node.iter().map(|node| self.node(node)).collect();
        graph
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn node(domain: &str, op: &str, inputs: &[&str], outputs: &[&str]) -> NodeProto {
        NodeProto {
            domain: domain.to_owned(),
            op_type: op.to_owned(),
            input: strings(inputs),
            output: strings(outputs),
            ..NodeProto::default()
        }
    }

    fn function(
        name: &str,
        inputs: &[&str],
        outputs: &[&str],
        node: Vec<NodeProto>,
    ) -> FunctionProto {
        FunctionProto {
            domain: "own".to_owned(),
            name: name.to_owned(),
            input: strings(inputs),
            output: strings(outputs),
            node,
            ..FunctionProto::default()
        }
    }

    fn inlined(
        nodes: Vec<NodeProto>,
        functions: Vec<FunctionProto>,
    ) -> Result<Vec<NodeProto>, GraphError> {
        let graph = Some(GraphProto { node: nodes, ..GraphProto::default() });
        let mut model = ModelProto { graph, functions, ..ModelProto::default() };
        inline(&mut model, 18)?;
        Ok(model.graph.unwrap_or_default().node)
    }

    fn lines(nodes: &[NodeProto]) -> Vec<String> {
        let line = |node: &NodeProto| {
            format!("{} = {}({})", node.output.join(","), node.op_type, node.input.join(","))
        };
        nodes.iter().map(line).collect()
    }

    /// Exact: tensors of two calls do not meet, nor those of the graph.
    #[test]
    fn each_call_has_tensors_of_its_own() {
        let inner =
            function("Inner", &["a", "b"], &["s", "a"], vec![node("", "Add", &["a", "b"], &["s"])]);
        let body = vec![
            node("own", "Inner", &["x", "x"], &["t", "u"]),
            node("", "Mul", &["t", "u"], &["y"]),
        ];
        let outer = function("Outer", &["x"], &["y"], body);
        let nodes = vec![
            node("", "Relu", &["in"], &["one/t"]),
            node("own", "Outer", &["in"], &["one"]),
            node("own", "Outer", &["one"], &["two"]),
        ];
        let nodes = inlined(nodes, vec![inner, outer]).expect("inlined");
        assert_eq!(
            lines(&nodes),
            [
                "one/t = Relu(in)",
                "one_1/t = Add(in,in)",
                "one_1/u = Identity(in)",
                "one = Mul(one_1/t,one_1/u)",
                "two/t = Add(one,one)",
                "two/u = Identity(one)",
                "two = Mul(two/t,two/u)",
            ]
        );
    }

    /// Exact: an attribute of the call, its default, one that nobody gives.
    #[test]
    fn attributes_come_from_the_call() {
        let refer = |name: &str, wanted: &str| AttributeProto {
            name: name.to_owned(),
            ref_attr_name: wanted.to_owned(),
            ..AttributeProto::default()
        };
        let number = |name: &str, f: f32| AttributeProto {
            name: name.to_owned(),
            f,
            ..AttributeProto::default()
        };
        let mut elu = node("", "HardSigmoid", &["x"], &["y"]);
        elu.attribute =
            vec![refer("alpha", "slope"), refer("beta", "shift"), refer("gamma", "none")];
        let mut own = function("F", &["x"], &["y"], vec![elu]);
        own.attribute_proto = vec![number("slope", 1.0), number("shift", 2.0)];
        let mut call = node("own", "F", &["in"], &["out"]);
        call.attribute = vec![number("slope", 3.0)];
        let nodes = inlined(vec![call], vec![own]).expect("inlined");
        assert_eq!(nodes[0].attribute, [number("alpha", 3.0), number("beta", 2.0)]);
    }

    #[test]
    fn hostile_functions_end() {
        let call = || vec![node("own", "F", &["in"], &["out"])];
        let itself = function("F", &["x"], &["y"], vec![node("own", "F", &["x"], &["y"])]);
        let error = inlined(call(), vec![itself]).expect_err("a loop");
        assert!(matches!(error, GraphError::CallDepth { .. }), "{error}");
        // Each calls the next one twice.
        let mut chain: Vec<FunctionProto> = (0..40)
            .map(|index| {
                let next = format!("F{}", index + 1);
                let body = ["y", "z"].map(|out| node("own", &next, &["x"], &[out]));
                let name = if index == 0 { "F".to_owned() } else { format!("F{index}") };
                function(&name, &["x"], &["y"], body.to_vec())
            })
            .collect();
        chain.push(function("F40", &["x"], &["y"], Vec::new()));
        let error = inlined(call(), chain).expect_err("too many");
        let limit =
            matches!(error, GraphError::TooManyNodes { .. } | GraphError::NamesTooLong { .. });
        assert!(limit, "{error}");
        let none = || function("F", &[], &["y"], Vec::new());
        let error = inlined(call(), vec![none()]).expect_err("an input too much");
        assert!(matches!(error, GraphError::CallInputs { .. }), "{error}");
        let mut old = function("F", &["x"], &["y"], Vec::new());
        old.opset_import = vec![OperatorSetIdProto { domain: String::new(), version: 13 }];
        let error = inlined(call(), vec![old]).expect_err("another set");
        assert!(matches!(error, GraphError::FunctionSet { found: 13, .. }), "{error}");
    }
}
