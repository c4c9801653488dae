//! Any bytes as a frozen TensorFlow graph: an error or a net. Seeds: fixtures/tensorflow/cases.
#![no_main]

use libfuzzer_sys::fuzz_target;
use umodel_import::{Options, tensorflow::Graph};

fuzz_target!(|bytes: &[u8]| {
    let Ok(graph) = Graph::from_bytes(bytes.to_vec()) else { return };
    let _ = graph.import(&Options::default());
    let options =
        Options::new("net").inputs(["x:0"]).outputs(["output"]).shapes([vec![2, 7, 6, 4]]);
    let _ = graph.import(&options);
});
