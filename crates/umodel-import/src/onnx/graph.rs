//! The graph: which nodes are needed, inputs and their layout, node after node.

use std::collections::{HashMap, HashSet};

use umodel::Shape;

use super::node::{self, Node};
use super::proto::tensor_shape_proto::dimension;
use super::proto::{GraphProto, NodeProto, TensorProto, ValueInfoProto, type_proto};
use super::tensor::Tensors;
use super::types::Types;
use super::{constants, ops, subgraph};
use crate::error::{
    Change, Error, Format, GraphError, InputShapeError, NodeError, OpenShape, Role, Unsupported,
};
use crate::graph::{Importer, Layout, nearest};
use crate::imported::{Imported, Options};

/// Imports the part of a graph between inputs and outputs.
pub(super) fn import(
    graph: &GraphProto,
    opset: i64,
    tensors: &Tensors,
    options: &Options,
) -> Result<Imported, Error> {
    let mut change = None;
    let imported = import_with(graph, opset, tensors, options, &mut change);
    match change {
        Some(change) => imported.map_err(|error| change.explain(error)),
        None => imported,
    }
}

fn import_with(
    graph: &GraphProto,
    opset: i64,
    tensors: &Tensors,
    options: &Options,
    change: &mut Option<Change>,
) -> Result<Imported, Error> {
    check_names(graph)?;
    let weights: HashMap<&str, &TensorProto> =
        graph.initializer.iter().map(|tensor| (tensor.name.as_str(), tensor)).collect();
    let constants = constants::find(graph, options)?;
    let mut inputs = inputs(graph, &weights, options)?;
    if let Some(twice) = options.inputs.iter().find(|name| constants.contains_key(name.as_str())) {
        return Err(GraphError::DeclaredTwice { what: "input", tensor: twice.clone() }.into());
    }
    inputs.retain(|name| !constants.contains_key(name.as_str()));
    let outputs = outputs(graph, options)?;
    let nodes = needed(graph, &inputs, &outputs);
    let shapes = shapes(graph, &inputs, options)?;
    let name = if options.name.is_empty() { &graph.name } else { &options.name };
    let mut importer = Importer::new(name, Format::Onnx, tensors.budget.clone());
    *change = changed(graph, &inputs, &shapes);
    importer.batch = change.as_ref().and_then(Change::batch);
    let mut readers: HashMap<&str, Vec<&NodeProto>> = HashMap::new();
    for &node in &nodes {
        for input in subgraph::inputs(node) {
            readers.entry(input).or_default().push(node);
        }
    }
    let read: HashSet<&str> =
        readers.keys().copied().chain(outputs.iter().map(String::as_str)).collect();
    let mut scope = Scope { opset, tensors, weights, read: &read, types: Types::default() };
    for info in graph.input.iter().filter(|info| inputs.contains(&info.name)) {
        scope.types.declare(info);
    }
    for (info, value) in constants.into_values() {
        let tensor = constants::constant(&importer, info, value).map_err(|source| Error::Node {
            node: info.name.clone(),
            op: "input".to_owned(),
            source: source.into(),
        })?;
        importer.define(&info.name, tensor);
        scope.types.weight(&info.name, constants::element_type(info));
    }
    for (input, shape) in inputs.iter().zip(&shapes) {
        let readers = readers.get(input.as_str()).map(Vec::as_slice).unwrap_or_default();
        let order: Vec<usize> = match is_channels_last(readers) && !outputs.contains(input) {
            true => Layout::ChannelsLast.order().to_vec(),
            false => (0..shape.len()).collect(),
        };
        importer.input(input, shape, &order).map_err(|source| Error::Node {
            node: input.clone(),
            op: "input".to_owned(),
            source: source.into(),
        })?;
    }
    for node in nodes {
        scope.convert(&mut importer, node)?;
    }
    for output in &outputs {
        // An output may be a weight, too; it is reported as constant.
        scope.weight(&mut importer, output)?;
        if scope.types.quantization(output).is_some() {
            importer.unsupported(output, "output", Some(Unsupported::QuantizedIntegers));
        }
    }
    importer.finish(&outputs, false, |name| unknown(graph, Role::Output, name))
}

/// Each tensor is declared and written once. A weight may be an input as well, whose default it is then.
fn check_names(graph: &GraphProto) -> Result<(), GraphError> {
    let given = graph.input.iter().map(|input| input.name.as_str());
    let weights = graph.initializer.iter().map(|tensor| tensor.name.as_str());
    let given = once("input", given)?;
    let mut written = once("initializer", weights)?;
    written.extend(given);
    for node in &graph.node {
        for output in node.output.iter().filter(|output| !output.is_empty()) {
            if !written.insert(output) {
                let (tensor, node) = (output.clone(), node::name(node).to_owned());
                return Err(GraphError::WrittenTwice { tensor, node });
            }
        }
    }
    Ok(())
}

/// The names, each of which must be there once only.
fn once<'a>(
    what: &'static str,
    names: impl Iterator<Item = &'a str>,
) -> Result<HashSet<&'a str>, GraphError> {
    let mut known = HashSet::new();
    for name in names {
        if !known.insert(name) {
            return Err(GraphError::DeclaredTwice { what, tensor: name.to_owned() });
        }
    }
    Ok(known)
}

/// What nodes are imported with.
pub(super) struct Scope<'a> {
    opset: i64,
    tensors: &'a Tensors,
    pub(super) weights: HashMap<&'a str, &'a TensorProto>,
    /// The tensors that somebody reads.
    pub(super) read: &'a HashSet<&'a str>,
    types: Types,
}

impl<'a> Scope<'a> {
    /// Defines a weight when it is first read.
    pub(super) fn weight(&mut self, importer: &mut Importer, name: &str) -> Result<(), Error> {
        if importer.value(name).is_none()
            && let Some(weight) = self.weights.get(name)
        {
            let bad = |source| Error::Tensor { name: weight.name.clone(), source };
            importer.define(name, self.tensors.read(weight).map_err(bad)?);
            self.types.weight(name, weight.data_type);
        }
        Ok(())
    }

    /// Imports a node and defines its outputs.
    pub(super) fn convert(
        &mut self,
        importer: &mut Importer,
        node: &'a NodeProto,
    ) -> Result<(), Error> {
        let name = node::name(node);
        let standard = node.domain.is_empty() || node.domain == "ai.onnx";
        let is_if = standard && node.op_type == "If";
        let operator = ops::operator(&node.op_type).filter(|_| standard);
        let op = match standard {
            true => node.op_type.clone(),
            false => format!("{}.{}", node.domain, node.op_type),
        };
        if operator.is_none() && !is_if {
            importer.unsupported(name, &op, None);
            return Ok(());
        }
        let mut inputs = Vec::with_capacity(node.input.len());
        for input in &node.input {
            self.weight(importer, input)?;
            match importer.value(input) {
                Some(value) => inputs.push(Some(value.clone())),
                None if input.is_empty() => inputs.push(None),
                // It depends on a node that could not be imported, which is reported in the end.
                None if importer.has_unsupported() => return Ok(()),
                None => {
                    let (node, tensor) = (name.to_owned(), input.clone());
                    return Err(GraphError::NotWritten { node, tensor }.into());
                }
            }
        }
        let call = Node {
            proto: node,
            opset: self.opset,
            tensors: self.tensors,
            read: self.read,
            types: node.input.iter().map(|input| self.types.of(input)).collect(),
            integers: node.input.first().is_some_and(|input| self.types.is_integer(input)),
            quantization: node.input.first().and_then(|input| self.types.quantization(input)),
            inputs,
        };
        let done = match operator {
            // A subgraph has errors of its own nodes.
            None => match subgraph::branch(&call) {
                Ok(graph) => match self.subgraph(importer, graph)? {
                    Some(values) => Ok(values),
                    None => return Ok(()),
                },
                Err(error) => Err(error),
            },
            Some(operator) => self.types.check(&call).and_then(|()| operator(importer, &call)),
        };
        match done {
            Ok(values) => {
                for (index, (output, value)) in node.output.iter().zip(values).enumerate() {
                    // An operator may give anything for outputs that nobody reads.
                    if self.read.contains(output.as_str()) {
                        self.types.output(&call, index, output);
                        importer.define(output, value);
                    }
                }
                Ok(())
            }
            Err(NodeError::Unsupported(reason)) => {
                importer.unsupported(name, &op, Some(reason));
                Ok(())
            }
            Err(source) => Err(Error::Node { node: name.to_owned(), op, source: source.into() }),
        }
    }
}

fn inputs(
    graph: &GraphProto,
    weights: &HashMap<&str, &TensorProto>,
    options: &Options,
) -> Result<Vec<String>, Error> {
    if options.inputs.is_empty() {
        let own = graph.input.iter().map(|input| &input.name);
        return Ok(own.filter(|name| !weights.contains_key(name.as_str())).cloned().collect());
    }
    find(graph, Role::Input, &options.inputs)
}

fn outputs(graph: &GraphProto, options: &Options) -> Result<Vec<String>, Error> {
    if options.outputs.is_empty() {
        return Ok(graph.output.iter().map(|output| output.name.clone()).collect());
    }
    find(graph, Role::Output, &options.outputs)
}

/// What a caller may name: results of nodes, and as inputs the graph's own.
fn names(graph: &GraphProto, role: Role) -> impl Iterator<Item = &str> {
    let own = own_inputs(graph).filter(move |_| role == Role::Input);
    own.chain(written(graph))
}

fn written(graph: &GraphProto) -> impl Iterator<Item = &str> {
    let outputs = graph.node.iter().flat_map(|node| &node.output);
    outputs.map(String::as_str).filter(|name| !name.is_empty())
}

/// Inputs that are not mere defaults for weights.
fn own_inputs(graph: &GraphProto) -> impl Iterator<Item = &str> {
    let weights: HashSet<&str> =
        graph.initializer.iter().map(|tensor| tensor.name.as_str()).collect();
    let inputs = graph.input.iter().map(|input| input.name.as_str());
    inputs.filter(move |name| !weights.contains(name))
}

fn find(graph: &GraphProto, role: Role, wanted: &[String]) -> Result<Vec<String>, Error> {
    let known: HashSet<&str> = names(graph, role).collect();
    match wanted.iter().find(|name| !known.contains(name.as_str())) {
        Some(name) => Err(unknown(graph, role, name)),
        None => Ok(wanted.to_vec()),
    }
}

/// The error for a name that is not there.
pub(super) fn unknown(graph: &GraphProto, role: Role, name: &str) -> Error {
    let mut sorted: Vec<&str> = names(graph, role).collect();
    sorted.sort_unstable();
    let nearest = nearest(name, sorted);
    let others = match role {
        _ if !nearest.is_empty() => Vec::new(),
        Role::Input => own_inputs(graph).map(str::to_owned).collect(),
        Role::Output => {
            let mut read: HashSet<&str> =
                graph.node.iter().flat_map(|node| &node.input).map(String::as_str).collect();
            // The graph's outputs are meant to be read, whoever else reads them.
            for output in &graph.output {
                read.remove(output.name.as_str());
            }
            written(graph).filter(|name| !read.contains(name)).map(str::to_owned).collect()
        }
    };
    Error::UnknownName { role, name: name.to_owned(), nearest, others }
}

/// The nodes that the outputs depend on, up to the inputs, in the graph's order, which is an order of execution.
fn needed<'a>(graph: &'a GraphProto, inputs: &[String], outputs: &[String]) -> Vec<&'a NodeProto> {
    let given: HashSet<&str> = inputs.iter().map(String::as_str).collect();
    let mut wanted: HashSet<&str> = outputs.iter().map(String::as_str).collect();
    let mut nodes = Vec::new();
    for node in graph.node.iter().rev() {
        let writes =
            |name: &&String| wanted.contains(name.as_str()) && !given.contains(name.as_str());
        if node.output.iter().find(writes).is_some() {
            wanted.extend(subgraph::inputs(node));
            nodes.push(node);
        }
    }
    nodes.reverse();
    nodes
}

fn shapes(graph: &GraphProto, inputs: &[String], options: &Options) -> Result<Vec<Shape>, Error> {
    if !options.shapes.is_empty() && options.shapes.len() != inputs.len() {
        let (expected, found) = (inputs.len(), options.shapes.len());
        return Err(Error::ShapeCount { expected, found });
    }
    let known: HashMap<&str, &ValueInfoProto> =
        graph.input.iter().map(|input| (input.name.as_str(), input)).collect();
    let shape = |(index, name): (usize, &String)| {
        let own = known.get(name.as_str()).and_then(|info| dims(info));
        input_shape(options.shapes.get(index), own)
            .map_err(|source| Error::InputShape { name: name.clone(), source })
    };
    inputs.iter().enumerate().map(shape).collect()
}

/// The shape that an input gets: the caller's, with as many axes as the model's; or the model's, if it leaves only the
/// batch open.
fn input_shape(
    given: Option<&Shape>,
    own: Option<Vec<Option<usize>>>,
) -> Result<Shape, InputShapeError> {
    match (given, own) {
        (Some(given), Some(own)) => match given.len() == own.len() {
            true => Ok(given.clone()),
            false => Err(InputShapeError::Differs { given: given.clone(), own: OpenShape(own) }),
        },
        (Some(given), None) => Ok(given.clone()),
        (None, Some(own)) => {
            let sizes = own.iter().enumerate();
            let sizes = sizes.map(|(axis, &size)| size.or((axis == 0).then_some(1)));
            let shape: Option<Shape> = sizes.collect();
            shape.ok_or(InputShapeError::Open { own: OpenShape(own) })
        }
        (None, None) => Err(InputShapeError::Unknown),
    }
}

/// The first input whose sizes are not those that the model fixes.
fn changed(graph: &GraphProto, inputs: &[String], shapes: &[Shape]) -> Option<Change> {
    inputs.iter().zip(shapes).find_map(|(name, given)| {
        let info = graph.input.iter().find(|info| info.name == *name)?;
        let own = OpenShape(dims(info)?);
        let (name, given) = (name.clone(), given.clone());
        own.differs(&given).then_some(Change { name, given, own })
    })
}

/// The sizes of an input's axes, nothing for open ones.
pub(super) fn dims(info: &ValueInfoProto) -> Option<Vec<Option<usize>>> {
    let type_proto::Value::TensorType(tensor) = info.r#type.as_ref()?.value.as_ref()?;
    let dims = tensor.shape.as_ref()?.dim.iter();
    let size = |value: &Option<dimension::Value>| match value {
        Some(dimension::Value::DimValue(size)) => {
            usize::try_from(*size).ok().filter(|&size| size > 0)
        }
        _ => None,
    };
    Some(dims.map(|dim| size(&dim.value)).collect())
}

/// Whether an input is only read by transpositions from NHWC to NCHW: then its blob is NCHW at once.
fn is_channels_last(readers: &[&NodeProto]) -> bool {
    let turns = |node: &&NodeProto| {
        let mut attributes = node.attribute.iter();
        node.op_type == "Transpose"
            && attributes
                .any(|attribute| attribute.name == "perm" && attribute.ints == [0, 3, 1, 2])
    };
    !readers.is_empty() && readers.iter().all(turns)
}

#[cfg(test)]
mod tests {
    use super::super::proto::{TensorShapeProto, tensor_shape_proto::Dimension};
    use super::super::proto::{TypeProto, type_proto};
    use super::*;
    use crate::graph::Budget;

    fn value(name: &str, sizes: &[i64]) -> ValueInfoProto {
        let dim = |&size: &i64| Dimension { value: Some(dimension::Value::DimValue(size)) };
        let shape = TensorShapeProto { dim: sizes.iter().map(dim).collect() };
        let tensor = type_proto::Tensor { elem_type: 1, shape: Some(shape) };
        let r#type = TypeProto { value: Some(type_proto::Value::TensorType(tensor)) };
        ValueInfoProto { name: name.to_owned(), r#type: Some(r#type) }
    }

    fn node(op: &str, inputs: &[&str], outputs: &[&str]) -> NodeProto {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        NodeProto {
            op_type: op.to_owned(),
            input: owned(inputs),
            output: owned(outputs),
            ..NodeProto::default()
        }
    }

    fn imported(nodes: Vec<NodeProto>, options: &Options) -> Result<Imported, Error> {
        let graph = GraphProto {
            node: nodes,
            input: vec![value("picture", &[1, 4])],
            output: vec![value("classes", &[1, 4])],
            ..GraphProto::default()
        };
        import(&graph, 13, &Tensors::new(None, Budget::new(None, 0)), options)
    }

    #[test]
    fn unknown_names_list_what_there_is() {
        let nodes = || {
            vec![
                node("Relu", &["picture"], &["hidden"]),
                node("Tanh", &["hidden"], &["classes"]),
                node("Abs", &["classes"], &["unread"]),
            ]
        };
        for (options, near, rest) in [
            (Options::new("net").outputs(["clases"]), &["classes"][..], &[][..]),
            (Options::new("net").outputs(["zzzzzzzzzzzz"]), &[], &["classes", "unread"]),
            (Options::new("net").inputs(["zzzzzzzzzzzz"]), &[], &["picture"]),
        ] {
            let error = imported(nodes(), &options).expect_err("an unknown name");
            let Error::UnknownName { nearest, others, .. } = error else { panic!("{error}") };
            assert_eq!((nearest, others), (strings(near), strings(rest)), "{options:?}");
        }
    }

    fn strings(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn tensors_are_written_once() {
        let twice = vec![
            node("Relu", &["picture"], &["hidden"]),
            node("Tanh", &["picture"], &["hidden"]),
            node("Abs", &["hidden"], &["classes"]),
        ];
        let error = imported(twice, &Options::default()).expect_err("twice");
        let expected = GraphError::WrittenTwice { tensor: "hidden".into(), node: "hidden".into() };
        assert!(matches!(&error, Error::Graph(found) if *found == expected), "{error:?}");
        // onnxruntime refuses these, too.
        for twice in ["input", "initializer"] {
            let weight = TensorProto { name: "w".to_owned(), ..TensorProto::default() };
            let mut graph = GraphProto {
                node: vec![node("Relu", &["picture"], &["classes"])],
                input: vec![value("picture", &[1, 4])],
                output: vec![value("classes", &[1, 4])],
                initializer: vec![weight],
                ..GraphProto::default()
            };
            let tensors = Tensors::new(None, Budget::new(None, 0));
            assert!(import(&graph, 13, &tensors, &Options::default()).is_ok());
            match twice {
                "input" => graph.input.extend_from_within(..),
                _ => graph.initializer.extend_from_within(..),
            }
            let error = import(&graph, 13, &tensors, &Options::default()).expect_err("twice");
            let declared = Error::Graph(GraphError::DeclaredTwice {
                what: twice,
                tensor: if twice == "input" { "picture" } else { "w" }.to_owned(),
            });
            assert_eq!(error.to_string(), declared.to_string());
        }
        let input = vec![node("Relu", &["picture"], &["picture"])];
        assert!(imported(input, &Options::default()).is_err());
    }
}
