//! Any bytes as an ONNX model without external tensors: an error or a net. Seeds: fixtures/onnx.
#![no_main]

use libfuzzer_sys::fuzz_target;
use umodel_import::{Options, onnx};

fuzz_target!(|bytes: &[u8]| {
    let _ = onnx::import(bytes, None, &Options::default());
});
