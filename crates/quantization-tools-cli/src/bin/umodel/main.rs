//! Looks into models of the Caffe family, converts, draws and compares them.

#![deny(clippy::print_stdout, clippy::print_stderr)]

mod diff;
mod draw;
mod plain;
mod show;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use quantization_tools::file_set::{self, FileSet};
use quantization_tools::prelude::*;
use quantization_tools::umodel::Reader;
use quantization_tools_cli::cli::{self, Failure};

/// Show, convert, draw or compare prototxts, caffemodels and umodels. Every file may be text or binary.
#[derive(Parser)]
#[command(name = "umodel", version, max_term_width = 100)]
struct Arguments {
    /// What to do
    #[arg(value_enum)]
    task: Task,
    /// The model
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// For convert and draw the file to write, for diff the other model
    #[arg(
        value_name = "OTHER",
        required_if_eq_any([("task", "convert"), ("task", "draw"), ("task", "diff")])
    )]
    other: Option<PathBuf>,
    /// For convert: leave older forms (V0 and V1 layers, `input` fields) as they are
    #[arg(long, default_value_t = false, action = clap::ArgAction::Set)]
    unchanged: bool,
    /// For show and draw: the phase whose layers are looked at
    #[arg(long, value_enum, default_value_t = PhaseName::Test)]
    phase: PhaseName,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Task {
    /// Print a table of the layers: type, shapes, parameters, multiply-accumulates, bytes of weights
    Show,
    /// Write FILE as OTHER, in present form: as text if OTHER ends in .prototxt or .txt, else binary
    Convert,
    /// Draw the graph of FILE as the SVG picture OTHER
    Draw,
    /// Compare FILE and OTHER layer by layer; exit code 1 if they differ
    Diff,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PhaseName {
    Train,
    Test,
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { task, file, .. } = &arguments;
    cli::repair([file].into_iter().chain(&arguments.other))?;
    let phase = match arguments.phase {
        PhaseName::Train => Phase::Train,
        PhaseName::Test => Phase::Test,
    };
    let other = || arguments.other.as_ref().ok_or("a second file is needed");
    match task {
        Task::Show => {
            cli::print(&show::table(&NetParameter::read(file)?, phase)?);
            cli::next!("umodel draw {} net.svg", cli::quoted(file));
            Ok(())
        }
        Task::Convert => {
            let target = other()?;
            let reader = Reader { upgrade: !arguments.unchanged, ..Reader::default() };
            let model = reader.read(file)?;
            // What was passed over would be lost.
            model.unknown().next().map_or(Ok(()), Err)?;
            let extension = target.extension().and_then(|extension| extension.to_str());
            let bytes = match extension {
                Some("prototxt" | "txt") => model.to_text().into_bytes(),
                _ => model.to_bytes()?,
            };
            write(target, &bytes)?;
            if !file_set::is_stream(target) {
                cli::next!("umodel show {}", cli::quoted(target));
            }
            Ok(())
        }
        Task::Draw => {
            let target = other()?;
            svg_only(target)?;
            write(target, draw::svg(&NetParameter::read(file)?, phase)?.as_bytes())
        }
        Task::Diff => {
            let differences =
                diff::differences(&NetParameter::read(file)?, &NetParameter::read(other()?)?)?;
            cli::print(&differences);
            if differences.is_empty() { Ok(()) } else { Err("the models differ".into()) }
        }
    }
}

/// A name that promises another kind of picture is refused. One without an extension, such as /dev/stdout,
/// promises nothing.
fn svg_only(path: &Path) -> Result<(), Failure> {
    match path.extension() {
        Some(extension) if !extension.eq_ignore_ascii_case("svg") => {
            let name = path.with_extension("svg");
            Err(format!("drawings are SVG only: name the file {}", name.display()).into())
        }
        _ => Ok(()),
    }
}

fn write(path: &PathBuf, bytes: &[u8]) -> Result<(), Failure> {
    let mut files = FileSet::new();
    files.add(path, bytes)?;
    files.commit()?;
    cli::wrote(path);
    Ok(())
}
