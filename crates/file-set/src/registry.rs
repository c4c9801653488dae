//! The temporary folders of this process, so that a signal can have them removed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use crate::Error;
use crate::new_folders;

static REGISTRY: Mutex<Registry> =
    Mutex::new(Registry { abandoned: false, next: 0, entries: BTreeMap::new() });

/// What stands on the disk only for as long as a set is not published. Whoever gives outputs their names holds it.
#[derive(Debug)]
pub(crate) struct Registry {
    abandoned: bool,
    next: u64,
    entries: BTreeMap<u64, Entry>,
}

#[derive(Debug)]
enum Entry {
    /// With all that is in it.
    Staging(PathBuf),
    /// Each if it is empty, the innermost first.
    New(Vec<PathBuf>),
}

impl Entry {
    fn remove(&self) {
        match self {
            Entry::Staging(folder) => remove_all(folder),
            Entry::New(folders) => new_folders::remove_empty(folders),
        }
    }
}

/// Something that is removed when this is dropped, or earlier by [`abandon_all`].
#[derive(Debug)]
pub(crate) struct Registered(u64);

impl Drop for Registered {
    fn drop(&mut self) {
        // The removal may take long, and needs no protection: after `abandon_all` there is nothing left.
        let entry = lock().entries.remove(&self.0);
        if let Some(entry) = entry {
            entry.remove();
        }
    }
}

impl Registry {
    pub(crate) fn staging(&mut self, folder: PathBuf) -> Registered {
        self.insert(Entry::Staging(folder))
    }

    pub(crate) fn new_folders(&mut self, folders: Vec<PathBuf>) -> Registered {
        self.insert(Entry::New(folders))
    }

    fn insert(&mut self, entry: Entry) -> Registered {
        let number = self.next;
        self.next += 1;
        self.entries.insert(number, entry);
        Registered(number)
    }
}

fn lock() -> MutexGuard<'static, Registry> {
    REGISTRY.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// The registry, unless the process is about to end.
pub(crate) fn open() -> Result<MutexGuard<'static, Registry>, Error> {
    let registry = lock();
    if registry.abandoned { Err(Error::Interrupted) } else { Ok(registry) }
}

/// Removes all temporary files and folders of this process that are not published yet. Waits for a set that is
/// just getting its names. From then on nothing is published any more, so the process has to end: call this when a
/// signal asks for that.
pub fn abandon_all() {
    let mut registry = lock();
    registry.abandoned = true;
    // The latest first, so that folders are empty when their turn comes.
    for entry in std::mem::take(&mut registry.entries).values().rev() {
        entry.remove();
    }
}

/// Removes a folder into which other threads may still be writing.
fn remove_all(folder: &Path) {
    for _ in 0..10 {
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() == std::io::ErrorKind::DirectoryNotEmpty => {}
            _ => break,
        }
    }
}
