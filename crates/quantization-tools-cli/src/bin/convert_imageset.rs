//! Pictures and a list of labels to a database of Datum records.

#![deny(clippy::print_stdout, clippy::print_stderr)]

use std::process::ExitCode;

use clap::{ArgAction, Parser};
use quantization_tools::datum_store::imageset::{Entry, full_path};
use quantization_tools::prelude::*;
use quantization_tools_cli::cli::{self, ConverterFlags, Failure};

/// Convert a set of images to the LMDB or LevelDB format used as input for Caffe and the calibration.
///
/// LISTFILE has one line `PATH LABEL` for each picture (with --list only `PATH`; blanks in PATH are
/// allowed). PATH is appended to ROOTFOLDER as it is, so that ROOTFOLDER ends with a slash. The key of
/// a record is the line's number, after shuffling, from 0 and with eight digits, `_` and PATH. Pictures
/// that cannot be decoded are listed, skipped and counted. DB_NAME appears only when it is complete.
#[derive(Parser)]
#[command(name = "convert_imageset", version, max_term_width = 100)]
struct Arguments {
    #[command(flatten)]
    converter: ConverterFlags,
    /// LISTFILE has no labels: each line is a path, the label is 0
    #[arg(long = "list", id = "unlabelled", default_value_t = false, action = ArgAction::Set)]
    unlabelled: bool,
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(Arguments { converter, unlabelled }: Arguments) -> Result<(), Failure> {
    let list = &converter.list;
    let mut entries = if unlabelled {
        imageset::read_paths(list)?
    } else {
        cli::print_not_numbers(list, imageset::read_list(list)?)
    };
    converter.order(&mut entries);
    let options = converter.picture_options(converter.size());
    let read = |entry: &Entry| -> Result<Datum, Failure> {
        let datum = picture_to_datum(&full_path(&converter.root, &entry.path), &options)?;
        Ok(datum.with_label(entry.label))
    };
    converter.store(&entries, |entry| &entry.path, read)?;
    converter.next();
    Ok(())
}
