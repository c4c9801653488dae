//! Memory that a caffemodel takes, statistical: the only test of its process, since it looks at the peak.
#![cfg(target_os = "linux")]

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};

use umodel::{Net, NetParameter, NoSources, Phase};

/// Values of each layer's weights.
const VALUES: usize = 8_000_000;
const LAYERS: usize = 4;

fn varint(mut value: usize, to: &mut Vec<u8>) {
    while value > 127 {
        to.push(value.to_le_bytes()[0] | 128);
        value >>= 7;
    }
    to.push(value.to_le_bytes()[0]);
}

/// The start of a field that holds `length` bytes.
fn field(number: usize, length: usize) -> Vec<u8> {
    let mut start = Vec::new();
    varint(number << 3 | 2, &mut start);
    varint(length, &mut start);
    start
}

/// A caffemodel of inner products whose weights are 0, holes in the file.
fn write(path: &std::path::Path) -> u64 {
    let mut file = File::create(path).expect("create");
    for layer in 0..LAYERS {
        let name = format!("ip{layer}");
        let mut dims = vec![1];
        varint(VALUES, &mut dims);
        let dims = [field(1, dims.len()), dims].concat();
        let data = [field(7, dims.len()), dims, field(5, 4 * VALUES)].concat();
        let blob = field(7, data.len() + 4 * VALUES);
        let name = [field(1, name.len()), name.into_bytes()].concat();
        let length = name.len() + blob.len() + data.len() + 4 * VALUES;
        file.write_all(&[field(100, length), name, blob, data].concat()).expect("write");
        let hole = i64::try_from(4 * VALUES).expect("small");
        file.seek(SeekFrom::Current(hole)).expect("seek");
    }
    let length = file.stream_position().expect("position");
    file.set_len(length).expect("length");
    length
}

/// The most memory that this process had so far, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("proc");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("peak");
    let kilobytes = line.split_whitespace().nth(1).and_then(|number| number.parse::<u64>().ok());
    kilobytes.expect("number") << 10
}

#[test]
fn a_caffemodel_takes_little_more_memory_than_it_has_bytes() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("net.caffemodel");
    let length = write(&path);
    let mut text = format!(
        "layer {{ name: 'x' type: 'Input' top: 'x' input_param {{ shape {{ dim: [1, {VALUES}] }} }} }}"
    );
    for layer in 0..LAYERS {
        text += &format!(
            "layer {{ name: 'ip{layer}' type: 'InnerProduct' bottom: 'x' top: 'y{layer}' \
                 inner_product_param {{ num_output: 1 bias_term: false }} }}"
        );
    }
    let before = peak();
    let weights = NetParameter::read(&path).expect("caffemodel");
    let model = NetParameter::parse_text(&text).expect("net");
    let net = Net::with_weights(&model, weights, Phase::Test, &NoSources).expect("net");
    assert_eq!(net.layers()[LAYERS].weights[0].len(), VALUES);
    let taken = peak() - before;
    assert!(taken as f64 <= 1.3 * length as f64, "{taken} bytes for a file of {length}");
}
