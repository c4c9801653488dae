//! Relative 1e-5: single fp32 layers against results of real Caffe (fixtures/caffe-layers/record.py), and of
//! onnxruntime for those that Caffe does not have (fixtures/onnx-layers/record.py).

use std::sync::Arc;

use conformance::{fixtures, relative_error};
use ndarray::{ArrayD, IxDyn};
use quantization_tools::prelude::*;
use serde_json::Value as Json;

fn array(json: &Json, data: &[u8]) -> ArrayD<f32> {
    let shape: Vec<usize> = serde_json::from_value(json["shape"].clone()).expect("shape");
    let [offset, length]: [usize; 2] = serde_json::from_value(json["span"].clone()).expect("span");
    let bytes = data[offset..offset + length].chunks_exact(4);
    let values = bytes.map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
    ArrayD::from_shape_vec(IxDyn(&shape), values).expect("whole")
}

#[test]
fn every_layer_equals_caffe() {
    compare("caffe-layers", 129);
}

#[test]
fn every_layer_equals_onnxruntime() {
    compare("onnx-layers", 133);
}

fn compare(folder: &str, count: usize) {
    let folder = fixtures().join(folder);
    let text = std::fs::read_to_string(folder.join("cases.json")).expect("cases");
    let cases: Vec<Json> = serde_json::from_str(&text).expect("JSON");
    let data = std::fs::read(folder.join("data.bin")).expect("data");
    assert_eq!(cases.len(), count);
    let mut wrong = Vec::new();
    for case in &cases {
        let name = case["name"].as_str().expect("name");
        let text = case["prototxt"].as_str().expect("text");
        let model = NetParameter::parse_text(text).unwrap_or_else(|e| panic!("{name}: {e}"));
        let describe = |e: quantization_tools::umodel::Error| {
            format!("{name}: {e}: {:?}", std::error::Error::source(&e))
        };
        let net = Net::new(&model, None, Phase::Test, &NoSources)
            .unwrap_or_else(|error| panic!("{}", describe(error)));
        let mut specs = net.specs();
        let weights = case["weights"].as_array().expect("list").iter().map(|w| array(w, &data));
        specs.last_mut().expect("a layer").set_weights(weights);
        let net = Net::from_specs("", specs).unwrap_or_else(|error| panic!("{}", describe(error)));
        let inputs = case["inputs"].as_object().expect("map").iter();
        let sources = inputs
            .map(|(blob, json)| {
                (net.blob_id(blob).expect("an input"), Value::F32(array(json, &data)))
            })
            .collect();
        let executor = Executor::new(Arc::new(net)).unwrap_or_else(|e| panic!("{name}: {e}"));
        let mut found = Vec::new();
        let mut tap = |_, blob: &quantization_tools::umodel::Blob, value: &Value| {
            found.push((blob.name.clone(), value.to_f32(1.0)));
        };
        executor
            .forward(&mut Workspace::default(), sources, &mut tap)
            .unwrap_or_else(|e| panic!("{name}: {e}"));
        for (blob, json) in case["tops"].as_object().expect("map") {
            let expected = array(json, &data);
            let (_, value) = found.iter().find(|(name, _)| name == blob).expect("a top");
            if value.shape() != expected.shape() {
                wrong.push(format!("{name}: {:?}, expected {:?}", value.shape(), expected.shape()));
                continue;
            }
            let slices = (value.as_slice().expect("layout"), expected.as_slice().expect("layout"));
            let error = relative_error(slices.0, slices.1);
            if error > 1e-5 {
                wrong.push(format!("{name}: relative error {error}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
