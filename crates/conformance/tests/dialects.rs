//! Layers of other forks' dialects against those forks' results, or those of other definitions of them
//! (fixtures/dialects/record.py names each): mixed error 1e-5, see [`conformance::mixed_error`]. Models of ONNX
//! against onnxruntime, alike.

use std::collections::HashMap;
use std::error::Error;
use std::sync::Arc;

use conformance::{chain, fixtures, mixed_error};
use ndarray::{ArrayD, IxDyn};
use quantization_tools::prelude::*;
use quantization_tools::umodel_import::onnx;
use serde_json::Value as Json;

const BOUND: f32 = 1e-5;

struct Cases {
    cases: Vec<Json>,
    data: Vec<u8>,
}

impl Cases {
    fn read() -> Self {
        let folder = fixtures().join("dialects");
        let text = std::fs::read_to_string(folder.join("cases.json")).expect("cases");
        let data = std::fs::read(folder.join("data.bin")).expect("data");
        Cases { cases: serde_json::from_str(&text).expect("JSON"), data }
    }

    fn array(&self, json: &Json) -> ArrayD<f32> {
        let shape: Vec<usize> = serde_json::from_value(json["shape"].clone()).expect("shape");
        let [offset, length]: [usize; 2] =
            serde_json::from_value(json["span"].clone()).expect("span");
        let bytes = self.data[offset..offset + length].chunks_exact(4);
        let values = bytes.map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
        ArrayD::from_shape_vec(IxDyn(&shape), values).expect("whole")
    }

    /// The net and the blobs that the case's names stand for.
    fn net(&self, case: &Json) -> Result<Net, Box<dyn Error>> {
        if let Some(model) = case["model"].as_str() {
            let bytes = std::fs::read(fixtures().join("dialects").join(model))?;
            return Ok(onnx::import(bytes, None, &Default::default())?.net);
        }
        let model = NetParameter::parse_text(case["prototxt"].as_str().ok_or("no prototxt")?)?;
        let net = Net::new(&model, None, Phase::Test, &NoSources)?;
        let weights = case["weights"].as_array().ok_or("no weights")?;
        let mut specs = net.specs();
        let layer = specs.last_mut().ok_or("no layer")?;
        layer.set_weights(weights.iter().map(|weight| self.array(weight)));
        Ok(Net::from_specs("", specs)?)
    }

    fn error(&self, case: &Json) -> Result<f32, Box<dyn Error>> {
        let net = self.net(case)?;
        let mut sources = Vec::new();
        for (blob, json) in case["inputs"].as_object().ok_or("no inputs")? {
            let id = net.blob_id(blob).ok_or_else(|| format!("no input {blob}"))?;
            sources.push((id, Value::F32(self.array(json))));
        }
        let tops = case["tops"].as_object().ok_or("no tops")?;
        let shape = |blob: &str| net.blob_id(blob).map(|id| net.blob(id).shape.clone());
        for (blob, json) in tops {
            let expected: Vec<usize> = serde_json::from_value(json["shape"].clone())?;
            if shape(blob) != Some(expected.clone()) {
                return Err(format!("{blob} is {:?}, expected {expected:?}", shape(blob)).into());
            }
        }
        if net.layers().iter().any(|layer| uframework::NOT_COMPUTED.contains(&layer.op.kind())) {
            return Ok(0.0);
        }
        let mut found = HashMap::new();
        let mut tap = |_, blob: &quantization_tools::umodel::Blob, value: &Value| {
            found.insert(blob.name.clone(), value.to_f32(1.0));
        };
        let executor = Executor::new(Arc::new(net))?;
        executor.forward(&mut Workspace::default(), sources, &mut tap)?;
        let error = |(blob, json): (&String, &Json)| {
            found.get(blob).map_or(f32::INFINITY, |top| mixed_error(top, &self.array(json)))
        };
        Ok(tops.iter().map(error).fold(0.0, f32::max))
    }
}

#[test]
fn dialects_agree_with_their_forks() {
    let cases = Cases::read();
    let mut wrong = Vec::new();
    for case in &cases.cases {
        match cases.error(case) {
            Ok(error) if error <= BOUND => {}
            Ok(error) => wrong.push(format!("{}: error {error:e}", case["name"])),
            Err(error) => wrong.push(format!("{}: {}", case["name"], chain(error.as_ref()))),
        }
    }
    assert!(wrong.is_empty(), "{} of {}: {wrong:#?}", wrong.len(), cases.cases.len());
    assert_eq!(cases.cases.len(), 37);
}
