use std::path::Path;

use datum_store::imageset::Summary;
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
    for (path, reason) in &summary.skipped {
        eprintln!("skipped {path}: {reason}");
    }
    println!("Processed {} files, skipped {}.", summary.written, summary.skipped.len());
}
