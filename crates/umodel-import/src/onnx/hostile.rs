//! Every operator with hostile attributes and inputs.
#![allow(clippy::indexing_slicing, clippy::as_conversions)]

use std::collections::HashMap;

use prost::Message;

use super::ops::OPERATORS;
use super::proto::tensor_proto::DataType;
use super::proto::tensor_shape_proto::{Dimension, dimension};
use super::proto::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto,
    TensorShapeProto, TypeProto, ValueInfoProto, type_proto,
};
use crate::error::{Error, NodeError, SizeError};
use crate::hostile::{Random, chain, with_little_memory};
use crate::{Imported, Options};

/// Graphs for each operator.
const GRAPHS: usize = 300;

const ATTRIBUTES: [&str; 65] = [
    "allowzero",
    "alpha",
    "auto_pad",
    "axes",
    "axis",
    "beta",
    "blocksize",
    "ceil_mode",
    "center_point_box",
    "coordinate_transformation_mode",
    "count_include_pad",
    "cubic_coeff_a",
    "dilations",
    "end",
    "ends",
    "epsilon",
    "group",
    "keepdims",
    "kernel_shape",
    "max",
    "min",
    "mode",
    "nearest_mode",
    "noop_with_empty_axes",
    "output_padding",
    "output_shape",
    "pads",
    "perm",
    "scales",
    "size",
    "split",
    "start",
    "starts",
    "strides",
    "to",
    "training_mode",
    "transA",
    "transB",
    "value",
    "value_float",
    "value_floats",
    "value_int",
    "value_ints",
    "antialias",
    "spatial",
    "activation_alpha",
    "activations",
    "approximate",
    "batch_dims",
    "block_size",
    "clip",
    "direction",
    "equation",
    "exclusive",
    "hidden_size",
    "input_forget",
    "k",
    "largest",
    "layout",
    "linear_before_reset",
    "num_groups",
    "output_dtype",
    "reduction",
    "reverse",
    "select_last_index",
];

const TEXTS: [&str; 28] = [
    "",
    "NOTSET",
    "VALID",
    "SAME_UPPER",
    "SAME_LOWER",
    "constant",
    "edge",
    "reflect",
    "nearest",
    "linear",
    "cubic",
    "DCR",
    "CRD",
    "half_pixel",
    "align_corners",
    "asymmetric",
    "floor",
    "ceil",
    "nonsense",
    "add",
    "bidirectional",
    "tanh",
    "Sigmoid",
    "i->",
    "...i,...j->...",
    "ij,jk->ik",
    "ii->i",
    "abcd->dcba",
];

fn tensor(name: &str, kind: DataType, dims: &[usize]) -> TensorProto {
    TensorProto {
        name: name.to_owned(),
        data_type: kind.into(),
        dims: dims.iter().map(|&dim| crate::graph::signed(dim)).collect(),
        ..TensorProto::default()
    }
}

/// Values of a list, so that shapes, pads and axes are among them.
fn integers(name: &str, values: Vec<i64>) -> TensorProto {
    TensorProto { int64_data: values.clone(), ..tensor(name, DataType::Int64, &[values.len()]) }
}

fn random_tensor(random: &mut Random, name: &str) -> TensorProto {
    if random.once_in(2) {
        return integers(name, random.numbers());
    }
    let shape = random.constant_shape();
    let count: usize = shape.iter().product();
    if random.once_in(2) {
        let values = (0..count).map(|_| random.number()).collect();
        return TensorProto { int64_data: values, ..tensor(name, DataType::Int64, &shape) };
    }
    let values = (0..count).map(|_| random.float()).collect();
    TensorProto { float_data: values, ..tensor(name, DataType::Float, &shape) }
}

fn attribute(random: &mut Random, name: &str) -> AttributeProto {
    AttributeProto {
        name: name.to_owned(),
        f: random.float(),
        i: random.number(),
        s: random.pick(&TEXTS).as_bytes().to_vec().into(),
        t: random.once_in(2).then(|| random_tensor(random, "")),
        floats: (0..random.below(5)).map(|_| random.float()).collect(),
        ints: random.numbers(),
        strings: (0..random.below(3))
            .map(|_| random.pick(&TEXTS).as_bytes().to_vec().into())
            .collect(),
        ..AttributeProto::default()
    }
}

fn random_node(random: &mut Random, op: &str, names: &[String], output: &str) -> NodeProto {
    let count = 1 + random.below(4);
    let mut input: Vec<String> = (0..count).map(|_| random.pick(names)).collect();
    if random.once_in(2) {
        // The first one is a blob, or what the operator in front gives.
        input[0].clone_from(&names[0]);
    }
    let attributes = random.below(10);
    let names: Vec<&str> = (0..attributes).map(|_| random.pick(&ATTRIBUTES)).collect();
    let outputs = random.pick(&[1, 1, 1, 2, 3, 12]);
    NodeProto {
        op_type: op.to_owned(),
        input,
        output: (0..outputs).map(|k| format!("{output}{k}")).collect(),
        attribute: names.into_iter().map(|name| attribute(random, name)).collect(),
        ..NodeProto::default()
    }
}

fn input(name: &str, shape: &[usize]) -> ValueInfoProto {
    let size = |&size: &usize| Dimension {
        value: Some(dimension::Value::DimValue(crate::graph::signed(size))),
    };
    let shape = TensorShapeProto { dim: shape.iter().map(size).collect() };
    let tensor = type_proto::Tensor { elem_type: 1, shape: Some(shape) };
    let r#type = TypeProto { value: Some(type_proto::Value::TensorType(tensor)) };
    ValueInfoProto { name: name.to_owned(), r#type: Some(r#type) }
}

fn import(graph: GraphProto, opset: i64, options: &Options) -> Result<Imported, Error> {
    let model = ModelProto {
        graph: Some(graph),
        opset_import: vec![OperatorSetIdProto { domain: String::new(), version: opset }],
        ..ModelProto::default()
    };
    super::import(model.encode_to_vec(), None, options)
}

#[test]
fn every_operator_refuses_what_makes_no_sense() {
    let name = "onnx::hostile::every_operator_refuses_what_makes_no_sense";
    with_little_memory(name, || {
        let options = Options::new("net").constant_bytes(1 << 16);
        let mut imported: HashMap<&str, usize> = HashMap::new();
        for (seed, (op, _)) in OPERATORS.iter().enumerate() {
            for graph in 0..GRAPHS {
                let mut random = Random((seed * GRAPHS + graph) as u64);
                let random = &mut random;
                let shape = random.shape();
                let mut names = vec!["x".to_owned()];
                let initializer: Vec<TensorProto> = (0..6)
                    .map(|k| {
                        names.push(format!("c{k}"));
                        random_tensor(random, &format!("c{k}"))
                    })
                    .collect();
                names.push(String::new());
                let mut node = vec![random_node(random, op, &names, "y")];
                if random.once_in(2) {
                    names[0] = "y0".to_owned();
                    let next = random.pick(OPERATORS).0;
                    node.push(random_node(random, next, &names, "z"));
                }
                let last = node.last().expect("a node").output[0].clone();
                let graph = GraphProto {
                    node,
                    initializer,
                    input: vec![input("x", &shape)],
                    output: vec![input(&last, &[])],
                    ..GraphProto::default()
                };
                let opset = random.pick(&[7, 9, 10, 11, 13, 18, 22]);
                match import(graph, opset, &options) {
                    // A constant came through the operator, too.
                    Ok(_) | Err(Error::ConstantOutput { .. }) => {
                        *imported.entry(op).or_default() += 1
                    }
                    Err(_) => {}
                }
            }
        }
        let never: Vec<&str> =
            OPERATORS.iter().map(|row| row.0).filter(|op| !imported.contains_key(op)).collect();
        assert!(never.is_empty(), "{never:?} were never imported: the graphs are too hostile");
    });
}

/// Graphs of a few bytes that ask for much: what is read, the operator, its attributes, and its constants.
#[test]
fn small_models_do_not_fill_the_memory() {
    let ints = |name: &str, values: &[i64]| AttributeProto {
        name: name.to_owned(),
        ints: values.to_vec(),
        ..AttributeProto::default()
    };
    let float = || TensorProto { float_data: vec![1.0], ..tensor("c", DataType::Float, &[1]) };
    let scalar =
        |value| TensorProto { int64_data: vec![value], ..tensor("", DataType::Int64, &[]) };
    let column = || TensorProto {
        float_data: vec![1.0; 1 << 15],
        ..tensor("", DataType::Float, &[1 << 15, 1])
    };
    let row = || TensorProto { dims: vec![1, 1 << 15], ..column() };
    let huge = 1 << 28;
    let cases: Vec<(&str, Vec<AttributeProto>, Vec<TensorProto>)> = vec![
        ("ConstantOfShape", vec![], vec![integers("", vec![huge])]),
        ("Range", vec![], vec![scalar(0), scalar(huge), scalar(1)]),
        ("Expand", vec![], vec![float(), integers("", vec![huge])]),
        ("Tile", vec![], vec![float(), integers("", vec![huge])]),
        ("Pad", vec![], vec![float(), integers("", vec![huge - 1, 0])]),
        ("Add", vec![], vec![column(), row()]),
        ("Less", vec![], vec![column(), row()]),
        ("MatMul", vec![], vec![column(), row()]),
        ("Where", vec![], vec![column(), row(), float()]),
        (
            "Gather",
            vec![],
            vec![
                row(),
                TensorProto {
                    int64_data: vec![0; 1 << 16],
                    ..tensor("", DataType::Int64, &[1 << 16, 1])
                },
            ],
        ),
    ];
    let pool = vec![ints("kernel_shape", &[65_536; 2]), ints("pads", &[65_535; 4])];
    let cases = move || {
        for (op, attribute, constants) in cases {
            // What the operator gives is read, since outputs that are constant are errors anyhow.
            let message = refused(op, attribute, constants, &[1]);
            assert!(
                message.contains("too large") || message.contains("more than"),
                "{op}: {message}"
            );
        }
        let message = refused("AveragePool", pool, vec![], &[1, 1, 1, 1]);
        assert!(message.contains("too large"), "AveragePool: {message}");
        many_constants();
    };
    with_little_memory("onnx::hostile::small_models_do_not_fill_the_memory", cases);
}

/// The error of an operator that reads the input, if it reads no constants.
fn refused(
    op: &str,
    attribute: Vec<AttributeProto>,
    constants: Vec<TensorProto>,
    shape: &[usize],
) -> String {
    let mut input_names = Vec::new();
    let mut initializer = Vec::new();
    for (k, constant) in constants.into_iter().enumerate() {
        input_names.push(format!("c{k}"));
        initializer.push(TensorProto { name: format!("c{k}"), ..constant });
    }
    if input_names.is_empty() {
        input_names.push("x".to_owned());
    }
    let node = |op: &str, input: Vec<String>, output: &str, attribute| NodeProto {
        op_type: op.to_owned(),
        input,
        output: vec![output.to_owned()],
        attribute,
        ..NodeProto::default()
    };
    let graph = GraphProto {
        node: vec![
            node(op, input_names, "y", attribute),
            node("Add", vec!["x".to_owned(), "y".to_owned()], "z", vec![]),
        ],
        initializer,
        input: vec![input("x", shape)],
        output: vec![input("z", &[])],
        ..GraphProto::default()
    };
    match import(graph, 13, &Options::default()) {
        Ok(_) => "imported".to_owned(),
        Err(error) => chain(&error),
    }
}

/// Constants of which each is small enough, but not all together.
fn many_constants() {
    let shape = integers("shape", vec![1 << 24]);
    let node = (0..30)
        .map(|k| NodeProto {
            op_type: "ConstantOfShape".to_owned(),
            input: vec!["shape".to_owned()],
            output: vec![format!("y{k}")],
            ..NodeProto::default()
        })
        .chain([NodeProto {
            op_type: "Sum".to_owned(),
            input: (0..30).map(|k| format!("y{k}")).chain(["x".to_owned()]).collect(),
            output: vec!["z".to_owned()],
            ..NodeProto::default()
        }])
        .collect();
    let graph = GraphProto {
        node,
        initializer: vec![shape],
        input: vec![input("x", &[1])],
        output: vec![input("z", &[])],
        ..GraphProto::default()
    };
    let error = import(graph, 13, &Options::default()).map(|_| ()).expect_err("too many");
    let Error::Node { source, .. } = &error else { panic!("{error}") };
    assert!(matches!(**source, NodeError::Size(SizeError::OutOfRoom { .. })), "{source}");
}
