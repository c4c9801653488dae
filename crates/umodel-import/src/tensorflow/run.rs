//! The graph node by node.

use std::collections::HashSet;

use super::graph::{End, Node, Resolved};
use super::layout;
use super::ops::{self, Outcome};
use super::proto::GraphDef;
use crate::error::{Error, NodeError, UnsupportedNode};
use crate::graph::{Importer, Site};
use crate::imported::{Imported, Options};

/// Ops that hold what a frozen graph holds in constants.
const VARIABLES: [&str; 7] = [
    "Variable",
    "VariableV2",
    "VarHandleOp",
    "ReadVariableOp",
    "TemporaryVariable",
    "AutoReloadVariable",
    "VarIsInitializedOp",
];

pub(super) fn import(graph: &GraphDef, options: &Options) -> Result<Imported, Error> {
    let graph = Resolved::new(graph)?;
    let outputs = outputs(&graph, options)?;
    let named: Vec<End> =
        options.inputs.iter().map(|name| graph.end("input", name)).collect::<Result<_, _>>()?;
    let order = graph.order(&named.iter().copied().collect(), &outputs)?;
    let inputs = if named.is_empty() { placeholders(&graph, &order) } else { named };
    let variables = order.iter().map(|&index| &graph.nodes[index]);
    let variables: Vec<String> = variables
        .filter(|node| VARIABLES.contains(&node.op.as_str()))
        .map(|node| node.name.clone())
        .collect();
    if !variables.is_empty() {
        return Err(Error::NotFrozen { names: variables });
    }
    let mut run = Run {
        importer: Importer::new(&options.name, "TensorFlow"),
        inputs: inputs.iter().copied().collect(),
        dead: HashSet::new(),
        blocked: HashSet::new(),
        unsupported: Vec::new(),
        graph: &graph,
    };
    run.define_inputs(&inputs, options)?;
    for &index in &order {
        run.node(index)?;
    }
    run.finish(&outputs)
}

fn outputs(graph: &Resolved, options: &Options) -> Result<Vec<End>, Error> {
    if options.outputs.is_empty() {
        // Files end with the node that they were frozen for.
        let last = graph.nodes.iter().rposition(|node| node.op != "NoOp");
        return Ok(last.map(|node| End { node, output: 0 }).into_iter().collect());
    }
    options.outputs.iter().map(|name| graph.end("output", name)).collect()
}

fn placeholders(graph: &Resolved, order: &[usize]) -> Vec<End> {
    let is_input = |&&index: &&usize| graph.nodes[index].op == "Placeholder";
    order.iter().filter(is_input).map(|&node| End { node, output: 0 }).collect()
}

struct Run<'a> {
    graph: &'a Resolved,
    importer: Importer,
    inputs: HashSet<End>,
    /// Outputs of a condition's branch that is not taken.
    dead: HashSet<End>,
    /// Nodes whose outputs are not known, since they or what they need cannot be imported.
    blocked: HashSet<usize>,
    unsupported: Vec<(usize, String)>,
}

impl Run<'_> {
    fn define_inputs(&mut self, inputs: &[End], options: &Options) -> Result<(), Error> {
        let (expected, found) = (inputs.len(), options.shapes.len());
        if found != 0 && found != expected {
            return Err(Error::ShapeCount { expected, found });
        }
        let readers = self.graph.readers();
        for (index, &input) in inputs.iter().enumerate() {
            let name = self.graph.tensor_name(input);
            let node = &self.graph.nodes[input.node];
            let shape = input_shape(node, options.shapes.get(index).map(Vec::as_slice))
                .map_err(|reason| Error::InputShape { name: name.clone(), reason })?;
            let order: Vec<usize> = match shape.len() {
                4 => layout::of_input(self.graph, &readers, input).order().to_vec(),
                rank => (0..rank).collect(),
            };
            self.importer
                .input(&name, &shape, &order)
                .map_err(|source| node_error(node, source))?;
        }
        Ok(())
    }

    fn node(&mut self, index: usize) -> Result<(), Error> {
        let node = &self.graph.nodes[index];
        if self.inputs.contains(&End { node: index, output: 0 }) {
            return Ok(());
        }
        if node.op == "Merge" {
            // The other branch may be of any kind.
            return self.merge(index);
        }
        if node.inputs.iter().any(|end| self.dead.contains(end)) {
            // No op has more outputs that matter.
            self.dead.extend((0..8).map(|output| End { node: index, output }));
            return Ok(());
        }
        let site = Site::new(&node.name, &node.name);
        if node.inputs.iter().any(|&end| self.is_blocked(end)) {
            self.blocked.insert(index);
            if !ops::is_known(&mut self.importer, node, &site) {
                self.block(index, String::new());
            }
            return Ok(());
        }
        let mut values = Vec::with_capacity(node.inputs.len());
        for &end in &node.inputs {
            let name = self.graph.tensor_name(end);
            let Some(value) = self.importer.value(&name) else {
                let reason = format!("node \"{}\" reads \"{name}\", which is not there", node.name);
                return Err(Error::Graph { reason });
            };
            values.push(value.clone());
        }
        match ops::import(&mut self.importer, node, &site, &values) {
            Ok(Outcome::Values(values)) => {
                for (output, value) in values.into_iter().enumerate() {
                    let name = self.graph.tensor_name(End { node: index, output });
                    self.importer.define(&name, value);
                }
            }
            Ok(Outcome::Switch { taken, value }) => {
                let [taken, other] = [taken, !taken].map(usize::from);
                let name = self.graph.tensor_name(End { node: index, output: taken });
                self.importer.define(&name, value);
                self.dead.insert(End { node: index, output: other });
            }
            Ok(Outcome::Unknown) => self.block(index, String::new()),
            Err(NodeError::Unsupported { reason }) => self.block(index, reason),
            Err(source) => return Err(node_error(node, source)),
        }
        Ok(())
    }

    fn is_blocked(&self, end: End) -> bool {
        self.blocked.contains(&end.node) && !self.inputs.contains(&end)
    }

    fn block(&mut self, index: usize, reason: String) {
        self.blocked.insert(index);
        self.unsupported.push((index, reason));
    }

    /// Of two branches the one that is taken.
    fn merge(&mut self, index: usize) -> Result<(), Error> {
        let node = &self.graph.nodes[index];
        let alive = node.inputs.iter().find(|end| !self.dead.contains(end));
        match alive {
            None => self.dead.extend((0..2).map(|output| End { node: index, output })),
            Some(&end) if self.is_blocked(end) => {
                self.blocked.insert(index);
            }
            Some(&end) => {
                let name = self.graph.tensor_name(end);
                if let Some(value) = self.importer.value(&name).cloned() {
                    self.importer.define(&node.name, value);
                }
            }
        }
        Ok(())
    }

    fn finish(mut self, outputs: &[End]) -> Result<Imported, Error> {
        // Of the nodes that cannot be imported those count that an output depends on.
        let mut needed = HashSet::new();
        let mut stack: Vec<usize> =
            outputs.iter().filter(|end| self.is_blocked(**end)).map(|end| end.node).collect();
        while let Some(index) = stack.pop() {
            if needed.insert(index) {
                let ends = self.graph.nodes[index].inputs.iter();
                stack.extend(ends.filter(|end| self.is_blocked(**end)).map(|end| end.node));
            }
        }
        let nodes: Vec<UnsupportedNode> = self
            .unsupported
            .drain(..)
            .filter(|(index, _)| needed.contains(index))
            .map(|(index, reason)| {
                let node = &self.graph.nodes[index];
                UnsupportedNode { node: node.name.clone(), op: node.op.clone(), reason }
            })
            .collect();
        if !nodes.is_empty() {
            return Err(Error::Unsupported { format: "TensorFlow", nodes });
        }
        let names: Vec<String> = outputs.iter().map(|&end| self.graph.tensor_name(end)).collect();
        let mut imported = self.importer.finish(&names, true)?;
        let name = |&node: &usize| self.graph.tensor_name(End { node, output: 0 });
        let between: HashSet<String> = self.graph.between_blocks.iter().map(name).collect();
        imported.tensors.retain(|tensor| !between.contains(&tensor.tensor));
        Ok(imported)
    }
}

/// The shape that an input gets: the caller's, which must suit the graph's; or the graph's, if it leaves only
/// the batch open.
fn input_shape(node: &Node, given: Option<&[usize]>) -> Result<Vec<usize>, String> {
    let own = node.shape("shape").filter(|_| node.op.starts_with("Placeholder"));
    let show = |own: &[Option<usize>]| {
        let sizes: Vec<String> =
            own.iter().map(|size| size.map_or("?".into(), |size| size.to_string())).collect();
        format!("[{}]", sizes.join(", "))
    };
    match (given, own) {
        (Some(given), Some(own)) => {
            let fits = |(&given, own): (&usize, &Option<usize>)| own.is_none_or(|own| own == given);
            // TensorFlow 1.15 writes [] where nothing is known.
            if own.is_empty() || own.len() == given.len() && given.iter().zip(&own).all(fits) {
                Ok(given.to_vec())
            } else {
                Err(format!("shape {given:?} was given, the graph has {}", show(&own)))
            }
        }
        (Some(given), None) => Ok(given.to_vec()),
        (None, Some(own)) if !own.is_empty() => {
            let sizes = own.iter().enumerate();
            let sizes = sizes.map(|(axis, &size)| size.or((axis == 0).then_some(1)));
            let shape: Option<Vec<usize>> = sizes.collect();
            shape
                .ok_or_else(|| format!("the graph leaves its shape open, {}; give one", show(&own)))
        }
        (None, _) => Err("the graph does not tell its shape; give one".to_owned()),
    }
}

fn node_error(node: &Node, source: NodeError) -> Error {
    Error::Node { node: node.name.clone(), op: node.op.clone(), source }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::super::proto::{AttrValue, NodeDef, TensorShapeProto};
    use super::super::proto::{attr_value::Value as Attr, tensor_shape_proto::Dim};
    use super::*;

    fn node(name: &str, op: &str, inputs: &[&str]) -> NodeDef {
        NodeDef {
            name: name.to_owned(),
            op: op.to_owned(),
            input: inputs.iter().map(|&input| input.to_owned()).collect(),
            attr: HashMap::new(),
        }
    }

    fn placeholder(sizes: &[i64]) -> NodeDef {
        let dim = sizes.iter().map(|&size| Dim { size }).collect();
        let shape = Attr::Shape(TensorShapeProto { dim, unknown_rank: false });
        let mut node = node("x", "Placeholder", &[]);
        node.attr.insert("shape".to_owned(), AttrValue { value: Some(shape) });
        node
    }

    fn imported(nodes: Vec<NodeDef>, options: Options) -> Result<Imported, Error> {
        import(&GraphDef { node: nodes, library: None }, &options)
    }

    #[test]
    fn all_unsupported_nodes_that_matter_are_listed() {
        let nodes = vec![
            placeholder(&[1, 4]),
            node("a", "FancyOp", &["x"]),
            node("relu", "Relu", &["a"]),
            node("b", "OtherOp", &["relu"]),
            node("unused", "UnusedOp", &["x"]),
            node("output", "Add", &["b", "x"]),
        ];
        let error = imported(nodes, Options::default()).expect_err("unsupported");
        let Error::Unsupported { nodes, .. } = error else { panic!("{error}") };
        let names: Vec<_> =
            nodes.iter().map(|node| (node.node.as_str(), node.op.as_str())).collect();
        assert_eq!(names, [("a", "FancyOp"), ("b", "OtherOp")]);
    }

    #[test]
    fn variables_are_told() {
        let nodes = vec![
            placeholder(&[1, 4]),
            node("w", "VarHandleOp", &[]),
            node("w/read", "ReadVariableOp", &["w"]),
            node("output", "Add", &["x", "w/read"]),
        ];
        let error = imported(nodes, Options::default()).expect_err("not frozen");
        assert!(
            matches!(&error, Error::NotFrozen { names } if names == &["w", "w/read"]),
            "{error}"
        );
    }

    #[test]
    fn shapes_must_be_known_and_fit() {
        let nodes = |sizes: &[i64]| vec![placeholder(sizes), node("output", "Relu", &["x"])];
        let shapes =
            |shape: &[usize]| Options { shapes: vec![shape.to_vec()], ..Options::default() };
        let open = imported(nodes(&[-1, 4]), Options::default()).expect("the batch may be open");
        assert_eq!(open.inputs[0].shape, [1, 4]);
        for (sizes, options) in [
            (&[1, -1][..], Options::default()),
            (&[1, 4], shapes(&[1, 5])),
            (&[1, 4], shapes(&[1, 4, 1])),
            (&[-1, -1], shapes(&[1 << 40, 1 << 40])),
        ] {
            assert!(imported(nodes(sizes), options).is_err(), "{sizes:?}");
        }
        assert!(imported(nodes(&[-1, -1]), shapes(&[3, 4])).is_ok());
    }

    #[test]
    fn any_tensor_may_be_an_input() {
        let nodes = vec![
            node("pictures", "StrangeSource", &[]),
            node("mean", "Sub", &["pictures", "pictures"]),
            node("output", "Relu", &["mean"]),
        ];
        let options = Options {
            inputs: vec!["mean:0".into()],
            shapes: vec![vec![2, 3, 4, 5]],
            ..Options::default()
        };
        let imported = imported(nodes, options).expect("imported");
        assert_eq!(imported.inputs[0].blob_shape, [2, 5, 3, 4]);
        assert_eq!(imported.net.layers().len(), 2);
    }
}
