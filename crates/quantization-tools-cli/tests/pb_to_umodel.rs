//! `pb_to_umodel` and `cf_to_umodel` as a user meets them. Bit-exact where files are compared.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use quantization_tools::prelude::*;
use quantization_tools::pb_to_umodel;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(name)
}

fn run(tool: &str, folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::cargo_bin(tool).expect("built");
    command.current_dir(folder).args(arguments).output().expect("runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The seed's command line, with a net of the fixtures in place of ResNet-50.
fn arguments<'a>(model: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments =
        vec!["-m", model, "-i", "x:0", "-o", "output:0", "-n", "net", "-p", "INCEPTION"];
    arguments.extend(["-D", "../no such folder/lmdb", "-t"]);
    arguments.extend(more);
    arguments
}

#[test]
fn a_graph_becomes_a_test_net() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let model = fixture("tensorflow/cases/conv_same_stride.pb").display().to_string();
    let done = run("pb_to_umodel", folder.path(), &arguments(&model, &["-s", "(1, 8, 8, 3)"]));
    assert!(done.status.success(), "{}", text(&done.stderr));
    let prototxt =
        fs::read_to_string(folder.path().join("compilation/net.prototxt")).expect("a file");
    for part in
        ["type: \"Data\"", "no such folder/lmdb", "bgr2rgb: true", "num_output: 5", "batch_size: 1"]
    {
        assert!(prototxt.contains(part), "{part} is not in {prototxt}");
    }
    let weights =
        NetParameter::read(folder.path().join("compilation/net.fp32umodel")).expect("weights");
    assert!(weights.layer_names().any(|name| name == "Conv2D"), "TensorFlow's names stay");

    // The same by the library, to the same bytes.
    let outdir = folder.path().join("library").display().to_string();
    let same = arguments(&model, &["-s", "(1, 8, 8, 3)", "-d", &outdir]);
    let parsed = pb_to_umodel::parse_args(same).expect("arguments");
    let converted = pb_to_umodel::convert_pb_to_umodelv2(&parsed).expect("converted");
    for path in converted.paths {
        let other = folder.path().join("compilation").join(path.file_name().expect("a name"));
        assert_eq!(fs::read(&path).expect("a file"), fs::read(other).expect("a file"));
    }
}

#[test]
fn accuracy_layers_read_the_label() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let model = fixture("tensorflow/cases/flatten_dense.pb").display().to_string();
    let done =
        run("pb_to_umodel", folder.path(), &arguments(&model, &["-s", "(2, 7, 6, 4)", "-a"]));
    assert!(done.status.success(), "{}", text(&done.stderr));
    let prototxt =
        fs::read_to_string(folder.path().join("compilation/net.prototxt")).expect("a file");
    assert_eq!(prototxt.matches("type: \"Accuracy\"").count(), 2, "{prototxt}");
    assert!(prototxt.contains("top_k: 5"), "{prototxt}");
}

#[test]
fn mistakes_are_told_on_one_line_and_write_nothing() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let good = fixture("tensorflow/cases/conv_same_stride.pb").display().to_string();
    let cut = folder.path().join("cut.pb");
    let whole = fs::read(&good).expect("a file");
    // The last five bytes are a field of their own.
    fs::write(&cut, &whole[..whole.len() - 6]).expect("written");
    let cut = cut.display().to_string();
    for (arguments, part, code) in [
        (vec!["-m", "missing.pb"], "missing.pb", 1),
        (vec!["-m", &cut], "GraphDef", 1),
        (vec!["-m", &good, "-i", "y"], "input \"y\"", 1),
        (vec!["-m", &good, "-o", "outptu"], "did you mean \"output\"?", 1),
        (vec!["-m", &good, "-s", "(1, 9, 8, 3)"], "[1, 9, 8, 3]", 1),
        (vec!["-m", &good, "-s", "(1, 8, 8, 3), (1, 2)"], "2 input shapes", 1),
        (vec!["-m", &good, "-a"], "give -D", 1),
        (vec!["-m", &good, "-p", "VGG16"], "VGG16", 2),
        (vec!["-m", &good, "-s", "1x2"], "no list of shapes", 2),
        (vec![], "--model", 2),
    ] {
        let done = run("pb_to_umodel", folder.path(), &arguments);
        let message = text(&done.stderr);
        assert_eq!(done.status.code(), Some(code), "{arguments:?}: {message}");
        assert!(message.contains(part), "{arguments:?}: {message}");
        assert!(code == 2 || message.lines().count() == 1, "{message}");
        assert!(!folder.path().join("compilation").exists(), "{arguments:?}");
    }
}

#[test]
fn a_caffe_net_becomes_a_umodel() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let [model, weights] = ["lenet/lenet.prototxt", "lenet/lenet.caffemodel"]
        .map(|name| fixture(name).display().to_string());
    let done = run(
        "cf_to_umodel",
        folder.path(),
        &["-m", &model, "-w", &weights, "-s", "(1, 1, 28, 28)", "-n", "lenet", "-D", "elsewhere"],
    );
    assert!(done.status.success(), "{}", text(&done.stderr));
    let path = |kind: &str| folder.path().join(format!("compilation/lenet.{kind}"));
    let prototxt = fs::read_to_string(path("prototxt")).expect("a file");
    assert!(prototxt.contains("source: \"elsewhere\""), "{prototxt}");
    let (old, new) = (
        NetParameter::read(&weights).expect("weights"),
        NetParameter::read(path("fp32umodel")).expect("weights"),
    );
    let learnt = |net: &NetParameter| -> Vec<String> {
        net.layers().map(|layer| layer.name().to_owned()).collect()
    };
    assert!(learnt(&old).iter().all(|name| learnt(&new).contains(name)), "every layer is there");
}
