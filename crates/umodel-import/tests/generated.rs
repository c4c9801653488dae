//! The generated code of both formats is that of their schemas. `BLESS=1` writes it anew.

use std::path::Path;

/// Schema, package, the file that `prost-build` makes of it, and where that is kept.
const FORMATS: [(&str, &str, &str, &str); 2] = [
    ("proto/onnx.proto", ".onnx", "onnx.rs", "src/onnx/proto.rs"),
    ("proto/tensorflow.proto", ".tensorflow", "tensorflow.rs", "src/tensorflow/proto.rs"),
];

#[test]
fn the_generated_code_is_current() -> Result<(), Box<dyn std::error::Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut outdated = Vec::new();
    for (schema, package, file, kept) in FORMATS {
        let folder = tempfile::tempdir()?;
        let files = protox::compile([root.join(schema)], [root.join("proto")])?;
        prost_build::Config::new()
            // Bytes share the file's buffer, so that weights are not copied while the message is decoded.
            .bytes([package])
            .out_dir(folder.path())
            .compile_fds(files)?;
        let made = std::fs::read_to_string(folder.path().join(file))?;
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(root.join(kept), &made)?;
        }
        if std::fs::read_to_string(root.join(kept))? != made {
            outdated.push(kept);
        }
    }
    assert!(outdated.is_empty(), "{outdated:?} are not those of the schemas: run with BLESS=1");
    Ok(())
}
