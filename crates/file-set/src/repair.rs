//! What killed processes have left.

use std::fs::{self, File, Metadata, TryLockError};
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::staging::{self, is_name, names, roll_forward};
use crate::{Error, folders};

/// Where folders cannot be locked, one without a lock in it may belong to a process that is about to make it.
const GRACE: Duration = Duration::from_secs(60);

/// Finishes the sets in a folder that were complete when their processes were killed, and removes what other killed
/// processes have left there. A program that reads files of a set calls this first, so that it sees all files of one
/// run.
///
/// A set is not finished but removed if one of the files that it would replace has been written since. Leftovers of
/// other users are let be, unless the folder itself is theirs.
///
/// # Errors
/// [`Error::Repair`] if a set is complete and cannot be finished.
pub fn repair(folder: &Path) -> Result<(), Error> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    // Most folders have nothing of the kind, and then nobody has to wait.
    if !names(folder).is_ok_and(|names| names.iter().any(|name| is_name(name))) {
        return Ok(());
    }
    let guard = folders::lock(folder);
    finish(folder, guard.is_some())
}

/// As [`repair`], for one who holds the folder's lock, or could not get it.
pub(crate) fn finish(outer: &Path, locked: bool) -> Result<(), Error> {
    // A folder that cannot be read has no leftovers that could be seen.
    for name in names(outer).unwrap_or_default().iter().filter(|name| is_name(name)) {
        let folder = outer.join(name);
        let Some(lock) = abandoned(&folder, outer, locked) else { continue };
        if folder.join("ready").is_dir() && !superseded(&folder, outer) {
            roll_forward(&folder, outer)
                .map_err(|source| Error::Repair { path: folder.clone(), source })?;
        }
        // In this order, so that no part of a finished set looks like a whole one.
        let _ = fs::remove_dir_all(folder.join("ready"));
        let _ = fs::remove_dir_all(&folder);
        drop(lock);
    }
    Ok(())
}

/// The lock of a folder whose process is dead; no lock inside if the process was killed before it made one.
fn abandoned(folder: &Path, outer: &Path, locked: bool) -> Option<Option<File>> {
    let metadata = folder.symlink_metadata().ok()?;
    if !metadata.is_dir() || !is_ours(&metadata, &outer.metadata().ok()?) {
        return None;
    }
    match File::open(folder.join("lock")) {
        Ok(lock) => match lock.try_lock() {
            Ok(()) => Some(Some(lock)),
            Err(TryLockError::WouldBlock) => None,
            // Without locks nobody can tell.
            Err(TryLockError::Error(_)) => None,
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let age = metadata.modified().ok().and_then(|time| time.elapsed().ok());
            (locked || age.is_some_and(|age| age > GRACE)).then_some(None)
        }
        Err(_) => None,
    }
}

/// In a folder where everybody may write, such as `/tmp`, another user's leftover must not overwrite anything.
#[cfg(unix)]
fn is_ours(folder: &Metadata, outer: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    folder.uid() == rustix::process::geteuid().as_raw() || folder.uid() == outer.uid()
}

#[cfg(not(unix))]
fn is_ours(_: &Metadata, _: &Metadata) -> bool {
    true
}

/// Whether someone has written one of the files since the set was marked: that is newer then, and not to be lost.
fn superseded(folder: &Path, outer: &Path) -> bool {
    // The last change of the folder itself was the mark.
    let Ok(marked) = folder.metadata().and_then(|metadata| metadata.modified()) else {
        return false;
    };
    let newer = |path: &Path| -> bool {
        let time = path.symlink_metadata().and_then(|metadata| metadata.modified());
        time.is_ok_and(|time: SystemTime| time > marked)
    };
    let of = |inner: &str| staging::names(&folder.join(inner)).unwrap_or_default();
    of("ready/put").iter().chain(&of("ready/remove")).any(|name| {
        let target = outer.join(name);
        !target.is_dir() && newer(&target)
    })
}
