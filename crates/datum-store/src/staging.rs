//! Where a database is until it is complete: a folder that the crate file-set keeps beside the target.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use file_set::FileSet;

use crate::error::{Action, Error};
use crate::store::Existing;

/// A database on its way to its target. Dropped before [`Staging::publish`], it leaves nothing.
pub(crate) struct Staging {
    target: PathBuf,
    existing: Existing,
    folder: PathBuf,
    files: Shared,
    /// Whether the set has no other outputs, so that a finished database gets its name at once.
    alone: bool,
    finished: bool,
}

/// A set of outputs that several writers add to. It is taken out when it is published.
pub(crate) type Shared = Arc<Mutex<Option<FileSet>>>;

impl Staging {
    /// Makes an empty folder for the database that will stand at `target`, and finishes or removes what killed
    /// writers have left there.
    pub(crate) fn new(target: PathBuf, existing: Existing) -> Result<Self, Error> {
        let failed = |error| failed(&target, error);
        file_set::repair(target.parent().unwrap_or(Path::new(""))).map_err(failed)?;
        Staging::within(Arc::new(Mutex::new(Some(FileSet::new()))), true, target, existing)
    }

    /// The same as one of several outputs.
    pub(crate) fn within(
        files: Shared,
        alone: bool,
        target: PathBuf,
        existing: Existing,
    ) -> Result<Self, Error> {
        check(&target, existing)?;
        let add = |files: &mut Option<FileSet>| {
            let files = files.get_or_insert_default();
            files.add_folder(&target, existing == Existing::Overwrite)
        };
        let folder = add(&mut files.lock().unwrap_or_else(PoisonError::into_inner))
            .map_err(|error| failed(&target, error))?;
        Ok(Staging { target, existing, folder, files, alone, finished: false })
    }

    /// The folder to write into.
    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.clone()
    }

    /// Where the database will be.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Gives the finished database its name, unless that is done for several outputs at once.
    pub(crate) fn publish(mut self) -> Result<(), Error> {
        check(&self.target, self.existing)?;
        self.finished = true;
        let taken = if self.alone { take(&self.files) } else { None };
        taken.map_or(Ok(()), FileSet::commit).map_err(|error| failed(&self.target, error))
    }
}

/// A database that will not be complete takes all that should have appeared with it along.
impl Drop for Staging {
    fn drop(&mut self) {
        if !self.finished {
            take(&self.files);
        }
    }
}

/// Takes the outputs out of a set.
pub(crate) fn take(files: &Shared) -> Option<FileSet> {
    files.lock().unwrap_or_else(PoisonError::into_inner).take()
}

pub(crate) fn failed(target: &Path, error: file_set::Error) -> Error {
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
