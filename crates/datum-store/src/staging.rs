//! Where a database is until it is complete: a hidden folder beside its target.
//!
//! `.partial-NAME-XXXXXX/` holds `lock`, locked for as long as the writer lives, `db`, which becomes
//! the target, and for a moment `old`, the database that is replaced. What a killed writer leaves is
//! found by its lock, which then is free, and tidied up by the next writer of the same target; a folder
//! without a lock only when it is a minute old.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::{Action, Error};
use crate::store::Existing;

/// A folder without a lock may belong to a writer that is about to lock it.
const GRACE: Duration = Duration::from_secs(60);

/// A database on its way to its target. Dropped before [`Staging::publish`], it leaves nothing.
pub(crate) struct Staging {
    target: PathBuf,
    existing: Existing,
    folder: tempfile::TempDir,
    _lock: File,
}

impl Staging {
    /// Makes an empty folder for the database that will stand at `target`.
    pub(crate) fn new(target: PathBuf, existing: Existing) -> Result<Self, Error> {
        let parent = match target.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let prefix = prefix(&target);
        let io = |source| Error::Io { action: Action::Create, path: target.clone(), source };
        tidy(parent, &prefix, &target);
        check(&target, existing)?;
        let folder = tempfile::Builder::new().prefix(&prefix).tempdir_in(parent).map_err(io)?;
        let lock = File::create(folder.path().join("lock")).map_err(io)?;
        lock.lock().map_err(io)?;
        fs::create_dir(folder.path().join("db")).map_err(io)?;
        Ok(Staging { target, existing, folder, _lock: lock })
    }

    /// The folder to write into.
    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.path().join("db")
    }

    /// Where the database will be.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Gives the finished database its name.
    pub(crate) fn publish(self) -> Result<(), Error> {
        let target = &self.target;
        let io = |source| Error::Io { action: Action::Create, path: target.clone(), source };
        check(target, self.existing)?;
        if target.symlink_metadata().is_ok() {
            let old = self.folder.path().join("old");
            fs::rename(target, &old).map_err(io)?;
            if let Err(source) = fs::rename(self.folder(), target) {
                // Only if this fails, too, is the old one gone, and then `tidy` finds it.
                let _ = fs::rename(&old, target);
                return Err(io(source));
            }
        } else {
            fs::rename(self.folder(), target).map_err(io)?;
        }
        Ok(())
    }
}

fn prefix(target: &Path) -> OsString {
    let mut prefix = OsString::from(".partial-");
    prefix.push(target.file_name().unwrap_or_default());
    prefix.push("-");
    prefix
}

/// Whether the target may be written.
fn check(target: &Path, existing: Existing) -> Result<(), Error> {
    if target.symlink_metadata().is_err() {
        return Ok(());
    }
    let is_database = target.join("data.mdb").is_file() || target.join("CURRENT").is_file();
    if existing == Existing::Overwrite && is_database {
        return Ok(());
    }
    Err(Error::Exists { path: target.to_owned(), is_database })
}

/// Removes what killed writers of this target have left, and puts back a database that one of them
/// was about to replace. Failures are no errors: the new writer does not depend on it.
fn tidy(parent: &Path, prefix: &OsString, target: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let suffix = name.as_encoded_bytes().strip_prefix(prefix.as_encoded_bytes());
        // tempfile's suffixes have no dash: "a-" is no prefix of what belongs to "a-b".
        if suffix.is_none_or(|suffix| suffix.is_empty() || suffix.contains(&b'-')) {
            continue;
        }
        let folder = entry.path();
        if !is_abandoned(&folder) {
            continue;
        }
        let old = folder.join("old");
        if old.exists() && target.symlink_metadata().is_err() {
            let _ = fs::rename(&old, target);
        }
        let _ = fs::remove_dir_all(&folder);
    }
}

fn is_abandoned(folder: &Path) -> bool {
    match File::open(folder.join("lock")) {
        Ok(lock) => !matches!(lock.try_lock(), Err(TryLockError::WouldBlock)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => folder
            .metadata()
            .and_then(|metadata| metadata.modified())
            .is_ok_and(|time| time.elapsed().is_ok_and(|age| age > GRACE)),
        Err(_) => false,
    }
}
