//! Pictures and a list of labels to a database of Datum records.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{ArgAction, Parser};
use quantization_tools::prelude::*;
use quantization_tools_cli::cli::{self, Common, Failure, Progress};

/// Convert a set of images to the LMDB or LevelDB format used as input for Caffe and the calibration.
///
/// LISTFILE has one line `PATH LABEL` for each picture (with --list only `PATH`; blanks in PATH are
/// allowed). PATH is appended to ROOTFOLDER as it is, so that ROOTFOLDER ends with a slash. The key of
/// a record is the line's number, after shuffling, from 0 and with eight digits, `_` and PATH. Pictures
/// that cannot be decoded are listed, skipped and counted. DB_NAME appears only when it is complete.
#[derive(Parser)]
#[command(name = "convert_imageset", version, max_term_width = 100)]
struct Arguments {
    /// Folder in front of every path of the list
    #[arg(value_name = "ROOTFOLDER/", required_unless_present = "completions")]
    root: Option<PathBuf>,
    /// The list file
    #[arg(value_name = "LISTFILE", required_unless_present = "completions")]
    list: Option<PathBuf>,
    /// The database to create
    #[arg(value_name = "DB_NAME", required_unless_present = "completions")]
    database: Option<PathBuf>,
    /// Treat images as greyscale ones
    #[arg(long, default_value_t = false, action = ArgAction::Set)]
    gray: bool,
    /// Randomly shuffle the order of images and their labels
    #[arg(long, default_value_t = false, action = ArgAction::Set)]
    shuffle: bool,
    /// Seed of the shuffle
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// The backend for storing the result
    #[arg(long, default_value = "lmdb", value_parser = ["lmdb", "leveldb"])]
    backend: String,
    /// Width images are resized to; 0 keeps it
    #[arg(long = "resize_width", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=32768))]
    resize_width: u32,
    /// Height images are resized to; 0 keeps it
    #[arg(long = "resize_height", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=32768))]
    resize_height: u32,
    /// LISTFILE has no labels: each line is a path, the label is 0
    #[arg(long = "list", id = "unlabelled", default_value_t = false, action = ArgAction::Set)]
    unlabelled: bool,
    /// Replace DB_NAME if it is a database
    #[arg(long, default_value_t = false, action = ArgAction::Set)]
    overwrite: bool,
    /// Check that all the datum have the same size; it is not known of pictures that are stored
    /// encoded as they are
    #[arg(long = "check_size", default_value_t = false, action = ArgAction::Set)]
    check_size: bool,
    /// Save the encoded image in the datum
    #[arg(long, default_value_t = false, action = ArgAction::Set)]
    encoded: bool,
    /// What type the image is encoded as (png, jpg, …)
    #[arg(long = "encode_type", default_value = "")]
    encode_type: String,
    #[command(flatten)]
    common: Common,
}

fn main() -> ExitCode {
    cli::main(|arguments: &Arguments| &arguments.common, run)
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    let (Some(root), Some(list), Some(database)) =
        (&arguments.root, &arguments.list, &arguments.database)
    else {
        return Ok(());
    };
    let size = [arguments.resize_height as usize, arguments.resize_width as usize];
    let options = PictureOptions::default()
        .gray(arguments.gray)
        // Caffe resizes only if both are given.
        .resize((size[0] > 0 && size[1] > 0).then_some(size))
        .encoded(arguments.encoded)
        .encode_type(&arguments.encode_type);
    let mut entries = if arguments.unlabelled {
        imageset::read_paths(list)?
    } else {
        cli::print_not_numbers(list, imageset::read_list(list)?)
    };
    if arguments.shuffle {
        imageset::shuffle(&mut entries, arguments.seed);
    }
    let writer = cli::create_database(database, &arguments.backend, arguments.overwrite)?;
    let progress = Progress::new("converting", entries.len());
    let to_datum = |path: &Path| picture_to_datum(path, &options);
    let done = |count| progress.at(count);
    let options = imageset::ConvertOptions::default().check_size(arguments.check_size);
    let summary = imageset::convert(root, &entries, writer, &options, to_datum, done)?;
    drop(progress);
    cli::print_summary(&summary);
    Ok(())
}
