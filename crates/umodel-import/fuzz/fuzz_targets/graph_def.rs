//! Any bytes as a frozen TensorFlow graph: an error or a net. Seeds: fixtures/tensorflow/cases.
#![no_main]

use libfuzzer_sys::fuzz_target;
use umodel_import::{Options, tensorflow::Graph};

fuzz_target!(|bytes: &[u8]| {
    let Ok(graph) = Graph::from_bytes(bytes.to_vec()) else { return };
    let _ = graph.import(&Options::default());
    let options = Options {
        inputs: vec!["x:0".into()],
        outputs: vec!["output".into()],
        shapes: vec![vec![2, 7, 6, 4]],
        ..Options::default()
    };
    let _ = graph.import(&options);
});
