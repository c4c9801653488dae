//! GraphDef as a graph: nodes by name, inputs as ends of other nodes.

use std::collections::{HashMap, HashSet};

use super::proto::attr_value::Value as Attr;
use super::proto::{AttrValue, GraphDef, NodeDef, TensorProto};
use super::{dilation, dropout, functions};
use crate::error::{Error, NodeError};
use crate::graph::{Result, nearest};

/// The k-th output of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct End {
    pub(super) node: usize,
    pub(super) output: usize,
}

/// One node. Inputs that only order the execution are left out.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) op: String,
    pub(super) inputs: Vec<End>,
    attrs: HashMap<String, AttrValue>,
}

impl Node {
    fn attr(&self, name: &str) -> Option<&Attr> {
        self.attrs.get(name)?.value.as_ref()
    }

    /// An attribute that is text; empty if it is not there.
    pub(super) fn text(&self, name: &str) -> &str {
        match self.attr(name) {
            Some(Attr::S(bytes)) => std::str::from_utf8(bytes).unwrap_or_default(),
            _ => "",
        }
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        matches!(self.attr(name), Some(Attr::B(true)))
    }

    pub(super) fn int(&self, name: &str) -> Option<i64> {
        match self.attr(name) {
            Some(&Attr::I(value)) => Some(value),
            _ => None,
        }
    }

    pub(super) fn float(&self, name: &str) -> Option<f32> {
        match self.attr(name) {
            Some(&Attr::F(value)) => Some(value),
            _ => None,
        }
    }

    /// An attribute that names a type.
    pub(super) fn dtype(&self, name: &str) -> Option<i32> {
        match self.attr(name) {
            Some(&Attr::Type(value)) => Some(value),
            _ => None,
        }
    }

    /// An attribute that is a list of integers; empty if it is not there.
    pub(super) fn ints(&self, name: &str) -> &[i64] {
        match self.attr(name) {
            Some(Attr::List(list)) => &list.i,
            _ => &[],
        }
    }

    /// An attribute that is a tensor.
    ///
    /// # Errors
    /// If it is not there.
    pub(super) fn tensor(&self, name: &'static str) -> Result<&TensorProto> {
        match self.attr(name) {
            Some(Attr::Tensor(tensor)) => Ok(tensor),
            _ => Err(NodeError::attribute(name, "is missing")),
        }
    }

    /// An attribute that is a shape: its sizes, `None` for those that are open. Nothing if even their
    /// number is open.
    pub(super) fn shape(&self, name: &str) -> Option<Vec<Option<usize>>> {
        match self.attr(name) {
            Some(Attr::Shape(shape)) if !shape.unknown_rank => {
                Some(shape.dim.iter().map(|dim| usize::try_from(dim.size).ok()).collect())
            }
            _ => None,
        }
    }
}

/// A graph whose names are resolved. Functions are inlined; patterns that only training or an old way of
/// writing needs are replaced.
#[derive(Clone, Debug)]
pub(super) struct Resolved {
    pub(super) nodes: Vec<Node>,
    /// Nodes whose tensors are laid out otherwise than TensorFlow's: those between blocks.
    pub(super) between_blocks: HashSet<usize>,
    by_name: HashMap<String, usize>,
}

impl Resolved {
    /// # Errors
    /// For names that are there twice or not at all, and calls that cannot be inlined.
    pub(super) fn new(graph: &GraphDef) -> std::result::Result<Self, Error> {
        let defs = functions::inline(graph)?;
        let mut by_name = HashMap::new();
        for (index, def) in defs.iter().enumerate() {
            if by_name.insert(def.name.clone(), index).is_some() {
                return Err(wrong(format!("two nodes are named \"{}\"", def.name)));
            }
        }
        let nodes = defs.into_iter().map(|def| resolve(def, &by_name));
        let nodes = nodes.collect::<std::result::Result<_, _>>()?;
        let mut resolved = Resolved { nodes, between_blocks: HashSet::new(), by_name };
        dropout::remove(&mut resolved);
        dilation::join(&mut resolved);
        Ok(resolved)
    }

    /// The node of this name.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// The tensor that a caller names, `node` or `node:k`.
    ///
    /// # Errors
    /// [`Error::UnknownName`] with the nearest names.
    pub(super) fn end(&self, what: &'static str, name: &str) -> std::result::Result<End, Error> {
        let (node, output) = split(name.trim());
        match self.find(node) {
            Some(node) => Ok(End { node, output }),
            None => {
                let names = self.nodes.iter().map(|node| node.name.as_str());
                let nearest = nearest(node, names);
                Err(Error::UnknownName { what, name: name.to_owned(), nearest })
            }
        }
    }

    /// The tensor's name: the node's for output 0.
    pub(super) fn tensor_name(&self, end: End) -> String {
        let name = &self.nodes[end.node].name;
        if end.output == 0 { name.clone() } else { format!("{name}:{}", end.output) }
    }

    /// The nodes that outputs need, each behind those that it needs itself. What lies before the inputs
    /// does not count.
    ///
    /// # Errors
    /// [`Error::Graph`] for circles, as loops make them.
    pub(super) fn order(
        &self,
        inputs: &HashSet<End>,
        outputs: &[End],
    ) -> std::result::Result<Vec<usize>, Error> {
        #[derive(Clone, Copy, PartialEq)]
        enum Mark {
            New,
            Open,
            Done,
        }
        let mut marks = vec![Mark::New; self.nodes.len()];
        let mut order = Vec::new();
        for &output in outputs {
            // Nodes with the number of inputs that were looked at: no recursion, graphs are deep.
            let mut stack = vec![(output.node, 0)];
            if inputs.contains(&output) || marks[output.node] != Mark::New {
                continue;
            }
            marks[output.node] = Mark::Open;
            while let Some((node, seen)) = stack.pop() {
                let Some(&end) = self.nodes[node].inputs.get(seen) else {
                    marks[node] = Mark::Done;
                    order.push(node);
                    continue;
                };
                stack.push((node, seen + 1));
                if inputs.contains(&end) {
                    continue;
                }
                match marks[end.node] {
                    Mark::Done => {}
                    Mark::New => {
                        marks[end.node] = Mark::Open;
                        stack.push((end.node, 0));
                    }
                    Mark::Open => {
                        return Err(wrong(format!(
                            "a loop through node \"{}\" ({}); give names of tensors behind it as inputs",
                            self.nodes[end.node].name, self.nodes[end.node].op
                        )));
                    }
                }
            }
        }
        Ok(order)
    }

    /// How many nodes read each node's outputs.
    pub(super) fn readers(&self) -> Vec<Vec<usize>> {
        let mut readers = vec![Vec::new(); self.nodes.len()];
        for (index, node) in self.nodes.iter().enumerate() {
            for end in &node.inputs {
                readers[end.node].push(index);
            }
        }
        readers
    }

    /// Makes a node hand on an input of another node, or another tensor.
    pub(super) fn bypass(&mut self, node: usize, source: End) {
        let node = &mut self.nodes[node];
        node.op = "Identity".to_owned();
        node.inputs = vec![source];
    }
}

fn resolve(def: NodeDef, by_name: &HashMap<String, usize>) -> std::result::Result<Node, Error> {
    let mut inputs = Vec::new();
    for input in def.input.iter().filter(|input| !input.starts_with('^')) {
        let (name, output) = split(input);
        let Some(&node) = by_name.get(name) else {
            let reason = format!("node \"{}\" reads \"{input}\", which is not there", def.name);
            return Err(wrong(reason));
        };
        inputs.push(End { node, output });
    }
    Ok(Node { name: def.name, op: def.op, inputs, attrs: def.attr })
}

/// `node:k` as name and k; k is 0 if it is not there.
pub(super) fn split(name: &str) -> (&str, usize) {
    match name.rsplit_once(':') {
        Some((node, output)) => match output.parse() {
            Ok(output) => (node, output),
            Err(_) => (name, 0),
        },
        None => (name, 0),
    }
}

pub(super) fn wrong(reason: String) -> Error {
    Error::Graph { reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(in super::super) fn node(name: &str, op: &str, inputs: &[&str]) -> NodeDef {
        NodeDef {
            name: name.to_owned(),
            op: op.to_owned(),
            input: inputs.iter().map(|&input| input.to_owned()).collect(),
            attr: HashMap::new(),
        }
    }

    fn graph(nodes: &[(&str, &str, &[&str])]) -> GraphDef {
        let node = nodes.iter().map(|(name, op, inputs)| node(name, op, inputs)).collect();
        GraphDef { node, library: None }
    }

    #[test]
    fn order_follows_the_data() {
        let graph = graph(&[
            ("c", "Add", &["b", "a:1", "^z"]),
            ("b", "Relu", &["a"]),
            ("a", "Split", &["x"]),
            ("x", "Placeholder", &[]),
            ("unused", "NoOp", &["x"]),
        ]);
        let graph = Resolved::new(&graph).expect("a graph");
        let (a, c) =
            (graph.end("input", "a:1").expect("a"), graph.end("output", "c:0").expect("c"));
        let names = |order: Vec<usize>| -> Vec<&str> {
            order.iter().map(|&index| graph.nodes[index].name.as_str()).collect()
        };
        let all = graph.order(&HashSet::new(), &[c]).expect("an order");
        assert_eq!(names(all), ["x", "a", "b", "c"]);
        let b = graph.end("input", "b").expect("b");
        let rest = graph.order(&HashSet::from([a, b]), &[c]).expect("an order");
        assert_eq!(names(rest), ["c"]);
    }

    #[test]
    fn circles_and_unknown_names_are_errors() {
        let circle = graph(&[("a", "Merge", &["b"]), ("b", "NextIteration", &["a"])]);
        let circle = Resolved::new(&circle).expect("names are known");
        let a = circle.end("output", "a").expect("a");
        assert!(matches!(circle.order(&HashSet::new(), &[a]), Err(Error::Graph { .. })));
        assert!(matches!(
            circle.end("input", "aa"),
            Err(Error::UnknownName { nearest, .. }) if nearest.contains(&"a".to_owned())
        ));
        assert!(Resolved::new(&graph(&[("a", "Relu", &["b"])])).is_err());
        assert!(Resolved::new(&graph(&[("a", "Relu", &[]), ("a", "Relu", &[])])).is_err());
    }
}
