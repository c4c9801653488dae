//! Single int8 layers that the vendor's simulator has computed (fixtures/simulator), in our executor.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use ndarray::{ArrayD, IxDyn};
use quantization_tools::prelude::*;
use quantization_tools::umodel::{Arithmetic, Blob, BlobFormat, DType, PoolFactor, Rescale};
use serde_json::Value as Json;

use crate::chain;

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
    let weights = || Arc::new(Tensor::read(&case["weights"], data).i8());
    let rescales = || -> Vec<Rescale> {
        let pairs: Vec<(i8, u8)> = numbers(&json["rescale"]);
        let rescale = |(multiplier, right_shift)| Rescale { multiplier, right_shift };
        pairs.into_iter().map(rescale).collect()
    };
    match json["kind"].as_str().expect("kind") {
        "mac" => {
            let bias = case.get("bias").map(|bias| {
                let bytes = Tensor::read(bias, data).bytes;
                let pairs = bytes.chunks_exact(2);
                Arc::new(pairs.map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect())
            });
            let right_shifts = numbers::<u8>(&json["right_shift"]).into();
            Arithmetic::MultiplyAccumulate { weights: weights(), bias, right_shifts }
        }
        "same" => Arithmetic::Same,
        "rescaled" => Arithmetic::Rescaled(rescales()),
        "product" => Arithmetic::Product(rescales()[0]),
        "cut" => Arithmetic::Cut(rescales()),
        "average" => Arithmetic::AveragePool {
            multiplier: numbers(&json["multiplier"]),
            right_shift: numbers(&json["right_shift"]),
        },
        "clipped" => {
            let pairs: [(u8, u8); 4] = numbers(&json["rescale"]);
            let factor = |(multiplier, right_shift)| PoolFactor { multiplier, right_shift };
            Arithmetic::ClippedAveragePool(pairs.map(factor))
        }
        "table" => {
            let table = Tensor::read(&case["table"], data).bytes;
            Arithmetic::Table(Arc::new(table.try_into().expect("256 entries")))
        }
        "prelu" => {
            Arithmetic::Prelu { slopes: weights(), right_shift: numbers(&json["right_shift"]) }
        }
        "leaky" => Arithmetic::LeakyRelu(rescales()[0]),
        "interpolate" => Arithmetic::Interpolate,
        other => panic!("unknown kind {other}"),
    }
}

/// The tops that the simulator gave; most layers have one.
fn tops(case: &Json, data: &[u8]) -> Vec<Tensor> {
    match case["tops"].as_array() {
        Some(tops) => tops.iter().map(|top| Tensor::read(top, data)).collect(),
        None => vec![Tensor::read(&case["top"], data)],
    }
}

/// What a layer gives, after its net was written and read again.
fn run(case: &Json, data: &[u8]) -> Result<Vec<Value>, Box<dyn std::error::Error>> {
    let bottoms = case["bottoms"].as_array().ok_or("no bottoms")?;
    let bottoms: Vec<Tensor> = bottoms.iter().map(|bottom| Tensor::read(bottom, data)).collect();
    let tops = tops(case, data);
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
    let writes: String = (0..tops.len()).map(|index| format!("top: 'y{index}' ")).collect();
    text += &format!("layer {{ name: 'layer' {writes} {reads} {layer} }}\n");
    let net = Net::new(&NetParameter::parse_text(&text)?, None, Phase::Test, &NoSources)?;
    let formats = bottoms.iter().chain(&tops).map(Tensor::format).collect();
    let mut arithmetics = vec![Arithmetic::Cast; bottoms.len()];
    arithmetics.push(arithmetic(case, data));
    let quantized = QuantizedNet::new(net, formats, arithmetics)?;
    let (model, weights) = (quantized.to_parameter(), quantized.to_parameter_with_weights());
    let weights = NetParameter::from_bytes(&weights.to_bytes()?)?;
    let quantized = QuantizedNet::read(&model, &weights, Phase::Test, &NoSources)?;
    let executor = Executor::quantized(Arc::new(quantized))?;
    let ids: Vec<_> = executor.net().blob_ids().collect();
    let sources = ids.iter().copied().zip(bottoms.iter().map(Tensor::value)).collect();
    let mut found = Vec::new();
    let mut tap = |_, blob: &Blob, value: &Value| {
        if blob.name.starts_with('y') {
            found.push(value.clone());
        }
    };
    executor.forward(&mut Workspace::default(), sources, &mut tap)?;
    Ok(found)
}

/// Runs all cases of NAME.json and NAME.bin in a folder. Gives how many there are of each kind.
///
/// # Errors
/// All cases of which the executor's bytes are not the simulator's.
///
/// # Panics
/// For files that are not there or are not cases.
pub fn check(folder: &Path, name: &str) -> Result<BTreeMap<String, usize>, Vec<String>> {
    let text = std::fs::read_to_string(folder.join(name).with_extension("json")).expect("cases");
    let cases: Vec<Json> = serde_json::from_str(&text).expect("JSON");
    let data = std::fs::read(folder.join(name).with_extension("bin")).expect("data");
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for case in &cases {
        let name: String = numbers(&case["name"]);
        let expected: Vec<Value> = tops(case, &data).iter().map(Tensor::value).collect();
        match run(case, &data) {
            Ok(found) if found == expected => {}
            Ok(found) => {
                let pairs = found.iter().zip(&expected);
                let parts: Vec<String> = pairs.map(|(a, b)| differences(a, b)).collect();
                wrong.push(format!("{name}: {}", parts.join(", ")));
            }
            Err(error) => wrong.push(format!("{name}: {}", chain(error.as_ref()))),
        }
        let kind = name.rsplit_once(' ').map_or("", |(kind, _)| kind);
        *kinds.entry(kind.to_owned()).or_default() += 1;
    }
    if wrong.is_empty() { Ok(kinds) } else { Err(wrong) }
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
