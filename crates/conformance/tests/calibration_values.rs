//! Calibration of nets with layers of single values and windows: tables, PReLU, Deconvolution, bilinear resizing. Exact
//! where it asks for forms and reasons, statistical where int8 is compared with fp32.
#![expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels")]

use std::path::Path;
use std::sync::Arc;

use ndarray::{ArrayD, IxDyn};
use quantization_tools::int8_calibration::Calibration;
use quantization_tools::prelude::*;
use quantization_tools::umodel::{Arithmetic, DType};

const DATA: &str = r#"
layer { name: "data" type: "Data" top: "data" transform_param { scale: 0.02 mean_value: 120 }
        data_param { source: "SOURCE" batch_size: 2 backend: LMDB } }
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv"
        convolution_param { num_output: 6 kernel_size: 3 pad: 1 } }
layer { name: "rectified" type: "Convolution" bottom: "data" top: "wide"
        convolution_param { num_output: 6 kernel_size: 1 } }
layer { name: "relu" type: "ReLU" bottom: "wide" top: "rectified" }
"#;

/// Layers behind `conv` and `rectified`, and the form that each gets.
const LAYERS: &[(&str, &str, &str)] = &[
    ("sigmoid", "type: 'Sigmoid' bottom: 'conv'", "table u8"),
    ("tanh", "type: 'TanH' bottom: 'conv'", "table i8"),
    ("swish", "type: 'Swish' bottom: 'conv'", "table i8"),
    ("upper_swish", "type: 'Swish' bottom: 'rectified'", "table u8"),
    ("hard_swish", "type: 'HardSwish' bottom: 'conv'", "table i8"),
    ("hard_sigmoid", "type: 'HardSigmoid' bottom: 'conv'", "table u8"),
    ("elu", "type: 'ELU' bottom: 'conv'", "table i8"),
    ("gelu", "type: 'Gelu' bottom: 'conv'", "table i8"),
    ("erf", "type: 'Erf' bottom: 'conv'", "table i8"),
    ("bnll", "type: 'BNLL' bottom: 'conv'", "table u8"),
    ("exp", "type: 'Exp' exp_param { scale: 0.5 } bottom: 'conv'", "table u8"),
    ("log", "type: 'Log' log_param { shift: 30 } bottom: 'conv'", "table u8"),
    ("square", "type: 'Power' power_param { power: 2 } bottom: 'conv'", "table u8"),
    ("absolute", "type: 'AbsVal' bottom: 'conv'", "table u8"),
    ("above", "type: 'Threshold' threshold_param { threshold: 0.2 } bottom: 'conv'", "table u8"),
    ("clip", "type: 'Clip' clip_param { min: -0.5 max: 0.7 } bottom: 'conv'", "table i8"),
    ("relu6", "type: 'ReLU6' relu6_param { threshold: 0.5 } bottom: 'conv'", "table u8"),
    ("prelu", "type: 'PReLU' bottom: 'conv'", "prelu i8"),
    ("shared", "type: 'PReLU' prelu_param { channel_shared: true } bottom: 'conv'", "prelu i8"),
    ("upper_prelu", "type: 'PReLU' bottom: 'rectified'", "same u8"),
    ("upper_leaky", "type: 'ReLU' relu_param { negative_slope: 0.1 } bottom: 'rectified'", "same u8"),
    (
        "deconvolution",
        "type: 'Deconvolution' convolution_param { num_output: 4 group: 2 kernel_size: 4 stride: 2 pad: 1 }
         bottom: 'conv'",
        "mac i8",
    ),
    (
        "upsampled",
        "type: 'Deconvolution' convolution_param { num_output: 6 group: 6 kernel_size: 4 stride: 2 pad: 1
         bias_term: false } bottom: 'rectified'",
        "mac i8",
    ),
    ("interp", "type: 'Interp' interp_param { zoom_factor: 2 } bottom: 'conv'", "interpolate i8"),
    (
        "doubled",
        "type: 'BilinearInterpolate' bilinear_interpolate_param { scale_factor: 2 align_corners: false }
         bottom: 'rectified'",
        "interpolate u8",
    ),
    ("resize", "type: 'Resize' resize_param { height: 7 width: 28 } bottom: 'conv'", "interpolate i8"),
    (
        "resample",
        "type: 'Resample' resample_param { method: LINEAR height: 21 width: 7 } bottom: 'conv'",
        "interpolate i8",
    ),
];

/// Layers that stay fp32, and why.
const FLOATS: &[(&str, &str, &str)] = &[
    (
        "uneven",
        "type: 'Interp' interp_param { height: 50 width: 14 } bottom: 'conv'",
        "resizing 14 pixels to 50 has 49 different weights along an axis, more than the 16 that are worth a command",
    ),
    (
        "wide_kernel",
        "type: 'Deconvolution' convolution_param { num_output: 6 group: 6 kernel_size: 64 stride: 32 pad: 16
         bias_term: false } bottom: 'conv'",
        "its stride or dilation needs 31 zeros between two values, and the command inserts 15 at most",
    ),
    (
        "large",
        "type: 'PReLU' bottom: 'conv'",
        "its largest slope, 200, is beyond the 127 of an int8 factor",
    ),
];

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

fn net(folder: &Path, layers: &[(&str, &str, &str)]) -> Net {
    let database = folder.join("db");
    let mut random = Random(1);
    let mut writer = create(&database, Backend::Lmdb, Existing::Refuse).expect("new");
    for index in 0..8 {
        let bytes = (0..3 * 14 * 14).map(|_| (255.0 * random.next()) as u8).collect();
        let datum = Datum::new([3, 14, 14], DatumData::Bytes(bytes), 0).expect("fits");
        writer.put(format!("{index:04}").as_bytes(), &datum.to_wire()).expect("put");
    }
    writer.finish().expect("finish");
    let mut text = DATA.replace("SOURCE", &database.display().to_string());
    for (name, layer, _) in layers {
        text += &format!("layer {{ name: '{name}' top: '{name}' {layer} }}\n");
    }
    let model = NetParameter::parse_text(&text).expect("valid");
    let net = Net::new(&model, None, Phase::Test, &DatabaseSources).expect("valid");
    let mut specs = net.specs();
    for spec in &mut specs {
        let shapes: &[(&[usize], f32, f32)] = match spec.name.as_str() {
            "conv" => &[(&[6, 3, 3, 3], -0.3, 0.3), (&[6], -0.2, 0.2)],
            "rectified" => &[(&[6, 3, 1, 1], -0.5, 0.5), (&[6], -0.2, 0.2)],
            "prelu" | "upper_prelu" => &[(&[6], -0.1, 0.6)],
            "shared" => &[(&[], 0.25, 0.25)],
            "large" => &[(&[6], 200.0, 200.0)],
            "deconvolution" => &[(&[6, 2, 4, 4], -0.4, 0.4), (&[4], -0.2, 0.2)],
            "upsampled" => &[(&[6, 1, 4, 4], 0.05, 0.5)],
            "wide_kernel" => &[(&[6, 1, 64, 64], 0.0, 0.1)],
            _ => continue,
        };
        spec.set_weights(shapes.iter().map(|(shape, low, high)| random.array(shape, *low, *high)));
    }
    Net::from_specs(net.name(), specs).expect("valid")
}

fn calibrated(net: &Net, method: Method) -> Calibration {
    calibrate(net, &Options::default().iterations(4).method(method), |_| ()).expect("calibrates")
}

/// Exact: forms and the types of tops.
#[test]
fn layers_of_integers_get_their_forms() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let quantized = calibrated(&net(folder.path(), LAYERS), Method::Kl).quantized;
    for (name, _, expected) in LAYERS {
        let index = quantized.net().layer_index(name).expect(name);
        let form = match quantized.arithmetic(index) {
            Arithmetic::Table(_) => "table",
            Arithmetic::Prelu { .. } => "prelu",
            Arithmetic::Same => "same",
            Arithmetic::MultiplyAccumulate { .. } => "mac",
            Arithmetic::Interpolate => "interpolate",
            other => panic!("{name}: {other:?}"),
        };
        let top = quantized.format(quantized.net().blob_id(name).expect(name)).dtype;
        let top = if top == DType::U8 { "u8" } else { "i8" };
        assert_eq!(format!("{form} {top}"), **expected, "{name}");
    }
}

/// Statistical: eight bits follow fp32 in every blob.
#[test]
fn int8_follows_fp32() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let net = net(folder.path(), LAYERS);
    for method in [Method::Kl, Method::Max] {
        let int8 = Executor::quantized(Arc::new(calibrated(&net, method).quantized)).expect("runs");
        let fp32 = Executor::new(Arc::new(net.clone())).expect("runs");
        let report = similarity(&fp32, &int8, 4, |_| ()).expect("runs");
        assert!(report.len() >= LAYERS.len(), "{report:#?}");
        for blob in &report {
            // A threshold turns the smallest error into the largest.
            let least = if blob.name == "above" { 0.97 } else { 0.995 };
            assert!(blob.worst_cosine > least, "{method:?} {blob:?}");
        }
    }
}

/// Exact: a fused ReLU clips a Deconvolution's top.
#[test]
fn a_relu_is_fused_into_a_deconvolution() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let relu = [
        LAYERS.iter().copied().find(|(name, ..)| *name == "deconvolution").expect("one"),
        ("positive", "type: 'ReLU6' bottom: 'deconvolution'", ""),
    ];
    let quantized = calibrated(&net(folder.path(), &relu), Method::Max).quantized;
    assert!(quantized.net().layer_index("positive").is_none());
    let top = quantized.net().blob_id("positive").expect("the ReLU's top");
    assert_eq!(quantized.format(top).dtype, DType::U8);
}

/// Exact: what of a layer does not fit is said.
#[test]
fn layers_of_floats_say_why() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let floats = calibrated(&net(folder.path(), FLOATS), Method::Max).float_layers;
    let found: Vec<(String, String)> =
        floats.iter().map(|layer| (layer.name.clone(), layer.reason.to_string())).collect();
    let expected: Vec<(String, String)> =
        FLOATS.iter().map(|&(name, _, reason)| (name.to_owned(), reason.to_owned())).collect();
    assert_eq!(found, expected);
}
