//! Compiles the schemas of the formats that are read; no protoc is needed.

use std::env;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let formats = [
        ("CARGO_FEATURE_ONNX", "proto/onnx.proto", ".onnx"),
        ("CARGO_FEATURE_TENSORFLOW", "proto/tensorflow.proto", ".tensorflow"),
    ];
    for (feature, schema, package) in formats {
        println!("cargo:rerun-if-changed={schema}");
        if env::var_os(feature).is_none() {
            continue;
        }
        let files = protox::compile([schema], ["proto"])?;
        // Bytes share the file's buffer, so that weights are not copied while the message is decoded.
        prost_build::Config::new().bytes([package]).compile_fds(files)?;
    }
    Ok(())
}
