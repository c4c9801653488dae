#![allow(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "small numbers of the tests' own"
)]

use proptest::prelude::*;

use super::*;
use crate::error::TextError;

const EVERYTHING: &str = r#"
    # A comment.
    scale: .5f, mirror: true; crop_size: 0x10
    mean_file: 'a "b"\n\101' "c"
    mean_value: [104, -1.5e1, inf] mean_value: 3
    force_color: 1
    resize_param < resize_mode: FIT_LARGE_SIZE_AND_PAD height: 010 width: 20
        interp_mode: [AREA, 5] pad_mode: 3 >
    noise_param: { jpeg: 80 saltpepper_param { fraction: 0.25 value: [1, 2] } }
    emit_constraint { emit_type: MIN_OVERLAP emit_overlap: 0.5 }
    resize: []
    transform_op { op: CROP padding: 0 }
    transform_op: [{ op: STAND bgr2rgb: t }, { }]
"#;

#[test]
fn every_form_of_a_value() {
    let expected = TransformParam::default()
        .scale(0.5)
        .mirror(true)
        .crop_size(16)
        .mean_file("a \"b\"\nAc")
        .mean_value([104.0, -15.0, f32::INFINITY, 3.0])
        .force_color(true)
        .resize_param(
            ResizeParam::default()
                .resize_mode(ResizeMode::FitLargeSizeAndPad)
                .height(8)
                .width(20)
                .interp_mode([Interpolation::Area, Interpolation::Lanczos4])
                .pad_mode(PadMode::RepeatNearest),
        )
        .noise_param(
            NoiseParam::default()
                .jpeg(80.0)
                .saltpepper_param(SaltPepperParam::default().fraction(0.25).value([1.0, 2.0])),
        )
        .emit_constraint(
            EmitConstraint::default().emit_type(EmitType::MinOverlap).emit_overlap(0.5),
        )
        .transform_op([
            TransformOp::default().op(Op::Crop).padding(0.0),
            TransformOp::stand().bgr2rgb(true),
            TransformOp::default(),
        ]);
    let parsed: TransformParam = EVERYTHING.parse().expect("sound");
    assert_eq!(parsed, expected);
    let wrapped: TransformParam = format!("transform_param {{{EVERYTHING}}}").parse().unwrap();
    assert_eq!(wrapped, expected);
    let printed = parsed.to_string();
    assert_eq!(printed.parse::<TransformParam>().unwrap(), expected, "{printed}");
}

#[test]
fn mistakes_are_told_with_line_and_column() {
    for (text, expected) in [
        ("scale: 1\n  sclae: 2", "2:3: transform_param has no field \"sclae\""),
        ("scale 1", "1:7: \":\" is expected, not \"1\""),
        ("scale: true", "1:8: a number is expected, not \"true\""),
        ("scale: 1.2.3", "1:8: 1.2.3 does not fit scale"),
        ("crop_size: -1", "1:12: -1 does not fit crop_size"),
        ("crop_size: 4294967296", "1:12: 4294967296 does not fit crop_size"),
        ("crop_size: 08", "1:12: 08 does not fit crop_size"),
        ("crop_size: 1.5", "1:12: 1.5 does not fit crop_size"),
        ("mirror: 2", "1:9: true or false is expected, not \"2\""),
        ("mirror: true\nmirror: true", "2:1: mirror is given twice"),
        ("mean_file: m", "1:12: a string in quotes is expected, not \"m\""),
        ("mean_file: 'm", "1:12: this string has no end"),
        ("mean_file: 'm\n'", "1:12: this string has no end"),
        ("mean_file: '\\z'", "1:13: this is no escape sequence"),
        ("mean_file: '\\xFF'", "1:12: this string is no UTF-8"),
        ("mean_value: [1 2]", "1:16: \",\" or \"]\" is expected, not \"2\""),
        ("resize_param 5", "1:14: \"{\" or \"<\" is expected, not \"5\""),
        (
            "resize_param {\n resize_mode: WRAP }",
            "2:15: resize_mode is one of WARP, FIT_SMALL_SIZE, FIT_LARGE_SIZE_AND_PAD, not WRAP",
        ),
        ("resize_param { hight: 1 }", "1:16: resize_param has no field \"hight\""),
        (
            "resize_param { height: 1",
            "1:25: a field name or the message's end is expected, not the end",
        ),
        (
            "resize_param { height: 1 >",
            "1:26: a field name or the message's end is expected, not \">\"",
        ),
        ("scale: 1 }", "1:10: a field name is expected, not \"}\""),
        ("transform_param { } scale: 1", "1:21: the end is expected, not \"scale\""),
        ("scale: 1 %", "1:10: this character starts no token"),
        ("scale: \u{e4}", "1:8: this character starts no token"),
    ] {
        let error = text.parse::<TransformParam>().expect_err(text);
        assert_eq!(error.to_string(), expected, "{text}");
    }
}

#[test]
fn mistakes_have_types() {
    let error = "x: 1".parse::<TransformOp>().unwrap_err();
    let Error::Text { line: 1, column: 1, reason } = error else { panic!("{error}") };
    let (message, field) = ("transform_op", "x".to_owned());
    assert_eq!(reason, TextError::UnknownField { message, field });
}

/// Numbers of field and wire type, with their values behind them.
fn field(number: u32, kind: u32, value: &[u8]) -> Vec<u8> {
    let key = number << 3 | kind;
    let mut bytes =
        if key < 128 { vec![key as u8] } else { vec![key as u8 | 128, (key >> 7) as u8] };
    bytes.extend(value);
    bytes
}

#[test]
fn wire_format() {
    let resize = [field(3, 0, &[8]), field(7, 0, &[2]), field(7, 2, &[3, 99, 4, 1])].concat();
    let message = [
        field(1, 5, &0.5f32.to_le_bytes()),
        field(5, 5, &1f32.to_le_bytes()),
        // Numbers may stand together.
        field(5, 2, &[&[8][..], &2f32.to_le_bytes(), &3f32.to_le_bytes()].concat()),
        field(16, 2, &[3, 1, 0xAC, 2]),
        field(8, 2, &[&[resize.len() as u8][..], &resize].concat()),
        // The same message again is merged; a mode that nobody knows is passed over, as are unknown fields.
        field(8, 2, &[2, 0x20, 9]),
        field(8, 2, &[2, 0x10, 77]),
        field(99, 0, &[1]),
        field(98, 1, &[0; 8]),
    ];
    let expected = TransformParam::default()
        .scale(0.5)
        .mean_value([1.0, 2.0, 3.0])
        .resize([1, 300])
        .resize_param(ResizeParam::default().height(8).width(9).interp_mode([
            Interpolation::Area,
            Interpolation::Cubic,
            Interpolation::Linear,
        ]));
    assert_eq!(TransformParam::from_wire(&message.concat()).unwrap(), expected);
    for (bytes, expected) in [
        (vec![255], "transform_param is not readable: the message is truncated"),
        (field(1, 0, &[1]), "transform_param is not readable: scale has a value of another type"),
        (field(4, 2, &[1, 0xFF]), "transform_param is not readable: mean_file is no UTF-8"),
        (field(8, 2, &[3, 1]), "transform_param is not readable: the message is truncated"),
        (field(5, 2, &[3, 1, 2, 3]), "transform_param is not readable: the message is truncated"),
    ] {
        let error = TransformParam::from_wire(&bytes).unwrap_err().to_string();
        assert_eq!(error, expected);
    }
}

fn number() -> impl Strategy<Value = f32> {
    prop_oneof![any::<f32>().prop_filter("equal to itself", |x| !x.is_nan()), -300f32..300.0]
}

fn op() -> impl Strategy<Value = TransformOp> {
    let sizes = (proptest::option::of(any::<u32>()), 0..3u32, proptest::option::of(number()));
    let stand =
        (proptest::collection::vec(number(), 0..4), proptest::option::of(".{0,9}"), any::<bool>());
    (sizes, stand).prop_map(|((resize_side, crop_h, padding), (mean_value, mean_file, bgr2rgb))| {
        TransformOp {
            op: if bgr2rgb { Op::Stand } else { Op::Crop },
            resize_side,
            crop_h,
            padding,
            mean_value,
            mean_file,
            bgr2rgb,
            ..TransformOp::default()
        }
    })
}

proptest! {
    /// Exact: what is printed reads as the same.
    #[test]
    fn printed_parameters_read_as_the_same(
        scale in number(), crop in any::<u32>(), mirror: bool,
        mean in proptest::collection::vec(number(), 0..4), ops in proptest::collection::vec(op(), 0..4),
        constraint in proptest::option::of(proptest::option::of(number())),
    ) {
        let mut param = TransformParam::default()
            .scale(scale).crop_size(crop).mirror(mirror).mean_value(mean).transform_op(ops);
        param.emit_constraint =
            constraint.map(|emit_overlap| EmitConstraint { emit_overlap, ..EmitConstraint::default() });
        let text = param.to_string();
        prop_assert_eq!(text.parse::<TransformParam>().expect("sound"), param, "{}", text);
    }

    /// Whatever the text or the bytes are: a message or an error.
    #[test]
    fn nothing_panics(
        text in r#"([a-z_]{0,6}|crop_size|mean_file|resize_param|[-:{}<>\[\],;'"\\#\n. ]|[0-9]{1,4}|\PC){0,30}"#,
        bytes in proptest::collection::vec(any::<u8>(), 0..60),
    ) {
        let _ = text.parse::<TransformParam>();
        let _ = text.parse::<AnnotatedDataParam>();
        let _ = TransformParam::from_wire(&bytes);
    }
}

/// Every prefix of a message is read or refused.
#[test]
fn truncation() {
    for end in 0..EVERYTHING.len() {
        let _ = EVERYTHING.get(..end).map(str::parse::<TransformParam>);
    }
}
