//! Subgraphs: the branches of an `If` whose condition is known.

use super::graph::Scope;
use super::node::{self, Node};
use super::proto::{GraphProto, NodeProto};
use crate::error::{Error, GraphError, Unsupported};
use crate::graph::{self, Importer, Value};

/// What a node reads, its subgraphs included. Names of their own tensors are among them.
pub(super) fn inputs(node: &NodeProto) -> Vec<&str> {
    let mut names: Vec<&str> = node.input.iter().map(String::as_str).collect();
    for graph in node.attribute.iter().filter_map(|attribute| attribute.g.as_ref()) {
        names.extend(graph.node.iter().flat_map(inputs));
        names.extend(graph.output.iter().map(|output| output.name.as_str()));
    }
    names
}

/// The branch that an `If` takes.
pub(super) fn branch<'a>(node: &Node<'a>) -> graph::Result<&'a GraphProto> {
    let name = match node.constant(0)?.to_bool()?.iter().next() {
        Some(true) => "then_branch",
        _ => "else_branch",
    };
    let attribute = node.proto.attribute.iter().find(|attribute| attribute.name == name);
    let graph = attribute.and_then(|attribute| attribute.g.as_ref());
    Ok(graph.ok_or(Unsupported::NoGraph { name })?)
}

impl<'a> Scope<'a> {
    /// The outputs of a subgraph, which reads the tensors around it; nothing if a node of it is not supported, which
    /// is reported in the end.
    pub(super) fn subgraph(
        &mut self,
        importer: &mut Importer,
        graph: &'a GraphProto,
    ) -> Result<Option<Vec<Value>>, Error> {
        let twice = |tensor: &str, node: &str| GraphError::WrittenTwice {
            tensor: tensor.to_owned(),
            node: node.to_owned(),
        };
        for weight in &graph.initializer {
            if importer.value(&weight.name).is_some()
                || self.weights.insert(&weight.name, weight).is_some()
            {
                return Err(twice(&weight.name, &graph.name).into());
            }
        }
        for inner in &graph.node {
            let outputs = inner.output.iter().filter(|output| !output.is_empty());
            for output in outputs {
                if importer.value(output).is_some() {
                    return Err(twice(output, node::name(inner)).into());
                }
            }
            self.convert(importer, inner)?;
        }
        let mut values = Vec::with_capacity(graph.output.len());
        for output in &graph.output {
            self.weight(importer, &output.name)?;
            match importer.value(&output.name) {
                Some(value) => values.push(value.clone()),
                None if importer.has_unsupported() => return Ok(None),
                None => {
                    let (node, tensor) = (graph.name.clone(), output.name.clone());
                    return Err(GraphError::NotWritten { node, tensor }.into());
                }
            }
        }
        Ok(Some(values))
    }
}
