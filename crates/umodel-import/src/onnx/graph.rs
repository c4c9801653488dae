//! The graph: which nodes are needed, inputs and their layout, node after node.

use std::collections::{HashMap, HashSet};

use umodel::Shape;

use super::node::{self, Node};
use super::ops;
use super::proto::tensor_shape_proto::dimension;
use super::proto::{GraphProto, NodeProto, TensorProto, ValueInfoProto, type_proto};
use super::tensor::{self, ExternalData};
use crate::error::{Error, NodeError};
use crate::graph::{Importer, Layout, nearest};
use crate::imported::{Imported, Options};

/// Imports the part of a graph between inputs and outputs.
pub(super) fn import(
    graph: &GraphProto,
    opset: i64,
    external: &ExternalData,
    options: &Options,
) -> Result<Imported, Error> {
    let weights: HashMap<&str, &TensorProto> =
        graph.initializer.iter().map(|tensor| (tensor.name.as_str(), tensor)).collect();
    let inputs = inputs(graph, &weights, options)?;
    let outputs = outputs(graph, options)?;
    let nodes = needed(graph, &inputs, &outputs);
    let shapes = shapes(graph, &inputs, options)?;
    let name = if options.name.is_empty() { &graph.name } else { &options.name };
    let mut importer = Importer::new(name, "ONNX");
    for (input, shape) in inputs.iter().zip(&shapes) {
        let order: Vec<usize> = match is_channels_last(&nodes, input, &outputs) {
            true => Layout::ChannelsLast.order().to_vec(),
            false => (0..shape.len()).collect(),
        };
        importer.input(input, shape, &order).map_err(|source| Error::Node {
            node: input.clone(),
            op: "input".to_owned(),
            source,
        })?;
    }
    for node in nodes {
        convert(&mut importer, node, opset, external, &weights)?;
    }
    for output in &outputs {
        // An output may be a weight, too; it is reported as constant.
        if importer.value(output).is_none()
            && let Some(weight) = weights.get(output.as_str())
        {
            importer.define(output, tensor::read(weight, external)?);
        }
    }
    importer.finish(&outputs, false)
}

fn convert(
    importer: &mut Importer,
    node: &NodeProto,
    opset: i64,
    external: &ExternalData,
    weights: &HashMap<&str, &TensorProto>,
) -> Result<(), Error> {
    let name = node::name(node);
    let standard = node.domain.is_empty() || node.domain == "ai.onnx";
    let operator = ops::operator(&node.op_type).filter(|_| standard);
    let op = match standard {
        true => node.op_type.clone(),
        false => format!("{}.{}", node.domain, node.op_type),
    };
    let Some(operator) = operator else {
        importer.unsupported(name, &op, "");
        return Ok(());
    };
    let mut inputs = Vec::with_capacity(node.input.len());
    for input in &node.input {
        if importer.value(input).is_none()
            && let Some(weight) = weights.get(input.as_str())
        {
            importer.define(input, tensor::read(weight, external)?);
        }
        match importer.value(input) {
            Some(value) => inputs.push(Some(value.clone())),
            None if input.is_empty() => inputs.push(None),
            // It depends on a node that could not be imported, which is reported in the end.
            None if importer.has_unsupported() => return Ok(()),
            None => {
                let reason =
                    format!("node \"{name}\" reads \"{input}\", which nobody writes before it");
                return Err(Error::Graph { reason });
            }
        }
    }
    let call = Node { proto: node, inputs, opset, external };
    match operator(importer, &call) {
        Ok(values) => {
            for (output, value) in node.output.iter().zip(values) {
                if !output.is_empty() {
                    importer.define(output, value);
                }
            }
            Ok(())
        }
        Err(NodeError::Unsupported { reason }) => {
            importer.unsupported(name, &op, &reason);
            Ok(())
        }
        Err(source) => Err(Error::Node { node: name.to_owned(), op, source }),
    }
}

fn inputs(
    graph: &GraphProto,
    weights: &HashMap<&str, &TensorProto>,
    options: &Options,
) -> Result<Vec<String>, Error> {
    let own = graph.input.iter().map(|input| input.name.as_str());
    let own: Vec<&str> = own.filter(|name| !weights.contains_key(name)).collect();
    if options.inputs.is_empty() {
        return Ok(own.into_iter().map(str::to_owned).collect());
    }
    let written = graph.node.iter().flat_map(|node| node.output.iter().map(String::as_str));
    let known: HashSet<&str> = own.iter().copied().chain(written).collect();
    find("input", &options.inputs, &known)
}

fn outputs(graph: &GraphProto, options: &Options) -> Result<Vec<String>, Error> {
    if options.outputs.is_empty() {
        return Ok(graph.output.iter().map(|output| output.name.clone()).collect());
    }
    let written = graph.node.iter().flat_map(|node| node.output.iter().map(String::as_str));
    find("output", &options.outputs, &written.collect())
}

fn find(what: &'static str, names: &[String], known: &HashSet<&str>) -> Result<Vec<String>, Error> {
    if let Some(name) = names.iter().find(|name| !known.contains(name.as_str())) {
        let mut sorted: Vec<&str> = known.iter().copied().collect();
        sorted.sort_unstable();
        let nearest = nearest(name, sorted.into_iter());
        return Err(Error::UnknownName { what, name: name.clone(), nearest });
    }
    Ok(names.to_vec())
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
            wanted.extend(node.input.iter().map(String::as_str));
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
        let bad = |reason: String| Error::InputShape { name: name.clone(), reason };
        let own = known.get(name.as_str()).and_then(|info| dims(info));
        match (options.shapes.get(index), own) {
            (Some(given), Some(own)) => {
                let fits = |(axis, (&size, &own)): (usize, (&usize, &Option<usize>))| {
                    axis == 0 || own.is_none_or(|own| own == size)
                };
                if given.len() != own.len() || !given.iter().zip(&own).enumerate().all(fits) {
                    let own: Vec<String> =
                        own.iter().map(|d| d.map_or("?".to_owned(), |d| d.to_string())).collect();
                    return Err(bad(format!(
                        "shape {given:?}, the model has [{}]",
                        own.join(", ")
                    )));
                }
                Ok(given.clone())
            }
            (Some(given), None) => Ok(given.clone()),
            (None, Some(own)) => {
                let open =
                    own.iter().enumerate().position(|(axis, size)| axis > 0 && size.is_none());
                if let Some(axis) = open {
                    return Err(bad(format!("the model leaves axis {axis} open; give a shape")));
                }
                Ok(own.iter().map(|size| size.unwrap_or(1)).collect())
            }
            (None, None) => Err(bad("the model does not tell its shape; give one".to_owned())),
        }
    };
    inputs.iter().enumerate().map(shape).collect()
}

/// The sizes of an input's axes, nothing for open ones.
fn dims(info: &ValueInfoProto) -> Option<Vec<Option<usize>>> {
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
fn is_channels_last(nodes: &[&NodeProto], input: &str, outputs: &[String]) -> bool {
    let readers: Vec<&&NodeProto> =
        nodes.iter().filter(|node| node.input.iter().any(|name| name == input)).collect();
    let turns = |node: &&&NodeProto| {
        node.op_type == "Transpose"
            && node
                .attribute
                .iter()
                .any(|attribute| attribute.name == "perm" && attribute.ints == [0, 3, 1, 2])
    };
    !readers.is_empty() && readers.iter().all(turns) && !outputs.iter().any(|name| name == input)
}
