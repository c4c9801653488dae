//! The calibration example of the vendor's manual, SSD300, with the command that the manual prints.

use std::env;
use std::fs;
use std::path::Path;

use crate::place::{Place, argument, fixture};

/// The five files of the manual; all convolutions int8; a head with which the vendor's compiler can do; a score from
/// both nets. The net is that of `fixtures/ssd300/make.py`.
fn calibrates_as_printed(net: &Path) {
    let place = Place::new();
    let (model, weights) = ("ssd300_umodel.prototxt", "ssd300.caffemodel");
    fs::copy(net.join(model), place.path(model)).expect("copy");
    fs::copy(net.join(weights), place.path(weights)).expect("copy");
    fs::copy(fixture("shapes-map/labelmap.prototxt"), place.path("labelmap.prototxt"))
        .expect("copy");
    let (root, list) = (argument("shapes-map/"), argument("shapes-map/test.txt"));
    let flags = ["--anno_type=detection", "--label_map_file=labelmap.prototxt"];
    place.good("convert_annoset", &[&flags[..], &[&root, &list, "test_lmdb"]].concat());
    let printed = place.good(
        "calibration_use_pb",
        &[
            "release",
            "-model=./ssd300_umodel.prototxt",
            "-weights=./ssd300.caffemodel",
            "-iterations=2",
            "-bitwidth=TO_INT8",
        ],
    );
    for file in [
        "ssd300.int8umodel",
        "ssd300_deploy_fp32_unique_top.prototxt",
        "ssd300_deploy_int8_unique_top.prototxt",
        "ssd300_test_fp32_unique_top.prototxt",
        "ssd300_test_int8_unique_top.prototxt",
    ] {
        assert!(place.path(file).exists(), "{file}");
    }
    let (out, err) = (&printed.out, &printed.err);
    assert!(out.contains("mbox_conf_softmax (Softmax)"), "{out}{err}");
    assert!(!out.contains("(Convolution)"), "{out}{err}");
    let deploy = place.read_text("ssd300_deploy_int8_unique_top.prototxt");
    let (head, _) = deploy.split_once("layer {").expect("a layer");
    for field in ["model_type: BMNETC2UModel", "int8_scale: ", "state {"] {
        assert!(head.contains(field), "{head}");
    }
    for (mode, net, weights) in
        [("test_fp32", "fp32", "caffemodel"), ("test_int8", "int8", "int8umodel")]
    {
        let net = format!("-model=ssd300_test_{net}_unique_top.prototxt");
        let weights = format!("-weights=ssd300.{weights}");
        let out = place.good("ufw", &[mode, &net, &weights, "-iterations=2"]).out;
        let score = out.lines().find(|line| line.starts_with("detection_eval = "));
        assert!(score.is_some_and(|line| line.ends_with(" (mAP)")), "{out}");
    }
}

/// With a thirty-second of the channels.
#[test]
fn a_small_one() {
    calibrates_as_printed(&fixture("ssd300"));
}

/// With all channels, in the folder `SSD300` that `fixtures/ssd300/make.py` wrote.
#[test]
#[ignore = "SSD300 has to name the folder of the whole net"]
fn the_whole_one() {
    calibrates_as_printed(Path::new(&env::var_os("SSD300").expect("SSD300")));
}
