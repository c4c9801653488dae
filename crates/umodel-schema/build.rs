//! Compiles the schema with protobuf's pure-Rust parser; no protoc is needed.

fn main() {
    println!("cargo:rerun-if-changed=proto");
    protobuf_codegen::Codegen::new()
        .pure()
        .include("proto")
        .inputs(["proto/umodel.proto", "proto/blob.proto", "proto/transform.proto"])
        .cargo_out_dir("schema")
        .run_from_script();
}
