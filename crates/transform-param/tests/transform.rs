//! transform_param in the TEST phase: exact small cases, and values that are refused. Real Caffe's results are in
//! `conformance`.

#![allow(clippy::cast_possible_truncation, reason = "small numbers of the tests' own")]

use datum_store::{
    AnnotatedDatum, Annotation, AnnotationGroup, AnnotationType, Datum, DatumData, NormalizedBBox,
};
use transform_param::{Chance, Error, Transform, TransformParam};

/// Wire form of small messages: (field, value) pairs.
enum Field<'a> {
    Float(u32, f32),
    Varint(u32, u64),
    Text(u32, &'a str),
    Message(u32, Vec<u8>),
}

fn wire(fields: &[Field]) -> Vec<u8> {
    let mut out = Vec::new();
    let varint = |out: &mut Vec<u8>, mut value: u64| {
        while value > 127 {
            out.push(value as u8 & 127 | 128);
            value >>= 7;
        }
        out.push(value as u8);
    };
    for field in fields {
        match field {
            Field::Float(number, value) => {
                varint(&mut out, u64::from(number << 3 | 5));
                out.extend(value.to_le_bytes());
            }
            Field::Varint(number, value) => {
                varint(&mut out, u64::from(number << 3));
                varint(&mut out, *value);
            }
            Field::Text(number, text) => {
                varint(&mut out, u64::from(number << 3 | 2));
                varint(&mut out, text.len() as u64);
                out.extend(text.as_bytes());
            }
            Field::Message(number, bytes) => {
                varint(&mut out, u64::from(number << 3 | 2));
                varint(&mut out, bytes.len() as u64);
                out.extend(bytes);
            }
        }
    }
    out
}

fn ramp(channels: usize, h: usize, w: usize) -> Datum {
    let bytes = (0..channels * h * w).map(|value| value as u8).collect();
    Datum::new([channels, h, w], DatumData::Bytes(bytes), 0).expect("fits")
}

fn run(fields: &[Field], datum: &Datum) -> Result<(Vec<f32>, [usize; 3]), Error> {
    let transform = Transform::new(&TransformParam::from_wire(&wire(fields))?)?;
    let out = transform.apply(datum, &mut Chance::none())?;
    Ok((out.data().to_vec(), out.shape()))
}

#[test]
fn plain_fields_crop_then_mean_then_scale() {
    use Field::*;
    // 3 x 4: the crop 2 x 2 starts at row (3 - 2) / 2 = 0, column 1.
    let fields = [Float(1, 0.5), Varint(3, 2), Float(5, 1.0)];
    let (out, shape) = run(&fields, &ramp(1, 3, 4)).expect("valid");
    assert_eq!((out, shape), (vec![0.0, 0.5, 2.0, 2.5], [1, 2, 2]));
    let per_channel = [Float(5, 1.0), Float(5, 2.0)];
    let (out, _) = run(&per_channel, &ramp(2, 1, 2)).expect("valid");
    assert_eq!(out, [-1.0, 0.0, 0.0, 1.0]);
}

#[test]
fn transform_ops_run_in_their_order() {
    use Field::*;
    let crop = Message(18, wire(&[Varint(1, 1), Varint(6, 1), Varint(7, 2)]));
    let stand = Message(
        18,
        wire(&[Varint(1, 2), Float(9, 4.0), Float(11, 2.0), Float(12, 4.0), Varint(13, 1)]),
    );
    let (out, shape) = run(&[crop, stand], &ramp(3, 2, 4)).expect("valid");
    // Row 0, columns 1 and 2 of each channel, (x - 4) · 2 / 4, channels reversed.
    assert_eq!(shape, [3, 1, 2]);
    assert_eq!(out, [6.5, 7.0, 2.5, 3.0, -1.5, -1.0]);
}

#[test]
fn float_datums_pass_through() {
    let datum = Datum::new([1, 1, 2], DatumData::Floats(vec![1.5, -2.0]), 0).expect("fits");
    assert_eq!(run(&[Field::Float(1, 2.0)], &datum).expect("valid").0, [3.0, -4.0]);
}

#[test]
fn what_cannot_be_done_names_the_field() {
    use Field::*;
    let op = || Message(18, wire(&[Varint(1, 2)]));
    for (fields, expected) in [
        (vec![Float(1, 2.0), op()], "transform_op: excludes scale"),
        (vec![Varint(2, 1), op()], "transform_op: excludes mirror"),
        (vec![Float(15, 1.5)], "crop_fraction: must be above 0 and up to 1"),
        (vec![Varint(16, 1), Varint(16, 1), Varint(16, 1)], "resize: give the shorter side"),
        (vec![Message(14, wire(&[Float(2, 0.5)]))], "expand_param.max_expand_ratio: 0.5"),
        (vec![Message(13, wire(&[Float(2, -1.0)]))], "distort_param.brightness_delta"),
        (vec![Message(9, wire(&[Varint(9, 1)]))], "noise_param.saltpepper_param: needs"),
        (vec![Message(9, wire(&[Varint(12, 1)]))], "convert_to_hsv needs 3 channels"),
        (vec![Float(5, 1.0), Text(4, "m.binaryproto")], "mean_file and mean_value exclude"),
        (vec![Text(4, "no such file")], "cannot read no such file"),
        (vec![Varint(3, 9)], "cannot crop [9, 9] (h, w) from a picture of [2, 2]"),
        (vec![Float(5, 1.0), Float(5, 1.0), Float(5, 1.0)], "3 values for 1 channels"),
        (vec![Varint(6, 1), Varint(7, 1)], "force_color and force_gray"),
        (vec![Message(8, wire(&[Varint(2, 2)]))], "resize_param.height: 0 x 0"),
        (vec![Message(8, wire(&[Varint(3, 5)]))], "resize_param.height: 5 x 0"),
        (vec![Message(18, wire(&[Varint(1, 0)]))], "transform_op.resize_side: give it"),
        (vec![Message(18, wire(&[Varint(1, 2), Float(12, 0.0)]))], "transform_op.div"),
    ] {
        let error = run(&fields, &ramp(1, 2, 2)).expect_err(expected).to_string();
        assert!(error.contains(expected), "{error} / {expected}");
    }
    assert!(matches!(TransformParam::from_wire(&[255]), Err(Error::Wire { .. })));
}

#[test]
fn a_mean_file_is_cut_like_the_picture() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("mean.binaryproto");
    let floats: Vec<u8> = (0..12).flat_map(|value: i32| (value as f32).to_le_bytes()).collect();
    let blob = wire(&[
        Field::Varint(1, 1),
        Field::Varint(2, 1),
        Field::Varint(3, 3),
        Field::Varint(4, 4),
        Field::Message(5, floats),
    ]);
    std::fs::write(&path, blob).expect("write");
    let fields = [Field::Varint(3, 2), Field::Text(4, path.to_str().expect("UTF-8"))];
    assert_eq!(run(&fields, &ramp(1, 3, 4)).expect("valid").0, [0.0; 4]);
}

#[test]
fn steps_of_tensorflow() {
    use Field::*;
    // The middle 2 x 4 of 4 x 8, then the shorter side to 4.
    let (_, shape) = run(&[Float(15, 0.5), Varint(16, 4)], &ramp(1, 4, 8)).expect("valid");
    assert_eq!(shape, [1, 4, 8]);
    let (_, shape) = run(&[Varint(16, 3), Varint(16, 5)], &ramp(2, 4, 8)).expect("valid");
    assert_eq!(shape, [2, 3, 5]);
    // 0, 2, 4, 6: mean 3, sigma sqrt(5).
    let datum = Datum::new([1, 1, 4], DatumData::Bytes(vec![0, 2, 4, 6]), 0).expect("fits");
    let (out, _) = run(&[Varint(17, 1)], &datum).expect("valid");
    let expected = [-3.0f32, -1.0, 1.0, 3.0].map(|value| value / 5.0f32.sqrt());
    assert!(out.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{out:?}");
}

#[test]
fn a_padded_crop_of_a_small_picture() {
    use Field::*;
    let crop = |padding: &[Field]| {
        let mut op = wire(&[Varint(1, 1), Varint(6, 1), Varint(7, 5)]);
        op.extend(wire(padding));
        Message(18, op)
    };
    // 3 x 2: the middle row, two columns of 9 on the right, one on the left.
    let (out, shape) = run(&[crop(&[Float(8, 9.0)])], &ramp(1, 3, 2)).expect("valid");
    assert_eq!((out, shape), (vec![9.0, 2.0, 3.0, 9.0, 9.0], [1, 1, 5]));
    // 0 is the default.
    let (out, shape) = run(&[crop(&[])], &ramp(1, 3, 2)).expect("valid");
    assert_eq!((out, shape), (vec![0.0, 2.0, 3.0, 0.0, 0.0], [1, 1, 5]));
}

/// Nothing that is given is ignored without a word.
#[test]
fn fields_of_a_step_belong_to_its_op() {
    for (text, expected) in [
        (
            "transform_op { resize_h: 3 resize_w: 3 }",
            "transform_param: transform_op.resize_h: the step has no op, so that it would do nothing: write op: \
             RESIZE",
        ),
        ("transform_op { op: NONE mean_value: 3 }", "transform_op.mean_value: the step has no op"),
        (
            "transform_op { op: RESIZE resize_side: 4 crop_h: 3 crop_w: 3 }",
            "transform_op.crop_h: belongs to op: CROP, the step has another op",
        ),
        ("transform_op { op: STAND padding: 0 }", "transform_op.padding: belongs to op: CROP"),
        ("transform_op { op: CROP crop_fraction: 0.5 bgr2rgb: true }", "belongs to op: STAND"),
    ] {
        let error = text.parse::<Transform>().expect_err(text).to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
    for good in
        ["transform_op { op: NONE }", "transform_op { op: CROP crop_h: 3 crop_w: 3 padding: 0 }"]
    {
        good.parse::<Transform>().expect(good);
    }
}

#[test]
fn what_is_left_to_chance_does_not_happen() {
    use Field::*;
    let plain = run(&[], &ramp(3, 4, 4)).expect("valid").0;
    let noise = wire(&[Varint(9, 1), Message(10, wire(&[Float(1, 0.5), Float(2, 7.0)]))]);
    let distortion = wire(&[Float(1, 0.9), Float(2, 32.0), Float(11, 1.0)]);
    let expansion = wire(&[Float(1, 0.5), Float(2, 4.0)]);
    for field in [Varint(2, 1), Message(9, noise), Message(13, distortion), Message(14, expansion)]
    {
        assert_eq!(run(&[field], &ramp(3, 4, 4)).expect("valid").0, plain);
    }
}

/// Against recorded OpenCV (fixtures/distortion/record.py): contrast bit-exact, saturation off by 1 in at most
/// 0.1 % of the bytes.
#[test]
fn contrast_and_saturation_are_opencvs() {
    use Field::*;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/distortion");
    let text = std::fs::read_to_string(format!("{folder}/cases.json")).expect("cases.json");
    let index: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let data = std::fs::read(format!("{folder}/data.bin")).expect("data.bin");
    let mut pictures = data.chunks_exact(3 * 64 * 96);
    let bytes = pictures.next().expect("a picture").to_vec();
    let datum = Datum::new([3, 64, 96], DatumData::Bytes(bytes), 0).expect("fits");
    for (case, expected) in index["cases"].as_array().expect("list").iter().zip(pictures) {
        let factor = case["factor"].as_f64().expect("number") as f32;
        let first = if case["kind"] == "contrast" { 3 } else { 8 };
        let fields = [Float(first, 1.0), Float(first + 1, factor), Float(first + 2, factor)];
        let (out, _) = run(&[Message(13, wire(&fields))], &datum).expect("valid");
        let wrong: Vec<f32> = out
            .iter()
            .zip(expected)
            .map(|(a, b)| (a - f32::from(*b)).abs())
            .filter(|difference| *difference > 0.0)
            .collect();
        let allowed = if first == 3 { 0 } else { out.len() / 1000 };
        assert!(wrong.len() <= allowed && wrong.iter().all(|d| *d == 1.0), "{case}: {wrong:?}");
    }
}

fn annotated(fields: &[Field], h: usize, w: usize, area: [f32; 4]) -> Vec<[f32; 4]> {
    let [xmin, ymin, xmax, ymax] = area;
    let bbox = NormalizedBBox { xmin, ymin, xmax, ymax, ..Default::default() };
    let record = AnnotatedDatum {
        datum: ramp(3, h, w),
        annotation_type: Some(AnnotationType::Bbox),
        groups: vec![AnnotationGroup {
            label: 5,
            annotations: vec![Annotation { instance_id: 2, bbox }],
        }],
    };
    let param = TransformParam::from_wire(&wire(fields)).expect("valid");
    let transform = Transform::new(&param).expect("valid");
    let (_, groups) = transform.annotated(&record, &mut Chance::none()).expect("runs");
    let boxes = groups.iter().flat_map(|group| {
        assert_eq!((group.label, group.annotations[0].instance_id), (5, 2));
        group.annotations.iter().map(|a| [a.bbox.xmin, a.bbox.ymin, a.bbox.xmax, a.bbox.ymax])
    });
    boxes.collect()
}

/// Exact: the numbers are fractions of powers of two.
#[test]
fn boxes_follow_the_pixels() {
    use Field::*;
    let whole = [0.0, 0.0, 1.0, 1.0];
    let half = [0.5, 0.0, 1.0, 0.5];
    let fit = |mode| Message(8, wire(&[Varint(2, mode), Varint(3, 4), Varint(4, 4)]));
    // 2 x 4 into 4 x 4: a row of padding above and below.
    assert_eq!(annotated(&[fit(3)], 2, 4, whole), [[0.0, 0.25, 1.0, 0.75]]);
    // 4 x 2 into 4 x 4: a column on both sides.
    assert_eq!(annotated(&[fit(3)], 4, 2, half), [[0.5, 0.0, 0.75, 0.5]]);
    assert_eq!(annotated(&[fit(1)], 2, 4, half), [half]);
    // 2 x 4 covers 4 x 4 as 4 x 8, of which the middle 4 x 4 stays.
    assert_eq!(annotated(&[fit(2), Varint(3, 4)], 2, 4, half), [[0.5, 0.0, 1.0, 0.5]]);
    // A crop of 2 x 2 from 4 x 4, and a box beside it.
    assert_eq!(annotated(&[Varint(3, 2)], 4, 4, half), [[0.5, 0.0, 1.0, 0.5]]);
    assert!(annotated(&[Varint(3, 2)], 4, 4, [0.0, 0.0, 0.25, 1.0]).is_empty());
    // The written order: the middle 2 x 4 of 4 x 4; then 4 x 4 padded to 4 x 8.
    let crop = |h, w| Message(18, wire(&[Varint(1, 1), Varint(6, h), Varint(7, w), Float(8, 0.0)]));
    assert_eq!(annotated(&[crop(2, 4)], 4, 4, half), [[0.5, 0.0, 1.0, 0.5]]);
    assert_eq!(annotated(&[crop(4, 8)], 4, 4, half), [[0.5, 0.0, 0.75, 0.5]]);
    // Expansion by certainly (1 + 3) / 2, the picture in the middle.
    let expansion = Message(14, wire(&[Float(1, 1.0), Float(2, 3.0)]));
    assert_eq!(annotated(&[expansion], 4, 4, whole), [[0.25, 0.25, 0.75, 0.75]]);
}
