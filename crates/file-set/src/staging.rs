//! Where outputs are until they are complete: a hidden folder beside them.
//!
//! ```text
//! .partial-XXXXXXXXXX/
//!   lock            locked for as long as its process lives
//!   new/put/NAME    what will stand in the outer folder under this name
//!   new/remove/NAME an empty file: what has this name in the outer folder will be gone
//!   old/NAME        what had the name before, for a moment
//! ```
//!
//! One rename, of `new` to `ready`, says that all is there. From then on each further step can be repeated: whoever
//! finds `ready` after the process was killed goes on with it. Names are those of the outer folder, so that nothing
//! outside it can be reached.

use std::collections::hash_map::RandomState;
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File};
use std::hash::{BuildHasher, Hasher};
use std::io;
use std::path::{Path, PathBuf};

use crate::hook::step;
use crate::registry::{self, Registered};
use crate::{Error, folders, repair};

const PREFIX: &str = ".partial-";
const SUFFIX: usize = 10;

/// Whether a file may be a staging folder, by its name.
pub(crate) fn is_name(name: &OsStr) -> bool {
    let suffix = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
    suffix.is_some_and(|suffix| {
        suffix.len() == SUFFIX && suffix.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

/// One staging folder, for all outputs of a set that stand in one folder. It is gone when this is dropped.
#[derive(Debug)]
pub(crate) struct Staging {
    /// Where the outputs will be.
    pub(crate) outer: PathBuf,
    pub(crate) folder: PathBuf,
    // Before the lock, so that the folder is gone when the lock is.
    _registered: Registered,
    _lock: File,
}

impl Staging {
    /// Makes one, and tidies up what killed processes have left in the outer folder.
    pub(crate) fn new(outer: &Path) -> Result<Self, Error> {
        let failed = |source| Error::Write { path: outer.to_owned(), source };
        // Nobody may see the folder before it is locked.
        let guard = folders::lock(outer);
        repair::finish(outer, guard.is_some())?;
        let mut registry = registry::open()?;
        step();
        let folder = make(outer).map_err(failed)?;
        let registered = registry.staging(folder.clone());
        drop(registry);
        step();
        let lock = File::create_new(folder.join("lock")).map_err(failed)?;
        step();
        lock.lock().map_err(failed)?;
        for inner in ["new", "new/put", "new/remove", "old"] {
            fs::create_dir(folder.join(inner)).map_err(failed)?;
        }
        step();
        Ok(Staging { outer: outer.to_owned(), folder, _registered: registered, _lock: lock })
    }

    /// Brings all to the disk.
    pub(crate) fn sync(&self) -> io::Result<()> {
        folders::sync_all(&self.folder.join("new"))
    }

    /// Says that all is there.
    pub(crate) fn mark(&self) -> io::Result<()> {
        step();
        fs::rename(self.folder.join("new"), self.folder.join("ready"))?;
        folders::sync(&self.folder)?;
        step();
        Ok(())
    }

    /// Gives one output its name.
    pub(crate) fn name(&self, name: &OsStr) -> io::Result<()> {
        step();
        replace(&self.folder, &self.outer, name)?;
        step();
        Ok(())
    }

    /// Removes what has this name.
    pub(crate) fn take_away(&self, name: &OsStr) -> io::Result<()> {
        step();
        set_aside(&self.folder, &self.outer, name)?;
        step();
        Ok(())
    }

    /// Undoes [`Staging::name`] or [`Staging::take_away`]. What was new is kept, so that someone else can go on if
    /// this process is killed now.
    pub(crate) fn undo(&self, name: &OsStr, put: bool) -> io::Result<()> {
        let target = self.outer.join(name);
        let new = self.folder.join("ready/put").join(name);
        if put && new.symlink_metadata().is_err() && target.symlink_metadata().is_ok() {
            fs::rename(&target, new)?;
        }
        let old = self.folder.join("old").join(name);
        if old.symlink_metadata().is_ok() {
            fs::rename(old, target)?;
        }
        Ok(())
    }

    /// Takes [`Staging::mark`] back.
    pub(crate) fn unmark(&self) -> io::Result<()> {
        fs::rename(self.folder.join("ready"), self.folder.join("new"))
    }
}

/// Puts what is ready under its name. What stands there is kept in `old`, by a link where that is possible, so that
/// there is no moment without it.
fn replace(folder: &Path, outer: &Path, name: &OsStr) -> io::Result<()> {
    let (target, old) = (outer.join(name), folder.join("old").join(name));
    let new = folder.join("ready/put").join(name);
    match target.symlink_metadata() {
        Ok(metadata) if metadata.is_file() => {
            if new.is_dir() {
                return Err(io::ErrorKind::NotADirectory.into());
            }
            if fs::hard_link(&target, &old).is_err() {
                fs::rename(&target, &old)?;
            }
        }
        Ok(metadata) if metadata.is_dir() && new.is_dir() => fs::rename(&target, &old)?,
        Ok(metadata) if metadata.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        Ok(_) => return Err(io::Error::other("it is no plain file any more")),
        Err(_) => {}
    }
    step();
    fs::rename(new, target)
}

fn set_aside(folder: &Path, outer: &Path, name: &OsStr) -> io::Result<()> {
    let target = outer.join(name);
    match target.symlink_metadata() {
        Ok(metadata) if metadata.is_file() || metadata.is_symlink() => {
            fs::rename(target, folder.join("old").join(name))
        }
        _ => Ok(()),
    }
}

/// Goes on with a folder that is ready, for a process that was killed.
pub(crate) fn roll_forward(folder: &Path, outer: &Path) -> io::Result<()> {
    for name in names(&folder.join("ready/put"))? {
        // What was set aside is of no use any more, and may be in the way.
        discard(&folder.join("old").join(&name))?;
        replace(folder, outer, &name)?;
    }
    for name in names(&folder.join("ready/remove"))? {
        discard(&folder.join("old").join(&name))?;
        set_aside(folder, outer, &name)?;
    }
    folders::sync(outer)
}

fn discard(path: &Path) -> io::Result<()> {
    match path.symlink_metadata() {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(_) => Ok(()),
    }
}

/// The names of a folder's entries; none if there is no such folder.
pub(crate) fn names(folder: &Path) -> io::Result<Vec<OsString>> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| entry.map(|entry| entry.file_name())).collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn make(outer: &Path) -> io::Result<PathBuf> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    loop {
        let random = RandomState::new().build_hasher().finish();
        let suffix: String = format!("{random:016x}").chars().take(SUFFIX).collect();
        let folder = outer.join(format!("{PREFIX}{suffix}"));
        match builder.create(&folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            result => return result.map(|()| folder),
        }
    }
}
