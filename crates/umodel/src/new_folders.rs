//! Folders that stay only if something is put into them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Folders that were made for one purpose, the innermost first. Dropping removes those that are empty.
#[derive(Debug, Default)]
pub(crate) struct NewFolders(Vec<PathBuf>);

impl NewFolders {
    /// Makes a folder and those around it, as far as they are not there.
    pub(crate) fn make(folder: &Path) -> io::Result<Self> {
        let missing = folder.ancestors().take_while(|folder| {
            // Of a relative path the outermost is empty: the working directory.
            !folder.as_os_str().is_empty() && folder.symlink_metadata().is_err()
        });
        let folders = NewFolders(missing.map(Path::to_owned).collect());
        fs::create_dir_all(folder)?;
        Ok(folders)
    }
}

impl Drop for NewFolders {
    fn drop(&mut self) {
        for folder in &self.0 {
            // One that has something in it stays, and so do those around it.
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
    }
}
