//! Layers that share a name and layers without one, from prototxt and caffemodel to the bmodel. Exact: everything is
//! as for the same net with a name for each layer.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bm1684_codegen::compile;
use ndarray::{ArrayD, IxDyn};
use quantization_tools::prelude::*;
use quantization_tools::uframework::Random;
use quantization_tools::umodel::Arithmetic;

/// `E1` and so on are the names that differ.
const NET: &str = r#"
name: "twins"
layer { name: "data" type: "Data" top: "data" transform_param { scale: 0.01 mean_value: 100 }
        data_param { source: "SOURCE" batch_size: 2 backend: LMDB } }
layer { name: "a" type: "Convolution" bottom: "data" top: "a"
        convolution_param { num_output: 4 kernel_size: 3 pad: 1 } }
layer { name: "R1" type: "ReLU" bottom: "a" top: "a" }
layer { name: "b" type: "Convolution" bottom: "data" top: "b"
        convolution_param { num_output: 4 kernel_size: 1 } }
layer { name: "E1" type: "Eltwise" bottom: "a" bottom: "b" top: "e1" }
layer { name: "E2" type: "Eltwise" bottom: "e1" bottom: "b" top: "e2"
        eltwise_param { coeff: 0.25 coeff: -3 } }
layer { name: "R2" type: "ReLU" bottom: "e2" top: "e2" }
layer { name: "C1" type: "Concat" bottom: "b" bottom: "e1" top: "c1" }
layer { name: "C2" type: "Concat" bottom: "e2" bottom: "c1" top: "c2" }
layer { name: "P1" type: "Pooling" bottom: "c2" top: "p" pooling_param { kernel_size: 2 stride: 2 } }
layer { name: "ip" type: "InnerProduct" bottom: "p" top: "ip" inner_product_param { num_output: 6 } }
layer { name: "S1" type: "Softmax" bottom: "ip" top: "prob" }
"#;

const NAMES: [&str; 8] = ["R1", "E1", "E2", "R2", "C1", "C2", "P1", "S1"];

/// The prototxt with these names, as files with pictures and weights.
fn model(folder: &Path, names: [&str; 8]) -> [PathBuf; 2] {
    let database = folder.join("db");
    if !database.exists() {
        let mut random = Random::new(1);
        let mut writer = create(&database, Backend::Lmdb, Existing::Refuse).expect("new");
        for index in 0..8 {
            let bytes = (0..3 * 8 * 8).map(|_| (random.bits() >> 56) as u8).collect();
            let datum = Datum::new([3, 8, 8], DatumData::Bytes(bytes), 0).expect("fits");
            writer.put(format!("{index:04}").as_bytes(), &datum.to_wire()).expect("put");
        }
        writer.finish().expect("finish");
    }
    let mut text = NET.replace("SOURCE", &database.display().to_string());
    for (old, new) in NAMES.iter().zip(names) {
        let field = if new.is_empty() { String::new() } else { format!("name: \"{new}\"") };
        text = text.replace(&format!("name: \"{old}\""), &field);
    }
    let [prototxt, caffemodel] =
        ["twins.prototxt", "twins.caffemodel"].map(|name| folder.join(name));
    std::fs::write(&prototxt, &text).expect("write");
    let model = NetParameter::parse_text(&text).expect("valid");
    let net = Net::new(&model, None, Phase::Test, &DatabaseSources).expect("valid");
    let mut random = Random::new(2);
    let mut specs = net.specs();
    for (spec, layer) in specs.iter_mut().zip(net.layers()) {
        let bottoms: Vec<&[usize]> =
            layer.bottoms.iter().map(|&id| net.blob(id).shape.as_slice()).collect();
        let mut fill = |shape: Vec<usize>| {
            ArrayD::from_shape_simple_fn(IxDyn(&shape), || {
                #[expect(clippy::cast_possible_truncation, reason = "rounded to fp32")]
                let value = random.normal() as f32;
                0.3 * value
            })
        };
        let shapes = layer.op.weight_shapes(&bottoms).expect("shapes");
        spec.set_weights(shapes.into_iter().map(&mut fill));
    }
    let net = Net::from_specs(net.name(), specs).expect("valid");
    let bytes = net.to_parameter_with_weights().to_bytes().expect("bytes");
    std::fs::write(&caffemodel, bytes).expect("write");
    [prototxt, caffemodel]
}

fn quantized(structure: &Path, records: &Path) -> QuantizedNet {
    let structure = NetParameter::read(structure).expect("prototxt");
    let records = NetParameter::read(records).expect("int8umodel");
    QuantizedNet::read(&structure, &records, Phase::Test, &DatabaseSources).expect("reads")
}

fn assert_same(a: &QuantizedNet, b: &QuantizedNet) {
    assert_eq!(a.net().blobs(), b.net().blobs());
    for id in a.net().blob_ids() {
        assert_eq!(a.format(id), b.format(id), "{:?}", a.net().blob(id));
    }
    assert_eq!(a.net().layers().len(), b.net().layers().len());
    for (index, layer) in a.net().layers().iter().enumerate() {
        assert_eq!(a.arithmetic(index), b.arithmetic(index), "{}", layer.name);
    }
}

/// Everything that a calibration makes of a net: the int8 test net, the deploy net, the test's outputs.
fn calibrated(
    names: [&str; 8],
    method: Method,
    recover: bool,
) -> (QuantizedNet, QuantizedNet, Vec<Vec<f32>>) {
    let folder = tempfile::tempdir().expect("temporary folder");
    let [prototxt, caffemodel] = model(folder.path(), names);
    let read = |prototxt: &Path| {
        let model = NetParameter::read(prototxt).expect("prototxt");
        let weights = NetParameter::read(&caffemodel).expect("caffemodel");
        Net::with_weights(&model, weights, Phase::Test, &DatabaseSources).expect("net")
    };
    let net = read(&prototxt);
    let options = Options::default().iterations(4).method(method).recover(recover);
    let made = calibrate(&net, &options, |_| ()).expect("calibrates").quantized;
    let files = OutputFiles::beside(&caffemodel);
    files.write(&net, &made).expect("written");
    // All five files read back; the fp32 nets still find their weights.
    let test = quantized(&files.test_int8, &files.int8umodel);
    assert_same(&test, &made);
    let deploy = quantized(&files.deploy_int8, &files.int8umodel);
    assert_same(&deploy, &made.deploy().expect("deploys"));
    assert_eq!(read(&files.test_fp32).blobs(), net.blobs());
    assert_eq!(read(&files.deploy_fp32).layers().len(), net.layers().len());
    let executor = Executor::quantized(Arc::new(test.clone())).expect("runs");
    let outputs = evaluate(&executor, 4, |_| ()).expect("runs");
    (test, deploy, outputs.into_iter().map(|output| output.values).collect())
}

#[test]
fn layers_of_one_name_from_prototxt_to_bmodel() {
    let shared = ["", "mix", "mix", "", "join", "join", "", ""];
    let own = ["r1", "e1", "e2", "r2", "c1", "c2", "p1", "s1"];
    for (method, recover) in [(Method::Max, false), (Method::Kl, true)] {
        let (test, deploy, outputs) = calibrated(shared, method, recover);
        let (other_test, other_deploy, other_outputs) = calibrated(own, method, recover);
        // Both layers of a name have integers, and not the same ones.
        let rescales = |kind: &str| -> Vec<&Arithmetic> {
            let layers = test.net().layers().iter().enumerate();
            let layers = layers.filter(|(_, layer)| layer.op.kind() == kind);
            let integers = layers.map(|(index, _)| test.arithmetic(index));
            integers.filter(|a| matches!(a, Arithmetic::Rescaled(_))).collect()
        };
        for kind in ["Eltwise", "Concat"] {
            let found = rescales(kind);
            assert!(matches!(found[..], [a, b] if a != b), "{kind}: {found:?}");
        }
        assert_same(&test, &other_test);
        assert_same(&deploy, &other_deploy);
        assert_eq!(outputs, other_outputs);
        let bmodel = |net| compile(net).expect("compiles").to_bmodel().expect("a bmodel");
        assert!(bmodel(&deploy) == bmodel(&other_deploy));
    }
}
