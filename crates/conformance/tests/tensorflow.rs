//! Imported TensorFlow graphs against TensorFlow. Single operators as fixtures/tensorflow/record.py and record_more.py
//! recorded them: mixed error 1e-4, see [`conformance::mixed_error`]. Whole nets, tensor by tensor, as tf1_nets.py and
//! tf2_nets.py beside them recorded them in the folder that TENSORFLOW_NETS names: 1e-4 of a tensor's largest value, as `--cmp` has it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use conformance::{fixtures, mixed_error, needs};
use libtest_mimic::{Arguments, Failed, Trial};
use ndarray::{ArrayD, IxDyn};
use quantization_tools::prelude::*;
use quantization_tools::umodel_import::{Imported, Options as ImportOptions, tensorflow::Graph};
use quantization_tools_cli::cli;
use serde_json::Value as Json;

const BOUND: f32 = 1e-4;

/// Whole nets: name, input and its shape, outputs.
const NETS: [(&str, &str, &[usize], &[&str]); 12] = [
    ("mobilenet_v1_fashion", "input:0", &[4, 28, 28, 1], &["MobilenetV1/Predictions/Softmax:0"]),
    (
        "mobilenet_v1_fashion_unfused",
        "input:0",
        &[4, 28, 28, 1],
        &["MobilenetV1/Predictions/Softmax:0"],
    ),
    (
        "mobilenet_v1_fashion_switch",
        "input:0",
        &[4, 28, 28, 1],
        &["MobilenetV1/Predictions/Softmax:0"],
    ),
    ("resnet_v2_fashion", "input:0", &[4, 28, 28, 1], &["resnet_v2/predictions/Softmax:0"]),
    ("resnet_v2_fashion_unfused", "input:0", &[4, 28, 28, 1], &["resnet_v2/predictions/Softmax:0"]),
    (
        "ssd_mobilenet_v1",
        "Preprocessor/sub:0",
        &[1, 300, 300, 3],
        &["Squeeze:0", "Postprocessor/convert_scores:0"],
    ),
    ("frozen_resnet_v2_50", "input:0", &[1, 299, 299, 3], &["resnet_v2_50/predictions/Softmax:0"]),
    ("resnet50_v2", "input:0", &[1, 224, 224, 3], &[]),
    ("mobilenet_v2", "input:0", &[1, 224, 224, 3], &[]),
    ("mobilenet_v2_dogs", "input:0", &[1, 160, 160, 3], &[]),
    ("inception_v3", "input:0", &[1, 299, 299, 3], &[]),
    ("vgg16", "input:0", &[1, 64, 64, 3], &[]),
];

fn main() {
    let arguments = Arguments::from_args();
    let mut tests = vec![
        Trial::test("every_operator_equals_tensorflow", || {
            operators("cases.json", "data.bin", "cases")
        }),
        Trial::test("more_operators_equal_tensorflow", || {
            operators("more.json", "more.bin", "more")
        }),
        Trial::test("slims_predictions_keep_the_batch_free", batch),
    ];
    for (net, input, shape, outputs) in NETS {
        let name: &'static str = Box::leak(format!("net_{net}").into_boxed_str());
        let run = move |folders: &[std::path::PathBuf]| {
            whole_net(&folders[0], net, input, shape, outputs)
        };
        tests.push(needs(&["TENSORFLOW_NETS"], name, run));
    }
    libtest_mimic::run(&arguments, tests).exit();
}

/// What went wrong, with all causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// All blobs of one pass.
fn run(
    imported: &Imported,
    inputs: &HashMap<String, ArrayD<f32>>,
) -> Result<HashMap<String, ArrayD<f32>>, String> {
    let net = &imported.net;
    let mut sources = Vec::new();
    for input in &imported.inputs {
        let value =
            inputs.get(&input.tensor).ok_or_else(|| format!("no input {}", input.tensor))?;
        let blob = input.to_blob(value).ok_or_else(|| format!("shape of {}", input.tensor))?;
        sources.push((net.blob_id(&input.blob).ok_or("no blob")?, Value::F32(blob)));
    }
    let executor = Executor::new(Arc::new(net.clone())).map_err(|error| chain(&error))?;
    let mut found = HashMap::new();
    let mut tap = |_, blob: &quantization_tools::umodel::Blob, value: &Value| {
        found.insert(blob.name.clone(), value.to_f32(1.0));
    };
    executor
        .forward(&mut Workspace::default(), sources, &mut tap)
        .map_err(|error| chain(&error))?;
    Ok(found)
}

fn array(json: &Json, data: &[u8]) -> ArrayD<f32> {
    let shape: Vec<usize> = serde_json::from_value(json["shape"].clone()).expect("shape");
    let [offset, length]: [usize; 2] = serde_json::from_value(json["span"].clone()).expect("span");
    let bytes = data[offset..offset + length].chunks_exact(4);
    let values = bytes.map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
    ArrayD::from_shape_vec(IxDyn(&shape), values).expect("whole")
}

fn operators(list: &str, data: &str, graphs: &str) -> Result<(), Failed> {
    let folder = fixtures().join("tensorflow");
    let cases: Vec<Json> = serde_json::from_str(&std::fs::read_to_string(folder.join(list))?)?;
    let data = std::fs::read(folder.join(data))?;
    assert!(cases.len() >= if list == "more.json" { 9 } else { 150 });
    let mut wrong = Vec::new();
    for case in &cases {
        let name = case["name"].as_str().expect("name");
        let inputs = case["inputs"].as_object().expect("map").iter();
        let inputs = inputs.map(|(tensor, json)| (tensor.clone(), array(json, &data))).collect();
        match operator(&folder.join(format!("{graphs}/{name}.pb")), &inputs) {
            Err(error) => wrong.push(format!("{name}: {error}")),
            Ok(found) => {
                let expected = array(&case["output"], &data);
                if found.shape() != expected.shape() {
                    wrong.push(format!("{name}: {:?}, not {:?}", found.shape(), expected.shape()));
                    continue;
                }
                let error = mixed_error(&by_channel(found), &by_channel(expected));
                if error > BOUND {
                    wrong.push(format!("{name}: mixed error {error:e}"));
                }
            }
        }
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(format!("{} of {}: {wrong:#?}", wrong.len(), cases.len()).into())
    }
}

/// A net of TF-slim that was imported for one picture takes four: its Reshape layers leave the batch free.
fn batch() -> Result<(), Failed> {
    let folder = fixtures().join("tensorflow");
    let cases: Vec<Json> =
        serde_json::from_str(&std::fs::read_to_string(folder.join("more.json"))?)?;
    let data = std::fs::read(folder.join("more.bin"))?;
    let case = cases.iter().find(|case| case["name"] == "slim_predictions").ok_or("no case")?;
    let graph = Graph::read(folder.join("more/slim_predictions.pb"))?;
    let one =
        graph.import(&ImportOptions::default().outputs(["output"]).shapes([vec![1, 9, 9, 3]]))?;
    let (input, x) = (&one.inputs[0], array(&case["inputs"]["x"], &data));
    let kinds: Vec<_> = one.net.layers().iter().map(|layer| layer.op.kind()).collect();
    assert!(kinds.contains(&"Softmax") && kinds.contains(&"Reshape"), "{kinds:?}");
    let four = one.net.reshaped(&[(&input.blob, &[4, 3, 9, 9])])?;
    let x = x.permuted_axes(IxDyn(&[0, 3, 1, 2])).as_standard_layout().into_owned();
    let source = four.blob_id(&input.blob).ok_or("no input")?;
    let executor = Executor::new(Arc::new(four))?;
    let found = executor.outputs(vec![(source, Value::F32(x))])?;
    let (found, expected) = (found[0].to_f32(1.0), array(&case["output"], &data));
    assert_eq!(found.shape()[0], 4);
    // The other axes are of one pixel.
    let flat = |array: ArrayD<f32>| {
        ArrayD::from_shape_vec(IxDyn(&[4, 7]), array.iter().copied().collect())
    };
    let error = mixed_error(&flat(found)?, &flat(expected)?);
    if error > BOUND { Err(format!("mixed error {error:e}").into()) } else { Ok(()) }
}

/// TensorFlow's channels stand last; [`mixed_error`] looks for them at axis 1.
fn by_channel(mut array: ArrayD<f32>) -> ArrayD<f32> {
    if array.ndim() > 2 {
        array.swap_axes(1, array.ndim() - 1);
    }
    array
}

fn operator(graph: &Path, inputs: &HashMap<String, ArrayD<f32>>) -> Result<ArrayD<f32>, String> {
    let graph = Graph::read(graph).map_err(|error| chain(&error))?;
    let mut options = ImportOptions::default().outputs(["output"]);
    if inputs.len() == 1 {
        // The graph may leave it open.
        options = options.shapes(inputs.values().map(|x| x.shape().to_vec()));
    }
    let imported = graph.import(&options).map_err(|error| chain(&error))?;
    let blobs = run(&imported, inputs)?;
    let output = imported.outputs.first().ok_or("no output")?;
    let blob = blobs.get(&output.blob).ok_or_else(|| format!("no blob {}", output.blob))?;
    output.from_blob(blob).ok_or_else(|| "the output's shape".to_owned())
}

fn whole_net(
    folder: &Path,
    net: &str,
    input: &str,
    shape: &[usize],
    outputs: &[&str],
) -> Result<(), Failed> {
    let graph = Graph::read(folder.join(format!("{net}.pb"))).map_err(|error| chain(&error))?;
    let options = ImportOptions::new(net)
        .inputs([input])
        .outputs(outputs.iter().copied())
        .shapes([shape.to_vec()]);
    let imported = graph.import(&options).map_err(|error| chain(&error))?;
    let recorded = folder.join(format!("{net}.npz"));
    let compared = cli::compare(&imported.net, &imported.inputs, &imported.tensors, &recorded)?;
    println!("{net}: {compared:?}");
    match compared.first {
        // Names that do not match would show nothing.
        None if compared.compared < 4 => Err("too few tensors compared".into()),
        None => Ok(()),
        Some((error, tensor)) => Err(format!("{tensor} is the first to differ: {error}").into()),
    }
}
