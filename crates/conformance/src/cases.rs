//! Single fp32 layers of the fixtures: their nets, weights, inputs, and what other frameworks computed.

use std::collections::HashMap;
use std::error::Error;
use std::sync::Arc;

use ndarray::{ArrayD, IxDyn};
use quantization_tools::prelude::*;
use quantization_tools::umodel::BlobId;
use serde_json::Value as Json;

use crate::fixtures;

/// The second set of cases in fixtures/caffe-layers.
pub const MORE: &str = "more";

/// All sets of cases.
pub const SETS: [&str; 5] = ["caffe-layers", MORE, "onnx-layers", "detection", "yolo-layers"];

/// The values of a net's inputs.
pub type Inputs = Vec<(BlobId, Value)>;

/// An array of a case.
///
/// # Panics
/// If the case is no such.
pub fn array(json: &Json, data: &[u8]) -> ArrayD<f32> {
    let shape: Vec<usize> = serde_json::from_value(json["shape"].clone()).expect("shape");
    let [offset, length]: [usize; 2] = serde_json::from_value(json["span"].clone()).expect("span");
    let bytes = data[offset..offset + length].chunks_exact(4);
    let values = bytes.map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
    ArrayD::from_shape_vec(IxDyn(&shape), values).expect("whole")
}

/// The cases of a fixture and their data.
pub struct Cases {
    /// Each with its name, prototxt, weights, inputs and tops.
    pub cases: Vec<Json>,
    /// The values of all arrays.
    pub data: Vec<u8>,
}

impl Cases {
    /// Reads one of [`SETS`].
    ///
    /// # Panics
    /// If it is not there.
    pub fn read(folder: &str) -> Self {
        let (folder, names) = match folder {
            MORE => ("caffe-layers", ["more.json", "more.bin"]),
            folder => (folder, ["cases.json", "data.bin"]),
        };
        let [text, data] = names.map(|name| fixtures().join(folder).join(name));
        let text = std::fs::read_to_string(text).expect("cases");
        let data = std::fs::read(data).expect("data");
        Cases { cases: serde_json::from_str(&text).expect("JSON"), data }
    }

    /// A case's net with its weights, from this prototxt.
    ///
    /// # Errors
    /// What umodel reports.
    pub fn net(&self, case: &Json, prototxt: &str) -> Result<Net, Box<dyn Error>> {
        let model = NetParameter::parse_text(prototxt)?;
        let net = Net::new(&model, None, Phase::Test, &NoSources)?;
        let weights = case["weights"].as_array().ok_or("no weights")?;
        let mut specs = net.specs();
        let layer = specs.last_mut().ok_or("no layer")?;
        layer.set_weights(weights.iter().map(|weight| array(weight, &self.data)));
        Ok(Net::from_specs("", specs)?)
    }

    /// A case's net, and the values of its inputs.
    ///
    /// # Errors
    /// What umodel reports.
    pub fn net_and_inputs(&self, case: &Json) -> Result<(Net, Inputs), Box<dyn Error>> {
        let net = self.net(case, case["prototxt"].as_str().ok_or("no prototxt")?)?;
        let mut inputs = Vec::new();
        for (blob, json) in case["inputs"].as_object().ok_or("no inputs")? {
            let id = net.blob_id(blob).ok_or_else(|| format!("no input {blob}"))?;
            inputs.push((id, Value::F32(array(json, &self.data))));
        }
        Ok((net, inputs))
    }

    /// All blobs of a pass.
    ///
    /// # Errors
    /// What umodel and uframework report.
    pub fn blobs(&self, case: &Json) -> Result<HashMap<String, ArrayD<f32>>, Box<dyn Error>> {
        let (net, sources) = self.net_and_inputs(case)?;
        let mut found = HashMap::new();
        let mut tap = |_, blob: &quantization_tools::umodel::Blob, value: &Value| {
            found.insert(blob.name.clone(), value.to_f32(1.0));
        };
        let executor = Executor::new(Arc::new(net))?;
        executor.forward(&mut Workspace::default(), sources, &mut tap)?;
        Ok(found)
    }
}
