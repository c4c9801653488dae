//! Against recorded OpenCV results (fixtures/transform-param/record.py): bit-exact, but for resized
//! floats, which are within 1e-5 of the largest value.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "small numbers of the tests' own"
)]

use serde_json::Value;
use sha2::{Digest, Sha256};
use transform_param::{
    ColorMode, DecodeError, EncodeError, Error, Format, Interpolation, Limits, Pixels, decode,
    decode_with, encode, resize,
};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/transform-param");

fn cases(name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(format!("{FOLDER}/{name}.json")).expect("fixture");
    let mut file: Value = serde_json::from_str(&text).expect("JSON");
    match file["cases"].take() {
        Value::Array(cases) => cases,
        other => panic!("cases: {other}"),
    }
}

fn files() -> Vec<u8> {
    std::fs::read(format!("{FOLDER}/files.bin")).expect("files.bin")
}

fn numbers<const N: usize>(value: &Value) -> [usize; N] {
    std::array::from_fn(|index| value[index].as_u64().expect("number") as usize)
}

fn bytes<'a>(files: &'a [u8], span: &Value) -> &'a [u8] {
    let [offset, length] = numbers(span);
    &files[offset..offset + length]
}

fn sha(data: &[u8]) -> String {
    Sha256::digest(data).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The recording script's `values`.
fn values(shape: [usize; 3], seed: usize) -> Pixels<u8> {
    let [c, h, w] = shape;
    let mut state = seed as u32;
    let mut data = Vec::with_capacity(c * h * w);
    for k in 0..c {
        for y in 0..h {
            for x in 0..w {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let noise = (state >> 24) as usize;
                let ramp = (x * (5 + k) + y * (3 + 2 * k)) % 256;
                // The script divides where noise is still a byte.
                let mixed = if seed.is_multiple_of(3) { noise } else { (ramp * 3 + noise) / 4 };
                data.push(mixed as u8);
            }
        }
    }
    Pixels::new(shape, data).expect("fits")
}

fn interpolation(name: &Value) -> Interpolation {
    match name.as_str() {
        Some("linear") => Interpolation::Linear,
        Some("area") => Interpolation::Area,
        Some("nearest") => Interpolation::Nearest,
        Some("cubic") => Interpolation::Cubic,
        Some("lanczos4") => Interpolation::Lanczos4,
        other => panic!("{other:?}"),
    }
}

#[test]
fn resized_bytes_are_opencvs_bit_for_bit() {
    let cases = cases("resize");
    assert_eq!(cases.len(), 400);
    for (seed, case) in cases.iter().enumerate() {
        let picture = values(numbers(&case["from"]), seed);
        let resized = resize(&picture, numbers(&case["to"]), interpolation(&case["how"]));
        assert_eq!(sha(resized.data()), case["u8"], "{case}");
    }
}

#[test]
fn resized_floats_are_opencvs_within_1e_5_of_the_largest() {
    let files = files();
    let mut compared = 0;
    for (seed, case) in
        cases("resize").iter().enumerate().filter(|(_, case)| !case["f32"].is_null())
    {
        let shape = numbers(&case["from"]);
        let halves = values(shape, seed).into_data().into_iter().map(|v| f32::from(v) / 2.0 - 30.0);
        let picture = Pixels::new(shape, halves.collect()).expect("fits");
        let largest = picture.data().iter().fold(0.0, |a: f32, b| a.max(b.abs()));
        let resized = resize(&picture, numbers(&case["to"]), interpolation(&case["how"]));
        let expected = bytes(&files, &case["f32"]).chunks_exact(4);
        assert_eq!(expected.len(), resized.data().len(), "{case}");
        for (value, expected) in resized.data().iter().zip(expected) {
            let expected = f32::from_le_bytes(expected.try_into().expect("four"));
            assert!((value - expected).abs() <= 1e-5 * largest, "{value} {expected}: {case}");
        }
        compared += 1;
    }
    assert!(compared > 40, "{compared}");
}

#[test]
fn resizing_nothing_gives_zeros_and_never_panics() {
    let none = Pixels::new([3, 0, 4], Vec::<u8>::new()).expect("fits");
    assert_eq!(resize(&none, [1, 2], Interpolation::Cubic).data(), [0; 6]);
    let one = Pixels::new([1, 1, 1], vec![7_u8]).expect("fits");
    assert_eq!(resize(&one, [0, 5], Interpolation::Area).shape(), [1, 0, 5]);
    assert_eq!(resize(&one, [2, 2], Interpolation::Lanczos4).data(), [7; 4]);
}

const MODES: [(&str, ColorMode); 3] =
    [("color", ColorMode::Color), ("gray", ColorMode::Gray), ("stored", ColorMode::AsStored)];

#[test]
fn decoded_pixels_are_opencvs_bit_for_bit() {
    let files = files();
    let mut different = Vec::new();
    for case in cases("decode") {
        let file = bytes(&files, &case["file"]);
        if missing(file) {
            continue;
        }
        for (key, mode) in MODES {
            let decoded = decode(file, mode);
            let name = format!("{key} of {}", case["name"]);
            match (decoded, &case[key]) {
                // OpenCV 4.14 refuses TIFFs with these orientations; they are turned here.
                (Ok(_), Value::Null) if name.contains("orientation") => {}
                (Err(_), Value::Null) => {}
                (Ok(picture), expected) if !expected.is_null() => {
                    let shape: [usize; 3] = numbers(&expected[0]);
                    if (picture.shape(), sha(picture.data())) != (shape, text(&expected[1])) {
                        different.push(format!("{name}: {:?}, not {shape:?}", picture.shape()));
                    }
                }
                (decoded, expected) => {
                    let decoded = decoded.map(|picture| picture.shape());
                    different.push(format!("{name}: {decoded:?}, not {expected}"));
                }
            }
        }
    }
    assert!(different.is_empty(), "{}:\n{}", different.len(), different.join("\n"));
}

/// Whether this build lacks the file's format, which the error then says.
fn missing(file: &[u8]) -> bool {
    let Some(format) = Format::of(file) else { return false };
    if format.is_available() {
        return false;
    }
    let Err(Error::Decode { reason: DecodeError::MissingFeature { feature, .. } }) =
        decode(file, ColorMode::Color)
    else {
        panic!("{format} is not in this build");
    };
    assert_eq!(Some(feature), format.feature());
    true
}

fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}

#[test]
fn encoded_pictures_decode_to_what_opencvs_do() {
    let mut different = Vec::new();
    for case in cases("encode") {
        let picture =
            values(numbers(&case["shape"]), case["seed"].as_u64().expect("number") as usize);
        let format: Format = text(&case["kind"]).parse().expect("known");
        let file = match encode(&picture, format) {
            Err(Error::Encode { reason: EncodeError::MissingFeature { feature, .. }, .. }) => {
                assert_eq!((format.is_available(), Some(feature)), (false, format.feature()));
                continue;
            }
            file => file.expect("encodes"),
        };
        let decoded = decode(&file, ColorMode::AsStored).expect("decodes");
        if sha(decoded.data()) != case["decoded"] {
            different.push(format!("{case}"));
        }
    }
    assert!(different.is_empty(), "{}:\n{}", different.len(), different.join("\n"));
    let two = Pixels::new([2, 1, 1], vec![1, 2]).expect("fits");
    assert!(encode(&two, Format::Pnm).is_err());
    assert!(encode(&values([3, 2, 2], 1), Format::WebP).is_err());
    assert!("gif".parse::<Format>().is_err());
}

#[test]
fn damaged_pictures_are_errors_or_pictures_never_crashes() {
    let files = files();
    let limits = Limits::default().width(1 << 12).height(1 << 12).pixels(1 << 20);
    for case in cases("decode").iter().step_by(3) {
        let file = bytes(&files, &case["file"]);
        for (_, mode) in MODES {
            for length in (0..file.len().min(64)).chain((64..file.len()).step_by(37)) {
                let _ = decode_with(&file[..length], mode, &limits);
            }
        }
        for at in 0..file.len().min(160) {
            for flip in [0x01, 0x80, 0xFF] {
                let mut flipped = file.to_vec();
                flipped[at] ^= flip;
                let _ = decode_with(&flipped, ColorMode::Color, &limits);
            }
        }
    }
    assert!(decode(b"no picture at all", ColorMode::Gray).is_err());
}

/// Sizes are refused by the limits or by what the file can hold, before memory is asked for: the error says which.
/// Files of a few bytes that declare sizes from 65,500 x 65,500 upwards.
#[test]
fn gigantic_declared_sizes_are_errors() {
    let files = files();
    let find = |name: &str| {
        let case = cases("decode").into_iter().find(|case| case["name"] == name).expect("case");
        bytes(&files, &case["file"]).to_vec()
    };
    let large = 0x3FFF_FFF0_u32;
    let mut jpeg = find("grey jpg");
    let frame = jpeg.windows(2).position(|pair| pair == [0xFF, 0xC0]).expect("SOF0");
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xFF; 4]);
    let mut png = find("grey 8 bits png");
    png[16..20].copy_from_slice(&large.to_be_bytes());
    png[20..24].copy_from_slice(&large.to_be_bytes());
    let mut bmp = find("24 bits bmp");
    bmp[18..22].copy_from_slice(&large.to_le_bytes());
    let mut rle = find("RLE8 bmp");
    rle[18..22].copy_from_slice(&65_500_u32.to_le_bytes());
    rle[22..26].copy_from_slice(&16_000_u32.to_le_bytes());
    let mut inside = find("24 bits bmp"); // within the limits, but the file has no such pixels
    inside[18..22].copy_from_slice(&32_000_u32.to_le_bytes());
    inside[22..26].copy_from_slice(&32_000_u32.to_le_bytes());
    let ppm = b"P6 1000000 1000000 255\n".to_vec();
    let short = b"P5 30000 30000 255\n".to_vec();
    let tiff = find("grey plain tiff");
    let mut webp = find("lossless webp");
    let bits = webp.iter().position(|&byte| byte == 0x2F).expect("VP8L signature");
    webp[bits + 1..bits + 5].copy_from_slice(&[0xFF; 4]);
    for (name, file) in [
        ("jpeg", jpeg),
        ("png", png),
        ("bmp", bmp),
        ("rle", rle),
        ("short bmp", inside),
        ("ppm", ppm),
        ("short pgm", short),
        ("webp", webp),
    ] {
        assert!(decode(&file, ColorMode::Color).is_err(), "{name}");
    }
    let tight = Limits::default().width(28);
    for file in [tiff, find("grey jpg"), find("colour 4:4:4 jpg"), find("lossy webp")] {
        if missing(&file) {
            continue;
        }
        assert!(decode(&file, ColorMode::Color).is_ok());
        assert!(decode_with(&file, ColorMode::Color, &tight).is_err());
    }
}
