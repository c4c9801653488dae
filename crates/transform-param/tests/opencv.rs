//! Bit-exact against recorded OpenCV results (fixtures/transform-param/record.py).

use serde_json::Value;
use transform_param::{ColorMode, Interpolation, Pixels, decode, resize};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/transform-param");

struct Fixtures {
    cases: Value,
    data: Vec<u8>,
}

impl Fixtures {
    fn open() -> Self {
        let text = std::fs::read_to_string(format!("{FOLDER}/cases.json")).expect("cases.json");
        let cases = serde_json::from_str(&text).expect("JSON");
        Fixtures { cases, data: std::fs::read(format!("{FOLDER}/data.bin")).expect("data.bin") }
    }

    fn bytes(&self, span: &Value) -> &[u8] {
        let [offset, length] = pair(span);
        &self.data[offset..offset + length]
    }
}

fn pair(value: &Value) -> [usize; 2] {
    [0, 1].map(|index| value[index].as_u64().expect("number") as usize)
}

fn planes(channels: usize, interleaved: &[u8]) -> Vec<u8> {
    let plane = |c| interleaved.iter().skip(c).step_by(channels).copied();
    (0..channels).flat_map(plane).collect()
}

#[test]
fn resize_is_opencvs_bit_for_bit() {
    let fixtures = Fixtures::open();
    let cases = fixtures.cases["resize"].as_array().expect("cases");
    assert!(cases.len() > 30);
    for case in cases {
        let channels = case["channels"].as_u64().expect("number") as usize;
        let [h, w] = pair(&case["from"]);
        let to = pair(&case["to"]);
        let source = planes(channels, fixtures.bytes(&case["source"]));
        let picture = Pixels::new([channels, h, w], source).expect("fits");
        let resized = resize(&picture, to, Interpolation::Linear);
        assert_eq!(resized.data(), planes(channels, fixtures.bytes(&case["result"])), "{case}");
    }
}

#[test]
fn decode_is_opencvs_bit_for_bit() {
    let fixtures = Fixtures::open();
    for case in fixtures.cases["decode"].as_array().expect("cases") {
        let file = fixtures.bytes(&case["file"]);
        let [h, w] = pair(&case["size"]);
        let color = decode(file, ColorMode::Color).expect("colour");
        assert_eq!(color.shape(), [3, h, w], "{}", case["name"]);
        assert_eq!(color.data(), planes(3, fixtures.bytes(&case["color"])), "{}", case["name"]);
        let gray = decode(file, ColorMode::Gray).expect("grey");
        assert_eq!(gray.data(), fixtures.bytes(&case["gray"]), "grey of {}", case["name"]);
    }
}

#[test]
fn damaged_pictures_are_errors() {
    let fixtures = Fixtures::open();
    for case in fixtures.cases["decode"].as_array().expect("cases") {
        let file = fixtures.bytes(&case["file"]);
        for length in [0, 1, 2, 10, 30] {
            assert!(
                decode(&file[..length], ColorMode::Color).is_err(),
                "{} {length}",
                case["name"]
            );
        }
        for at in 0..file.len().min(200) {
            let mut flipped = file.to_vec();
            flipped[at] ^= 0x55;
            let _ = decode(&flipped, ColorMode::Color); // an error or a picture, never a crash
        }
    }
    assert!(decode(b"no picture at all", ColorMode::Gray).is_err());
}
