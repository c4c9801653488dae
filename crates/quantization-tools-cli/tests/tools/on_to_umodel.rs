//! `on_to_umodel`. Values within 1e-4 of onnxruntime's, through --cmp.

use std::fs;

use quantization_tools::prelude::*;
use quantization_tools::umodel_import::{Options as ImportOptions, onnx};

use crate::place::{Place, argument, fixture};

#[test]
fn a_model_becomes_a_umodel_that_agrees_with_its_framework() {
    let place = Place::new();
    let (model, recorded) =
        (argument("onnx/channels_last.onnx"), argument("onnx/channels_last.npz"));
    let arguments = ["-m", &model, "-d", "out", "-n", "net", "--cmp", &recorded];
    let printed = place.good("on_to_umodel", &arguments).out;
    let mut lines: Vec<&str> = printed.lines().collect();
    let compared = lines.pop().expect("a line");
    let expected = [
        "input x [2, 7, 6, 3]: blob x [2, 3, 7, 6]",
        "output Add_16 [2, 3]: blob Add_16 [2, 3]",
        "output Softmax_18 [2, 9, 8]: blob Softmax_18 [2, 9, 8]",
        "output MaxPool_20 [2, 8, 2, 2]: blob MaxPool_20 [2, 8, 2, 2]",
        "output Sub_23 [2, 3, 3, 5]: blob Sub_23/permuted [2, 3, 3, 5]",
        "output PRelu_24 [2, 3, 3, 3]: blob PRelu_24/permuted [2, 3, 3, 3]",
        "output Pad_25 [2, 4, 6, 3]: blob Pad_25/permuted [2, 4, 6, 3]",
        "27 layers",
        "out/net.fp32umodel",
        "out/net.prototxt",
    ];
    assert_eq!(lines, expected);
    // 28 tensors are recorded; one is the input.
    let figure = compared.strip_prefix("27 tensors compared, largest relative difference ");
    let figure = figure.and_then(|rest| rest.split(' ').next()).expect(compared);
    assert!(figure.parse::<f32>().expect(compared) < 1e-5, "{compared}");
    assert_eq!(place.names("out"), ["net.fp32umodel", "net.prototxt"], "nothing else");

    let net = NetParameter::read(place.path("out/net.prototxt")).expect("prototxt");
    assert_eq!((net.name(), net.input_shapes()), ("net", vec![vec![2, 3, 7, 6]]));
    let weights = NetParameter::read(place.path("out/net.fp32umodel")).expect("weights");
    // Both files are one net: the one that the library imports.
    let read = Net::with_weights(&net, weights, Phase::Test, &NoSources).expect("valid");
    let options = ImportOptions::new("net");
    let imported = onnx::read(&model, &options).expect("imported").net;
    assert_eq!(read.to_parameter().to_text(), imported.to_parameter().to_text());
    let bytes = |net: &Net| net.to_parameter_with_weights().to_bytes().expect("fits");
    assert!(bytes(&read) == bytes(&imported), "the weights");
}

#[test]
fn a_difference_is_exit_code_1() {
    let place = Place::new();
    let (model, recorded) = (argument("onnx/line.onnx"), argument("onnx/line.npz"));
    let printed = place.good("on_to_umodel", &["-m", &model, "--cmp", &recorded]);
    assert!(printed.out.contains("\n7 tensors compared, "), "{}", printed.out);

    // One recorded value is changed: the last one of the last tensor.
    let mut changed = fs::read(fixture("onnx/line.npz")).expect("recorded");
    let end = changed.windows(4).position(|window| window == b"PK\x01\x02").expect("the directory");
    changed[end - 4..end].copy_from_slice(&1e6f32.to_le_bytes());
    place.write("changed.npz", changed);
    let arguments = ["-m", &model, "--cmp", "changed.npz", "-d", "compilation"];
    let error = place.fails(1, "on_to_umodel", &arguments, "is the first to differ, by ");
    assert!(error.contains("tensor \"Flatten_6\""), "{error}");

    let other = argument("onnx/shapes.npz");
    let expected = "tensor \"x\" was recorded as [2, 8, 4, 6], the net has [1, 3, 20]";
    place.fails(1, "on_to_umodel", &["-m", &model, "--cmp", &other], expected);
}

/// Exact: a model that was exported for one size takes others, as far as its operators do.
#[test]
fn fixed_sizes_may_be_changed() {
    let place = Place::new();
    let model = argument("onnx/windows.onnx");
    let line = argument("onnx/line.onnx");
    for (arguments, expected) in [
        (["-m", &line, "-s", "[4,3,33]"], "input x [4, 3, 33]: blob x [4, 3, 33]"),
        (["-m", &model, "-s", "[3,4,11,12]"], "input x [3, 4, 11, 12]: blob x [3, 4, 11, 12]"),
    ] {
        let printed = place.good("on_to_umodel", &arguments).out;
        assert!(printed.contains(expected), "{printed}");
    }
}

#[test]
fn mistakes_are_told() {
    let place = Place::new();
    let model = argument("onnx/line.onnx");
    place.write("cut.onnx", &fs::read(&model).expect("model")[..100]);
    for (arguments, expected) in [
        (
            &["-m", &model, "-o", "Flaten_6"][..],
            "no output \"Flaten_6\"; did you mean \"Flatten_6\"?",
        ),
        (&["-m", &model, "-s", "[1,3,20,1]"], "shape [1, 3, 20, 1], the model has [1, 3, 20]"),
        (
            &["-m", &model, "-s", "[1,4,20]"],
            "the net cannot have input \"x\" of shape [1, 4, 20] (the model has [1, 3, 20]): node \"Conv_0_node\" (Conv)",
        ),
        (&["-m", &model, "-s", "[1,3,2]"], "the net cannot have input \"x\" of shape [1, 3, 2]"),
        (&["-m", &model, "-n", "a/b"], "the net's name \"a/b\" cannot be a file's"),
        (&["-m", &model, "-a"], "give -D"),
        (&["-m", "cut.onnx"], "not a readable ONNX model"),
        (&["-m", "no.onnx"], "cannot read no.onnx"),
    ] {
        place.fails(1, "on_to_umodel", arguments, expected);
    }
}
