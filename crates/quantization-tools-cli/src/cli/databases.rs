use std::path::Path;

use datum_store::imageset::{Entry, List, Summary};
use datum_store::{Backend, Existing, StoreWriter, create};

use super::Failure;

/// Starts a database by the flags of the converters: `backend` is "lmdb" or "leveldb".
///
/// # Errors
/// If it exists and may not be replaced, or cannot be made.
pub fn create_database(
    path: &Path,
    backend: &str,
    overwrite: bool,
) -> Result<Box<dyn StoreWriter>, Failure> {
    let backend = if backend == "leveldb" { Backend::LevelDb } else { Backend::Lmdb };
    let existing = if overwrite { Existing::Overwrite } else { Existing::Refuse };
    Ok(create(path, backend, existing)?)
}

/// Lists the pictures that were left out on the standard error and counts on the standard output.
pub fn print_summary(summary: &Summary) {
    for skipped in &summary.skipped {
        eprintln!("skipped {skipped}");
    }
    println!("Processed {} files, skipped {}.", summary.written, summary.skipped.len());
}

/// Warns of lines of a list whose label is no number, and gives its entries.
pub fn print_not_numbers(path: &Path, list: List) -> Vec<Entry> {
    if let [first, rest @ ..] = &list.not_numbers[..] {
        let path = path.display();
        eprintln!("warning: {path}:{first}: the label is no number and counts as 0, as in Caffe");
        if !rest.is_empty() {
            eprintln!("warning: {path}: {} more lines have such a label", rest.len());
        }
    }
    list.entries
}
