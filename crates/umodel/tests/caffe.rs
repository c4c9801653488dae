//! Against real Caffe, exact: shapes of single layers, and what upgrades make of old nets
//! (`fixtures/caffe-shapes/record.py`).

use std::path::PathBuf;

use serde_json::Value;
use umodel::{Error, LayerError, Net, NetParameter, NoSources, Phase};

fn cases(file: &str) -> Vec<Value> {
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/caffe-shapes").join(file);
    let text = std::fs::read_to_string(path).expect("fixture");
    serde_json::from_str(&text).expect("JSON")
}

/// Parts of nets that this Caffe refuses, for a reason of its own, and we do not.
const MORE: &[(&str, &str)] = &[
    ("\"BN\"", "its fillers are asked for a type that it does not have"),
    ("bottom: \"in2\" top: \"out0\"  }", "SmoothL1Loss inherits a limit of two bottoms"),
    (
        "\"SoftmaxWithLoss\" bottom: \"in0\" bottom: \"in1\" top: \"out0\" top",
        "two loss weights are asked for",
    ),
];

/// Parts of nets that we refuse and Caffe does not.
const LESS: &[(&str, &str)] = &[
    (
        "\"Scale\" bottom: \"in0\" bottom: \"in1\" top: \"out0\"  }",
        "this fork does not compare the factor's shape",
    ),
    ("axis: 2 end_axis: 1", "an empty range of axes becomes an axis of length 1"),
    ("kernel_size: 2 kernel_h: 2", "kernel_h alone beside kernel_size is overlooked"),
    ("slice_point: 4", "a piece of length 0"),
];

fn listed(list: &[(&str, &str)], net: &str) -> bool {
    list.iter().any(|(part, _)| net.contains(part))
}

#[test]
fn shapes_of_every_layer_type() {
    let mut wrong = Vec::new();
    for case in cases("shapes.json") {
        let text = case["net"].as_str().expect("text");
        let built = NetParameter::parse_text(text)
            .and_then(|model| Net::new(&model, None, Phase::Test, &NoSources));
        let found = match &built {
            Err(error) => {
                if !case["found"].is_null() && !listed(LESS, text) {
                    let cause = std::error::Error::source(error).map(ToString::to_string);
                    wrong.push(format!("refused: {error} {cause:?}\n{text}\n"));
                }
                continue;
            }
            Ok(net) => net,
        };
        let Some(layer) = found.layers().last() else { panic!("{text}") };
        if case["found"].is_null() {
            if !listed(MORE, text) {
                wrong.push(format!("not refused:\n{text}\n"));
            }
            continue;
        }
        let shapes = |ids: &[umodel::BlobId]| -> Vec<Vec<usize>> {
            ids.iter().map(|&id| found.blob(id).shape.clone()).collect()
        };
        let expected = |what: &str| -> Vec<Vec<usize>> {
            serde_json::from_value(case["found"][what].clone()).expect("shapes")
        };
        let bottoms = shapes(&layer.bottoms);
        let bottoms: Vec<&[usize]> = bottoms.iter().map(Vec::as_slice).collect();
        let weights = layer.op.weight_shapes(&bottoms).expect("weights");
        let mut expected_tops = expected("tops");
        // Where the length is known only when the layer runs, Caffe says 1 and we say the most that it can be.
        for (at, (found, expected)) in
            shapes(&layer.tops).iter().zip(&mut expected_tops).enumerate()
        {
            if let Some(axis) = layer.op.counted_axis(at, found)
                && expected.get(axis).is_some_and(|&length| length <= found[axis])
            {
                expected[axis] = found[axis];
            }
        }
        if shapes(&layer.tops) != expected_tops || weights != expected("weights") {
            let tops = shapes(&layer.tops);
            wrong.push(format!(
                "tops {tops:?}, weights {weights:?}, not {}\n{text}\n",
                case["found"]
            ));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Layer types whose shapes come from a file, so that no net alone shows them.
const FROM_FILES: &[&str] =
    &["AnnotatedData", "Data", "HDF5Data", "HDF5Output", "ImageData", "WindowData"];

#[test]
fn every_layer_type_that_caffe_registers_has_a_recorded_shape() {
    let shapes = cases("shapes.json");
    let recorded: Vec<&str> = shapes
        .iter()
        .filter(|case| !case["found"].is_null())
        .map(|case| case["type"].as_str().expect("text"))
        .collect();
    let registered = cases("types.json");
    assert!(registered.len() > 75, "{}", registered.len());
    for kind in &registered {
        let kind = kind.as_str().expect("text");
        assert_ne!(recorded.contains(&kind), FROM_FILES.contains(&kind), "{kind}");
        // This crate knows the type, too: what it lacks is a file or parameters.
        let net = format!("layer {{ name: 'l' type: '{kind}' top: 'x' }}");
        let net = NetParameter::parse_text(&net).expect("text");
        let Err(Error::Layer { source, .. }) = Net::new(&net, None, Phase::Test, &NoSources) else {
            continue;
        };
        assert!(!matches!(*source, LayerError::UnsupportedType { .. }), "{kind}");
    }
}

#[test]
fn upgrades_of_old_nets() {
    let mut wrong = Vec::new();
    for case in cases("upgrades.json") {
        let old = case["old"].as_str().expect("text");
        let Some(expected) = case["new"].as_str() else { continue };
        match NetParameter::parse_text(old) {
            Ok(model) if model.to_text() == expected => {}
            Ok(model) => {
                wrong.push(format!("{old}\nfound:\n{}\nexpected:\n{expected}", model.to_text()))
            }
            Err(error) => wrong.push(format!("{old}\n{error}")),
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
