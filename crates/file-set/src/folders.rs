//! Locks of folders and what else the file system has to do for a folder.

use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Held while a set gets its names in this folder, or while leftovers are looked at. None where the file system
/// locks no folders; there the locks of staging folders have to do.
pub(crate) fn lock(folder: &Path) -> Option<File> {
    let file = File::open(folder).ok()?;
    file.lock().ok()?;
    Some(file)
}

/// Brings a folder's entries to the disk.
pub(crate) fn sync(folder: &Path) -> io::Result<()> {
    // Windows opens no folders, and some file systems sync none: then there is nothing to be done.
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        Err(error) if cfg!(unix) && !is_unsupported(&error) => Err(error),
        _ => Ok(()),
    }
}

fn is_unsupported(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported)
        || error.kind() == io::ErrorKind::PermissionDenied
}

/// Brings a folder to the disk with all files and folders in it.
pub(crate) fn sync_all(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            sync_all(&entry.path())?;
        } else if kind.is_file() {
            // Windows syncs only what is open for writing.
            fs::OpenOptions::new().append(true).open(entry.path())?.sync_all()?;
        }
    }
    sync(folder)
}
