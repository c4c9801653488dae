//! The generated code in `src/schema/generated.rs` is what planus makes of `proto/bmodel.fbs`.
//! `BLESS=1` writes it anew.

use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

const HEAD: &str = "// @generated from proto/bmodel.fbs by planus. Do not edit: \
                    `BLESS=1 cargo test -p bmodel --test schema` writes it.\n\n";

fn generate() -> Result<String, Box<dyn Error>> {
    let schema = Path::new("proto/bmodel.fbs");
    let declarations =
        planus_translation::translate_files(&[schema]).ok_or("bmodel.fbs does not translate")?;
    let code = planus_codegen::generate_rust(&declarations, false)?;
    // What takes a builder of planus or refers to its buffer is not for users of this crate, so it needs
    // no explanation.
    let code = code
        .replace("pub fn builder(", "pub(crate) fn builder(")
        .replace("pub fn create(", "pub(crate) fn create(");
    let explains = |line: &&str| {
        let line = line.trim_start();
        ["/// Getter for the [`", "/// Setter for the [`", "/// Sets the [`"]
            .iter()
            .all(|start| !line.starts_with(start))
    };
    let code: Vec<&str> = code.lines().filter(explains).collect();
    format(&format!("{HEAD}{}\n", code.join("\n")))
}

/// As `cargo fmt` leaves it.
fn format(code: &str) -> Result<String, Box<dyn Error>> {
    let program = std::env::var_os("RUSTFMT").unwrap_or_else(|| "rustfmt".into());
    let mut command = Command::new(program);
    command.args(["--edition", "2024", "--config-path", "../.."]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    child.stdin.take().ok_or("no input")?.write_all(code.as_bytes())?;
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err(format!("rustfmt: {}", output.status).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

#[test]
fn the_generated_code_is_current() {
    // Tests run in the crate's folder.
    let path = "src/schema/generated.rs";
    let code = generate().expect("generated");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, code).expect("written");
        return;
    }
    let found = std::fs::read_to_string(path).expect("generated code").replace("\r\n", "\n");
    let first = found.lines().zip(code.lines()).position(|(found, expected)| found != expected);
    assert!(
        found == code,
        "{path} is not current, first at line {first:?} (from 0): see this file's head"
    );
}
