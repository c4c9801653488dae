//! Fields of a layer that ask for thresholds, from a prototxt to the int8 net. Exact, unless a test says otherwise.

#![expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels and weights")]

use std::path::Path;

use ndarray::ArrayD;
use quantization_tools::int8_calibration::{self, Calibration, prepare};
use quantization_tools::prelude::*;
use quantization_tools::uframework::Random;
use quantization_tools::umodel::{Channels, DType};

const STEM: &str = "
    layer { name: 'data' type: 'Data' top: 'data' DATA transform_param { scale: 0.0078125 mean_value: 128 }
            data_param { source: 'SOURCE' batch_size: 2 backend: LMDB } }
    layer { name: 'c1' type: 'Convolution' bottom: 'data' top: 'c1' C1
            convolution_param { num_output: 4 kernel_size: 3 pad: 1 } }
    layer { name: 'bn' type: 'BatchNorm' bottom: 'c1' top: 'c1' BN }
    layer { name: 'sc' type: 'Scale' bottom: 'c1' top: 'c1' scale_param { bias_term: true } }
    layer { name: 'r1' type: 'ReLU' bottom: 'c1' top: 'c1' R1 }
    layer { name: 'p1' type: 'Pooling' bottom: 'c1' top: 'p1' pooling_param { kernel_size: 2 stride: 2 } P1 }
    layer { name: 'd1' type: 'Dropout' bottom: 'p1' top: 'p1' D1 }
    layer { name: 'c2' type: 'Convolution' bottom: 'p1' top: 'c2' C2
            convolution_param { num_output: 4 kernel_size: 1 } }
    layer { name: 'c3' type: 'Convolution' bottom: 'p1' top: 'c3' C3
            convolution_param { num_output: 4 kernel_size: 3 pad: 1 } }
    layer { name: 'sum' type: 'Eltwise' bottom: 'c2' bottom: 'c3' top: 'sum' SUM }
    layer { name: 'c4' type: 'Convolution' bottom: 'sum' top: 'c4'
            convolution_param { num_output: 2 kernel_size: 1 } }";

/// A database of pictures of noise.
fn pictures(folder: &Path) {
    let database = folder.join("db");
    let mut random = Random::new(3);
    let mut writer = create(&database, Backend::Lmdb, Existing::Refuse).expect("new");
    for index in 0..4 {
        let bytes = (0..3 * 64 * 64).map(|_| random.normal().mul_add(40.0, 128.0) as u8).collect();
        let datum = Datum::new([3, 64, 64], DatumData::Bytes(bytes), 0).expect("fits");
        writer.put(format!("{index:04}").as_bytes(), &datum.to_wire()).expect("put");
    }
    writer.finish().expect("finish");
}

/// The net with fields in layers, with weights of channels of different sizes.
fn net(folder: &Path, fields: &[(&str, &str)]) -> Net {
    let place = |layer: &str| format!(" {layer}\n");
    // Each layer has its place at the end of a line.
    let mut text = STEM.replace(" DATA transform", " DATA\ntransform").replace(" }\n", "\n}\n");
    for (layer, field) in fields {
        assert!(text.contains(&place(layer)), "{layer}");
        text = text.replace(&place(layer), &format!(" {field}\n"));
    }
    for layer in ["DATA", "C1", "BN", "R1", "P1", "D1", "C2", "C3", "SUM"] {
        text = text.replace(&place(layer), "\n");
    }
    let database = folder.join("db").display().to_string();
    let text = text.replace("SOURCE", &database);
    let model = NetParameter::parse_text(&text).expect("a prototxt");
    let plain = Net::new(&model, None, Phase::Test, &DatabaseSources).expect("a net");
    let mut random = Random::new(5);
    let mut specs = plain.specs();
    for (spec, layer) in specs.iter_mut().zip(plain.layers()) {
        let bottoms: Vec<&[usize]> =
            layer.bottoms.iter().map(|&id| plain.blob(id).shape.as_slice()).collect();
        let shapes = layer.op.weight_shapes(&bottoms).expect("shapes");
        let positive = spec.op.kind() == "BatchNorm";
        spec.set_weights(shapes.into_iter().map(|shape| {
            ArrayD::from_shape_fn(shape, |index| {
                let value = random.normal() as f32 / (1 << (index[0] % 3)) as f32;
                if positive { value.abs() + 0.5 } else { value }
            })
        }));
    }
    Net::from_specs("", specs).expect("a net")
}

/// A folder with pictures for calibrations.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("temporary folder");
        pictures(folder.path());
        Place(folder)
    }

    fn net(&self, fields: &[(&str, &str)]) -> Net {
        net(self.0.path(), fields)
    }

    fn run(&self, fields: &[(&str, &str)], options: &Options) -> Calibration {
        calibrate(&self.net(fields), options, |_| ()).expect("calibrates")
    }
}

fn options() -> Options {
    Options::default().iterations(2)
}

/// The scale of a blob, with its steps; it has to be int8.
fn threshold(calibration: &Calibration, blob: &str) -> f32 {
    let quantized = &calibration.quantized;
    let format = quantized.format(quantized.net().blob_id(blob).expect(blob));
    match format.dtype {
        DType::I8 => format.scale * 127.0,
        DType::U8 => format.scale * 255.0,
        DType::F32 => panic!("{blob} is fp32"),
    }
}

fn near(found: f32, expected: f32) -> bool {
    (found / expected - 1.0).abs() < 1e-6
}

fn has_factors(calibration: &Calibration, blob: &str) -> bool {
    let quantized = &calibration.quantized;
    let channels = quantized.channels(quantized.net().blob_id(blob).expect(blob));
    channels.is_some_and(Channels::are_scaled)
}

/// Why a layer is in fp32.
fn reason(calibration: &Calibration, layer: &str) -> Option<String> {
    let float = calibration.float_layers.iter().find(|float| float.name == layer);
    float.map(|float| float.reason.to_string())
}

/// Relative 1e-6. What is said of a convolution, of the BatchNorm that is folded into it, of the ReLU that is fused and of the
/// pooling and the Dropout behind them is all said of one blob, whose channels then have no factors.
#[test]
fn a_threshold_survives_preparation_fusion_and_equalization() {
    let place = Place::new();
    let plain = place.run(&[], &options());
    let blobs = ["c1_3", "p1"];
    assert!(blobs.iter().all(|blob| has_factors(&plain, blob)), "factors without a threshold");
    for layer in ["C1", "BN", "R1", "P1", "D1"] {
        let fixed = place.run(&[(layer, "threshold: 3")], &options());
        for blob in blobs {
            assert!(near(threshold(&fixed, blob), 3.0), "{layer} {blob}");
            assert!(!has_factors(&fixed, blob), "{layer} {blob}");
        }
        let text = fixed.quantized.to_parameter().to_text();
        assert!(!text.contains("threshold") && !text.contains("th_"), "{layer}: {text}");
    }
    // Of layers that become one the last holds.
    let last = place.run(&[("C1", "threshold: 3"), ("R1", "threshold: 2")], &options());
    assert!(near(threshold(&last, "c1_3"), 2.0));
    // The rest of the net still has factors.
    let first = place.run(&[("DATA", "threshold: 2")], &options());
    assert!(near(threshold(&first, "data"), 2.0) && has_factors(&first, "c1_3"));
    // What is written in fp32 keeps the fields.
    let prepared = prepare(&place.net(&[("C1", "threshold: 3 th_scale: 0.5")])).expect("prepares");
    let text = prepared.to_parameter().to_text();
    assert!(text.contains("threshold: 3\n  th_scale: 0.5"), "{text}");
    // Parts of a layer have its threshold.
    let recovered = place.run(&[("C1", "threshold: 3")], &options().recover(true));
    assert!(near(threshold(&recovered, "c1_3"), 3.0));
}

/// Relative 1e-6: strategies and factors, with the vendor's rules, too.
#[test]
fn thresholds_are_found_as_asked() {
    let place = Place::new();
    for vendor_rules in [false, true] {
        let options = options().vendor_rules(vendor_rules);
        let of = |calibration: &Calibration, method: Method| {
            method.threshold(calibration.statistics.histogram("c1_3").expect("counted"), 255)
        };
        let max = place.run(&[("C1", "th_strategy: USE_MAX")], &options);
        assert!(near(threshold(&max, "c1_3"), of(&max, Method::Max)));
        let half = place.run(&[("R1", "th_strategy: USE_MAX th_scale: 0.5")], &options);
        assert!(near(threshold(&half, "c1_3"), 0.5 * of(&half, Method::Max)));
        let kl = place.run(&[("C1", "th_strategy: USE_KL")], &options);
        assert!(near(threshold(&kl, "c1_3"), of(&kl, Method::Kl)));
        let jsd = options.clone().method(Method::JensenShannon);
        let entropy = place.run(&[("C1", "th_strategy: USE_KL")], &jsd);
        assert!(near(threshold(&entropy, "c1_3"), of(&entropy, Method::JensenShannon)));
    }
}

/// Relative 1e-6: sums and their bottoms have the threshold that is fixed for one of them; without a fixed one the largest.
#[test]
fn sums_share_what_is_fixed() {
    let place = Place::new();
    let fixed = place.run(&[("C2", "threshold: 4")], &options());
    for blob in ["c2", "c3", "sum"] {
        assert!(near(threshold(&fixed, blob), 4.0), "{blob}");
        assert!(!has_factors(&fixed, blob), "{blob}");
    }
    let alone = place.run(&[("C2", "threshold: 4")], &options().vendor_rules(true));
    assert!(near(threshold(&alone, "c2"), 4.0) && !near(threshold(&alone, "sum"), 4.0));
    let large = place.run(&[("C2", "th_scale: 8 th_strategy: USE_MAX")], &options());
    let counted = large.statistics.histogram("c2").expect("counted").absolute_maximum();
    assert!(near(threshold(&large, "c3"), 8.0 * counted));
    let two = place.net(&[("C2", "threshold: 4"), ("SUM", "threshold: 5")]);
    let error = calibrate(&two, &options(), |_| ()).expect_err("two thresholds");
    assert!(
        matches!(&error, int8_calibration::Error::TwoThresholds { first, second }
        if (first.layer.as_str(), second.layer.as_str()) == ("c2", "sum")),
        "{error}"
    );
    calibrate(&two, &options().vendor_rules(true), |_| ()).expect("nothing is shared");
}

/// Thresholds that no shift fits: the layer stays in fp32, with a reason, and those behind it do not compute with what is left
/// of its values.
#[test]
fn impossible_thresholds_keep_layers_in_fp32() {
    let place = Place::new();
    for vendor_rules in [false, true] {
        let run = |layer: &str, field: &str| {
            place.run(&[(layer, field)], &options().vendor_rules(vendor_rules))
        };
        let small = run("C1", "threshold: 1e-30");
        let why = reason(&small, "c1").expect("in fp32");
        assert!(why.contains("is beyond the 127 of an int8 weight"), "{why}");
        for reader in ["c2", "c3"] {
            let why = reason(&small, reader).expect("in fp32");
            assert!(why.contains("would be 0 even with a right shift of 31"), "{reader}: {why}");
        }
        let large = run("C1", "threshold: 1e30");
        let why = reason(&large, "c1").expect("in fp32");
        assert!(why.contains("one step of its top is 3.92"), "{why}");
        let why = reason(&large, "c2").expect("in fp32");
        assert!(why.contains("is beyond the 127 of an int8 weight"), "{why}");
        // A picture is then not stored as integers either.
        for (field, why) in
            [("threshold: 1e-30", "right shift of 31"), ("threshold: 1e30", "the 127")]
        {
            let data = run("DATA", field);
            assert!(reason(&data, "c1").expect("in fp32").contains(why), "{field}");
            let format = data.quantized.format(data.quantized.net().blob_id("data").expect("data"));
            assert_eq!(format.dtype, DType::F32, "{field}");
        }
        for field in ["threshold: 1e-45", "threshold: 3.4e38", "th_scale: 1e30", "th_scale: 1e-30"]
        {
            // Of blobs that share a scale the largest holds, so a small one of them is no matter.
            let count = if field == "th_scale: 1e-30" { 3 } else { 5 };
            for layer in ["DATA", "C1", "P1", "C2", "SUM"].into_iter().take(count) {
                let names = run(layer, field).float_layers;
                assert!(!names.is_empty(), "{field} of {layer} keeps something in fp32");
            }
        }
        assert!(run("C1", "threshold: 2").float_layers.is_empty());
    }
}

/// A layer that is folded into another one keeps that one in fp32.
#[test]
fn forward_with_float_is_folded_too() {
    let place = Place::new();
    let kept = place.run(&[("BN", "forward_with_float: true")], &options());
    assert_eq!(reason(&kept, "c1").as_deref(), Some("forward_with_float: true"));
}
