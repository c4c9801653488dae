//! `-fpfwd_inputs`, `-fpfwd_outputs`, `-fpfwd_blocks`: layers that stay in fp32 by name. Exact.

use crate::place::{Place, RELEASE};

#[test]
fn layers_stay_in_fp32_by_name() {
    let place = Place::with_digits();
    let run = |flags: &[&str]| {
        let arguments = [&RELEASE[..], &["-iterations=5", "-th_method=MAX"], flags].concat();
        place.good("calibration_use_pb", &arguments).out
    };
    let printed = run(&["-fpfwd_inputs=conv1", "-fpfwd_outputs=ip?,loss", "-fpfwd_blocks="]);
    for expected in [
        "fp32: conv1 (Convolution): -fpfwd_inputs keeps layer conv1 and all in front of it in fp32; ",
        "fp32: ip1 (InnerProduct): -fpfwd_outputs keeps layer ip1 and all behind it in fp32; ",
        "fp32: ip2 (InnerProduct): -fpfwd_outputs keeps layer ip1 and all behind it in fp32; ",
        "fp32: loss (SoftmaxWithLoss): -fpfwd_outputs keeps layer ip1 and all behind it in fp32; only in the test net",
    ] {
        assert!(printed.contains(expected), "{expected:?} is not in {printed}");
    }
    assert!(!printed.contains("fp32: conv2"), "{printed}");
    let deploy = place.read_text("lenet_deploy_int8_unique_top.prototxt");
    assert!(!deploy.contains("int8_scale"), "conv1 reads the picture in fp32");
    let plain = run(&["-fpfwd_inputs=", "--fpfwd_outputs", ""]);
    assert!(!plain.contains("fpfwd"), "{plain}");
    let deploy = place.read_text("lenet_deploy_int8_unique_top.prototxt");
    let head: Vec<&str> = deploy.lines().take_while(|line| !line.starts_with("layer")).collect();
    let fixed = ["name: \"LeNet\"", "state {", "  phase: TEST", "}", "model_type: BMNETC2UModel"];
    assert_eq!(&head[..5], &fixed);
    assert_eq!(head[5], "int8_scale: 127.498039");
}

#[test]
fn unknown_layers_are_told_with_the_nearest() {
    let place = Place::with_digits();
    for (flag, expected) in [
        (
            "-fpfwd_outputs=conv1,ip3",
            "-fpfwd_outputs: no layer has the name \"ip3\"; did you mean ip1, ip2?",
        ),
        ("-fpfwd_blocks=nothing*", "-fpfwd_blocks: no layer has the name \"nothing*\""),
        ("-fpfwd_outputs=conv1", "every layer that has an int8 form is kept in fp32"),
    ] {
        let arguments = [&RELEASE[..], &["-iterations=2", flag]].concat();
        place.fails(1, "calibration_use_pb", &arguments, expected);
    }
    assert!(!place.names(".").iter().any(|name| name.contains("int8")), "nothing is written");
}
