//! What the command-line tools share: flags, progress, exit codes.

mod compare;
mod converter;
mod gflags;
mod import;
mod npz;
mod progress;

use std::error::Error;
use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use clap_complete::Shell;
use uframework::Hdf5Error;
use uframework::data::DatabaseSources;
use umodel::{Net, NetParameter, Phase, QuantizedNet};

pub use compare::{Comparison, compare};
pub use converter::{ConverterFlags, print_not_numbers, side};
pub use import::{ImportFlags, print_import};
pub use npz::read_npz;
pub use progress::Progress;

/// Any error; tools only print them.
pub type Failure = Box<dyn Error + Send + Sync>;

/// Flags that every tool has.
#[derive(Clone, Debug, clap::Args)]
pub struct Common {
    /// Print a completion script for this shell and do nothing else
    #[arg(long, value_name = "SHELL", exclusive = true)]
    pub completions: Option<Shell>,
}

/// Runs a tool: parses the command line by gflags' habits, runs `work`, prints an error on one
/// line. Exit code 0: good; 1: `work` failed; 2: the command line is wrong.
pub fn main<T: Parser>(
    common: impl Fn(&T) -> &Common,
    work: impl Fn(T) -> Result<(), Failure>,
) -> ExitCode {
    let parsed = parse::<T>(std::env::args_os()).unwrap_or_else(|error| error.exit());
    let mut command = T::command();
    if let Some(shell) = common(&parsed).completions {
        let name = command.get_name().to_owned();
        clap_complete::generate(shell, &mut command, name, &mut std::io::stdout());
        return ExitCode::SUCCESS;
    }
    match work(parsed) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}{}", one_line(error.as_ref()), remedy(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

/// Parses a command line, the tool's name first, by gflags' habits.
///
/// # Errors
/// For flags that are wrong or missing.
pub fn parse<T: Parser>(arguments: impl Iterator<Item = OsString>) -> Result<T, clap::Error> {
    T::try_parse_from(gflags::normalize(&T::command(), arguments))
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
    text.replace('\n', " ")
}

/// What a user of the tools can do about an error of a library.
fn remedy(error: &(dyn Error + 'static)) -> &'static str {
    let not_built_in = |error: &(dyn Error + 'static)| {
        let boxed = || error.downcast_ref::<Box<Hdf5Error>>().map(Box::as_ref);
        let error = error.downcast_ref::<Hdf5Error>().or_else(boxed);
        matches!(error, Some(Hdf5Error::NotBuiltIn))
    };
    if std::iter::successors(Some(error), |&error| error.source()).any(not_built_in) {
        "; install the tools with it: cargo install quantization-tools-cli --features hdf5"
    } else {
        ""
    }
}

/// Prints a text that may be long: a reader that stops early, such as `head`, is no reason to panic.
///
/// # Errors
/// If it cannot be printed.
pub fn print(text: &str) -> Result<(), Failure> {
    Ok(std::io::stdout().write_all(text.as_bytes())?)
}

/// Reads the fp32 net of the TEST phase.
///
/// # Errors
/// For files that cannot be read or do not fit together.
pub fn read_net(model: &Path, weights: &Path) -> Result<Net, Failure> {
    let model = NetParameter::read(model)?;
    let weights = NetParameter::read(weights)?;
    Ok(Net::with_weights(&model, weights, Phase::Test, &DatabaseSources)?)
}

/// Reads the int8 net of the TEST phase.
///
/// # Errors
/// For files that cannot be read or do not fit together.
pub fn read_quantized_net(model: &Path, weights: &Path) -> Result<QuantizedNet, Failure> {
    let model = NetParameter::read(model)?;
    let weights = NetParameter::read(weights)?;
    Ok(QuantizedNet::read(&model, &weights, Phase::Test, &DatabaseSources)?)
}
