//! `on_to_umodel` as a user meets it. Values within 1e-4 of onnxruntime's, through --cmp.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use quantization_tools::prelude::*;

fn fixture(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/onnx");
    folder.join(name).display().to_string()
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::cargo_bin("on_to_umodel").expect("built");
    command.current_dir(folder).args(arguments).output().expect("runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_model_becomes_a_umodel_that_agrees_with_its_framework() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (model, recorded) = (fixture("channels_last.onnx"), fixture("channels_last.npz"));
    let done = run(folder.path(), &["-m", &model, "-d", "out", "-n", "net", "--cmp", &recorded]);
    assert!(done.status.success(), "{}", text(&done.stderr));
    assert!(text(&done.stdout).contains("27 tensors compared"), "{}", text(&done.stdout));
    let file = |name: &str| -> PathBuf { folder.path().join("out").join(name) };
    let prototxt = fs::read_to_string(file("net.prototxt")).expect("a file");
    assert!(prototxt.contains("dim: 3"), "an NCHW input: {prototxt}");
    NetParameter::read(file("net.fp32umodel")).expect("weights");
    assert_eq!(fs::read_dir(file("")).expect("folder").count(), 2, "nothing else");
}

#[test]
fn a_difference_is_exit_code_1() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (model, other) = (fixture("line.onnx"), fixture("shapes.npz"));
    let done = run(folder.path(), &["-m", &model, "--cmp", &other]);
    assert_eq!(done.status.code(), Some(1), "another model's tensors");
}

#[test]
fn mistakes_are_told() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let model = fixture("line.onnx");
    fs::write(folder.path().join("cut.onnx"), &fs::read(&model).expect("model")[..100])
        .expect("file");
    for (arguments, expected) in [
        (vec!["-m", model.as_str(), "-o", "Flaten_6"], "did you mean \"Flatten_6\""),
        (
            vec!["-m", model.as_str(), "-s", "[1,3,21]"],
            "shape [1, 3, 21], the model has [1, 3, 20]",
        ),
        (vec!["-m", "cut.onnx"], "not a readable ONNX model"),
        (vec!["-m", "no.onnx"], "cannot read no.onnx"),
    ] {
        let done = run(folder.path(), &arguments);
        assert_eq!(done.status.code(), Some(1), "{arguments:?}");
        let error = text(&done.stderr);
        assert!(error.contains(expected), "{error}");
        assert!(!folder.path().join("compilation").exists(), "{arguments:?} left files");
    }
}
