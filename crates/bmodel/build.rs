//! Generates the FlatBuffers code, without flatc.

use std::error::Error;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let schema = Path::new("proto/bmodel.fbs");
    println!("cargo::rerun-if-changed={}", schema.display());
    let declarations =
        planus_translation::translate_files(&[schema]).ok_or("bmodel.fbs does not translate")?;
    let code = planus_codegen::generate_rust(&declarations, false)?;
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("no OUT_DIR")?);
    std::fs::write(out.join("schema.rs"), code)?;
    Ok(())
}
