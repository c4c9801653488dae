//! GraphDef as a graph: nodes by name, inputs as ends of other nodes.

use std::collections::{HashMap, HashSet};

use super::functions::{self, Def};
use super::proto::attr_value::Value as Attr;
use super::proto::{AttrValue, GraphDef, TensorProto};
use super::{dilation, dropout};
use crate::error::{AttributeError, Error, GraphError, Role};
use crate::graph::{self, nearest};

/// The k-th output of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct End {
    pub(super) node: usize,
    pub(super) output: usize,
}

/// One node. Inputs that only order the execution are left out.
#[derive(Clone, Debug)]
pub(super) struct Node<'a> {
    pub(super) name: String,
    pub(super) op: &'a str,
    pub(super) inputs: Vec<End>,
    attrs: &'a HashMap<String, AttrValue>,
}

impl<'a> Node<'a> {
    fn attr(&self, name: &str) -> Option<&'a Attr> {
        self.attrs.get(name)?.value.as_ref()
    }

    /// An attribute that is text; empty if it is not there.
    pub(super) fn text(&self, name: &str) -> &'a str {
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
    pub(super) fn ints(&self, name: &str) -> &'a [i64] {
        match self.attr(name) {
            Some(Attr::List(list)) => &list.i,
            _ => &[],
        }
    }

    /// An attribute that is a tensor.
    ///
    /// # Errors
    /// If it is not there.
    pub(super) fn tensor(&self, name: &'static str) -> graph::Result<&'a TensorProto> {
        match self.attr(name) {
            Some(Attr::Tensor(tensor)) => Ok(tensor),
            _ => Err(AttributeError::Missing.of(name)),
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
pub(super) struct Resolved<'a> {
    pub(super) nodes: Vec<Node<'a>>,
    /// Nodes whose tensors are laid out otherwise than TensorFlow's: those between blocks.
    pub(super) between_blocks: HashSet<usize>,
    by_name: HashMap<String, usize>,
}

impl<'a> Resolved<'a> {
    /// # Errors
    /// For names that are there twice or not at all, and calls that cannot be inlined.
    pub(super) fn new(graph: &'a GraphDef) -> Result<Self, GraphError> {
        let defs = functions::inline(graph)?;
        let mut by_name = HashMap::with_capacity(defs.len());
        for (index, def) in defs.iter().enumerate() {
            if by_name.insert(def.name.clone(), index).is_some() {
                return Err(GraphError::NamedTwice { name: def.name.clone() });
            }
        }
        let nodes = defs.into_iter().map(|def| resolve(def, &by_name));
        let nodes = nodes.collect::<Result<_, _>>()?;
        let mut resolved = Resolved { nodes, between_blocks: HashSet::new(), by_name };
        dropout::remove(&mut resolved);
        dilation::join(&mut resolved);
        Ok(resolved)
    }

    /// A node of the graph.
    pub(super) fn node(&self, index: usize) -> Option<&Node<'a>> {
        self.nodes.get(index)
    }

    /// The node of this name.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// The tensor that a caller names, `node` or `node:k`.
    ///
    /// # Errors
    /// [`Error::UnknownName`] with the nearest names.
    pub(super) fn end(&self, role: Role, name: &str) -> Result<End, Error> {
        let (node, output) = split(name.trim());
        match self.find(node) {
            Some(node) => Ok(End { node, output }),
            None => Err(self.unknown(role, name)),
        }
    }

    /// The error for a name that is not there.
    pub(super) fn unknown(&self, role: Role, name: &str) -> Error {
        let (node, _) = split(name.trim());
        let nearest = nearest(node, self.nodes.iter().map(|node| node.name.as_str()));
        let is_source = |node: &Node| node.op.starts_with("Placeholder");
        let names = |wanted: &dyn Fn(usize, &Node) -> bool| -> Vec<String> {
            let nodes = self.nodes.iter().enumerate();
            nodes
                .filter(|(at, node)| wanted(*at, node))
                .map(|(_, node)| node.name.clone())
                .collect()
        };
        let others = match role {
            _ if !nearest.is_empty() => Vec::new(),
            Role::Input => names(&|_, node| is_source(node)),
            Role::Output => {
                let read: HashSet<usize> =
                    self.nodes.iter().flat_map(|node| &node.inputs).map(|end| end.node).collect();
                names(&|at, node| {
                    let gives = !matches!(node.op, "NoOp" | "Assert" | "Const");
                    gives && !is_source(node) && !read.contains(&at)
                })
            }
        };
        Error::UnknownName { role, name: name.to_owned(), nearest, others }
    }

    /// The tensor's name: the node's for output 0.
    pub(super) fn tensor_name(&self, end: End) -> String {
        let name = self.node(end.node).map(|node| node.name.as_str()).unwrap_or_default();
        if end.output == 0 { name.to_owned() } else { format!("{name}:{}", end.output) }
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
    ) -> Result<Vec<usize>, GraphError> {
        let mut open = HashSet::new();
        let mut done = HashSet::new();
        let mut order = Vec::new();
        for &output in outputs {
            if inputs.contains(&output) || done.contains(&output.node) {
                continue;
            }
            open.insert(output.node);
            // Nodes with the number of inputs that were looked at: no recursion, graphs are deep.
            let mut stack = vec![(output.node, 0)];
            while let Some((index, seen)) = stack.pop() {
                let Some(node) = self.node(index) else { continue };
                let Some(&end) = node.inputs.get(seen) else {
                    done.insert(index);
                    order.push(index);
                    continue;
                };
                stack.push((index, seen + 1));
                if inputs.contains(&end) || done.contains(&end.node) {
                    continue;
                }
                if !open.insert(end.node) {
                    let looped = self.node(end.node).unwrap_or(node);
                    let (node, op) = (looped.name.clone(), looped.op.to_owned());
                    return Err(GraphError::Loop { node, op });
                }
                stack.push((end.node, 0));
            }
        }
        Ok(order)
    }

    /// The nodes that read each node's outputs.
    pub(super) fn readers(&self) -> Vec<Vec<usize>> {
        let mut readers = vec![Vec::new(); self.nodes.len()];
        for (index, node) in self.nodes.iter().enumerate() {
            for end in &node.inputs {
                if let Some(readers) = readers.get_mut(end.node) {
                    readers.push(index);
                }
            }
        }
        readers
    }

    /// Makes a node hand on an input of another node, or another tensor.
    pub(super) fn bypass(&mut self, node: usize, source: End) {
        if let Some(node) = self.nodes.get_mut(node) {
            node.op = "Identity";
            node.inputs = vec![source];
        }
    }
}

fn resolve<'a>(def: Def<'a>, by_name: &HashMap<String, usize>) -> Result<Node<'a>, GraphError> {
    let mut inputs = Vec::with_capacity(def.input.len());
    for input in def.input.iter().filter(|input| !input.starts_with('^')) {
        let (name, output) = split(input);
        let Some(&node) = by_name.get(name) else {
            return Err(GraphError::NotWritten { node: def.name, tensor: input.clone() });
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

#[cfg(test)]
mod tests {
    use super::super::proto::NodeDef;
    use super::*;

    fn node(name: &str, op: &str, inputs: &[&str]) -> NodeDef {
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
            (graph.end(Role::Input, "a:1").expect("a"), graph.end(Role::Output, "c:0").expect("c"));
        let names = |order: Vec<usize>| -> Vec<&str> {
            order.iter().map(|&index| graph.nodes[index].name.as_str()).collect()
        };
        let all = graph.order(&HashSet::new(), &[c]).expect("an order");
        assert_eq!(names(all), ["x", "a", "b", "c"]);
        let b = graph.end(Role::Input, "b").expect("b");
        let rest = graph.order(&HashSet::from([a, b]), &[c]).expect("an order");
        assert_eq!(names(rest), ["c"]);
    }

    #[test]
    fn circles_and_unknown_names_are_errors() {
        let circle = graph(&[("a", "Merge", &["b"]), ("b", "NextIteration", &["a"])]);
        let circle = Resolved::new(&circle).expect("names are known");
        let a = circle.end(Role::Output, "a").expect("a");
        assert!(matches!(circle.order(&HashSet::new(), &[a]), Err(GraphError::Loop { .. })));
        assert!(matches!(
            circle.end(Role::Input, "aa"),
            Err(Error::UnknownName { nearest, .. }) if nearest.contains(&"a".to_owned())
        ));
        assert!(Resolved::new(&graph(&[("a", "Relu", &["b"])])).is_err());
        assert!(Resolved::new(&graph(&[("a", "Relu", &[]), ("a", "Relu", &[])])).is_err());
    }

    #[test]
    fn unknown_names_list_what_there_is() {
        let graph = graph(&[
            ("picture", "Placeholder", &[]),
            ("weights", "Const", &[]),
            ("hidden", "Relu", &["picture"]),
            ("classes", "Softmax", &["hidden"]),
            ("boxes", "Tanh", &["hidden"]),
            ("done", "NoOp", &["^classes"]),
        ]);
        let graph = Resolved::new(&graph).expect("a graph");
        for (role, name, near, rest) in [
            (Role::Output, "clases:0", &["classes"][..], &[][..]),
            (Role::Output, "zzzzzzzzzzzz:0", &[], &["classes", "boxes"]),
            (Role::Input, "zzzzzzzzzzzz", &[], &["picture"]),
        ] {
            let error = graph.end(role, name).expect_err("an unknown name");
            let Error::UnknownName { nearest, others, .. } = error else { panic!("{error}") };
            assert_eq!((nearest, others), (strings(near), strings(rest)), "{name}");
        }
    }

    fn strings(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }
}
