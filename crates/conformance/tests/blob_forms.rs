//! int8 forms of whole blobs and the choice of layers that are int8: exact, unless a test says otherwise.
#![expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels")]

use std::path::Path;
use std::sync::Arc;

use ndarray::{ArrayD, IxDyn};
use quantization_tools::int8_calibration::{Calibration, FloatReason, Keep, prepare};
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
        assert!(blob.worst_cosine > worst, "{blob:?}");
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

/// Squeeze-and-excite, constants of all kinds, products of three, reductions and matrices: all int8.
const FORMS: &str = r#"
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv"
        convolution_param { num_output: 6 kernel_size: 3 } }
layer { name: "mean" type: "Reduce" bottom: "conv" top: "mean" reduce_param { axis: 2 axis: 3 } }
layer { name: "squeeze" type: "Convolution" bottom: "mean" top: "squeeze"
        convolution_param { num_output: 6 kernel_size: 1 } }
layer { name: "gate" type: "Sigmoid" bottom: "squeeze" top: "gate" }
layer { name: "excite" type: "BroadcastBinary" bottom: "conv" bottom: "gate" top: "excite"
        broadcast_binary_param { operation: MUL } }
layer { name: "places" type: "Parameter" top: "places" parameter_param { shape { dim: 1 dim: 1 dim: 10 dim: 12 } } }
layer { name: "placed" type: "BroadcastBinary" bottom: "excite" bottom: "places" top: "placed"
        broadcast_binary_param { operation: ADD } }
layer { name: "three" type: "Eltwise" bottom: "conv" bottom: "placed" bottom: "conv" top: "three"
        eltwise_param { operation: PROD } }
layer { name: "channels" type: "Parameter" top: "channels" parameter_param { shape { dim: 6 dim: 1 dim: 1 } } }
layer { name: "less" type: "BroadcastBinary" bottom: "channels" bottom: "three" top: "less"
        broadcast_binary_param { operation: SUB } }
layer { name: "ceil" type: "Pooling" bottom: "less" top: "ceil" pooling_param { pool: AVE kernel_size: 3 stride: 2 } }
layer { name: "rows" type: "Reshape" bottom: "ceil" top: "rows" reshape_param { shape { dim: 0 dim: 6 dim: 30 } } }
layer { name: "matrix" type: "Parameter" top: "matrix" parameter_param { shape { dim: 30 dim: 8 } } }
layer { name: "product" type: "MatMul" bottom: "rows" bottom: "matrix" top: "product" }
layer { name: "bias" type: "Bias" bottom: "product" top: "bias" bias_param { axis: 2 } }
layer { name: "scale" type: "Scale" bottom: "bias" top: "scale" scale_param { axis: 2 bias_term: true } }
layer { name: "sum" type: "Reduce" bottom: "scale" top: "sum" reduce_param { operation: SUM axis: 1 keep_dims: false } }
layer { name: "most" type: "Reduce" bottom: "scale" top: "most" reduce_param { operation: MAX axis: 2 } }
layer { name: "reduction" type: "Reduction" bottom: "scale" top: "reduction" reduction_param { operation: MEAN axis: 1 } }
layer { name: "last1" type: "InnerProduct" bottom: "sum" top: "last1" inner_product_param { num_output: 2 } }
layer { name: "last2" type: "InnerProduct" bottom: "most" top: "last2" inner_product_param { num_output: 2 } }
layer { name: "last3" type: "InnerProduct" bottom: "reduction" top: "last3" inner_product_param { num_output: 2 axis: 0 } }
"#;

#[test]
fn whole_blobs_are_int8() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let net = net(folder.path(), FORMS);
    let Calibration { quantized, float_layers, .. } = calibrated(&net, &Options::default());
    assert_eq!(float_layers, [], "nothing stays in fp32");
    assert_eq!(
        forms(&quantized),
        [
            "data cast",
            "conv mac",
            "mean average",
            "squeeze mac",
            "gate table",
            "excite product",
            "places_int8 constant",
            "placed rescaled",
            "three_product product",
            "three product",
            "less mac",
            "ceil clipped",
            "rows same",
            "product mac",
            "scale_factor_int8 constant",
            "scale_scaled product",
            "scale_offset_int8 constant",
            "scale rescaled",
            "sum average",
            "most same",
            "reduction average",
            "last1 mac",
            "last2 mac",
            "last3 mac"
        ]
    );
    // The files say all of it.
    let files = OutputFiles::beside(&folder.path().join("forms.caffemodel"));
    files.write(&net, &quantized).expect("written");
    let deploy = NetParameter::read(&files.deploy_int8).expect("read");
    let weights = NetParameter::read(&files.int8umodel).expect("read");
    let read = QuantizedNet::read(&deploy, &weights, Phase::Test, &NoSources).expect("valid");
    assert_eq!(forms(&read)[1..], forms(&quantized)[1..]);
    // Sums of values whose signs differ keep the errors of all and little of their size.
    follows(net, quantized, 0.95);
}

/// Relative, 1e-5: the net that is calibrated computes what the net as it was given does.
#[test]
fn prepared_nets_compute_the_same() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let net = net(folder.path(), FORMS);
    let prepared = prepare(&net).expect("prepared");
    let count =
        |kind: &str| prepared.layers().iter().filter(|layer| layer.op.kind() == kind).count();
    assert_eq!(
        [count("MatMul"), count("InnerProduct"), count("Bias"), count("Parameter")],
        [0, 4, 0, 3]
    );
    let run = |net: Net| Arc::new(Executor::new(Arc::new(net)).expect("runs"));
    let (before, after) = (run(net), run(prepared));
    for blob in similarity(&before, &after, 4, |_| ()).expect("runs") {
        assert!(1.0 - blob.worst_cosine < 1e-5, "{blob:?}");
    }
}

/// A factor that is a second bottom, and an offset, along axis 0.
#[test]
fn second_bottoms_of_scale_and_bias() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let layers = r#"
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv" convolution_param { num_output: 6 kernel_size: 3 } }
layer { name: "pool" type: "Pooling" bottom: "conv" top: "pool" pooling_param { pool: AVE global_pooling: true } }
layer { name: "flat" type: "Reshape" bottom: "pool" top: "flat" reshape_param { shape { dim: 0 dim: 6 } } }
layer { name: "factor" type: "Scale" bottom: "conv" bottom: "flat" top: "factor" scale_param { axis: 0 } }
layer { name: "offset" type: "Bias" bottom: "factor" bottom: "flat" top: "offset" bias_param { axis: 0 } }
layer { name: "relu" type: "ReLU" bottom: "offset" top: "relu" }
layer { name: "last" type: "Convolution" bottom: "relu" top: "last" convolution_param { num_output: 2 kernel_size: 1 } }
layer { name: "both" type: "Scale" bottom: "conv" bottom: "flat" top: "both" scale_param { axis: 0 bias_term: true } }
layer { name: "more" type: "Convolution" bottom: "both" top: "more" convolution_param { num_output: 2 kernel_size: 1 } }
layer { name: "divided" type: "BroadcastBinary" bottom: "conv" bottom: "pool" top: "divided"
        broadcast_binary_param { operation: DIV } }
layer { name: "images" type: "Reduce" bottom: "conv" top: "images" reduce_param { operation: SUM axis: 0 } }
"#;
    let net = net(folder.path(), layers);
    let Calibration { quantized, float_layers, .. } = calibrated(&net, &Options::default());
    let forms = forms(&quantized);
    for form in ["factor product", "offset rescaled", "both float", "divided float", "images float"]
    {
        assert!(forms.contains(&form.to_owned()), "{form}: {forms:?}");
    }
    assert!(!forms.iter().any(|form| form.starts_with("relu")), "the ReLU is fused");
    let reasons: Vec<String> =
        float_layers.iter().map(|layer| format!("{}: {}", layer.name, layer.reason)).collect();
    assert_eq!(
        reasons,
        [
            "both: its factor is a second bottom, and the chip has no command that adds a bias to such a product",
            "divided: its type has no int8 form with these parameters",
            "images: the chip has no single command that reduces these axes"
        ]
    );
    follows(net, quantized, 0.98);
}

/// Parts of a blob that use few of its steps get a finer scale, without a change of any value.
#[test]
fn small_parts_get_scales_of_their_own() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let layers = r#"
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv" convolution_param { num_output: 4 kernel_size: 3 } }
layer { name: "slice" type: "Slice" bottom: "conv" top: "large" top: "small" }
layer { name: "a" type: "ReLU" bottom: "large" top: "a" relu_param { negative_slope: 0.1 } }
layer { name: "b" type: "ReLU" bottom: "small" top: "b" relu_param { negative_slope: 0.1 } }
"#;
    let mut specs = net(folder.path(), layers).specs();
    let conv = specs.iter_mut().find(|spec| spec.name == "conv").expect("conv");
    let mut weights: Vec<ArrayD<f32>> =
        conv.weights.iter().map(|weights| weights.as_ref().clone()).collect();
    for weights in &mut weights {
        let rows = weights.len() / 4;
        weights.iter_mut().skip(2 * rows).for_each(|weight| *weight *= 0.04);
    }
    conv.set_weights(weights);
    let net = Net::from_specs("", specs).expect("valid");
    let Calibration { quantized, .. } = calibrated(&net, &Options::default());
    assert!(forms(&quantized).contains(&"slice cut".to_owned()), "{:?}", forms(&quantized));
    let scale = |name: &str| quantized.format(quantized.net().blob_id(name).expect(name)).scale;
    assert_eq!(scale("large"), scale("conv"));
    let finer = scale("conv") / scale("small");
    assert!(finer >= 4.0 && finer.log2().fract() == 0.0, "{finer}");
}

/// Which of two storages a layer with bottoms of both takes.
#[test]
fn casts_of_fewer_values_decide() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let head = r#"
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv" convolution_param { num_output: 4 kernel_size: 3 } }
layer { name: "norm" type: "LRN" bottom: "conv" top: "norm" }
layer { name: "joined" type: "Concat" bottom: "conv" bottom: "norm" top: "joined" }
"#;
    let conv = r#"layer { name: "next" type: "Convolution" bottom: "joined" top: "next"
                  convolution_param { num_output: 4 kernel_size: 3 } }"#;
    let soft = r#"layer { name: "next" type: "Softmax" bottom: "joined" top: "next" }"#;
    for (last, form) in [(conv, "joined rescaled"), (soft, "joined float")] {
        let net = net(folder.path(), &format!("{head}{last}"));
        let Calibration { quantized, .. } = calibrated(&net, &Options::default());
        let forms = forms(&quantized);
        assert!(forms.contains(&form.to_owned()), "{form}: {forms:?}");
    }
}

const CHAIN: &str = r#"
layer { name: "pre" type: "Scale" bottom: "data" top: "pre" }
layer { name: "conv1" type: "Convolution" bottom: "pre" top: "conv1" convolution_param { num_output: 4 kernel_size: 3 } }
layer { name: "bn1" type: "Bias" bottom: "conv1" top: "bn1" }
layer { name: "relu1" type: "ReLU" bottom: "bn1" top: "relu1" }
layer { name: "pool1" type: "Pooling" bottom: "relu1" top: "pool1" pooling_param { pool: MAX kernel_size: 2 stride: 2 } }
layer { name: "conv2" type: "Convolution" bottom: "pool1" top: "conv2" convolution_param { num_output: 4 kernel_size: 3 } }
layer { name: "relu2" type: "ReLU" bottom: "conv2" top: "relu2" }
layer { name: "head_a" type: "InnerProduct" bottom: "relu2" top: "head_a" inner_product_param { num_output: 3 } }
layer { name: "head_b" type: "InnerProduct" bottom: "relu2" top: "head_b" inner_product_param { num_output: 3 } }
layer { name: "drop" type: "Dropout" bottom: "head_b" top: "drop" }
layer { name: "last" type: "InnerProduct" bottom: "drop" top: "last" inner_product_param { num_output: 3 } }
"#;

/// The names of layers that are kept in fp32; others may follow them.
fn kept(net: &Net, options: &Options) -> Vec<String> {
    let Calibration { float_layers, .. } = calibrated(net, options);
    let kept =
        float_layers.into_iter().filter(|layer| matches!(layer.reason, FloatReason::Kept { .. }));
    kept.map(|layer| layer.name).collect()
}

/// The vendor's meanings of -fpfwd_inputs, -fpfwd_outputs and -fpfwd_blocks; a folded layer counts as the one that it
/// became part of.
#[test]
fn layers_are_kept_in_fp32_by_name() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let net = net(folder.path(), CHAIN);
    for (keep, pattern, expected) in [
        (Keep::Inputs, "pre", &["pre"][..]),
        (Keep::Inputs, "bn1", &["pre", "conv1"]),
        (Keep::Inputs, "relu1", &["pre", "conv1", "relu1"]),
        (Keep::Outputs, "head_*", &["head_a", "head_b", "last"]),
        (Keep::Outputs, "head_[b-z]", &["head_b", "last"]),
        (Keep::Outputs, "drop", &["last"]),
        (Keep::Outputs, "relu2", &["relu2", "head_a", "head_b", "last"]),
        (Keep::Blocks, "conv1", &["conv1", "relu1", "pool1"]),
        (Keep::Blocks, "conv?", &["conv1", "relu1", "pool1", "conv2", "relu2"]),
        (Keep::Blocks, "head_b", &["head_b"]),
    ] {
        let options = Options::default().keep(keep, pattern);
        assert_eq!(kept(&net, &options), expected, "{keep} {pattern}");
    }
    let options = Options::default().keep(Keep::Inputs, "pre").keep(Keep::Blocks, "last");
    let Calibration { quantized, float_layers, .. } = calibrated(&net, &options);
    let reasons: Vec<String> =
        float_layers.iter().map(|layer| format!("{}: {}", layer.name, layer.reason)).collect();
    assert_eq!(
        reasons,
        [
            "pre: -fpfwd_inputs keeps layer pre and all in front of it in fp32",
            "last: -fpfwd_blocks keeps layer last and what follows, up to the next computing layer, in fp32"
        ]
    );
    let data = quantized.net().blob_id("data").expect("data");
    assert_eq!(quantized.format(data).dtype, DType::F32, "its only reader is in fp32");
}

#[test]
fn patterns_that_describe_nothing_are_errors() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let net = net(folder.path(), CHAIN);
    let wrong = |options: Options| match calibrate(&net, &options, |_| ()) {
        Ok(_) => panic!("calibrated"),
        Err(error) => error.to_string(),
    };
    assert_eq!(
        wrong(Options::default().keep(Keep::Outputs, "head_c")),
        "-fpfwd_outputs: no layer has the name \"head_c\"; did you mean head_a, head_b?"
    );
    let all = wrong(Options::default().keep(Keep::Outputs, "pre"));
    assert!(all.starts_with("every layer that has an int8 form is kept in fp32"), "{all}");
}

/// Behind the last weights nothing is rounded: boxes and scores keep their own ranges.
#[test]
fn what_decodes_at_the_end_stays_in_fp32() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let layers = r#"
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv" convolution_param { num_output: 4 kernel_size: 3 } }
layer { name: "steps" type: "Parameter" top: "steps" parameter_param { shape { dim: 1 dim: 1 dim: 10 dim: 12 } } }
layer { name: "boxes" type: "BroadcastBinary" bottom: "conv" bottom: "steps" top: "boxes"
        broadcast_binary_param { operation: ADD } }
layer { name: "wide" type: "Power" bottom: "conv" top: "wide" power_param { scale: 100 } }
layer { name: "scores" type: "Sigmoid" bottom: "conv" top: "scores" }
layer { name: "joined" type: "Concat" bottom: "wide" bottom: "scores" top: "joined" }
layer { name: "alike" type: "Concat" bottom: "conv" bottom: "conv" top: "alike" }
"#;
    let Calibration { quantized, float_layers, .. } =
        calibrated(&net(folder.path(), layers), &Options::default());
    let reasons: Vec<(&str, &FloatReason)> =
        float_layers.iter().map(|layer| (layer.name.as_str(), &layer.reason)).collect();
    let ranges = FloatReason::Ranges { bottom: "scores".to_owned() };
    assert_eq!(
        reasons,
        [("steps", &FloatReason::Constant), ("boxes", &FloatReason::Ends), ("joined", &ranges)]
    );
    assert!(forms(&quantized).contains(&"alike rescaled".to_owned()), "{:?}", forms(&quantized));
}
