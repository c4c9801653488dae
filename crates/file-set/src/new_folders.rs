//! Folders that stay only if something is put into them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Makes a folder and those around it, as far as they are not there. Returns those that were made, the innermost
/// first.
pub(crate) fn make(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let missing = folder.ancestors().take_while(|folder| {
        // Of a relative path the outermost is empty: the working directory.
        !folder.as_os_str().is_empty() && folder.symlink_metadata().is_err()
    });
    let folders = missing.map(Path::to_owned).collect();
    fs::create_dir_all(folder)?;
    Ok(folders)
}

/// Removes those that are empty, the innermost first.
pub(crate) fn remove_empty(folders: &[PathBuf]) {
    for folder in folders {
        // One that has something in it stays, and so do those around it.
        if fs::remove_dir(folder).is_err() {
            break;
        }
    }
}
