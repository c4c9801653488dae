//! Mixed error 1e-5 (see [`conformance::mixed_error`]): single fp32 layers against results of real Caffe
//! (fixtures/caffe-layers/record.py, record_more.py), and of onnxruntime for those that Caffe does not have
//! (fixtures/onnx-layers/record.py); of YOLO heads against numpy (fixtures/yolo-layers/record.py).

use std::collections::BTreeSet;
use std::error::Error;
use std::sync::Arc;

use conformance::cases::{Cases, MORE, SETS, array};
use conformance::{chain, mixed_error};
use ndarray::ArrayD;
use quantization_tools::prelude::*;

const BOUND: f32 = 1e-5;

fn compare(cases: &Cases, count: usize) {
    let mut wrong = Vec::new();
    for case in &cases.cases {
        let name = case["name"].as_str().expect("name");
        let blobs = match cases.blobs(case) {
            Ok(blobs) => blobs,
            Err(error) => {
                wrong.push(format!("{name}: {}", chain(error.as_ref())));
                continue;
            }
        };
        for (blob, json) in case["tops"].as_object().expect("map") {
            let expected = array(json, &cases.data);
            match blobs.get(blob) {
                None => wrong.push(format!("{name}: no blob {blob}")),
                Some(found) if found.shape() != expected.shape() => {
                    let (found, expected) = (found.shape(), expected.shape());
                    wrong.push(format!("{name}: {blob} is {found:?}, expected {expected:?}"));
                }
                Some(found) => {
                    let error = mixed_error(found, &expected);
                    if error > BOUND {
                        wrong.push(format!("{name}: error {error:e} of {blob}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {}: {wrong:#?}", wrong.len(), cases.cases.len());
    assert_eq!(cases.cases.len(), count);
}

/// Types that are computed, but have no case in either fixture: where they are tested instead.
const ELSEWHERE: [(&str, &str); 33] = [
    ("AnnotatedData", "tests/data_layers.rs: Caffe's SSD fork"),
    ("Axpy", "crates/uframework/tests/layers.rs: its definition"),
    ("BN", "crates/uframework/tests/layers.rs: its definition"),
    ("Compare", "tests/onnx.rs: onnxruntime"),
    ("ConvolutionDepthwise", "crates/uframework/tests/layers.rs: Convolution; tests/bm1684.rs"),
    ("CumSum", "tests/onnx.rs: onnxruntime"),
    ("Data", "tests/data_layers.rs: Caffe"),
    ("DepthwiseConvolution", "crates/uframework/tests/layers.rs: Convolution; tests/bm1684.rs"),
    ("Dequantize", "tests/bm1684.rs: the vendor's simulator"),
    ("DummyData", "tests/data_layers.rs: Caffe"),
    ("Embed", "crates/uframework/tests/layers.rs: its definition"),
    ("Erf", "tests/onnx.rs: onnxruntime"),
    ("Gather", "tests/onnx.rs: onnxruntime"),
    ("Gelu", "tests/onnx.rs: onnxruntime"),
    ("HDF5Data", "tests/data_layers.rs: Caffe"),
    ("ImageData", "tests/data_layers.rs: Caffe"),
    ("Interp", "crates/uframework/tests/layers.rs: its definition"),
    ("LayerNorm", "tests/onnx.rs: onnxruntime"),
    ("MemoryData", "crates/uframework/tests/data_layers.rs: its definition"),
    ("NonMaxSuppression", "tests/onnx.rs: onnxruntime"),
    ("Parameter", "crates/uframework/tests/layers.rs: its definition"),
    ("PriorBoxClustered", "tests/dialects.rs: OpenVINO's definition"),
    ("Quantize", "tests/bm1684.rs: the vendor's simulator"),
    ("Recurrence", "tests/onnx.rs: onnxruntime"),
    ("Reorg", "crates/uframework/tests/layers.rs: Darknet's loop"),
    ("Reverse", "tests/dialects.rs: the vendor's Caffe"),
    ("Round", "tests/onnx.rs: onnxruntime"),
    ("Scatter", "tests/onnx.rs: onnxruntime"),
    ("ShuffleChannel", "crates/uframework/tests/layers.rs: its definition"),
    ("Silence", "crates/uframework/tests/layers.rs: its definition"),
    ("Squeeze", "tests/dialects.rs: numpy"),
    ("TopK", "tests/onnx.rs: onnxruntime"),
    ("Where", "tests/onnx.rs: onnxruntime"),
];

macro_rules! kinds {
    ($($kind:literal => $name:ident,)*) => { [$($kind),*] };
}

/// Every type that is computed has a case or stands in [`ELSEWHERE`]; nothing else does.
#[test]
fn types_without_a_case_are_listed() {
    let mut cases = BTreeSet::new();
    for folder in SETS {
        for case in Cases::read(folder).cases {
            let text = case["prototxt"].as_str().expect("prototxt");
            let model = NetParameter::parse_text(text).expect("text");
            let net = Net::new(&model, None, Phase::Test, &NoSources).expect("valid");
            cases.extend(net.layers().iter().map(|layer| layer.op.kind()));
        }
    }
    let kinds = umodel::for_each_layer!(kinds);
    let mut wrong = Vec::new();
    for kind in kinds {
        let computed = !uframework::NOT_COMPUTED.contains(&kind);
        let listed = ELSEWHERE.iter().any(|(listed, _)| *listed == kind);
        match (computed, cases.contains(kind), listed) {
            (true, false, false) => wrong.push(format!("{kind} has no case and is not listed")),
            (true, true, true) => wrong.push(format!("{kind} is listed but has a case")),
            (false, false, true) => wrong.push(format!("{kind} is listed but not computed")),
            (false, true, _) => wrong.push(format!("{kind} has a case but is not computed")),
            (true, _, _) | (false, false, false) => {}
        }
    }
    let listed = ELSEWHERE.iter().map(|(listed, _)| listed).chain(uframework::NOT_COMPUTED);
    let unknown = listed.filter(|listed| !kinds.contains(listed));
    wrong.extend(unknown.map(|listed| format!("{listed} is not a type")));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_layer_equals_caffe() {
    compare(&Cases::read("caffe-layers"), 129);
}

/// Layers with labels, indices and boxes, recurrent ones and losses; of two versions of Caffe
/// (fixtures/caffe-layers/record_more.py).
#[test]
fn further_layers_equal_caffe() {
    compare(&Cases::read(MORE), 61);
}

#[test]
fn every_layer_equals_onnxruntime() {
    compare(&Cases::read("onnx-layers"), 133);
}

/// Exact: boxes, their order and those that are kept, as recorded by fixtures/detection/record.py. Regions are
/// compared as other layers are.
#[test]
fn every_layer_of_detectors_equals_caffe() {
    let cases = Cases::read("detection");
    compare(&cases, 35);
    let exact = ["DetectionOutput", "DetectionEvaluate", "Proposal"];
    let mut compared = 0;
    for case in &cases.cases {
        let name = case["name"].as_str().expect("name");
        let net = case["prototxt"].as_str().expect("prototxt");
        if exact.iter().any(|kind| net.contains(&format!("{kind:?}"))) {
            let blobs = cases.blobs(case).expect("runs");
            for (blob, json) in case["tops"].as_object().expect("map") {
                let expected = array(json, &cases.data);
                assert_eq!(blobs[blob], expected, "{name}: {blob}");
            }
            compared += 1;
        }
    }
    assert_eq!(compared, 29);
}

/// Mixed error 1e-5 against numpy, by the formulas of the forks that have the layers. The boxes that are kept, their
/// order, items and classes: exact.
#[test]
fn every_yolo_head_equals_its_definition() {
    let cases = Cases::read("yolo-layers");
    compare(&cases, 22);
    let mut compared = 0;
    for case in
        cases.cases.iter().filter(|case| case["name"].to_string().contains("DetectionOutput"))
    {
        let whole = |blob: &ArrayD<f32>| -> Vec<[f32; 2]> {
            let rows = blob.as_slice().expect("whole").chunks_exact(7);
            rows.map(|row| [row[0], row[1]]).collect()
        };
        let found = cases.blobs(case).expect("runs");
        let expected = array(&case["tops"]["out"], &cases.data);
        assert_eq!(whole(&found["out"]), whole(&expected), "{}", case["name"]);
        compared += 1;
    }
    assert_eq!(compared, 14);
}

/// Blobs may be empty: a layer is refused or computes nothing, whichever axis is 0.
#[test]
fn empty_blobs_are_no_panic() {
    let (mut wrong, mut ran) = (Vec::new(), 0);
    for folder in SETS {
        let cases = Cases::read(folder);
        for case in &cases.cases {
            let text = case["prototxt"].as_str().expect("prototxt");
            for (place, _) in text.match_indices("dim: ") {
                let (before, behind) = text.split_at(place + "dim: ".len());
                let text = format!("{before}0{}", behind.trim_start_matches(char::is_numeric));
                let run = || -> Result<(), Box<dyn Error>> {
                    let net = Arc::new(cases.net(case, &text)?);
                    let zeros = |id| (id, Value::F32(ArrayD::zeros(net.blob(id).shape.clone())));
                    let sources = net.inputs().into_iter().map(zeros).collect();
                    Executor::new(net.clone())?.outputs(sources)?;
                    Ok(())
                };
                match std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)) {
                    Ok(Ok(())) => ran += 1,
                    Ok(Err(_)) => {}
                    Err(_) => wrong.push(text),
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} panic: {wrong:#?}", wrong.len());
    assert!(ran > 100, "only {ran} were computed");
}
