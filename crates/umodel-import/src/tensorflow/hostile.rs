//! Every operator with hostile attributes and inputs.
#![allow(clippy::indexing_slicing, clippy::as_conversions)]

use std::collections::HashMap;

use super::ops::OPERATORS;
use super::proto::attr_value::{ListValue, Value as Attr};
use super::proto::tensor_shape_proto::Dim;
use super::proto::{AttrValue, GraphDef, NodeDef, TensorProto, TensorShapeProto};
use super::tensor::dtype;
use crate::error::Error;
use crate::hostile::{Random, chain, with_little_memory};
use crate::{Imported, Options};

/// Graphs for each operator.
const GRAPHS: usize = 300;

const INTS: [&str; 11] = [
    "axis",
    "batch_dims",
    "begin_mask",
    "block_size",
    "depth_radius",
    "ellipsis_mask",
    "end_mask",
    "new_axis_mask",
    "num",
    "num_split",
    "shrink_axis_mask",
];
const LISTS: [&str; 6] =
    ["axis", "dilations", "explicit_paddings", "ksize", "squeeze_dims", "strides"];
const FLAGS: [&str; 8] = [
    "adj_x",
    "adj_y",
    "align_corners",
    "half_pixel_centers",
    "keep_dims",
    "scale_after_normalization",
    "transpose_a",
    "transpose_b",
];
const FLOATS: [&str; 5] = ["alpha", "beta", "bias", "epsilon", "variance_epsilon"];

fn shape(dims: &[usize]) -> TensorShapeProto {
    let dim = dims.iter().map(|&size| Dim { size: crate::graph::signed(size) }).collect();
    TensorShapeProto { dim, unknown_rank: false }
}

fn node(name: &str, op: &str, inputs: Vec<String>) -> NodeDef {
    let (name, op) = (name.to_owned(), op.to_owned());
    NodeDef { name, op, input: inputs, attr: HashMap::new() }
}

fn with(mut node: NodeDef, name: &str, value: Attr) -> NodeDef {
    node.attr.insert(name.to_owned(), AttrValue { value: Some(value) });
    node
}

fn constant(name: &str, tensor: TensorProto) -> NodeDef {
    with(node(name, "Const", vec![]), "value", Attr::Tensor(tensor))
}

fn integers(dims: &[usize], values: Vec<i64>) -> TensorProto {
    TensorProto {
        dtype: dtype::INT64,
        tensor_shape: Some(shape(dims)),
        int64_val: values,
        ..TensorProto::default()
    }
}

fn floats(dims: &[usize], values: Vec<f32>) -> TensorProto {
    TensorProto {
        dtype: dtype::FLOAT,
        tensor_shape: Some(shape(dims)),
        float_val: values,
        ..TensorProto::default()
    }
}

fn random_tensor(random: &mut Random) -> TensorProto {
    match random.below(4) {
        0 => {
            let values = random.numbers();
            integers(&[values.len()], values)
        }
        // One number, as axes are given.
        1 => integers(&[], vec![random.number()]),
        2 => {
            let dims = random.constant_shape();
            let count: usize = dims.iter().product();
            let values = (0..count.min(8)).map(|_| random.number()).collect();
            integers(&dims, values)
        }
        _ => {
            let dims = random.constant_shape();
            let count: usize = dims.iter().product();
            let values = (0..count.min(8)).map(|_| random.float()).collect();
            floats(&dims, values)
        }
    }
}

fn random_node(random: &mut Random, op: &str, names: &[String], name: &str) -> NodeDef {
    let count = 1 + random.below(5);
    let mut inputs: Vec<String> = (0..count).map(|_| random.pick(names)).collect();
    if random.once_in(2) {
        inputs[0].clone_from(&names[0]);
    }
    let mut made = node(name, op, inputs);
    let list = |i: Vec<i64>| Attr::List(ListValue { i, ..ListValue::default() });
    for _ in 0..random.below(5) {
        made = with(made, random.pick(&INTS), Attr::I(random.number()));
        made = with(made, random.pick(&FLAGS), Attr::B(random.once_in(2)));
        made = with(made, random.pick(&FLOATS), Attr::F(random.float()));
        let mut numbers = random.numbers();
        if random.once_in(2) {
            // Windows have four, of which two are 1.
            numbers = vec![1, random.number(), random.number(), 1];
        }
        made = with(made, random.pick(&LISTS), list(numbers));
    }
    let text = |text: &str| Attr::S(text.as_bytes().to_vec().into());
    let padding = text(random.pick(&["SAME", "VALID", "EXPLICIT", "nonsense"]));
    made = with(made, "padding", padding);
    made = with(made, "mode", text(random.pick(&["REFLECT", "SYMMETRIC", "nonsense"])));
    made = with(made, "data_format", text(random.pick(&["NHWC", "NHWC", "NCHW", "nonsense"])));
    made = with(made, "DstT", Attr::Type(random.pick(&[1, 3, 9, 10, 7, 99])));
    if random.once_in(2) {
        made = with(made, "value", Attr::Tensor(random_tensor(random)));
    }
    made
}

fn placeholder(dims: &[usize]) -> NodeDef {
    with(node("x", "Placeholder", vec![]), "shape", Attr::Shape(shape(dims)))
}

fn import(node: Vec<NodeDef>, options: &Options) -> Result<Imported, Error> {
    super::run::import(&GraphDef { node, library: None }, 0, options)
}

#[test]
fn every_operator_refuses_what_makes_no_sense() {
    let name = "tensorflow::hostile::every_operator_refuses_what_makes_no_sense";
    with_little_memory(name, || {
        let mut imported: HashMap<&str, usize> = HashMap::new();
        for (seed, (op, _)) in OPERATORS.iter().enumerate() {
            for graph in 0..GRAPHS {
                let mut random = Random((seed * GRAPHS + graph) as u64);
                let random = &mut random;
                let dims = random.shape();
                let mut nodes = vec![placeholder(&dims)];
                let mut names = vec!["x".to_owned()];
                for k in 0..6 {
                    names.push(format!("c{k}"));
                    nodes.push(constant(&format!("c{k}"), random_tensor(random)));
                }
                nodes.push(random_node(random, op, &names, "y"));
                let mut last = "y";
                if random.once_in(2) {
                    names[0] = random.pick(&["y", "y:1"]).to_owned();
                    let next = random.pick(OPERATORS).0;
                    nodes.push(random_node(random, next, &names, "z"));
                    last = "z";
                }
                // An empty shape stands for none, so the shape is given.
                let options = Options::new("net")
                    .inputs(["x"])
                    .outputs([last])
                    .shapes([dims])
                    .constant_bytes(1 << 16);
                match import(nodes, &options) {
                    // A constant came through the operator, too.
                    Ok(_) | Err(Error::ConstantOutput { .. }) => {
                        *imported.entry(op).or_default() += 1
                    }
                    Err(_) => {}
                }
            }
        }
        // These have no outputs at all.
        let silent = ["Assert", "ControlTrigger", "NoOp"];
        let never: Vec<&str> = OPERATORS
            .iter()
            .map(|row| row.0)
            .filter(|op| !imported.contains_key(op) && !silent.contains(op))
            .collect();
        assert!(never.is_empty(), "{never:?} were never imported: the graphs are too hostile");
    });
}

/// Graphs of a few bytes that ask for much.
#[test]
fn small_graphs_do_not_fill_the_memory() {
    with_little_memory("tensorflow::hostile::small_graphs_do_not_fill_the_memory", || {
        let huge = 1 << 28;
        let number = |value| integers(&[], vec![value]);
        let one = || floats(&[1], vec![1.0]);
        let column = || floats(&[1 << 15, 1], vec![1.0]);
        let row = || floats(&[1, 1 << 15], vec![1.0]);
        let cases: Vec<(&str, Vec<TensorProto>)> = vec![
            ("Identity", vec![floats(&[1 << 28], vec![1.0])]),
            ("Fill", vec![integers(&[1], vec![huge]), floats(&[], vec![1.0])]),
            ("Range", vec![number(0), number(huge), number(1)]),
            ("BroadcastTo", vec![one(), integers(&[1], vec![huge])]),
            ("Tile", vec![one(), integers(&[1], vec![huge])]),
            ("Add", vec![column(), row()]),
            ("Equal", vec![column(), row()]),
            ("MatMul", vec![column(), row()]),
            ("SelectV2", vec![column(), row(), one()]),
            ("Gather", vec![floats(&[1 << 12, 1 << 10], vec![]), integers(&[1 << 18], vec![])]),
        ];
        for (op, constants) in cases {
            let mut nodes = vec![placeholder(&[1])];
            let names: Vec<String> = (0..constants.len()).map(|k| format!("c{k}")).collect();
            nodes.extend(names.iter().zip(constants).map(|(name, value)| constant(name, value)));
            nodes.push(node("y", op, names));
            nodes.push(node("output", "Add", vec!["x".to_owned(), "y".to_owned()]));
            let message = match import(nodes, &Options::default()) {
                Ok(_) => "imported".to_owned(),
                Err(error) => chain(&error),
            };
            assert!(
                message.contains("too large") || message.contains("more than"),
                "{op}: {message}"
            );
        }
        // 1 << 31 squares of one pixel are no memory, but too many to look at.
        let window =
            |sizes: [i64; 4]| Attr::List(ListValue { i: sizes.to_vec(), ..ListValue::default() });
        let mut pool = with(
            node("output", "AvgPool", vec!["x".to_owned()]),
            "ksize",
            window([1, 65_536, 65_536, 1]),
        );
        pool = with(pool, "strides", window([1, 1, 1, 1]));
        pool = with(pool, "padding", Attr::S(b"SAME".to_vec().into()));
        let nodes = vec![placeholder(&[1, 1 << 15, 1 << 15, 1]), pool];
        assert!(import(nodes, &Options::default()).is_err());
    });
}
