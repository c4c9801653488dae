//! What the command-line tools share: flags, progress, exit codes.

mod checks;
mod common;
mod compare;
mod completion;
mod converter;
mod data;
mod gflags;
mod help;
mod import;
mod names;
mod npz;
mod npz_writer;
mod output;
mod progress;
mod signals;
mod stage_shapes;

use std::error::Error;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use clap::error::ContextKind;
use uframework::data::DatabaseSources;
use uframework::{Executor, Hdf5Error};
use umodel::{Net, NetParameter, Phase, QuantizedNet};

pub use checks::{iterations, note_repeats};
pub use compare::{Comparison, compare};
pub use converter::{ConverterFlags, print_not_numbers, side};
pub use data::{DataFlags, finite, source};
pub use import::ImportFlags;
pub use names::{blobs, instead};
pub use npz::{Npy, NpyKind, read_arrays, read_npz};
pub use npz_writer::{Join, NpzWriter};
pub use output::{
    next, next_line, note, note_line, plain, print, quoted, say, say_line, shape_text, wrote,
};
pub use progress::Progress;
pub use stage_shapes::StageShapes;

/// Any error; tools only print them.
pub type Failure = Box<dyn Error + Send + Sync>;

/// Runs a tool: parses the command line by gflags' habits, runs `work`, prints an error on one
/// line. Exit code 0: good; 1: `work` failed, or the standard output is full; 2: the command line is wrong.
pub fn main<T: Parser>(work: impl FnOnce(T) -> Result<(), Failure>) -> ExitCode {
    signals::clean_up();
    let mut command = common::add(T::command());
    let arguments = gflags::normalize(&command, std::env::args_os());
    match common::asked(&mut command, &arguments) {
        Err(error) => error.exit(),
        Ok(Some(text)) => {
            print(&text);
            return end(Ok(()));
        }
        Ok(None) => {}
    }
    let parsed = command.try_get_matches_from_mut(arguments).and_then(|matches| {
        if common::quiet(&matches) {
            output::be_quiet();
        }
        T::from_arg_matches(&matches)
    });
    match parsed {
        Err(mut error) => {
            // The advice to pass an unknown flag as a value helps nobody; that of a similar flag is another.
            error.remove(ContextKind::Suggested);
            error.exit()
        }
        Ok(arguments) => end(work(arguments)),
    }
}

/// Tells how a tool ended. A reader that stops early, such as `head`, is no failure.
fn end(result: Result<(), Failure>) -> ExitCode {
    let printed = match output::failure() {
        Some(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(format!("cannot print: {error}").into())
        }
        _ => Ok(()),
    };
    match result.and(printed) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_broken_pipe(error.as_ref()) => ExitCode::SUCCESS,
        Err(error) => {
            note!("error: {}{}", one_line(error.as_ref()), remedy(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    let broken = |error: &(dyn Error + 'static)| {
        let error = error.downcast_ref::<io::Error>();
        error.is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
    };
    std::iter::successors(Some(error), |&error| error.source()).any(broken)
}

/// An error and its causes on one line, without repetitions.
pub fn one_line(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.ends_with(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    shortened(text.replace('\n', " "))
}

/// A text without its middle if it is very long: names in files may have any length, and the reason stands at the end.
fn shortened(text: String) -> String {
    const PART: usize = 1000;
    let characters = text.chars().count();
    if characters <= 2 * PART {
        return text;
    }
    let start: String = text.chars().take(PART).collect();
    let end: String = text.chars().skip(characters - PART).collect();
    format!("{start} … {end}")
}

/// What a user of the tools can do about an error of a library.
fn remedy(error: &(dyn Error + 'static)) -> &'static str {
    let not_built_in =
        |error: &(dyn Error + 'static)| matches!(error.downcast_ref(), Some(Hdf5Error::NotBuiltIn));
    if std::iter::successors(Some(error), |&error| error.source()).any(not_built_in) {
        "; install the tools with it: cargo install quantization-tools-cli --features hdf5"
    } else {
        ""
    }
}

/// Finishes what a killed tool has left beside files that are to be read together.
///
/// # Errors
/// If it is complete and cannot be finished.
pub fn repair<'a>(
    files: impl IntoIterator<Item = &'a (impl AsRef<Path> + ?Sized + 'a)>,
) -> Result<(), Failure> {
    for file in files {
        file_set::repair(file.as_ref().parent().unwrap_or(Path::new("")))?;
    }
    Ok(())
}

/// Reads the fp32 net of the TEST phase.
///
/// # Errors
/// For files that cannot be read or do not fit together.
pub fn read_net(model: &Path, weights: &Path, data: &DataFlags) -> Result<Net, Failure> {
    repair([model, weights])?;
    let model = data.read(model)?;
    let weights = NetParameter::read(weights)?;
    Ok(Net::with_weights(&model, weights, Phase::Test, &DatabaseSources)?)
}

/// Reads a net of the TEST phase, int8 if the weights are an int8umodel, and makes it ready to run.
///
/// # Errors
/// For files that cannot be read or do not fit together, and layers that cannot be run.
pub fn read_executor(model: &Path, weights: &Path, data: &DataFlags) -> Result<Executor, Failure> {
    repair([model, weights])?;
    let (model, weights) = (data.read(model)?, NetParameter::read(weights)?);
    if holds_integers(&weights) {
        let net = QuantizedNet::read(&model, &weights, Phase::Test, &DatabaseSources)?;
        return Ok(Executor::quantized(Arc::new(net))?);
    }
    Ok(Executor::new(Arc::new(Net::with_weights(&model, weights, Phase::Test, &DatabaseSources)?))?)
}

/// Whether these weights are those of an int8 net.
pub fn holds_integers(weights: &NetParameter) -> bool {
    weights.layers().any(|layer| layer.brings_integers().is_some())
}

/// Reads the int8 net of the TEST phase.
///
/// # Errors
/// For files that cannot be read or do not fit together.
pub fn read_quantized_net(
    model: &Path,
    weights: &Path,
    data: &DataFlags,
) -> Result<QuantizedNet, Failure> {
    repair([model, weights])?;
    let model = data.read(model)?;
    let weights = NetParameter::read(weights)?;
    Ok(QuantizedNet::read(&model, &weights, Phase::Test, &DatabaseSources)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn very_long_errors_lose_their_middle() {
        let short = "a".repeat(2000);
        assert_eq!(one_line(Failure::from(short.clone()).as_ref()), short);
        let long = format!("layer {:?}: wrong", "ä".repeat(1 << 20));
        let cut = one_line(Failure::from(long).as_ref());
        assert!(cut.starts_with("layer \"ää") && cut.ends_with("ä\": wrong"), "{cut}");
        assert_eq!(cut.chars().count(), 2003);
    }
}
