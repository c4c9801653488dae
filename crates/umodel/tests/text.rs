//! Prototxts against C++ TextFormat, bit-exact (`fixtures/prototxt/record.py`); size, depth and truncation.

use std::time::{Duration, Instant};

use serde_json::Value;
use umodel::{NetParameter, Reader};

/// What is read otherwise than in C++, on purpose.
const DIFFERENT: &[(&str, &str)] = &[
    ("bom", "a byte-order mark, which editors leave, is skipped"),
    ("esc_377_string", "a name that is not UTF-8 is refused"),
    ("raw_ff_string", "a name that is not UTF-8 is refused"),
];

fn read(bytes: &[u8]) -> Result<NetParameter, umodel::Error> {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("net.prototxt");
    std::fs::write(&path, bytes).expect("write");
    let model = Reader { upgrade: false, ..Reader::default() }.read(&path)?;
    // What C++ refuses in a layer is an error of the layer.
    let unknown = model.unknown().next();
    unknown.map_or(Ok(model), Err)
}

#[test]
fn reads_what_cpp_reads_and_refuses_what_cpp_refuses() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/prototxt/cases.json");
    let cases = std::fs::read_to_string(path).expect("fixture");
    let cases: Vec<Value> = serde_json::from_str(&cases).expect("JSON");
    assert!(cases.len() >= 73, "{} cases", cases.len());
    let mut wrong = Vec::new();
    for case in &cases {
        let name = case["name"].as_str().expect("name");
        // A character stands for a byte.
        let text: Vec<u8> =
            case["text"].as_str().expect("text").chars().map(|byte| byte as u8).collect();
        let found = read(&text);
        let hex = |model: &NetParameter| -> String {
            let bytes = model.to_bytes().expect("bytes");
            bytes.iter().map(|byte| format!("{byte:02x}")).collect()
        };
        let same = match (&found, case["bytes"].as_str()) {
            (Ok(model), Some(bytes)) => hex(model) == bytes,
            (Err(_), None) => true,
            (Ok(_), None) | (Err(_), Some(_)) => false,
        };
        if same == DIFFERENT.iter().any(|(other, _)| *other == name) {
            wrong.push(format!("{name}: {:?}, C++ {}", found.as_ref().map(hex), case["bytes"]));
        }
        // Where it is: file, line and column. A file with a NUL is no text, and has none.
        if let Err(error) = found
            && name != "nul"
        {
            let message = error.to_string();
            let place = message.split("net.prototxt:").nth(1).unwrap_or_default();
            let numbers: Vec<&str> = place.split(':').take(2).collect();
            let numbers = numbers.iter().filter(|number| number.parse::<u32>().is_ok()).count();
            if numbers != 2 {
                wrong.push(format!("{name}: no place in {message:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Statistical: a bound for slow machines, and for builds that are not optimised.
#[test]
fn ten_megabytes_are_read_in_less_than_a_second() {
    let mut text = String::from("name: 'long'\n");
    let mut number = 0;
    while text.len() < 10 << 20 {
        number += 1;
        text += &format!(
            "layer {{
               name: \"conv{number}\"
               type: \"Convolution\"
               bottom: \"data\"
               top: \"conv{number}\"
               param {{ lr_mult: 1 decay_mult: 1 }}
               convolution_param {{
                 num_output: 64
                 kernel_size: 3
                 pad: 1
                 weight_filler {{ type: \"xavier\" std: 0.01 }}
               }}
             }}\n"
        );
    }
    let start = Instant::now();
    let model = NetParameter::parse_text(&text).expect("valid");
    let taken = start.elapsed();
    assert_eq!(model.layers().count(), number);
    let limit = Duration::from_secs(if cfg!(debug_assertions) { 20 } else { 1 });
    assert!(taken < limit, "{taken:?}");
}

/// A prefix of a text is read or refused, whatever its length; the whole net comes of the whole text only.
#[test]
fn every_prefix_is_read_or_refused() {
    let text = "name: 'n' # c\nlayer { name: 'c' type: \"Convolution\" bottom: 'x' top: ['y'] convolution_param { \
         num_output: 0x4 pad: [1, 2] weight_filler < std: 1e-5f > } include: [{ phase: TEST }] }";
    let whole = NetParameter::parse_text(text).expect("valid").to_text();
    for length in 0..text.len() {
        if let Ok(model) = NetParameter::parse_text(&text[..length]) {
            assert_ne!(model.to_text(), whole, "{length}");
        }
    }
}

/// Exact.
#[test]
fn parameters_on_one_line_keep_blanks_in_strings() {
    let line = |layer: &str| {
        let model = NetParameter::parse_text(layer).expect("text");
        model.layers().next().expect("a layer").parameters()
    };
    for (layer, expected) in [
        (
            "data_param { source: 'a  b\\t{ } c' batch_size: 2 }",
            "source: \"a  b\\t{ } c\" batch_size: 2",
        ),
        ("data_param { source: ' } x_param { ' }", "source: \" } x_param { \""),
        ("reshape_param { shape { dim: [2, -1] } }", "shape { dim: 2 dim: -1 }"),
        ("relu_param { }", ""),
        ("", ""),
        (
            "relu_param { negative_slope: 0.5 } lrn_param { }",
            "lrn_param { } relu_param { negative_slope: 0.5 }",
        ),
        (
            "convolution_param { num_output: 1 weight_filler { type: 'xavier' } } loss_weight: 1",
            "num_output: 1",
        ),
    ] {
        let layer = format!("layer {{ name: 'a' type: 'A' {layer} }}");
        assert_eq!(line(&layer), expected, "{layer}");
    }
}
