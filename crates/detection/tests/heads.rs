//! Heads against numpy in float64, as recorded by `fixtures/detection-heads/record.py`: the same boxes in the same
//! order, scores and corners within a mixed error of 1e-5. Shapes and values that are wrong.

use std::path::Path;

use detection::{Decoding, Detection, Error, Head};
use ndarray::{ArrayD, ArrayViewD, Axis};
use proptest::prelude::*;
use serde_json::Value;

struct Case {
    name: String,
    head: Head,
    decoding: Decoding,
    tensors: Vec<ArrayD<f32>>,
    /// Label, score, corners of each box of each picture.
    boxes: Vec<Vec<[f32; 6]>>,
}

fn numbers(value: &Value) -> Vec<usize> {
    let number =
        |value: &Value| usize::try_from(value.as_u64().expect("a number")).expect("a size");
    value.as_array().expect("numbers").iter().map(number).collect()
}

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/detection-heads");
    let data = std::fs::read(folder.join("data.bin")).expect("data.bin");
    let cases = std::fs::read(folder.join("cases.json")).expect("cases.json");
    let floats = |span: &Value| -> Vec<f32> {
        let &[start, length] = numbers(span).as_slice() else { panic!("no span") };
        let words = data[start..start + length].as_chunks().0;
        words.iter().map(|&word| f32::from_le_bytes(word)).collect()
    };
    let case = |case: &Value| {
        let tensor = |tensor: &Value| {
            ArrayD::from_shape_vec(numbers(&tensor["shape"]), floats(&tensor["data"]))
                .expect("shape")
        };
        let &[height, width] = numbers(&case["input"]).as_slice() else { panic!("no size") };
        let list = |name: &str| case[name].as_array().expect("a list").clone();
        let boxes: Vec<_> =
            list("boxes").iter().map(|span| floats(span).as_chunks().0.to_vec()).collect();
        Case {
            name: case["name"].as_str().expect("a name").to_owned(),
            head: case["head"].as_str().expect("a head").parse().expect("a head"),
            decoding: Decoding::new([height, width])
                .pictures(boxes.len())
                .score_threshold(case["threshold"].to_string().parse().expect("a number"))
                .all_classes(case["all_classes"].as_bool().expect("a flag")),
            tensors: list("tensors").iter().map(tensor).collect(),
            boxes,
        }
    };
    let cases: Value = serde_json::from_slice(&cases).expect("JSON");
    cases.as_array().expect("cases").iter().map(case).collect()
}

fn decode(
    head: &Head,
    tensors: &[ArrayD<f32>],
    decoding: &Decoding,
) -> Result<Vec<Vec<Detection>>, Error> {
    let views: Vec<ArrayViewD<'_, f32>> = tensors.iter().map(|tensor| tensor.view()).collect();
    head.decode(&views, decoding)
}

#[test]
fn as_numpy() {
    let cases = cases();
    assert_eq!(cases.len(), 36);
    for Case { name, head, decoding, tensors, boxes } in &cases {
        let found = decode(head, tensors, decoding).unwrap_or_else(|e| panic!("{name}: {e}"));
        for (found, expected) in found.iter().zip(boxes) {
            assert_eq!(found.len(), expected.len(), "{name}");
            for (found, expected) in found.iter().zip(expected) {
                let rect = found.rect;
                let values = [found.score, rect.x0, rect.y0, rect.x1, rect.y1];
                assert_eq!(found.label as f32, expected[0], "{name}");
                for (value, expected) in values.iter().zip(&expected[1..]) {
                    let bound = 1e-5 * expected.abs().max(1.0);
                    assert!((value - expected).abs() < bound, "{name}: {found:?} {expected}");
                }
            }
        }
    }
}

/// Exact: the order in which an array stands in memory does not count, and each picture is decoded as if it were alone.
#[test]
fn layouts_and_pictures_do_not_count() {
    for Case { name, head, decoding, tensors, .. } in cases() {
        let expected = decode(&head, &tensors, &decoding).expect("boxes");
        let turned: Vec<ArrayD<f32>> =
            tensors.iter().map(|tensor| tensor.t().as_standard_layout().into_owned()).collect();
        let views: Vec<ArrayViewD<'_, f32>> = turned.iter().map(|tensor| tensor.t()).collect();
        assert_eq!(head.decode(&views, &decoding).as_ref(), Ok(&expected), "{name}");
        if head.is_suppressed() {
            continue;
        }
        for (picture, expected) in expected.iter().enumerate() {
            let of = |tensor: &ArrayD<f32>| {
                tensor.index_axis(Axis(0), picture).insert_axis(Axis(0)).to_owned()
            };
            let alone: Vec<ArrayD<f32>> = tensors.iter().map(of).collect();
            let found = decode(&head, &alone, &decoding.pictures(1)).expect("boxes");
            assert_eq!(found, std::slice::from_ref(expected), "{name}");
        }
    }
}

/// Exact: a value that is no number is told wherever it stands.
#[test]
fn values_that_are_no_numbers_are_told() {
    for Case { name, head, decoding, mut tensors, .. } in cases() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let last = tensors.len() - 1;
            let place = tensors[last].len() / 2;
            let slot = tensors[last].iter_mut().nth(place).expect("a value");
            let good = std::mem::replace(slot, bad);
            let error = decode(&head, &tensors, &decoding).expect_err(&name);
            let told = matches!(error, Error::NotFinite { tensor, index, .. } if (tensor, index) == (last, place));
            assert!(told, "{name}: {error}");
            *tensors[last].iter_mut().nth(place).expect("a value") = good;
        }
    }
}

fn fails(head: &str, shapes: &[&[usize]], expected: &str) {
    let tensors: Vec<ArrayD<f32>> =
        shapes.iter().map(|&shape| ArrayD::from_elem(shape, 0.5)).collect();
    let head: Head = head.parse().expect("a head");
    let error = decode(&head, &tensors, &Decoding::new([32, 48])).expect_err(expected).to_string();
    assert!(error.contains(expected), "{head} {shapes:?}: {error}");
}

#[test]
fn shapes_that_do_not_fit() {
    let v8 = "yolov8:classes=3,bins=8,strides=8:16";
    fails(v8, &[], "stride 8 (4x6) has 35 channels, the tensors of that size have []");
    fails(
        v8,
        &[&[1, 35, 4, 6]],
        "stride 16 (2x3) has 35 channels, the tensors of that size have []",
    );
    fails(
        v8,
        &[&[1, 36, 4, 6], &[1, 35, 2, 3]],
        "has 35 channels, the tensors of that size have [36]",
    );
    fails(v8, &[&[1, 32, 4, 6], &[1, 2, 4, 6], &[1, 35, 2, 3]], "have [32, 2]");
    fails(
        v8,
        &[&[1, 35, 4, 6], &[1, 35, 2, 3], &[1, 35, 1, 2]],
        "tensor 2 of shape [1, 35, 1, 2] is no head: 35 channels are expected of 4x6 (stride 8), 2x3 (stride 16)",
    );
    fails(
        v8,
        &[&[2, 35, 4, 6], &[1, 35, 2, 3]],
        "tensor 0 of shape [2, 35, 4, 6] is not for 1 pictures",
    );
    fails(v8, &[&[]], "is not for 1 pictures");
    fails(v8, &[&[1, 9, 30]], "tensor 0 of shape [1, 9, 30] is no list of boxes of 7 values each");
    fails(v8, &[&[1, 7, 4, 0]], "is no list of boxes");
    let v5 = "yolov5:classes=2,strides=8:16,anchors=1x1:2x2/3x3";
    fails(v5, &[&[1, 14, 4, 6], &[1, 14, 2, 3]], "stride 16 (2x3) has 7 channels");
    fails(v5, &[&[1, 14, 4, 6, 1], &[1, 7, 2, 3]], "stride 8 (4x6) has 14 channels");
    fails(v5, &[&[1, 9, 8]], "is no list of boxes of 7 values each");
    fails(
        "yolov3:classes=2,strides=8,anchors=1x1",
        &[&[1, 10, 7]],
        "stride 8 (4x6) has 7 channels",
    );
    let yolox = "yolox:classes=2,strides=8:16";
    fails(yolox, &[&[1, 29, 7]], "tensor 0 of shape [1, 29, 7] is no head");
    fails(
        "yolox:decoded=true",
        &[&[1, 4, 85], &[1, 4, 85]],
        "reads one tensor of boxes, 2 tensors",
    );
    fails("ssd", &[&[1, 1, 3, 6]], "is no list of boxes of 7 values each");
    fails("ssd", &[&[1, 2, 3, 7]], "is no list of boxes of 7 values each");
    // All values are 0.5.
    fails("ssd", &[&[1, 1, 3, 7]], "row 0: the picture is 0.5, a whole number below 1 is expected");

    let head: Head = v8.parse().expect("a head");
    for input in [[0, 48], [32, 1 << 23]] {
        assert!(matches!(decode(&head, &[], &Decoding::new(input)), Err(Error::Side { .. })));
    }
}

#[test]
fn rows_that_do_not_fit() {
    let head: Head = "ssd".parse().expect("a head");
    for (row, expected) in [
        ([1.0, 1.0, 0.9, 0.0, 0.0, 1.0, 1.0], "row 0: the picture is 1, a whole number below 1"),
        ([-1.0, 1.0, 0.9, 0.0, 0.0, 1.0, 1.0], "row 0: the picture is -1"),
        ([0.0, 1.5, 0.9, 0.0, 0.0, 1.0, 1.0], "row 0: the class is 1.5"),
        ([0.0, 1e30, 0.9, 0.0, 0.0, 1.0, 1.0], "row 0: the class is"),
    ] {
        let tensor = ArrayD::from_shape_vec(vec![1, 1, 1, 7], row.to_vec()).expect("shape");
        let error = decode(&head, &[tensor], &Decoding::new([8, 8])).expect_err(expected);
        assert!(error.to_string().contains(expected), "{error}");
    }
    // No rows at all.
    let found = decode(&head, &[ArrayD::zeros(vec![1, 1, 0, 7])], &Decoding::new([8, 8]));
    assert_eq!(found, Ok(vec![vec![]]));
}

/// Exact: a box of finite values beyond the numbers is left out, its neighbours stay.
#[test]
fn boxes_beyond_the_numbers_are_left_out() {
    let head: Head = "yolox:classes=1,strides=8".parse().expect("a head");
    let mut tensor = ArrayD::zeros(vec![1, 2, 6]);
    tensor.fill(1.0);
    tensor[[0, 0, 2]] = 1e4;
    let found = decode(&head, &[tensor], &Decoding::new([8, 16])).expect("boxes");
    assert_eq!(found[0].len(), 1);
}

proptest! {
    /// Exact: any shapes and values give boxes of finite numbers or an error.
    #[test]
    fn nothing_panics(
        head in prop::sample::select(vec![
            "yolov3:classes=1,strides=8:16,anchors=1x1/2x2",
            "yolov5:classes=1,strides=8:16,anchors=1x1/2x2:3x3",
            "yolov8:classes=1,bins=2,strides=8:16",
            "yolov8:classes=4,bins=1,strides=4",
            "yolox:classes=1,strides=8:16",
            "yolox:classes=1,decoded=true,scores=logits",
            "ssd",
            "ssd:background=none",
        ]),
        shapes in prop::collection::vec(prop::collection::vec(0usize..9, 0..6), 0..3),
        (h, w, pictures) in (0usize..20, 0usize..20, 0usize..3),
        values in prop::collection::vec(any::<f32>(), 1..9),
        all in any::<bool>(),
    ) {
        let mut values = values.iter().cycle();
        let mut tensor = |shape: &Vec<usize>| {
            ArrayD::from_shape_simple_fn(shape.clone(), || *values.next().unwrap_or(&0.0))
        };
        let tensors: Vec<ArrayD<f32>> = shapes.iter().map(&mut tensor).collect();
        let head: Head = head.parse().expect("a head");
        let decoding = Decoding::new([h, w]).pictures(pictures).all_classes(all);
        if let Ok(found) = decode(&head, &tensors, &decoding.score_threshold(-1.0)) {
            prop_assert_eq!(found.len(), pictures);
            prop_assert!(found.iter().flatten().all(|found| found.rect.is_finite()));
        }
    }

    /// Exact: the shapes of one level with one box each place, which random shapes seldom meet.
    #[test]
    fn fitting_shapes_give_boxes(
        values in prop::collection::vec(-90.0f32..90.0, 7..8),
        (h, w) in (1usize..40, 1usize..40),
    ) {
        for head in ["yolov3:classes=2,strides=8,anchors=3x4", "yolov5:classes=2,strides=8,anchors=3x4",
                     "yolov8:classes=3,bins=1,strides=8", "yolox:classes=2,strides=8,scores=logits"] {
            let head: Head = head.parse().expect("a head");
            let (rows, columns) = (h.div_ceil(8), w.div_ceil(8));
            let tensor = ArrayD::from_shape_fn(vec![1, 7, rows, columns], |at| values[at[1]]);
            let found = decode(&head, &[tensor], &Decoding::new([h, w]).score_threshold(0.0));
            let found = found.expect("boxes");
            prop_assert!(found[0].len() <= rows * columns);
            prop_assert!(found[0].iter().all(|found| (0.0..=1.0).contains(&found.score)));
        }
    }
}
