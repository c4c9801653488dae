//! Where a database is until it is complete: a folder that the crate file-set keeps beside the target.

use std::path::{Path, PathBuf};

use file_set::FileSet;

use crate::error::{Action, Error};
use crate::store::Existing;

/// A database on its way to its target. Dropped before [`Staging::publish`], it leaves nothing.
pub(crate) struct Staging {
    target: PathBuf,
    existing: Existing,
    folder: PathBuf,
    files: FileSet,
}

impl Staging {
    /// Makes an empty folder for the database that will stand at `target`, and finishes or removes what killed
    /// writers have left there.
    pub(crate) fn new(target: PathBuf, existing: Existing) -> Result<Self, Error> {
        let failed = |error| failed(&target, error);
        file_set::repair(target.parent().unwrap_or(Path::new(""))).map_err(failed)?;
        check(&target, existing)?;
        let mut files = FileSet::new();
        let folder = files.add_folder(&target, existing == Existing::Overwrite).map_err(failed)?;
        Ok(Staging { target, existing, folder, files })
    }

    /// The folder to write into.
    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.clone()
    }

    /// Where the database will be.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Gives the finished database its name.
    pub(crate) fn publish(self) -> Result<(), Error> {
        check(&self.target, self.existing)?;
        self.files.commit().map_err(|error| failed(&self.target, error))
    }
}

fn failed(target: &Path, error: file_set::Error) -> Error {
    let path = target.to_owned();
    match error {
        file_set::Error::Write { source, .. } => Error::Io { action: Action::Create, path, source },
        file_set::Error::Exists { .. } => Error::Exists { path, is_database: is_database(target) },
        file_set::Error::NoFolder { .. } => Error::Exists { path, is_database: false },
        error => Error::Output(error),
    }
}

fn is_database(target: &Path) -> bool {
    target.join("data.mdb").is_file() || target.join("CURRENT").is_file()
}

/// Whether the target may be written. A link to nothing is followed.
fn check(target: &Path, existing: Existing) -> Result<(), Error> {
    let is_database = is_database(target);
    if !target.exists() || existing == Existing::Overwrite && is_database {
        return Ok(());
    }
    Err(Error::Exists { path: target.to_owned(), is_database })
}
