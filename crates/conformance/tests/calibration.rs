//! Calibration of a net that has every layer type: statistical, and exact where it says so.
#![expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels")]

use std::path::Path;
use std::sync::Arc;

use ndarray::{ArrayD, IxDyn};
use quantization_tools::int8_calibration::{Statistics, prepare, quantize};
use quantization_tools::prelude::*;
use quantization_tools::umodel::{Arithmetic, DType};

/// Layers with an int8 form, fp32 islands between them, ReLUs of all kinds.
const NET: &str = r#"
name: "everything"
layer { name: "data" type: "Data" top: "data" transform_param { scale: 0.01 mean_value: 100 }
        data_param { source: "SOURCE" batch_size: 2 backend: LMDB } }
layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1"
        convolution_param { num_output: 8 kernel_size: 3 pad: 1 bias_term: false } }
layer { name: "bn1" type: "BatchNorm" bottom: "conv1" top: "conv1" }
layer { name: "scale1" type: "Scale" bottom: "conv1" top: "conv1" scale_param { bias_term: true } }
layer { name: "relu1" type: "ReLU" bottom: "conv1" top: "conv1" }
layer { name: "pool1" type: "Pooling" bottom: "conv1" top: "pool1"
        pooling_param { pool: MAX kernel_size: 3 stride: 2 } }
layer { name: "norm" type: "LRN" bottom: "pool1" top: "norm" lrn_param { local_size: 3 } }
layer { name: "conv2" type: "Convolution" bottom: "norm" top: "conv2"
        convolution_param { num_output: 8 kernel_size: 3 pad: 1 group: 4 } }
layer { name: "leaky" type: "ReLU" bottom: "conv2" top: "leaky" relu_param { negative_slope: 0.2 } }
layer { name: "sum" type: "Eltwise" bottom: "pool1" bottom: "leaky" top: "sum"
        eltwise_param { coeff: 1 coeff: -0.5 } }
layer { name: "relu2" type: "ReLU" bottom: "sum" top: "sum" }
layer { name: "gate" type: "Sigmoid" bottom: "leaky" top: "gate" }
layer { name: "gated" type: "Eltwise" bottom: "sum" bottom: "gate" top: "gated"
        eltwise_param { operation: PROD } }
layer { name: "conv3" type: "Convolution" bottom: "gated" top: "conv3"
        convolution_param { num_output: 6 kernel_size: 1 } }
layer { name: "product" type: "Eltwise" bottom: "conv3" bottom: "conv3" top: "product"
        eltwise_param { operation: PROD } }
layer { name: "most" type: "Eltwise" bottom: "product" bottom: "conv3" top: "most"
        eltwise_param { operation: MAX } }
layer { name: "affine" type: "Scale" bottom: "most" top: "affine" scale_param { bias_term: true } }
layer { name: "joined" type: "Concat" bottom: "affine" bottom: "sum" bottom: "conv3" top: "joined" }
layer { name: "even" type: "Pooling" bottom: "joined" top: "even"
        pooling_param { pool: AVE kernel_size: 3 stride: 2 } }
layer { name: "uneven" type: "Pooling" bottom: "joined" top: "uneven"
        pooling_param { pool: AVE kernel_size: 2 stride: 2 } }
layer { name: "whole" type: "Pooling" bottom: "even" top: "whole"
        pooling_param { pool: AVE global_pooling: true } }
layer { name: "flat" type: "Flatten" bottom: "whole" top: "flat" }
layer { name: "ip" type: "InnerProduct" bottom: "flat" top: "ip"
        inner_product_param { num_output: 12 transpose: true } }
layer { name: "shaped" type: "Reshape" bottom: "ip" top: "shaped"
        reshape_param { shape { dim: 0 dim: 3 dim: 4 } } }
layer { name: "prob" type: "Softmax" bottom: "ip" top: "prob" }
"#;

/// A small generator, so that the net is the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f32 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1u64 << 24) as f32
    }

    fn array(&mut self, shape: &[usize], low: f32, high: f32) -> ArrayD<f32> {
        let count = shape.iter().product();
        let values = (0..count).map(|_| low + (high - low) * self.next()).collect();
        ArrayD::from_shape_vec(IxDyn(shape), values).expect("fits")
    }
}

fn net(folder: &Path) -> Net {
    let database = folder.join("db");
    let mut random = Random(1);
    let mut writer = create(&database, Backend::Lmdb, Existing::Refuse).expect("new");
    for index in 0..12 {
        let bytes = (0..3 * 14 * 14).map(|_| (255.0 * random.next()) as u8).collect();
        let datum = Datum::new([3, 14, 14], DatumData::Bytes(bytes), 0).expect("fits");
        writer.put(format!("{index:04}").as_bytes(), &datum.to_wire()).expect("put");
    }
    writer.finish().expect("finish");
    let text = NET.replace("SOURCE", &database.display().to_string());
    let model = NetParameter::parse_text(&text).expect("valid");
    let net = Net::new(&model, None, Phase::Test, &DatabaseSources).expect("valid");
    let mut specs = net.specs();
    for spec in &mut specs {
        let shapes: &[(&[usize], f32, f32)] = match spec.name.as_str() {
            "conv1" => &[(&[8, 3, 3, 3], -0.4, 0.4)],
            "bn1" => &[(&[8], -0.5, 0.5), (&[8], 0.5, 2.0), (&[1], 1.0, 1.0)],
            "scale1" => &[(&[8], 0.5, 1.5), (&[8], -0.5, 0.5)],
            "conv2" => &[(&[8, 2, 3, 3], -0.4, 0.4), (&[8], -0.2, 0.2)],
            "conv3" => &[(&[6, 8, 1, 1], -0.5, 0.5), (&[6], -0.1, 0.1)],
            "affine" => &[(&[6], -1.5, 1.5), (&[6], -0.5, 0.5)],
            "ip" => &[(&[20, 12], -0.5, 0.5), (&[12], -0.2, 0.2)],
            _ => continue,
        };
        spec.set_weights(shapes.iter().map(|(shape, low, high)| random.array(shape, *low, *high)));
    }
    Net::from_specs(net.name(), specs).expect("valid")
}

fn calibrated(net: &Net) -> QuantizedNet {
    let options = Options::default().iterations(6).method(Method::Max);
    calibrate(net, &options, |_| ()).expect("calibrates").quantized
}

/// Exact: which layers become integers, which stay fp32, where casts stand.
#[test]
fn every_layer_gets_the_form_that_the_chip_has() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let quantized = calibrated(&net(folder.path()));
    let net = quantized.net();
    let layers: Vec<(String, &str)> = net
        .layers()
        .iter()
        .enumerate()
        .map(|(index, layer)| {
            let form = match quantized.arithmetic(index) {
                Arithmetic::Float => "float",
                Arithmetic::Cast => "cast",
                Arithmetic::Same => "same",
                Arithmetic::MultiplyAccumulate { .. } => "mac",
                Arithmetic::AveragePool { .. } => "average",
                Arithmetic::Rescaled(_) => "rescaled",
                Arithmetic::Product(_) => "product",
                Arithmetic::LeakyRelu(_) => "leaky",
                Arithmetic::ClippedAveragePool(_) => "clipped",
                Arithmetic::Constant(_) => "constant",
                Arithmetic::Cut(_) => "cut",
                Arithmetic::Table(_) => "table",
                Arithmetic::Prelu { .. } => "prelu",
                Arithmetic::Interpolate => "interpolate",
            };
            (layer.name.clone(), form)
        })
        .collect();
    let expected = [
        ("data", "cast"),
        ("conv1", "mac"),
        ("pool1", "same"),
        ("pool1_fp32", "cast"),
        ("norm", "float"),
        ("norm_int8", "cast"),
        ("conv2", "mac"),
        ("leaky", "leaky"),
        ("sum", "rescaled"),
        ("gate", "table"),
        ("gated", "product"),
        ("conv3", "mac"),
        ("product", "product"),
        ("most", "rescaled"),
        ("affine", "mac"),
        ("joined", "rescaled"),
        ("even", "average"),
        ("uneven", "clipped"),
        ("whole", "average"),
        ("flat", "same"),
        ("ip", "mac"),
        ("shaped", "same"),
        ("ip_fp32", "cast"),
        ("prob", "float"),
    ];
    let expected: Vec<(String, &str)> =
        expected.iter().map(|&(name, form)| (name.to_owned(), form)).collect();
    assert_eq!(layers, expected);
    let dtype = |name: &str| quantized.format(net.blob_id(name).expect(name)).dtype;
    assert_eq!(dtype("conv1_3"), DType::U8, "conv1's ReLU is fused");
    assert_eq!(dtype("sum_1"), DType::U8, "the sum's ReLU is fused");
    assert_eq!(dtype("conv2"), DType::I8, "a leaky ReLU is not");
    assert_eq!(dtype("data"), DType::I8);
}

/// Exact: a layer's name that a cast would like is left to the layer.
#[test]
fn casts_take_names_that_are_free() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut specs = net(folder.path()).specs();
    specs.last_mut().expect("prob").name = "ip_fp32".to_owned();
    let net = Net::from_specs("", specs).expect("valid");
    let quantized = calibrated(&net);
    let mut names: Vec<_> = quantized.net().layers().iter().map(|layer| &layer.name).collect();
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count, "every layer has a name of its own");
}

/// Statistical: eight bits follow fp32 in every blob that both nets have.
#[test]
fn int8_follows_fp32_everywhere() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let net = net(folder.path());
    let int8 = Executor::quantized(Arc::new(calibrated(&net))).expect("runs");
    let fp32 = Executor::new(Arc::new(net)).expect("runs");
    let report = similarity(&fp32, &int8, 6, |_| ()).expect("runs");
    assert!(report.len() > 15, "{report:#?}");
    for blob in &report {
        assert!(blob.worst_cosine > 0.99, "{blob:?}");
    }
}

/// Bit-exact: the files of a net with fp32 islands read back to the same integers and results.
#[test]
fn files_read_back_to_the_same_results() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let net = net(folder.path());
    let written = calibrated(&net);
    let files = OutputFiles::beside(&folder.path().join("net.caffemodel"));
    files.write(&net, &written).expect("written");
    let model = NetParameter::read(&files.test_int8).expect("read");
    let weights = NetParameter::read(&files.int8umodel).expect("read");
    let read = QuantizedNet::read(&model, &weights, Phase::Test, &DatabaseSources).expect("valid");
    let outputs = |net: QuantizedNet| {
        let executor = Executor::quantized(Arc::new(net)).expect("runs");
        evaluate(&executor, 3, |_| ()).expect("runs")
    };
    assert_eq!(outputs(read), outputs(written));
    let deploy = NetParameter::read(&files.deploy_int8).expect("read");
    let deploy = QuantizedNet::read(&deploy, &weights, Phase::Test, &NoSources).expect("valid");
    assert_eq!(deploy.net().layers()[0].op.kind(), "Input");
}

/// Bit-exact: iterations in any grouping, on any thread, give the same statistics.
#[test]
fn statistics_do_not_depend_on_threads() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let net = net(folder.path());
    let executor = Executor::new(Arc::new(prepare(&net).expect("valid"))).expect("runs");
    let options = Options::default().iterations(6);
    let bytes = |threads: usize| {
        let pool = pool_of(threads);
        let statistics = pool.install(|| Statistics::collect(&executor, 6, |_| ())).expect("runs");
        let quantized = quantize(&statistics, &options).expect("quantizes");
        quantized.to_parameter_with_weights().to_bytes().expect("small")
    };
    assert!(bytes(1) == bytes(3));
}

/// Bit-exact: the tops of convolutions whose ReLU is fused are not counted, and the result is that of counting all.
#[test]
fn uncounted_blobs_change_nothing() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let net = net(folder.path());
    let options = Options::default().iterations(6).equalize(false).regress(false);
    let lean = calibrate(&net, &options, |_| ()).expect("calibrates");
    let executor = Executor::new(Arc::new(prepare(&net).expect("valid"))).expect("runs");
    let all = Statistics::collect(&executor, 6, |_| ()).expect("runs");
    let bytes = |net: &QuantizedNet| net.to_parameter_with_weights().to_bytes().expect("small");
    assert!(bytes(&lean.quantized) == bytes(&quantize(&all, &options).expect("quantizes")));
    let names = all.net().blobs().iter().map(|blob| blob.name.as_str());
    let (counted, not): (Vec<&str>, Vec<&str>) =
        names.partition(|name| lean.statistics.histogram(name).is_some());
    assert!(!not.is_empty(), "the net has a fused ReLU");
    assert!(counted.iter().all(|name| lean.statistics.histogram(name) == all.histogram(name)));
    let int8 = lean.quantized.net();
    assert!(not.iter().all(|name| int8.blob_id(name).is_none()), "{not:?}");
}

fn pool_of(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads")
}
