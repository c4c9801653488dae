//! A detector from pictures and boxes to its score.

use std::collections::BTreeMap;
use std::fs;

use crate::place::{Place, argument, fixture};

/// An average precision for each class, and the mean of all.
struct Score {
    classes: Vec<f32>,
    mean: f32,
}

/// The lines of DetectionEvaluate: the classes' values, and their mean.
fn score(printed: &str) -> Score {
    let value = |line: &str, suffix: &str| -> f32 {
        let text = line.split_once(" = ").expect("NAME = VALUE").1;
        text.strip_suffix(suffix).expect(line).parse().expect(line)
    };
    let lines: Vec<&str> =
        printed.lines().filter(|line| line.starts_with("detection_eval")).collect();
    let [mean, classes @ ..] = &lines[..] else { panic!("no score: {printed}") };
    Score {
        mean: value(mean, " (mAP)"),
        classes: classes.iter().map(|line| value(line, " (AP)")).collect(),
    }
}

/// A folder with the small SSD and a database of 60 pictures with their boxes.
fn with_shapes() -> Place {
    let place = Place::new();
    for file in ["shapes/ssd.prototxt", "shapes/ssd.caffemodel", "shapes-map/labelmap.prototxt"] {
        let name = file.split_once('/').expect("a folder").1;
        fs::copy(fixture(file), place.path(name)).expect("copy");
    }
    let (root, list) = (argument("shapes-map/"), argument("shapes-map/test.txt"));
    let flags = ["--anno_type=detection", "--label_map_file=labelmap.prototxt", "--check_label"];
    let printed =
        place.good("convert_annoset", &[&flags[..], &[&root, &list, "test_lmdb"]].concat());
    assert_eq!(printed.out, "Processed 60 files, skipped 0.\n0 warnings.\n");
    place
}

/// Against real Caffe on the same records, for all ways to take the area. fp32: mean and classes within 1e-5, since
/// scores that differ in their last bits could only change places with equal ones. int8: the mean within 0.02, one box
/// of each class being worth about as much.
#[test]
fn average_precisions_are_caffes() {
    let noted = fs::read_to_string(fixture("shapes-map/caffe.json")).expect("caffe.json");
    let noted: BTreeMap<String, serde_json::Value> = serde_json::from_str(&noted).expect("JSON");
    let value = |value: &serde_json::Value| value.to_string().parse::<f32>().expect("a number");
    let noted = noted.into_iter().map(|(version, score)| {
        let classes = score["classes"].as_array().expect("classes").iter().map(value).collect();
        (version, Score { classes, mean: value(&score["mean"]) })
    });
    let noted: BTreeMap<String, Score> = noted.collect();
    assert_eq!(noted.len(), 3);
    let place = with_shapes();
    let net = ["-model=ssd.prototxt", "-weights=ssd.caffemodel", "-iterations=6"];
    place.good("calibration_use_pb", &[&["release"], &net[..]].concat());
    let int8 =
        ["-model=ssd_test_int8_unique_top.prototxt", "-weights=ssd.int8umodel", "-iterations=6"];
    for (version, caffe) in &noted {
        let version = format!("--ap_version={version}");
        let test = |mode, net: &[&str]| {
            score(&place.good("ufw", &[&[mode], net, &[&version]].concat()).out)
        };
        let found = test("test_fp32", &net);
        assert!((found.mean - caffe.mean).abs() < 1e-5, "{version}: {} {}", found.mean, caffe.mean);
        assert_eq!(found.classes.len(), caffe.classes.len());
        for (found, caffe) in found.classes.iter().zip(&caffe.classes) {
            assert!((found - caffe).abs() < 1e-5, "{version}: {found} {caffe}");
        }
        let found = test("test_int8", &int8).mean;
        assert!((found - caffe.mean).abs() < 0.02, "{version}: int8 {found} {}", caffe.mean);
    }
}

/// Exact: what Caffe's rules say of nets that find nothing, or keep all.
#[test]
fn all_boxes_and_none() {
    let place = with_shapes();
    let net = place.read_text("ssd.prototxt");
    let test = |from: &str, to: &str| {
        assert!(net.contains(from), "there is no {from:?}");
        place.write("changed.prototxt", net.replace(from, to));
        let arguments =
            ["test_fp32", "-model=changed.prototxt", "-weights=ssd.caffemodel", "-iterations=6"];
        place.good("ufw", &arguments).out
    };
    let kept = score(&test("keep_top_k: 50", "keep_top_k: 50"));
    // No picture has 50 boxes.
    let all = score(&test("keep_top_k: 50", "keep_top_k: -1"));
    assert_eq!((all.mean, all.classes), (kept.mean, kept.classes));
    let none = score(&test("confidence_threshold: 0.01", "confidence_threshold: 1.5"));
    assert_eq!((none.mean, none.classes), (0.0, vec![0.0; 3]));
}

/// Records and layers that do not fit each other: one line that names the layer, and nothing is written.
#[test]
fn what_does_not_fit() {
    let place = with_shapes();
    let net = place.read_text("ssd.prototxt");
    let eval = net.find("type: \"DetectionEvaluate\"").expect("a layer");
    let (front, last) = net.split_at(eval);
    let changed = |text: &str, from: &str, to: &str| {
        assert!(text.contains(from), "there is no {from:?}");
        text.replace(from, to)
    };
    place.write(
        "labels.prototxt",
        front.to_owned() + &changed(last, "num_classes: 4", "num_classes: 3"),
    );
    place.write("classes.prototxt", changed(front, "num_classes: 4", "num_classes: 3") + last);
    place.write("priors.prototxt", changed(&net, "  bottom: \"conv6_prior\"\n", ""));
    place.write("ssd_copy.prototxt", &net);
    let list: String = (2500..2510).map(|number| format!("pictures/{number:05}.jpg 1\n")).collect();
    place.write("classes.txt", list);
    let root = argument("shapes-map/");
    let classification = ["--anno_type=classification", &root, "classes.txt", "labels_lmdb"];
    place.good("convert_annoset", &classification);
    place.good("convert_imageset", &[&root, "classes.txt", "plain_lmdb"]);
    for (model, source, expected) in [
        (
            "labels",
            "test_lmdb",
            "(DetectionEvaluate): a box has label 3, which is none of 3 classes",
        ),
        (
            "classes",
            "test_lmdb",
            "(DetectionOutput): bottom 1 has shape [10, 3024], expected [10, 2268]",
        ),
        (
            "priors",
            "test_lmdb",
            "(DetectionOutput): bottom 0 has shape [10, 3024], expected [10, 2448]",
        ),
        (
            "ssd_copy",
            "labels_lmdb",
            "(DetectionEvaluate): bottom 1 has shape [10, 1, 1, 1], expected [1, 1, 1, 8]",
        ),
        ("ssd_copy", "plain_lmdb", "(AnnotatedData): record \"00000000_pictures/02500.jpg\""),
    ] {
        let flags = [format!("-model={model}.prototxt"), format!("-source={source}")];
        let flags = [&flags[0], &flags[1], "-weights=ssd.caffemodel", "-iterations=2"];
        for (tool, mode) in [("ufw", "test_fp32"), ("calibration_use_pb", "release")] {
            place.fails(1, tool, &[&[mode], &flags[..]].concat(), expected);
        }
    }
}
