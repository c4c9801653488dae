//! Bit-exact: single int8 layers against results of the vendor's BM1684 simulator
//! (fixtures/simulator/record.py).

use std::collections::BTreeMap;
use std::sync::Arc;

use conformance::{chain, fixtures};
use ndarray::{ArrayD, IxDyn};
use quantization_tools::prelude::*;
use quantization_tools::umodel::{Arithmetic, BlobFormat, DType, Rescale};
use serde_json::Value as Json;

fn numbers<T: serde::de::DeserializeOwned>(json: &Json) -> T {
    serde_json::from_value(json.clone()).unwrap_or_else(|error| panic!("{json}: {error}"))
}

struct Tensor {
    dtype: String,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl Tensor {
    fn read(json: &Json, data: &[u8]) -> Self {
        let [offset, length]: [usize; 2] = numbers(&json["span"]);
        Tensor {
            dtype: numbers(&json["dtype"]),
            shape: numbers(&json["shape"]),
            bytes: data[offset..offset + length].to_vec(),
        }
    }

    fn i8(&self) -> ArrayD<i8> {
        let values = self.bytes.iter().map(|byte| byte.cast_signed()).collect();
        ArrayD::from_shape_vec(IxDyn(&self.shape), values).expect("whole")
    }

    fn value(&self) -> Value {
        match self.dtype.as_str() {
            "int8" => Value::I8(self.i8()),
            _ => Value::U8(
                ArrayD::from_shape_vec(IxDyn(&self.shape), self.bytes.clone()).expect("whole"),
            ),
        }
    }

    fn format(&self) -> BlobFormat {
        let dtype = if self.dtype == "int8" { DType::I8 } else { DType::U8 };
        BlobFormat { dtype, scale: 1.0 }
    }
}

fn arithmetic(case: &Json, data: &[u8]) -> Arithmetic {
    let json = &case["arithmetic"];
    let rescales = || -> Vec<Rescale> {
        let pairs: Vec<(i8, u8)> = numbers(&json["rescale"]);
        pairs
            .into_iter()
            .map(|(multiplier, right_shift)| Rescale { multiplier, right_shift })
            .collect()
    };
    match json["kind"].as_str().expect("kind") {
        "mac" => {
            let bias = case.get("bias").map(|bias| {
                let bytes = Tensor::read(bias, data).bytes;
                let pairs = bytes.chunks_exact(2);
                Arc::new(pairs.map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect())
            });
            Arithmetic::MultiplyAccumulate {
                weights: Arc::new(Tensor::read(&case["weights"], data).i8()),
                bias,
                right_shift: numbers(&json["right_shift"]),
            }
        }
        "average" => Arithmetic::AveragePool {
            multiplier: numbers(&json["multiplier"]),
            right_shift: numbers(&json["right_shift"]),
        },
        "same" => Arithmetic::Same,
        "rescaled" => Arithmetic::Rescaled(rescales()),
        "product" => Arithmetic::Product(rescales()[0]),
        "leaky" => Arithmetic::LeakyRelu(rescales()[0]),
        other => panic!("unknown kind {other}"),
    }
}

/// What a layer gives.
fn run(case: &Json, data: &[u8]) -> Result<Value, Box<dyn std::error::Error>> {
    let bottoms = case["bottoms"].as_array().ok_or("no bottoms")?;
    let bottoms: Vec<Tensor> = bottoms.iter().map(|bottom| Tensor::read(bottom, data)).collect();
    let top = Tensor::read(&case["top"], data);
    let mut text = String::new();
    let mut reads = String::new();
    for (index, bottom) in bottoms.iter().enumerate() {
        let shape = &bottom.shape;
        text += &format!(
            "layer {{ name: 'x{index}' type: 'Input' top: 'x{index}' \
             input_param {{ shape {{ dim: {shape:?} }} }} }}\n"
        );
        reads += &format!("bottom: 'x{index}' ");
    }
    let layer = case["layer"].as_str().ok_or("no layer")?;
    text += &format!("layer {{ name: 'layer' top: 'y' {reads} {layer} }}\n");
    let net = Net::new(&NetParameter::parse_text(&text)?, None, Phase::Test, &NoSources)?;
    let formats = bottoms.iter().chain([&top]).map(Tensor::format).collect();
    let mut arithmetics = vec![Arithmetic::Cast; bottoms.len()];
    arithmetics.push(arithmetic(case, data));
    let executor = Executor::quantized(Arc::new(QuantizedNet::new(net, formats, arithmetics)?))?;
    let ids: Vec<_> = executor.net().blob_ids().collect();
    let sources = ids.iter().copied().zip(bottoms.iter().map(Tensor::value)).collect();
    let mut found = None;
    let mut tap = |_, blob: &quantization_tools::umodel::Blob, value: &Value| {
        if blob.name == "y" {
            found = Some(value.clone());
        }
    };
    executor.forward(&mut Workspace::default(), sources, &mut tap)?;
    Ok(found.ok_or("no top")?)
}

#[test]
fn every_layer_equals_the_simulator() {
    let folder = fixtures().join("simulator");
    let cases: Vec<Json> =
        serde_json::from_str(&std::fs::read_to_string(folder.join("cases.json")).expect("cases"))
            .expect("JSON");
    let data = std::fs::read(folder.join("data.bin")).expect("data");
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for case in &cases {
        let name: String = numbers(&case["name"]);
        let expected = Tensor::read(&case["top"], &data).value();
        match run(case, &data) {
            Ok(found) if found == expected => {}
            Ok(found) => wrong.push(format!("{name}: {}", differences(&found, &expected))),
            Err(error) => wrong.push(format!("{name}: {}", chain(error.as_ref()))),
        }
        let kind = name.rsplit_once(' ').map_or("", |(kind, _)| kind);
        *kinds.entry(kind.to_owned()).or_default() += 1;
    }
    assert!(wrong.is_empty(), "{} of {}: {wrong:#?}", wrong.len(), cases.len());
    assert_eq!(kinds.len(), 14, "{kinds:?}");
    assert!(kinds.values().all(|&count| count >= 4), "{kinds:?}");
}

/// How many bytes of two values differ.
fn differences(found: &Value, expected: &Value) -> String {
    if found.shape() != expected.shape() || found.dtype() != expected.dtype() {
        return "another shape or type".to_owned();
    }
    let (found, expected) = (found.to_bytes(), expected.to_bytes());
    let count = found.iter().zip(&expected).filter(|(a, b)| a != b).count();
    format!("{count} of {} values differ", expected.len())
}
