use conformance::fixtures;
use ndarray::{ArrayD, IxDyn};
use quantization_tools::prelude::*;
use serde_json::Value as Json;
use std::sync::Arc;
fn array(json: &Json, data: &[u8]) -> ArrayD<f32> {
    let shape: Vec<usize> = serde_json::from_value(json["shape"].clone()).expect("shape");
    let [offset, length]: [usize; 2] = serde_json::from_value(json["span"].clone()).expect("span");
    let bytes = data[offset..offset + length].chunks_exact(4);
    let values = bytes.map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
    ArrayD::from_shape_vec(IxDyn(&shape), values).expect("whole")
}
fn mixed(found: &ArrayD<f32>, expected: &ArrayD<f32>, small: f32) -> f32 {
    let channels = if expected.ndim() < 2 { 1 } else { expected.shape()[1] };
    let inner: usize = expected.shape().iter().skip(2).product();
    let channel = |index: usize| if expected.ndim() < 2 { 0 } else { index / inner % channels };
    let mut largest = vec![0.0f32; channels];
    for (index, value) in expected.iter().enumerate().filter(|(_, value)| value.is_finite()) {
        largest[channel(index)] = largest[channel(index)].max(value.abs());
    }
    let most = largest.iter().fold(0.0f32, |most, value| most.max(*value));
    found
        .iter()
        .zip(expected)
        .enumerate()
        .map(|(i, (&a, &b))| {
            conformance::difference(a, b, small * largest[channel(i)].max(small * small * most))
        })
        .fold(0.0, f32::max)
}
#[test]
fn scan() {
    for folder in ["caffe-layers", "onnx-layers"] {
        let folder = fixtures().join(folder);
        let cases: Vec<Json> =
            serde_json::from_str(&std::fs::read_to_string(folder.join("cases.json")).unwrap())
                .unwrap();
        let data = std::fs::read(folder.join("data.bin")).unwrap();
        for case in &cases {
            let name = case["name"].as_str().unwrap();
            let model = NetParameter::parse_text(case["prototxt"].as_str().unwrap()).unwrap();
            let net = Net::new(&model, None, Phase::Test, &NoSources).unwrap();
            let mut specs = net.specs();
            specs
                .last_mut()
                .unwrap()
                .set_weights(case["weights"].as_array().unwrap().iter().map(|w| array(w, &data)));
            let net = Net::from_specs("", specs).unwrap();
            let sources = case["inputs"]
                .as_object()
                .unwrap()
                .iter()
                .map(|(blob, json)| (net.blob_id(blob).unwrap(), Value::F32(array(json, &data))))
                .collect();
            let executor = Executor::new(Arc::new(net)).unwrap();
            let mut found = Vec::new();
            let mut tap = |_, blob: &quantization_tools::umodel::Blob, value: &Value| {
                found.push((blob.name.clone(), value.to_f32(1.0)))
            };
            executor.forward(&mut Workspace::default(), sources, &mut tap).unwrap();
            for (blob, json) in case["tops"].as_object().unwrap() {
                let expected = array(json, &data);
                let (_, value) = found.iter().find(|(name, _)| name == blob).unwrap();
                let errors: Vec<String> = [1.0, 0.1, 1.0 / 64.0, 1e-2, 1e-3, 1e-4, 0.0]
                    .iter()
                    .map(|&s| format!("{:9.2e}", mixed(value, &expected, s)))
                    .collect();
                println!("{} {name} {blob}", errors.join(" "));
            }
        }
    }
}
