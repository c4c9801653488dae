//! What is wrong with the parameters and maps of YOLO heads, in one line each; and what their shapes are. Exact.

use std::error::Error as _;

use umodel::{Net, NetParameter, NoSources, Phase};

/// The layer as the vendor's guide has it, but of two classes.
const GUIDE: &str = "layer { name: 'out' type: 'Yolov3DetectionOutput' bottom: 'm0' bottom: 'm1' bottom: 'm2' top: 'out'
    yolov3_detection_output_param { num_classes: 2 num_box: 3 confidence_threshold: 0.5 nms_threshold: 0.45
        biases: 10 biases: 13 biases: 16 biases: 30 biases: 33 biases: 23 biases: 30 biases: 61 biases: 62 biases: 45
        biases: 59 biases: 119 biases: 116 biases: 90 biases: 156 biases: 198 biases: 373 biases: 326
        mask: 6 mask: 7 mask: 8 mask: 3 mask: 4 mask: 5 mask: 0 mask: 1 mask: 2
        mask_group_num: 3 anchors_scale: 32 anchors_scale: 16 anchors_scale: 8 } }";
const YOLOV2: &str = "layer { name: 'out' type: 'YoloDetectionOutput' bottom: 'm0' top: 'out'
    yolo_detection_output_param { num_classes: 2 num_box: 3
        biases: 1 biases: 2 biases: 3 biases: 4 biases: 5 biases: 6 } }";
const REGION: &str = "layer { name: 'out' type: 'Region' bottom: 'm0' top: 'out'
    region_param { classes: 2 coords: 4 boxes_of_each_grid: 3 softmax: true } }";
const YOLO: &str = "layer { name: 'out' type: 'Yolo' bottom: 'm0' top: 'out' top: 'b' top: 'c'
    yolo_param { boxes: 3 coords: 4 classes: 2 yolo_version: 'V3' } }";

fn net(layer: &str) -> Result<Net, umodel::Error> {
    let mut text = String::new();
    for (index, side) in [2, 4, 8].into_iter().enumerate() {
        text += &format!(
            "layer {{ name: 'm{index}' type: 'Input' top: 'm{index}'
                      input_param {{ shape {{ dim: 2 dim: 21 dim: {side} dim: {side} }} }} }}\n"
        );
    }
    let model = NetParameter::parse_text(&(text + layer)).expect("text");
    Net::new(&model, None, Phase::Test, &NoSources)
}

fn shapes(layer: &str) -> Vec<Vec<usize>> {
    let net = net(layer).expect("valid");
    let tops = &net.layers().last().expect("a layer").tops;
    tops.iter().map(|&id| net.blob(id).shape.clone()).collect()
}

#[test]
fn shapes_are_the_largest() {
    // Every class of every box at every place.
    assert_eq!(shapes(GUIDE), [[1, 1, 2 * (4 + 16 + 64) * 3 * 2, 7]]);
    // One class of every box.
    assert_eq!(shapes(YOLOV2), [[1, 1, 2 * 4 * 3, 7]]);
    assert_eq!(shapes(REGION), [[2, 21, 2, 2]]);
    assert_eq!(shapes(YOLO), [vec![2, 12, 32], vec![2, 32], vec![2, 2, 32]]);
    let net = net(GUIDE).expect("valid");
    let layer = net.layers().last().expect("a layer");
    assert_eq!(layer.op.counted_axis(0, &[1, 1, 1008, 7]), Some(2));
    // All parameters come back.
    let again = Net::new(&net.to_parameter(), None, Phase::Test, &NoSources).expect("our own");
    assert_eq!(again.layers().last().expect("a layer").op, layer.op);
}

#[test]
fn parameters_that_do_not_fit_are_told() {
    for (layer, old, new, part) in [
        (GUIDE, "mask: 2", "mask: 9", "mask: 9: biases has 9 anchors, counted from 0"),
        (
            GUIDE,
            "mask: 2",
            "",
            "mask: [6, 7, 8, 3, 4, 5, 0, 1]: 9 are expected, one for each box of each map; there are 8",
        ),
        (
            GUIDE,
            "anchors_scale: 8",
            "",
            "anchors_scale: [32, 16]: 3 are expected, one for each map; there are 2",
        ),
        (GUIDE, "anchors_scale: 8", "anchors_scale: 0", "anchors_scale: 0: must be positive"),
        (
            GUIDE,
            "biases: 326",
            "",
            "18 numbers are expected, width and height of each anchor; there are 17",
        ),
        (GUIDE, "biases: 326", "biases: -1", "biases: -1: must be positive"),
        (GUIDE, "biases: 326", "biases: nan", "biases: NaN: must be positive"),
        (
            GUIDE,
            "nms_threshold: 0.45",
            "nms_threshold: nan",
            "nms_threshold: NaN: must not be negative",
        ),
        (GUIDE, "bottom: 'm2'", "", "expected 3 bottoms, found 2"),
        (
            GUIDE,
            "num_classes: 2",
            "num_classes: 3",
            "bottom 0 has shape [2, 21, 2, 2], expected [2, 24, 2, 2]",
        ),
        (GUIDE, "num_classes: 2", "num_classes: 0", "num_classes is missing"),
        (GUIDE, "num_classes: 2", "num_classes: 2 gaussian_box: true", "expected [2, 33, 2, 2]"),
        (
            YOLOV2,
            "biases: 6",
            "",
            "6 numbers are expected, width and height of each anchor; there are 5",
        ),
        (YOLOV2, "num_box: 3", "num_box: 3 coords: 5", "coords: 5: boxes have 4 coordinates"),
        (YOLOV2, "num_classes: 2", "num_classes: 1", "expected [2, 18, 2, 2]"),
        (REGION, "classes: 2", "classes: 4", "expected [2, 27, 2, 2]"),
        (YOLO, "'V3'", "'V4'", "yolo_version: \"V4\": only V2 and V3 are known"),
        (YOLO, "boxes: 3", "boxes: -3", "boxes: -3: must be at least 1"),
        (YOLO, "coords: 4", "coords: 3", "boxes have 4 coordinates"),
        (YOLO, "top: 'c'", "", "expected 3 tops, found 2"),
        (YOLO, "classes: 2", "classes: 3", "expected [2, 24, 2, 2]"),
    ] {
        assert!(layer.contains(old), "{old}");
        let error = net(&layer.replace(old, new)).expect_err(new);
        let source = error.source().expect("a reason").to_string();
        assert!(source.contains(part) && !source.contains('\n'), "{source}");
    }
}
