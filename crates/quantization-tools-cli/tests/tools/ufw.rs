//! Testing nets: the figures that are printed.

use std::collections::BTreeMap;

use crate::place::{OUTPUTS, Place};

/// The lines `NAME = VALUE`, and the value after `Loss: `.
fn figures(printed: &str) -> BTreeMap<&str, f32> {
    let mut figures = BTreeMap::new();
    for line in printed.lines() {
        let (name, value) =
            line.split_once(" = ").or_else(|| line.split_once(": ")).expect("NAME = VALUE");
        let value = value.split(' ').next().expect("a word").parse().expect(line);
        figures.insert(name, value);
    }
    figures
}

/// The accuracies are exact: 29 of 30 digits, and all among the best five. The losses are noted from a run; fp32
/// sums in another order change them by less than 1e-5. Caffe's own figures for whole nets are in `conformance`.
#[test]
fn accuracies_and_losses() {
    let place = Place::with_digits();
    place.calibrate(&["-iterations=30"]);
    for (mode, model, weights, loss, bound) in [
        ("test_fp32", "lenet.prototxt", "lenet.caffemodel", 0.069_291_78, 1e-5),
        ("test_fp32", OUTPUTS[3], "lenet.caffemodel", 0.069_291_78, 1e-5),
        // A threshold may fall on the bin beside if sums differ in their last bit.
        ("test_int8", OUTPUTS[4], OUTPUTS[0], 0.071_220_39, 2e-3),
    ] {
        let arguments = [mode, "-model", model, "-weights", weights, "-iterations", "30"];
        let printed = place.good("ufw", &arguments);
        let found = figures(&printed.out);
        let names: Vec<&str> = found.keys().copied().collect();
        assert_eq!(names, ["Loss", "accuracy", "accuracy_top5", "loss"], "{mode}");
        assert_eq!((found["accuracy"], found["accuracy_top5"]), (29.0 / 30.0, 1.0), "{mode}");
        assert!((found["loss"] - loss).abs() < bound, "{mode}: {}", found["loss"]);
        assert_eq!(found["Loss"], found["loss"], "{mode}: the only loss, with the weight 1");
        let line = format!("loss = {0} (* 1 = {0} loss)", found["loss"]);
        assert!(printed.out.lines().any(|found| found == line), "{mode}: {}", printed.out);
        assert!(printed.err.contains("testing: 30 of 30\nnext: "), "{}", printed.err);
    }
    // One digit, which is right: the first one's loss alone.
    let arguments =
        ["test_fp32", "-model=lenet.prototxt", "-weights=lenet.caffemodel", "-iterations=1"];
    let printed = place.good("ufw", &arguments).out;
    assert_eq!(figures(&printed)["accuracy"], 1.0);
}

#[test]
fn int8_is_compared_with_fp32() {
    let place = Place::with_digits();
    place.calibrate(&["-iterations=30"]);
    let fp32 = [&format!("-model={}", OUTPUTS[3]), "-weights=lenet.caffemodel"];
    let int8 = [&format!("-int8_model={}", OUTPUTS[4]), &format!("-int8_weights={}", OUTPUTS[0])];
    let int8 = int8.map(String::as_str);
    let arguments = [&["compare"][..], &fp32, &int8, &["-iterations=5"]].concat();
    let printed = place.good("ufw", &arguments).out;
    let mut lines = printed.lines();
    assert_eq!(
        lines.next().map(|line| line.split_whitespace().collect::<Vec<_>>()),
        Some(vec!["cosine", "of", "int8", "and", "fp32", "mean", "worst"])
    );
    for blob in ["conv1", "pool1", "conv2", "pool2", "ip1_1", "ip2"] {
        let line = lines.next().unwrap_or_default();
        let words: Vec<&str> = line.split_whitespace().collect();
        let &[name, mean, worst] = words.as_slice() else { panic!("{line:?}") };
        let [mean, worst] = [mean, worst].map(|word| word.parse::<f64>().expect(line));
        assert_eq!(name, blob);
        // The same scales in both nets, so nothing but rounding is between them.
        assert!(0.999 < worst && worst <= mean && mean < 1.0, "{line}");
    }
    assert_eq!(lines.next(), None);

    // An fp32 net is not taken for an int8 one.
    let same = [&format!("-int8_model={}", OUTPUTS[3]), "-int8_weights=lenet.caffemodel"];
    let arguments = [&["compare"][..], &fp32, &same, &["-iterations=5"]].concat();
    place.fails(1, "ufw", &arguments, "lenet.caffemodel holds fp32 weights");
    let arguments = [&["compare"][..], &fp32].concat();
    place.fails(2, "ufw", &arguments, "--int8_model");
}
