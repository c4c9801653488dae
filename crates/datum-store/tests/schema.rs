//! The checked-in code of the messages is what the generator makes of `proto/datum.proto`.
//!
//! `BLESS=1 cargo test -p datum-store --test schema` writes it anew.

use std::fs;
use std::path::Path;

/// Exact.
#[test]
fn the_generated_code_is_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let proto = root.join("proto");
    let files = protox::compile([proto.join("datum.proto")], [proto]).expect("a sound schema");
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut config = prost_build::Config::new();
    config.out_dir(folder.path()).compile_fds(files).expect("code");
    let expected = fs::read_to_string(folder.path().join("caffe.rs")).expect("code");
    let path = root.join("src/schema.rs");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &expected).expect("write");
    }
    let found = fs::read_to_string(&path).expect("src/schema.rs");
    assert!(found == expected, "src/schema.rs is not what datum.proto gives; BLESS=1 writes it");
}
