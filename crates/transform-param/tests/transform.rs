//! transform_param in the TEST phase: exact small cases, and the fields that are refused.

use datum_store::{Datum, DatumData};
use transform_param::{Error, TransformParam};

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
    let transform = TransformParam::from_wire(&wire(fields))?;
    let shape = transform.output_shape(datum)?;
    let mut out = vec![0.0; shape.iter().product()];
    transform.apply(datum, &mut out)?;
    Ok((out, shape))
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
        (vec![Float(1, 2.0), op()], "transform_op: excludes the fields outside"),
        (vec![Float(15, 0.5)], "crop_fraction is not supported"),
        (vec![Float(5, 1.0), Text(4, "m.binaryproto")], "mean_file and mean_value exclude"),
        (vec![Text(4, "no such file")], "cannot read no such file"),
        (vec![Varint(3, 9)], "cannot crop [9, 9] (h, w) from a picture of [2, 2]"),
        (vec![Float(5, 1.0), Float(5, 1.0), Float(5, 1.0)], "3 values for 1 channels"),
        (vec![Varint(6, 1), Varint(7, 1)], "force_color and force_gray"),
        (vec![Message(8, wire(&[Varint(2, 2)]))], "resize_mode other than WARP"),
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
