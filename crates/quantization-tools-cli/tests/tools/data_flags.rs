//! Flags that replace fields of the layer that brings a net's pictures, and how outputs are printed. Equal command
//! lines and prototxts give equal bytes.

use std::fs;

use crate::place::{OUTPUTS, Place, argument, fixture};

const FP32: [&str; 4] =
    ["test_fp32", "-model=lenet.prototxt", "-weights=lenet.caffemodel", "-iterations=6"];

/// A place with a second database, of digits that the first one does not have.
fn two_databases() -> Place {
    let place = Place::with_digits();
    let list = fs::read_to_string(fixture("lenet/test.txt")).expect("list");
    let short: String = list.lines().take(30).map(|line| format!("{line}\n")).collect();
    place.write("other.txt", short);
    let root = argument("lenet/");
    place.good("convert_imageset", &["--gray", &root, "other.txt", "other_lmdb"]);
    place
}

/// Writes a copy of LeNet's prototxt in which texts are replaced.
fn edited(place: &Place, name: &str, changes: &[(&str, &str)]) {
    let mut text = place.read_text("lenet.prototxt");
    for (old, new) in changes {
        assert!(text.contains(old), "{old}");
        text = text.replace(old, new);
    }
    place.write(name, text);
}

/// What `ufw` prints with these flags behind those of [`FP32`].
fn fp32(place: &Place, flags: &[&str]) -> String {
    place.good("ufw", &[&FP32[..], flags].concat()).out
}

const MEANS: &str = "transform_param { scale: 0.5 mean_value: 3 }";

#[test]
fn each_flag_does_what_its_field_does() {
    let place = two_databases();
    let plain = fp32(&place, &[]);
    let old = "transform_param { scale: 0.00390625 }";
    for (flags, changes) in [
        (&["-source=other_lmdb"][..], [("calibration_lmdb", "other_lmdb")]),
        (&["-batch_size", "5"], [("batch_size: 1 ", "batch_size: 5 ")]),
        (&["-scale=0.5", "-mean_value=3"], [(old, MEANS)]),
        (&["--mean-value=-2.5"], [(old, "transform_param { scale: 0.00390625 mean_value: -2.5 }")]),
    ] {
        edited(&place, "edited.prototxt", &changes);
        let mut arguments = FP32;
        arguments[1] = "-model=edited.prototxt";
        let wanted = place.good("ufw", &arguments).out;
        assert_ne!(wanted, plain, "{flags:?} shows");
        assert_eq!(fp32(&place, flags), wanted, "{flags:?}");
    }
}

#[test]
fn calibration_writes_what_it_used() {
    let place = two_databases();
    let flags = ["-source=other_lmdb", "-batch_size=3", "-scale=0.5", "-mean_value=3"];
    place.calibrate(&[&["-iterations=4"], &flags[..]].concat());
    let by_flags: Vec<_> = OUTPUTS.iter().map(|name| place.read(name)).collect();
    let batch = ("batch_size: 1 ", "batch_size: 3 ");
    let changes = [
        ("calibration_lmdb", "other_lmdb"),
        batch,
        ("transform_param { scale: 0.00390625 }", MEANS),
    ];
    edited(&place, "lenet.prototxt", &changes);
    place.calibrate(&["-iterations=4"]);
    let by_prototxt: Vec<_> = OUTPUTS.iter().map(|name| place.read(name)).collect();
    assert!(by_flags == by_prototxt);
}

#[test]
fn flags_that_cannot_apply_are_refused() {
    let place = Place::with_digits();
    for (flag, expected) in [
        ("-batch_size=0", "0 is not in 1..=65536"),
        ("-batch_size=65537", "65537 is not in 1..=65536"),
        ("-mean_value=1,inf", "not a finite number"),
        ("-mean_value=", "not a finite number"),
        ("-scale=nan", "not a finite number"),
        ("-scale=1e39", "not a finite number"),
        ("-source=", "a value is required"),
    ] {
        place.fails(2, "ufw", &[&FP32[..], &[flag]].concat(), expected);
    }
    place.fails(1, "ufw", &[&FP32[..], &["-mean_value=1,2"]].concat(), "mean_value");

    let old = "transform_param { scale: 0.00390625 }";
    let stands = "transform_param { transform_op { op: STAND } transform_op { op: STAND } }";
    edited(&place, "lenet.prototxt", &[(old, stands)]);
    let steps = "transform_op has 2 STAND steps; scale can be replaced where there is one";
    place.fails(1, "ufw", &[&FP32[..], &["-scale=2"]].concat(), steps);
    // The batch has nothing to do with the steps.
    fp32(&place, &["-batch_size=2"]);

    let text = place.read_text("lenet.prototxt");
    let second =
        "layer { name: 'more' type: 'ImageData' top: 'more' image_data_param { source: 'x' } }";
    place.write("lenet.prototxt", format!("{text}\n{second}\n"));
    let several =
        "expected one Data, AnnotatedData or ImageData layer in the TEST phase, found data, more";
    place.fails(1, "ufw", &[&FP32[..], &["-source=x"]].concat(), several);
    place.write("lenet.prototxt", "layer { name: 'd' type: 'Input' top: 'd' }");
    let none = "expected one Data, AnnotatedData or ImageData layer in the TEST phase, found none";
    place.fails(1, "ufw", &[&FP32[..], &["-source=x"]].concat(), none);
}

#[test]
fn testing_on_the_pictures_of_the_calibration_is_told() {
    let place = two_databases();
    place.calibrate(&["-iterations=5"]);
    let int8 = [
        "test_int8",
        "-model=lenet_test_int8_unique_top.prototxt",
        "-weights=lenet.int8umodel",
        "-iterations=2",
    ];
    let compare = [
        "compare",
        "-model=lenet_test_fp32_unique_top.prototxt",
        "-weights=lenet.caffemodel",
        "-int8_model=lenet_test_int8_unique_top.prototxt",
        "-int8_weights=lenet.int8umodel",
        "-iterations=2",
    ];
    let told = "testing on the calibration's pictures (calibration_lmdb)";
    for arguments in [&int8[..], &compare] {
        let plain = place.good("ufw", arguments);
        assert_eq!(plain.err.matches(told).count(), 1, "{}", plain.err);
        assert!(!plain.out.contains("calibration's"), "{}", plain.out);
        let other = place.good("ufw", &[arguments, &["-source=other_lmdb"]].concat());
        assert!(!other.err.contains("calibration's pictures"), "{}", other.err);
        assert_ne!(other.out, plain.out, "both nets read the other pictures");
    }
    // By hand in the prototxt, too.
    let text = place.read_text(OUTPUTS[4]).replace("calibration_lmdb", "other_lmdb");
    place.write(OUTPUTS[4], text);
    let edited = place.good("ufw", &int8).err;
    assert!(!edited.contains("calibration's pictures"), "{edited}");
}

#[test]
fn outputs_of_several_values_are_one_line() {
    let place = Place::with_digits();
    let text = place.read_text("lenet.prototxt");
    let softmax = "layer { name: 'p' type: 'Softmax' bottom: 'ip2' top: 'p' loss_weight: 2 }";
    place.write("lenet.prototxt", format!("{text}\n{softmax}\n"));
    let short = fp32(&place, &[]);
    let long = fp32(&place, &["-v"]);
    let values = |text: &str| -> Vec<f32> {
        let lines = text.lines().filter_map(|line| line.strip_prefix("p = "));
        let first = |line: &str| line.split(' ').next().and_then(|word| word.parse().ok());
        lines.map(|line| first(line).expect("a number")).collect()
    };
    let all = values(&long);
    assert_eq!((all.len(), values(&short).len()), (10, 0));
    let least = all.iter().copied().fold(f32::INFINITY, f32::min);
    let most = all.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    // Ten shares of one.
    let line = format!("p 1x10: min {least}, mean 0.100000, max {most} (* 2 = ");
    let found: Vec<&str> = short.lines().filter(|line| line.starts_with("p ")).collect();
    assert!(matches!(&found[..], [one] if one.starts_with(&line)), "{short}");
    let others = |text: &str| -> Vec<String> {
        text.lines().filter(|line| !line.starts_with("p ")).map(str::to_owned).collect()
    };
    assert_eq!(others(&short), others(&long));
}

/// The command that an importer names works.
#[test]
fn importers_name_the_next_command() {
    let place = Place::new();
    let [root, list] = ["lenet/", "lenet/calibration.txt"].map(argument);
    let size = ["-resize_height=4", "-resize_width=4"];
    place.good("convert_imageset", &[&size[..], &[&root, &list, "small_lmdb"]].concat());
    let model = argument("onnx/half.onnx");
    let flags = ["-m", &model, "-d", ".", "-n", "net"];
    let inputs = place.good("on_to_umodel", &flags).err;
    assert!(inputs.contains("next: convert_imageset"), "{inputs}");
    let pictures = place.good("on_to_umodel", &[&flags[..], &["-D", "small_lmdb"]].concat()).err;
    let next = pictures.lines().find_map(|line| line.strip_prefix("next: "));
    let mut words = next.expect("a command").split(' ');
    assert_eq!(words.next(), Some("calibration_use_pb"), "{pictures}");
    place.good("calibration_use_pb", &words.collect::<Vec<_>>());
}
