//! int8 forms of whole blobs and the choice of layers that are int8: exact, unless a test says otherwise.
#![expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels")]

use std::path::Path;
use std::sync::Arc;

use ndarray::{ArrayD, IxDyn};
use quantization_tools::int8_calibration::Calibration;
use quantization_tools::prelude::*;
use quantization_tools::umodel::{Arithmetic, DType, LayerOp};

/// A small generator, so that nets are the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f32 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1u64 << 24) as f32
    }

    fn array(&mut self, shape: &[usize]) -> ArrayD<f32> {
        let count = shape.iter().product();
        let values = (0..count).map(|_| self.next() - 0.5).collect();
        ArrayD::from_shape_vec(IxDyn(shape), values).expect("fits")
    }
}

const DATA: &str = r#"
layer { name: "data" type: "Data" top: "data" transform_param { scale: 0.01 mean_value: 100 }
        data_param { source: "SOURCE" batch_size: 2 backend: LMDB } }
"#;

/// A net over pictures of 3 x 12 x 14, with random weights.
fn net(folder: &Path, layers: &str) -> Net {
    let database = tempfile::tempdir_in(folder).expect("folder").keep().join("db");
    let mut random = Random(7);
    let mut writer = create(&database, Backend::Lmdb, Existing::Refuse).expect("new");
    for index in 0..8 {
        let bytes = (0..3 * 12 * 14).map(|_| (255.0 * random.next()) as u8).collect();
        let datum = Datum::new([3, 12, 14], DatumData::Bytes(bytes), 0).expect("fits");
        writer.put(format!("{index:04}").as_bytes(), &datum.to_wire()).expect("put");
    }
    writer.finish().expect("finish");
    let text = DATA.replace("SOURCE", &database.display().to_string()) + layers;
    let model = NetParameter::parse_text(&text).unwrap_or_else(|error| panic!("{error}"));
    let net = Net::new(&model, None, Phase::Test, &DatabaseSources);
    let net = net.unwrap_or_else(|error| panic!("{error:?}"));
    let mut specs = net.specs();
    for (spec, layer) in specs.iter_mut().zip(net.layers()) {
        let shapes: Vec<&[usize]> =
            layer.bottoms.iter().map(|&id| net.blob(id).shape.as_slice()).collect();
        let shapes = layer.op.weight_shapes(&shapes).unwrap_or_default();
        spec.set_weights(shapes.iter().map(|shape| random.array(shape)));
    }
    Net::from_specs(net.name(), specs).expect("valid")
}

fn calibrated(net: &Net, options: &Options) -> Calibration {
    let options = options.clone().iterations(4).method(Method::Max);
    calibrate(net, &options, |_| ()).unwrap_or_else(|error| panic!("{error:?}"))
}

/// Layers with their forms, in order.
fn forms(quantized: &QuantizedNet) -> Vec<String> {
    let layers = quantized.net().layers().iter().enumerate();
    let form = |index| match quantized.arithmetic(index) {
        Arithmetic::Float => "float",
        Arithmetic::Cast => "cast",
        Arithmetic::Same => "same",
        Arithmetic::MultiplyAccumulate { .. } => "mac",
        Arithmetic::AveragePool { .. } => "average",
        Arithmetic::ClippedAveragePool(_) => "clipped",
        Arithmetic::Rescaled(_) => "rescaled",
        Arithmetic::Product(_) => "product",
        Arithmetic::LeakyRelu(_) => "leaky",
        Arithmetic::Constant(_) => "constant",
        Arithmetic::Cut(_) => "cut",
        Arithmetic::Table(_) => "table",
        Arithmetic::Prelu { .. } => "prelu",
        Arithmetic::Interpolate => "interpolate",
    };
    layers.map(|(index, layer)| format!("{} {}", layer.name, form(index))).collect()
}

/// Statistical: in every blob that both nets have the int8 net follows the fp32 one.
fn follows(net: Net, quantized: QuantizedNet, worst: f64) {
    let int8 = Executor::quantized(Arc::new(quantized)).expect("runs");
    let fp32 = Executor::new(Arc::new(net)).expect("runs");
    for blob in similarity(&fp32, &int8, 4, |_| ()).expect("runs") {
        assert!(f64::from(blob.worst_cosine) > worst, "{blob:?}");
    }
}

const SSD: &str = r#"
layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1"
        convolution_param { num_output: 6 kernel_size: 3 pad: 1 stride: 2 } }
layer { name: "relu1" type: "ReLU" bottom: "conv1" top: "relu1" }
layer { name: "conv2" type: "Convolution" bottom: "relu1" top: "conv2"
        convolution_param { num_output: 6 kernel_size: 3 pad: 1 stride: 2 } }
layer { name: "loc" type: "Convolution" bottom: "relu1" top: "loc"
        convolution_param { num_output: 8 kernel_size: 3 pad: 1 } }
layer { name: "loc_perm" type: "Permute" bottom: "loc" top: "loc_perm"
        permute_param { order: 0 order: 2 order: 3 order: 1 } }
layer { name: "loc_flat" type: "Flatten" bottom: "loc_perm" top: "loc_flat" }
layer { name: "prior1" type: "PriorBox" bottom: "conv1" bottom: "data" top: "prior1"
        prior_box_param { min_size: 4 aspect_ratio: 2 variance: 0.1 } }
layer { name: "prior2" type: "PriorBox" bottom: "conv2" bottom: "data" top: "prior2"
        prior_box_param { min_size: 6 aspect_ratio: 2 variance: 0.1 } }
layer { name: "priors" type: "Concat" bottom: "prior1" bottom: "prior2" top: "priors" concat_param { axis: 2 } }
layer { name: "crop" type: "Crop" bottom: "loc" bottom: "conv2" top: "crop" crop_param { axis: 2 offset: 1 } }
layer { name: "conv3" type: "Convolution" bottom: "crop" top: "conv3"
        convolution_param { num_output: 4 kernel_size: 1 } }
"#;

/// Prior boxes read sizes: no casts stand in front of them, the picture is int8, and the ReLU in front of which a shape is
/// read goes into its convolution. What the vendor's deploy file has at its head stands there.
#[test]
fn shapes_are_read_without_casts() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let net = net(folder.path(), SSD);
    let Calibration { quantized, .. } = calibrated(&net, &Options::default());
    assert_eq!(
        forms(&quantized),
        [
            "data cast",
            "conv1 mac",
            "conv2 mac",
            "loc mac",
            "loc_perm same",
            "loc_flat same",
            "prior1 float",
            "prior2 float",
            "priors float",
            "crop same",
            "conv3 mac"
        ]
    );
    let net8 = quantized.net();
    let dtype = |name: &str| quantized.format(net8.blob_id(name).expect(name)).dtype;
    assert_eq!((dtype("data"), dtype("relu1"), dtype("crop")), (DType::I8, DType::U8, DType::I8));
    let files = OutputFiles::beside(&folder.path().join("ssd.caffemodel"));
    files.write(&net, &quantized).expect("written");
    let text = std::fs::read_to_string(&files.deploy_int8).expect("read");
    let head: Vec<&str> = text.lines().take_while(|line| !line.starts_with("layer")).collect();
    assert_eq!(&head[..4], ["state {", "  phase: TEST", "}", "model_type: BMNETC2UModel"]);
    assert!(head[4].starts_with("int8_scale: "), "{head:?}");
    let deploy = NetParameter::read(&files.deploy_int8).expect("read");
    let weights = NetParameter::read(&files.int8umodel).expect("read");
    let read = QuantizedNet::read(&deploy, &weights, Phase::Test, &NoSources).expect("valid");
    let LayerOp::Input(input) = &read.net().layers()[0].op else { panic!("no Input layer") };
    let scale = quantized.format(net8.blob_id("data").expect("data")).scale;
    assert!((input.int8_scale.expect("int8") * scale - 1.0).abs() < 1e-6);
    follows(net, quantized, 0.99);
}

/// A shape's reader must not take the output that a fused ReLU writes.
#[test]
fn an_output_stays_one_beside_a_reader_of_its_shape() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let layers = r#"
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv"
        convolution_param { num_output: 4 kernel_size: 3 } }
layer { name: "relu" type: "ReLU" bottom: "conv" top: "relu" }
layer { name: "prior" type: "PriorBox" bottom: "conv" bottom: "data" top: "prior"
        prior_box_param { min_size: 4 } }
"#;
    let net = net(folder.path(), layers);
    let Calibration { quantized, .. } = calibrated(&net, &Options::default());
    assert_eq!(forms(&quantized), ["data cast", "conv mac", "relu same", "prior float"]);
    let names = |net: &Net| -> Vec<String> {
        net.outputs().iter().map(|&id| net.blob(id).name.clone()).collect()
    };
    assert_eq!(names(quantized.net()), names(&net));
}

/// The picture is int8 if all that read it make use of that.
#[test]
fn the_picture_is_int8_for_all_that_compute() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let conv = r#"layer { name: "c" type: "Convolution" bottom: "x" top: "c"
                  convolution_param { num_output: 4 kernel_size: 3 } }"#;
    for (first, int8) in [
        (r#"type: "Pooling" pooling_param { pool: MAX kernel_size: 2 stride: 2 }"#, true),
        (r#"type: "Pooling" pooling_param { pool: AVE kernel_size: 2 stride: 2 }"#, true),
        (r#"type: "ReLU""#, true),
        (r#"bottom: "data" type: "Eltwise" eltwise_param { operation: SUM }"#, true),
        (r#"top: "y" type: "Slice" slice_param { axis: 2 }"#, true),
        (r#"type: "LRN""#, false),
        (r#"type: "ReLU" forward_with_float: true"#, false),
    ] {
        let layers = format!("layer {{ name: 'x' bottom: 'data' top: 'x' {first} }} {conv}");
        let Calibration { quantized, .. } =
            calibrated(&net(folder.path(), &layers), &Options::default());
        let format = quantized.format(quantized.net().blob_id("data").expect("data"));
        assert_eq!(format.dtype == DType::I8, int8, "{first}");
    }
    // Moved to a layer in fp32, integers would only lose bits.
    let layers = r#"
layer { name: "x" type: "Flatten" bottom: "data" top: "x" }
layer { name: "p" type: "Softmax" bottom: "x" top: "p" }
layer { name: "c" type: "Convolution" bottom: "data" top: "c" convolution_param { num_output: 4 kernel_size: 3 } }
"#;
    let Calibration { quantized, .. } =
        calibrated(&net(folder.path(), layers), &Options::default());
    assert_eq!(forms(&quantized), ["data cast", "x float", "p float", "data_int8 cast", "c mac"]);
}
