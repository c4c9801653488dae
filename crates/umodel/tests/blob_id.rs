//! Ids of blobs are those of one net: all functions that take one panic for that of a larger net.

use std::panic::{AssertUnwindSafe, catch_unwind};

use umodel::layers::{Input, TanH};
use umodel::{Arithmetic, BlobFormat, BlobId, LayerSpec, Net, QuantizedNet};

/// An input and so many layers behind it.
fn net(layers: usize) -> Net {
    let input = Input { shapes: vec![vec![1, 2]], int8_scale: None };
    let mut specs = vec![LayerSpec::new("x0", input, &[], &["x0"])];
    for layer in 1..=layers {
        let (bottom, top) = (format!("x{}", layer - 1), format!("x{layer}"));
        specs.push(LayerSpec::new(&top, TanH, &[&bottom], &[&top]));
    }
    Net::from_specs("", specs).expect("valid")
}

#[test]
fn an_id_of_a_larger_net_panics_everywhere() {
    let small = net(1);
    let arithmetic = vec![Arithmetic::Cast, Arithmetic::Float];
    let quantized = QuantizedNet::new(net(1), vec![BlobFormat::F32; 2], arithmetic).expect("valid");
    let functions: [(&str, &dyn Fn(BlobId)); 4] = [
        ("Net::blob", &|id| drop(small.blob(id).clone())),
        ("Net::producer", &|id| drop(small.producer(id).to_string())),
        ("Net::consumers", &|id| drop(small.consumers(id).to_vec())),
        ("QuantizedNet::format", &|id| drop(quantized.format(id).scale.to_string())),
    ];
    let ids: Vec<BlobId> = net(2).blob_ids().collect();
    for (name, function) in functions {
        for (index, &id) in ids.iter().enumerate() {
            let panics = catch_unwind(AssertUnwindSafe(|| function(id))).is_err();
            assert_eq!(panics, index == 2, "{name} of blob {index}");
        }
    }
}
