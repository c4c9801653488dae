//! `bm_model` as a user meets it: exact output, exact files, exit codes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use bmodel::{Bmodel, Builder, DataType, StoreMode, TensorInfo};

fn model(net: &str, images: u64) -> Bmodel {
    let tensor = |name: &str, address| {
        TensorInfo::new(name, DataType::I8, vec![images, 3, 8, 8])
            .store_mode(StoreMode::FourN)
            .address(address)
            .scale(0.5)
    };
    Builder::new(net, "BM1684")
        .coefficients(0x1_0510_0000, vec![7; 64])
        .context(0x1_0510_1000, 0x4000)
        .inputs(vec![tensor("data", 0x1_0510_1000)])
        .outputs(vec![tensor("prob", 0x1_0510_3000)])
        .groups(vec![[vec![1; 128], vec![2; 256]]])
        .build()
        .expect("built")
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("temporary folder");
    for (name, net, images) in [("a", "lenet", 1), ("b", "lenet", 4), ("c", "other", 1)] {
        let path = folder.path().join(name).with_extension("bmodel");
        model(net, images).write(path).expect("written");
    }
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::cargo_bin("bm_model").expect("built");
    command.current_dir(folder).args(arguments).output().expect("runs")
}

fn good(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert_eq!(text(&output.stderr), "", "{arguments:?}");
    assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    text(&output.stdout)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("folder");
    let mut names: Vec<PathBuf> =
        entries.map(|entry| entry.expect("entry").file_name().into()).collect();
    names.sort();
    names
}

#[test]
fn a_model_is_described() {
    let folder = folder();
    for arguments in [["--info", "b.bmodel"], ["-info", "b.bmodel"]] {
        assert_eq!(good(folder.path(), &arguments), bmodel::info(&model("lenet", 4)));
    }
    let json = good(folder.path(), &["--print=b.bmodel"]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["chip"], "BM1684");
    let stage = &json["net"][0]["parameter"][0];
    assert_eq!(stage["input_tensor"][0]["shape"][0]["dim"][0], 4);
    assert_eq!(stage["coeff_mem"]["binary_coeff"]["size"], 64);
}

#[test]
fn changed_coefficients_are_reported() {
    let folder = folder();
    let mut changed = model("lenet", 1);
    changed.data[0] ^= 1;
    changed.write(folder.path().join("a.bmodel")).expect("written");
    let output = run(folder.path(), &["--info", "a.bmodel"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stderr).starts_with("warning: a.bmodel: net \"lenet\": "));
}

#[test]
fn combined_models_can_be_taken_apart() {
    let folder = folder();
    let path = folder.path();
    let inputs = ["a.bmodel", "b.bmodel", "c.bmodel"];
    let printed = good(path, &["--combine", "a.bmodel", "b.bmodel", "c.bmodel"]);
    assert_eq!(printed, "bm_combined.bmodel\n");
    let printed =
        good(path, &["--combine", "a.bmodel", "b.bmodel", "c.bmodel", "-o", "all.bmodel"]);
    assert_eq!(printed, "all.bmodel\n");
    let [all, default] =
        ["all.bmodel", "bm_combined.bmodel"].map(|name| fs::read(path.join(name)).expect("file"));
    assert_eq!(all, default);
    let parts = ["bm_net0_stage0.bmodel", "bm_net0_stage1.bmodel", "bm_net1_stage0.bmodel"];
    let printed = good(path, &["--extract", "all.bmodel"]);
    assert_eq!(printed.lines().collect::<Vec<_>>(), parts);
    for (part, input) in parts.iter().zip(inputs) {
        let [part, input] = [*part, input].map(|name| fs::read(path.join(name)).expect("file"));
        assert_eq!(part, input);
    }
}

#[test]
fn mistakes_leave_nothing_behind() {
    let folder = folder();
    fs::write(folder.path().join("bad.bmodel"), [0; 64]).expect("written");
    let before = files(folder.path());
    for (code, arguments, expected) in [
        (1, &["--info", "none.bmodel"][..], "cannot read none.bmodel"),
        (1, &["--print", "bad.bmodel"], "not a bmodel"),
        (1, &["--extract", "bad.bmodel"], "not a bmodel"),
        (1, &["--combine", "a.bmodel", "a.bmodel"], "same shapes"),
        (1, &["--combine", "a.bmodel", "b.bmodel", "-o", "no/x.bmodel"], "cannot write"),
        (2, &["--combine", "a.bmodel"], "MORE"),
        (2, &["--info", "a.bmodel", "b.bmodel"], "cannot be used with"),
        (2, &["a.bmodel", "b.bmodel"], "--combine"),
        (2, &["--info", "a.bmodel", "--print", "a.bmodel"], "cannot be used with"),
        (2, &[], "required"),
    ] {
        let output = run(folder.path(), arguments);
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {error}");
        assert!(error.contains(expected), "{arguments:?}: {error:?} lacks {expected:?}");
        assert_eq!(files(folder.path()), before, "{arguments:?} left something behind");
    }
}

#[test]
fn completions_need_no_task() {
    let folder = folder();
    assert!(good(folder.path(), &["--completions", "bash"]).contains("bm_model"));
}
