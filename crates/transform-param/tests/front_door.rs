//! The ways in: a prototxt's text, values, and pictures on disk.

use std::path::Path;

use datum_store::{Datum, DatumData};
use transform_param::{
    Chance, ColorMode, Error, Format, Pixels, ResizeParam, Transform, TransformOp, TransformParam,
    ValueError, decode, encode, picture_to_datum, store_picture,
};
use transform_param::{EncodeError, PictureOptions};

fn ramp([c, h, w]: [usize; 3]) -> Pixels<u8> {
    let value = |at: usize| u8::try_from(at * 5 % 256).expect("a byte");
    Pixels::new([c, h, w], (0..c * h * w).map(value).collect()).expect("fits")
}

/// Bit-exact: text and values, a stored record and a decoded picture.
#[test]
fn all_ways_lead_to_the_same_input() {
    let fixed =
        "resize_param { height: 9 width: 11 } crop_size: 6 mean_value: [3, 2, 1] scale: 0.5";
    let built = TransformParam::default()
        .resize_param(ResizeParam::default().height(9).width(11))
        .crop_size(6)
        .mean_value([3.0, 2.0, 1.0])
        .scale(0.5);
    let written = "transform_op { op: RESIZE resize_side: 8 }
                   transform_op { op: CROP crop_h: 6 crop_w: 7 }
                   transform_op { op: STAND mean_value: 4 div: 3 bgr2rgb: true }";
    let steps = TransformParam::default().transform_op([
        TransformOp::resize_shorter(8),
        TransformOp::crop([6, 7]),
        TransformOp::stand().mean_value([4.0]).div(3.0).bgr2rgb(true),
    ]);
    let picture = ramp([3, 20, 30]);
    let data = DatumData::Bytes(picture.data().to_vec());
    let datum = Datum::new(picture.shape(), data, 0).expect("fits");
    for (text, param, shape) in [(fixed, built, [3, 6, 6]), (written, steps, [3, 6, 7])] {
        assert_eq!(text.parse::<TransformParam>().expect("sound"), param);
        let transform: Transform = text.parse().expect("sound");
        let input = transform.apply_to(picture.clone(), &mut Chance::none()).expect("suits");
        assert_eq!(input.shape(), shape);
        let built = Transform::new(&param).expect("sound");
        assert_eq!(built.apply(&datum, &mut Chance::none()).expect("suits"), input);
    }
}

#[test]
fn mistakes_say_where_and_what() {
    let of = |text: &str| text.parse::<Transform>().expect_err(text);
    let error = of("crop_size: 2\ncrop_high: 3");
    assert!(matches!(error, Error::Text { line: 2, column: 1, .. }), "{error}");
    let error = of("crop_size: 2 transform_op { op: CROP crop_fraction: 0.5 }");
    let Error::Value { field: "transform_op", reason } = error else { panic!("{error}") };
    assert_eq!(reason, ValueError::HasOrder { other: "crop_size" });
    let error = of("expand_param { max_expand_ratio: 0.5 }");
    let Error::Value { field: "expand_param.max_expand_ratio", reason } = error else {
        panic!("{error}")
    };
    assert_eq!(reason, ValueError::Outside { found: 0.5, low: 1.0, high: 1000.0 });
}

#[test]
fn a_stored_picture_knows_its_own_size() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("a.ppm");
    std::fs::write(&path, encode(&ramp([3, 4, 6]), Format::Pnm).expect("encodes")).expect("writes");
    let options = PictureOptions::default();
    let seen = |size: [usize; 2]| {
        assert_eq!(size, [4, 6]);
        Some([2, 3])
    };
    let stored = store_picture(&path, &options, seen).expect("a picture");
    assert_eq!((stored.size, stored.datum.shape()), ([4, 6], [3, 2, 3]));
    assert_eq!(
        picture_to_datum(&path, &options.clone().resize([2, 3])).expect("one"),
        stored.datum
    );
    let file = store_picture(&path, &options.encoded(true), |_| None).expect("a picture");
    assert_eq!(file.size, [4, 6]);
    assert!(matches!(file.datum.data(), DatumData::Encoded(bytes) if bytes.starts_with(b"P6")));
    let none = picture_to_datum(Path::new("no such file"), &PictureOptions::default());
    assert!(matches!(none, Err(Error::Read { .. })));
}

#[test]
fn a_type_that_is_not_known_is_an_error() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("a.ppm");
    std::fs::write(&path, b"P5 1 1 255 x").expect("writes");
    let options = PictureOptions::default().encode_type("gif");
    let error = picture_to_datum(&path, &options).expect_err("no GIF");
    let Error::Encode { reason: EncodeError::UnknownFormat, .. } = error else { panic!("{error}") };
}

/// Bit-exact: what has a few pixels is written and read in every lossless format of this build.
#[test]
fn lossless_formats_keep_every_pixel() {
    for format in [Format::Png, Format::Bmp, Format::Tiff, Format::Pnm] {
        for shape in [[1, 1, 1], [1, 3, 5], [3, 1, 2], [3, 7, 3], [4, 2, 5]] {
            if !format.is_available() || (format == Format::Pnm && shape[0] == 4) {
                continue;
            }
            let mut picture = ramp(shape);
            if format == Format::Tiff && shape[0] == 4 {
                // libtiff multiplies colours by alpha; it is 255 here.
                let mut data = picture.into_data();
                data[3 * shape[1] * shape[2]..].fill(255);
                picture = Pixels::new(shape, data).expect("fits");
            }
            let file = encode(&picture, format).expect("encodes");
            assert_eq!(Format::of(&file), Some(format));
            assert_eq!(decode(&file, ColorMode::AsStored).expect("decodes"), picture, "{format}");
        }
    }
}
