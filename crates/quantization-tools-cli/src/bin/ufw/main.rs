//! Runs nets, fp32 and int8: each mode is a file of its own.

#![deny(clippy::print_stdout, clippy::print_stderr)]

mod compare;
mod detect;
mod extract;
mod int8;
mod recording;
mod run;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use quantization_tools_cli::cli::{self, Failure};

/// Run fp32 and int8 networks: test them over their pictures, compare them with each other, take out what they compute.
///
/// For the flags of a mode: ufw MODE -help
#[derive(Parser)]
#[command(
    name = "ufw",
    version,
    max_term_width = 100,
    arg_required_else_help = false,
    disable_help_subcommand = true,
    subcommand_value_name = "MODE",
    subcommand_help_heading = "Modes"
)]
struct Arguments {
    #[command(subcommand)]
    mode: Mode,
}

#[derive(Subcommand)]
enum Mode {
    /// Run the fp32 net over its pictures and print the mean of its outputs
    #[command(name = "test_fp32")]
    TestFp32(test::Arguments),
    /// Run the int8 net over its pictures as BM1684 computes it, and print the mean of its outputs
    #[command(name = "test_int8")]
    TestInt8(test::Arguments),
    /// Print how near an int8 net's blobs are to the fp32 net's
    #[command(name = "compare")]
    Compare(compare::Arguments),
    /// Find boxes in pictures: draw them, write them as COCO's JSON, print the average precision
    #[command(name = "detect")]
    Detect(detect::Arguments),
    /// Run a net once, fp32 or int8, on arrays or a picture, and write what it computes
    #[command(name = "run")]
    Run(run::Arguments),
    /// Write any blobs of a net, fp32 or int8, as a database for another net or as arrays
    #[command(name = "extract")]
    Extract(extract::Arguments),
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    match arguments.mode {
        Mode::TestFp32(arguments) => test::run(&arguments, test::Precision::Fp32),
        Mode::TestInt8(arguments) => test::run(&arguments, test::Precision::Int8),
        Mode::Compare(arguments) => compare::run(&arguments),
        Mode::Detect(arguments) => detect::run(&arguments),
        Mode::Run(arguments) => run::run(&arguments),
        Mode::Extract(arguments) => extract::run(&arguments),
    }
}
