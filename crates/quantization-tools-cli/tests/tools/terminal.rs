//! What the tools do when nobody listens: the work is finished and saved, and the tool ends without a panic.

use std::fs::File;
use std::process::{Command, ExitStatus, Stdio};

use crate::place::{OUTPUTS, Place, RELEASE, argument, text};

/// A tool, its arguments, and the files that it leaves.
struct Case {
    tool: &'static str,
    arguments: Vec<String>,
    files: Vec<&'static str>,
}

fn case(tool: &'static str, arguments: &[&str], files: &[&'static str]) -> Case {
    Case {
        tool,
        arguments: arguments.iter().map(ToString::to_string).collect(),
        files: files.to_vec(),
    }
}

/// A case for each tool and kind of work, in an order in which each finds what it needs.
fn cases() -> Vec<Case> {
    let net = ["-model=lenet.prototxt", "-weights=lenet.caffemodel", "-iterations=1"];
    let int8 = ["-model", "lenet_deploy_int8_unique_top.prototxt", "-weight", "lenet.int8umodel"];
    let [bmodel, other] = ["compilation/compilation.bmodel", "other/compilation.bmodel"];
    let onnx = argument("onnx/line.onnx");
    let graph = argument("tensorflow/cases/conv_same_stride.pb");
    vec![
        case(
            "convert_imageset",
            &["--gray", &argument("lenet/"), "short.txt", "again_lmdb"],
            &["again_lmdb/data.mdb"],
        ),
        case("convert_imageset", &["--help"], &[]),
        case("calibration_use_pb", &[&RELEASE[..], &["-iterations=2"]].concat(), &OUTPUTS),
        case("ufw", &[&["test_fp32"], &net[..]].concat(), &[]),
        case("bmnetu", &int8, &[bmodel, "compilation/output_ref_data.dat"]),
        case("bm_model", &["--info", bmodel], &[]),
        case("bm_model", &["--disassemble", bmodel], &[]),
        case("bmnetu", &[&int8[..], &["-net_name=other", "-outdir=other"]].concat(), &[other]),
        case("bm_model", &["--combine", bmodel, other, "-o", "two.bmodel"], &["two.bmodel"]),
        case("umodel", &["show", "lenet.prototxt"], &[]),
        case("umodel", &["convert", "lenet.caffemodel", "text.prototxt"], &["text.prototxt"]),
        case("umodel", &["draw", "lenet.prototxt", "net.svg"], &["net.svg"]),
        case(
            "cf_to_umodel",
            &["-m", "lenet.prototxt", "-w", "lenet.caffemodel", "-d", "caffe"],
            &["caffe/lenet.prototxt"],
        ),
        case("on_to_umodel", &["-m", &onnx, "-n", "net", "-d", "onnx"], &["onnx/net.prototxt"]),
        case(
            "pb_to_umodel",
            &[
                "-m",
                &graph,
                "-i",
                "x",
                "-o",
                "output",
                "-s",
                "(1,8,8,3)",
                "-n",
                "net",
                "-d",
                "tensorflow",
            ],
            &["tensorflow/net.prototxt"],
        ),
    ]
}

/// Runs all cases, in a new folder, with an end of each output that the two functions choose, and looks for the
/// files that they have to leave.
fn run_all(out: fn() -> Stdio, err: fn() -> Stdio, check: fn(&Case, ExitStatus)) {
    let place = Place::with_digits();
    for case in cases() {
        let mut command = Command::new(place.command(case.tool).get_program());
        command.current_dir(place.folder()).args(&case.arguments).stdout(out()).stderr(err());
        let status = command.status().expect("runs");
        check(&case, status);
        for file in &case.files {
            assert!(place.path(file).is_file(), "{} {:?}: {file}", case.tool, case.arguments);
        }
    }
}

/// A pipe whose reader has gone.
fn closed() -> Stdio {
    let mut reader = Command::new("true").stdin(Stdio::piped()).spawn().expect("runs");
    let pipe = reader.stdin.take().expect("a pipe");
    reader.wait().expect("ends");
    pipe.into()
}

#[cfg(target_os = "linux")]
fn full() -> Stdio {
    File::options().write(true).open("/dev/full").expect("a device").into()
}

#[test]
fn a_reader_that_has_gone_is_no_failure() {
    run_all(closed, closed, |case, status| {
        assert_eq!(status.code(), Some(0), "{} {:?}", case.tool, case.arguments);
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_terminal_does_not_lose_the_work() {
    run_all(full, full, |case, status| {
        let code = status.code();
        // `convert` and `draw` print one line, help is printed by clap: both are no panic.
        assert!(matches!(code, Some(0 | 1)), "{} {:?}: {code:?}", case.tool, case.arguments);
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_standard_output_is_told_at_the_end() {
    let place = Place::with_digits();
    let mut command = Command::new(place.command("calibration_use_pb").get_program());
    command.current_dir(place.folder()).args(RELEASE).arg("-iterations=1").stdout(full());
    let output = command.stderr(Stdio::piped()).output().expect("runs");
    assert_eq!(output.status.code(), Some(1));
    let error = text(&output.stderr);
    assert!(error.contains("error: cannot print: No space left on device"), "{error}");
    assert!(OUTPUTS.iter().all(|file| place.path(file).is_file()));
}

/// Names from files: neither colours nor a cleared screen reach the terminal.
#[test]
fn names_do_not_steer_the_terminal() {
    let place = Place::new();
    let name = "\u{1b}]0;title\u{7}\u{1b}[2J";
    let layers = format!(
        "name: '{name}' layer {{ name: '{name}' type: 'Input' top: '{name}'
           input_param {{ shape {{ dim: [1, 1, 2, 2] }} }} }}
         layer {{ name: 'r{name}' type: 'ReLU' bottom: '{name}' top: 'r{name}' }}"
    );
    place.write("net.prototxt", &layers);
    place.write("wrong.prototxt", layers.replace("'ReLU'", &format!("'{name}'")));
    place.write("list.txt", format!("{name}.png 1\n"));
    let root = format!("{}/", place.folder().display());
    for (tool, arguments) in [
        ("umodel", vec!["show", "net.prototxt"]),
        ("umodel", vec!["show", "wrong.prototxt"]),
        ("umodel", vec!["diff", "net.prototxt", "wrong.prototxt"]),
        ("convert_imageset", vec![root.as_str(), "list.txt", "lmdb"]),
        ("cf_to_umodel", vec!["-m", "wrong.prototxt", "-w", "wrong.prototxt"]),
    ] {
        let output = place.run(tool, &arguments);
        for bytes in [&output.stdout, &output.stderr] {
            let text = text(bytes);
            let steers = |c: char| c.is_control() && c != '\n';
            assert!(!text.contains(steers), "{tool} {arguments:?}: {text:?}");
        }
    }
}

#[test]
fn the_next_command_is_the_last_line() {
    let place = Place::with_digits();
    for case in cases() {
        let arguments: Vec<&str> = case.arguments.iter().map(String::as_str).collect();
        let filter = ["--help", "--disassemble"].contains(&arguments[0]) || arguments[0] == "draw";
        let err = place.good(case.tool, &arguments).err;
        let last = err.lines().last().unwrap_or_default();
        assert_eq!(last.starts_with("next: "), !filter, "{} {arguments:?}: {err}", case.tool);
        let quiet = place.run(case.tool, &[&arguments[..], &["-q"]].concat());
        assert!(!text(&quiet.stderr).contains("next: "), "{} {arguments:?}", case.tool);
    }
}
