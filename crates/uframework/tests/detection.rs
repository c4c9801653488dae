//! Layers of detectors at work: lengths that are known only when they run, and what is wrong with boxes. Exact.

use std::sync::Arc;

use ndarray::{ArrayD, IxDyn};
use uframework::{Error, Executor, KernelError, Random, Value};
use umodel::{Net, NetParameter, NoSources, Phase};

/// The outputs of a net whose Input layers get these values, in their order, and whose InnerProduct layer has random
/// weights.
fn outputs(text: &str, values: Vec<ArrayD<f32>>) -> Result<Vec<ArrayD<f32>>, Error> {
    let model = NetParameter::parse_text(text).expect("text");
    let net = Net::new(&model, None, Phase::Test, &NoSources).expect("valid");
    let mut specs = net.specs();
    for spec in specs.iter_mut().filter(|spec| spec.op.kind() == "InnerProduct") {
        spec.set_weights([random(&[5, 12], 3, 1.0), random(&[5], 4, 1.0)]);
    }
    let net = Arc::new(Net::from_specs("", specs).expect("valid"));
    let sources = net.inputs().into_iter().zip(values.into_iter().map(Value::F32)).collect();
    let outputs = Executor::new(net)?.outputs(sources)?;
    Ok(outputs.into_iter().map(|value| value.to_f32(1.0)).collect())
}

#[expect(clippy::cast_possible_truncation, reason = "draws in double precision become fp32")]
fn random(shape: &[usize], seed: u64, factor: f32) -> ArrayD<f32> {
    let mut random = Random::new(seed);
    ArrayD::from_shape_simple_fn(shape.to_vec(), || factor * random.unit() as f32)
}

fn input(name: &str, shape: &[usize]) -> String {
    let dims: String = shape.iter().map(|size| format!(" dim: {size}")).collect();
    format!(
        "layer {{ name: '{name}' type: 'Input' top: '{name}' input_param {{ shape {{{dims} }} }} }}\n"
    )
}

const HEAD: &str = "
    layer { name: 'pool' type: 'ROIPooling' bottom: 'map' bottom: 'rois' top: 'pool'
            roi_pooling_param { pooled_h: 2 pooled_w: 2 spatial_scale: 0.0625 } }
    layer { name: 'score' type: 'InnerProduct' bottom: 'pool' top: 'score' inner_product_param { num_output: 5 } }
    layer { name: 'prob' type: 'Softmax' bottom: 'score' top: 'prob' }";

/// A net of regions gives a row for each region that was proposed, and the same ones as if the caller had given the
/// regions.
#[test]
fn regions_that_are_proposed_are_computed_with() {
    let [scores, offsets] = [random(&[2, 4, 5, 6], 1, 1.0), random(&[2, 8, 5, 6], 2, 0.5)];
    let info = ArrayD::from_shape_vec(IxDyn(&[1, 3]), vec![80.0, 96.0, 1.0]).expect("whole");
    let map = random(&[2, 3, 5, 6], 5, 1.0);
    let proposal = "
        layer { name: 'rpn' type: 'Proposal' bottom: 's' bottom: 'o' bottom: 'i' top: 'rois'
                proposal_param { ratio: 1 ratio: 2 scale: 2 post_nms_topn: 40 nms_thresh: 0.3 } }";
    let inputs = input("s", &[2, 4, 5, 6]) + &input("o", &[2, 8, 5, 6]) + &input("i", &[1, 3]);
    let values = vec![scores, offsets, info];
    let rois = outputs(&(inputs.clone() + proposal), values.clone()).expect("runs").remove(0);
    let count = rois.shape()[0];
    assert!(count > 4 && count < 80, "{count}");
    let text = inputs + &input("map", &[2, 3, 5, 6]) + proposal + HEAD;
    let found = outputs(&text, [values, vec![map.clone()]].concat()).expect("runs").remove(0);
    assert_eq!(found.shape(), [count, 5]);
    let text = input("map", &[2, 3, 5, 6]) + &input("rois", &[count, 5]) + HEAD;
    let expected = outputs(&text, vec![map, rois]).expect("runs").remove(0);
    assert_eq!(found, expected);
}

/// Boxes are counted by those who evaluate them.
#[test]
fn detections_are_evaluated_as_many_as_there_are() {
    let text = detector(
        &[1, 12],
        "keep_top_k: 3 nms_param { nms_threshold: 0.5 } confidence_threshold: 0.5",
    ) + &input("truth", &[1, 1, 1, 8])
        + "layer { name: 'e' type: 'DetectionEvaluate' bottom: 'out' bottom: 'truth' top: 'e'
                   detection_evaluate_param { num_classes: 2 } }";
    let truth = row(&[1, 1, 1, 8], &[0.0, 1.0, 0.0, 0.5, 0.0, 1.0, 1.0, 0.0]);
    let run = |scores: [f32; 6]| {
        let confidences = row(&[1, 6], &scores);
        outputs(&text, vec![ArrayD::zeros(vec![1, 12]), confidences, boxes(), truth.clone()])
    };
    let found = run([0.1, 0.9, 0.2, 0.8, 0.9, 0.1]).expect("runs").remove(0);
    let rows = [[-1.0, 1.0, 1.0, -1.0, -1.0], [0.0, 1.0, 0.9, 0.0, 1.0], [0.0, 1.0, 0.8, 1.0, 0.0]];
    assert_eq!(found, row(&[1, 1, 3, 5], &rows.concat()));
    // Nothing is found: a row that says so.
    let found = run([0.9, 0.1, 0.9, 0.1, 0.9, 0.1]).expect("runs").remove(0);
    let rows = [[-1.0, 1.0, 1.0, -1.0, -1.0], [0.0, -1.0, -1.0, 0.0, 1.0]];
    assert_eq!(found, row(&[1, 1, 2, 5], &rows.concat()));
}

fn row(shape: &[usize], values: &[f32]) -> ArrayD<f32> {
    ArrayD::from_shape_vec(IxDyn(shape), values.to_vec()).expect("whole")
}

/// Three default boxes side by side and their variances.
fn boxes() -> ArrayD<f32> {
    let corners = [[0.0, 0.0, 0.5, 1.0], [0.5, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, 0.1]];
    row(&[1, 2, 12], &[corners.concat(), vec![0.1; 12]].concat())
}

fn detector(locations: &[usize], parameters: &str) -> String {
    input("l", locations)
        + &input("c", &[1, 6])
        + &input("p", &[1, 2, 12])
        + &format!(
            "layer {{ name: 'd' type: 'DetectionOutput' bottom: 'l' bottom: 'c' bottom: 'p' top: 'out'
                      detection_output_param {{ num_classes: 2 code_type: CENTER_SIZE {parameters} }} }}\n"
        )
}

fn reason(error: Error) -> KernelError {
    match error {
        Error::Layer { source, .. } => source,
        other => panic!("{other:?}"),
    }
}

#[test]
fn wrong_boxes_are_told() {
    let text = detector(&[1, 12], "keep_top_k: -1");
    let run = |change: &dyn Fn(&mut [ArrayD<f32>])| {
        let mut values = vec![ArrayD::zeros(vec![1, 12]), random(&[1, 6], 1, 1.0), boxes()];
        change(&mut values);
        outputs(&text, values)
    };
    assert_eq!(run(&|_| ()).expect("runs")[0].shape(), [1, 1, 3, 7]);
    for bottom in 0..3 {
        let error = run(&|values| values[bottom].as_slice_mut().expect("whole")[4] = f32::NAN);
        let error = reason(error.expect_err("no number"));
        assert_eq!(
            error.to_string(),
            format!("bottom {bottom} has 1 values that are not a number")
        );
    }
    let error = reason(run(&|values| values[2][[0, 0, 6]] = 0.5).expect_err("no width"));
    assert!(matches!(error, KernelError::Prior { index: 1, .. }), "{error:?}");
    assert!(error.to_string().starts_with("prior box 1, [0.5, 0.0, 0.5, 1.0], has no width"));
}

#[test]
fn prior_boxes_of_another_number_are_told() {
    for (old, new, part) in [
        ("dim: 1 dim: 12", "dim: 1 dim: 16", "bottom 0"),
        ("dim: 1 dim: 6", "dim: 1 dim: 8", "bottom 1"),
        ("dim: 1 dim: 2 dim: 12", "dim: 1 dim: 1 dim: 12", "bottom 2"),
    ] {
        let text = detector(&[1, 12], "").replace(old, new);
        let model = NetParameter::parse_text(&text).expect("text");
        let error = Net::new(&model, None, Phase::Test, &NoSources).expect_err("does not fit");
        let source = std::error::Error::source(&error).expect("a reason").to_string();
        assert!(source.contains(part), "{source}");
    }
}

#[test]
fn labels_and_pictures_that_do_not_exist_are_told() {
    let evaluate = input("found", &[1, 1, 1, 7])
        + &input("truth", &[1, 1, 1, 8])
        + "layer { name: 'e' type: 'DetectionEvaluate' bottom: 'found' bottom: 'truth' top: 'e'
                   detection_evaluate_param { num_classes: 3 } }";
    let run = |found: f32, sought: f32| {
        let found = row(&[1, 1, 1, 7], &[0.0, found, 0.5, 0.0, 0.0, 1.0, 1.0]);
        let truth = row(&[1, 1, 1, 8], &[0.0, sought, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0]);
        outputs(&evaluate, vec![found, truth])
    };
    assert!(run(2.0, 1.0).is_ok());
    for (found, sought) in
        [(3.0, 1.0), (0.0, 1.0), (-2.0, 1.0), (1.0, 0.0), (1.0, 3.0), (1.0, -1.0)]
    {
        let error = reason(run(found, sought).expect_err("no class"));
        assert!(matches!(error, KernelError::DetectionLabel { classes: 3, background: 0, .. }));
    }
    let text = input("map", &[2, 3, 5, 6]) + &input("rois", &[2, 5]) + HEAD;
    for item in [2.0, -1.0, f32::INFINITY] {
        let rois = row(&[2, 5], &[0.0, 0.0, 0.0, 9.0, 9.0, item, 0.0, 0.0, 9.0, 9.0]);
        let error = reason(
            outputs(&text, vec![ArrayD::zeros(vec![2, 3, 5, 6]), rois]).expect_err("no picture"),
        );
        assert!(matches!(error, KernelError::Region { index: 1, items: 2, .. }), "{error:?}");
    }
}

/// Parameters of a Yolov3DetectionOutput layer of one map.
const YOLOV3: &str = "layer { name: 'd' type: 'Yolov3DetectionOutput' bottom: 'm' top: 'out'
    yolov3_detection_output_param { num_classes: 1 num_box: 1 confidence_threshold: 0.5 nms_threshold: 0.45
        biases: 8 biases: 16 mask: 0 mask_group_num: 1 anchors_scale: 16 } }";
const YOLOV2: &str = "layer { name: 'd' type: 'YoloDetectionOutput' bottom: 'm' top: 'out'
    yolo_detection_output_param { num_classes: 1 num_box: 1 confidence_threshold: 0.5 biases: 0.5 biases: 1 } }";

/// Exact where the logistic function is 0.5 or 1: a box from its definition.
#[test]
fn boxes_of_yolo_maps_have_centre_or_corners() {
    // One place of two has an object.
    let map = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 90.0, -90.0, 90.0, 90.0];
    let map = || vec![row(&[1, 6, 1, 2], &map)];
    let input = input("m", &[1, 6, 1, 2]);
    let found = outputs(&(input.clone() + YOLOV3), map()).expect("runs").remove(0);
    assert_eq!(found, row(&[1, 1, 1, 7], &[0.0, 0.0, 1.0, 0.25, 0.5, 0.25, 1.0]));
    let found = outputs(&(input + YOLOV2), map()).expect("runs").remove(0);
    assert_eq!(found, row(&[1, 1, 1, 7], &[0.0, 1.0, 1.0, 0.125, 0.0, 0.375, 1.0]));
}

#[test]
fn yolo_maps_without_numbers_or_objects() {
    for layer in [YOLOV3, YOLOV2] {
        let text = input("m", &[2, 6, 2, 2]) + layer;
        // Nothing is found: a row for each item says so.
        let found = outputs(&text, vec![ArrayD::from_elem(vec![2, 6, 2, 2], -9.0)]).expect("runs");
        let rows = [0.0, 1.0].map(|item| [item, -1.0, -1.0, -1.0, -1.0, -1.0, -1.0]);
        assert_eq!(found, [row(&[1, 1, 2, 7], &rows.concat())]);
        // No items: no rows.
        let empty = text.replace("dim: 2 dim: 6", "dim: 0 dim: 6");
        let found = outputs(&empty, vec![ArrayD::zeros(vec![0, 6, 2, 2])]).expect("runs");
        assert_eq!(found[0].shape(), [1, 1, 0, 7]);
        // Infinite sizes are no panic.
        outputs(&text, vec![ArrayD::from_elem(vec![2, 6, 2, 2], f32::INFINITY)]).expect("runs");
        let mut map = random(&[2, 6, 2, 2], 9, 1.0);
        map[[1, 2, 0, 1]] = f32::NAN;
        let error = reason(outputs(&text, vec![map]).expect_err("no number"));
        assert_eq!(error.to_string(), "bottom 0 has 1 values that are not a number");
    }
}
