use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::hook::step;
use crate::registry::{self, Registered};
use crate::staging::Staging;
use crate::target::{Stream, Target, folder_of};
use crate::{Error, folders, new_folders, repair};

/// Outputs that appear together or not at all, each written beside its target first.
#[derive(Debug, Default)]
pub struct FileSet {
    stagings: Vec<Staging>,
    items: Vec<Item>,
    stream: Option<(Stream, PathBuf, Vec<u8>)>,
    // Behind the stagings, so that it is dropped when they are gone.
    _folders: Option<Registered>,
}

#[derive(Debug)]
struct Item {
    /// As the caller named it.
    path: PathBuf,
    staging: usize,
    name: OsString,
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    File,
    /// Whether it may take the place of another one.
    Folder {
        replace: bool,
    },
    Removal,
}

impl FileSet {
    /// No files yet.
    pub fn new() -> Self {
        FileSet::default()
    }

    /// No files yet, and a folder for them, which is made if it is not there. A folder that was made vanishes with
    /// the set, unless a file stands in it then.
    ///
    /// # Errors
    /// [`Error::Write`] naming the folder; [`Error::Interrupted`].
    pub fn in_folder(folder: &Path) -> Result<Self, Error> {
        let mut registry = registry::open()?;
        let made = new_folders::make(folder)
            .map_err(|source| Error::Write { path: folder.to_owned(), source })?;
        let folders = Some(registry.new_folders(made));
        Ok(FileSet { _folders: folders, ..FileSet::default() })
    }

    /// Writes one more file, under a temporary name. Links are followed, so that the file that they name is replaced.
    /// A device, FIFO or descriptor such as `/dev/stdout` is written into at [`FileSet::commit`]; it has to be the
    /// only output.
    ///
    /// # Errors
    /// [`Error::Write`] naming the target, [`Error::OneOfSeveral`], [`Error::Twice`], [`Error::Interrupted`].
    pub fn add(&mut self, path: impl Into<PathBuf>, contents: &[u8]) -> Result<(), Error> {
        self.add_with(path, |file| file.write_all(contents))
    }

    /// [`FileSet::add`] for what is too long to be in memory: `write` writes it. What goes into a device, FIFO or
    /// descriptor is in memory until [`FileSet::commit`] all the same.
    ///
    /// # Errors
    /// As [`FileSet::add`]; those of `write` as [`Error::Write`].
    pub fn add_with(
        &mut self,
        path: impl Into<PathBuf>,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Error> {
        let path = path.into();
        let failed = |source| Error::Write { path: path.clone(), source };
        if let Some((_, path, _)) = &self.stream {
            return Err(Error::OneOfSeveral { path: path.clone() });
        }
        let target = match Target::of(&path).map_err(failed)? {
            Target::Path(target) => target,
            Target::Stream(_) if !self.items.is_empty() => {
                return Err(Error::OneOfSeveral { path });
            }
            Target::Stream(stream) => {
                let mut contents = Vec::new();
                write(&mut contents).map_err(failed)?;
                self.stream = Some((stream, path, contents));
                return Ok(());
            }
        };
        if target.is_dir() {
            return Err(failed(io::ErrorKind::IsADirectory.into()));
        }
        let file = self.item(&path, &target, What::File)?;
        let all = || -> io::Result<()> {
            let mut file = BufWriter::new(File::create_new(file)?);
            write(&mut file)?;
            file.into_inner()?.sync_all()
        };
        all().map_err(failed)?;
        step();
        Ok(())
    }

    /// A file for reading and writing that no one else sees and that goes with the set: for values that are not yet
    /// in the order of the output at `path`. It is on the same disk.
    ///
    /// # Errors
    /// [`Error::Write`] naming `path`, [`Error::Interrupted`].
    pub fn scratch(&mut self, path: &Path) -> Result<File, Error> {
        let failed = |source| Error::Write { path: path.to_owned(), source };
        let outer = match Target::of(path).map_err(failed)? {
            Target::Path(target) => folder_of(&target).canonicalize().map_err(failed)?,
            Target::Stream(_) => std::env::temp_dir(),
        };
        let staging = self.staging(path, outer)?;
        let mut options = File::options();
        let options = options.read(true).write(true).create_new(true);
        let place = &self.stagings[staging].folder;
        let name = |number: usize| place.join(format!("scratch{number}"));
        for number in 0.. {
            match options.open(name(number)) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                opened => return opened.map_err(failed),
            }
        }
        unreachable!("there are more numbers than files")
    }

    /// Takes a file away together with what the set writes, if it is there. A link is taken away itself; anything
    /// but a file or link stays.
    ///
    /// # Errors
    /// As [`FileSet::add`].
    pub fn remove(&mut self, path: impl Into<PathBuf>) -> Result<(), Error> {
        let path = path.into();
        let mark = self.item(&path, &path, What::Removal)?;
        File::create_new(mark).map_err(|source| Error::Write { path, source })?;
        step();
        Ok(())
    }

    /// An empty folder to be filled, which will stand at `path`. A folder that stands there is taken away if
    /// `replace` says so; whether its contents may be lost is the caller's matter.
    ///
    /// # Errors
    /// [`Error::NoFolder`] if something else stands there, [`Error::Exists`] for a folder that is not to be
    /// replaced; otherwise as [`FileSet::add`].
    pub fn add_folder(
        &mut self,
        path: impl Into<PathBuf>,
        replace: bool,
    ) -> Result<PathBuf, Error> {
        let path = path.into();
        let failed = |source| Error::Write { path: path.clone(), source };
        let Target::Path(target) = Target::of(&path).map_err(failed)? else {
            return Err(Error::NoFolder { path });
        };
        if let Ok(metadata) = target.symlink_metadata() {
            if !metadata.is_dir() {
                return Err(Error::NoFolder { path });
            }
            if !replace {
                return Err(Error::Exists { path });
            }
        }
        let folder = self.item(&path, &target, What::Folder { replace })?;
        fs::create_dir(&folder).map_err(failed)?;
        step();
        Ok(folder)
    }

    /// Notes an output and tells where it is written until then.
    fn item(&mut self, path: &Path, target: &Path, what: What) -> Result<PathBuf, Error> {
        let failed = |source| Error::Write { path: path.to_owned(), source };
        if let Some((_, path, _)) = &self.stream {
            return Err(Error::OneOfSeveral { path: path.clone() });
        }
        let name = target.file_name().ok_or_else(|| failed(io::ErrorKind::IsADirectory.into()))?;
        let outer = folder_of(target).canonicalize().map_err(failed)?;
        let index = self.staging(path, outer)?;
        if self.items.iter().any(|item| item.staging == index && item.name == name) {
            return Err(Error::Twice { path: path.to_owned() });
        }
        let inner = if what == What::Removal { "new/remove" } else { "new/put" };
        let place = self.stagings[index].folder.join(inner).join(name);
        let (path, name) = (path.to_owned(), name.to_owned());
        self.items.push(Item { path, staging: index, name, what });
        Ok(place)
    }

    /// The number of the staging folder in this folder, which is made if there is none.
    fn staging(&mut self, path: &Path, outer: PathBuf) -> Result<usize, Error> {
        if let Some(index) = self.stagings.iter().position(|staging| staging.outer == outer) {
            return Ok(index);
        }
        let staging = Staging::new(&outer).map_err(|error| match error {
            Error::Write { source, .. } => Error::Write { path: path.to_owned(), source },
            error => error,
        })?;
        self.stagings.push(staging);
        Ok(self.stagings.len() - 1)
    }

    /// Gives all files and folders their names.
    ///
    /// # Errors
    /// [`Error::Write`] naming the first target that could not be replaced; those before it are again what they
    /// were. [`Error::Exists`] if a new folder's name is taken by now, [`Error::Repair`], [`Error::Interrupted`].
    pub fn commit(mut self) -> Result<(), Error> {
        if let Some((stream, path, contents)) = self.stream.take() {
            return stream.write(&contents).map_err(|source| Error::Write { path, source });
        }
        for (index, staging) in self.stagings.iter().enumerate() {
            staging.sync().map_err(|source| self.failed(index, source))?;
        }
        // In one order for all processes, so that none waits for another that waits for it.
        let mut outer: Vec<&Path> =
            self.stagings.iter().map(|staging| staging.outer.as_path()).collect();
        outer.sort();
        let mut guards = Vec::new();
        for folder in outer {
            let guard = folders::lock(folder);
            // A set that was left complete after this one began would be finished later, over this one.
            repair::finish(folder, guard.is_some())?;
            guards.push(guard);
        }
        let registry = registry::open()?;
        for item in &self.items {
            let taken = self.stagings[item.staging].outer.join(&item.name).symlink_metadata();
            if item.what == (What::Folder { replace: false }) && taken.is_ok() {
                return Err(Error::Exists { path: item.path.clone() });
            }
        }
        self.publish()?;
        drop(registry);
        drop(guards);
        // Dropping removes what is left of the stagings.
        Ok(())
    }

    fn publish(&self) -> Result<(), Error> {
        for (index, staging) in self.stagings.iter().enumerate() {
            if let Err(source) = staging.mark() {
                self.unmark(index);
                return Err(self.failed(index, source));
            }
        }
        for (done, item) in self.items.iter().enumerate() {
            let staging = &self.stagings[item.staging];
            let result = match item.what {
                What::Removal => staging.take_away(&item.name),
                _ => staging.name(&item.name),
            };
            if let Err(source) = result {
                for item in self.items[..=done].iter().rev() {
                    // Nothing more can be done if even this fails.
                    let put = item.what != What::Removal;
                    let _ = self.stagings[item.staging].undo(&item.name, put);
                }
                self.unmark(self.stagings.len());
                return Err(Error::Write { path: item.path.clone(), source });
            }
        }
        for (index, staging) in self.stagings.iter().enumerate() {
            folders::sync(&staging.outer).map_err(|source| self.failed(index, source))?;
        }
        step();
        Ok(())
    }

    fn unmark(&self, count: usize) {
        for staging in self.stagings.iter().take(count + 1) {
            let _ = staging.unmark();
        }
    }

    /// The error of a staging folder, told of the first output in it.
    fn failed(&self, staging: usize, source: io::Error) -> Error {
        let item = self.items.iter().find(|item| item.staging == staging);
        let path =
            item.map_or_else(|| self.stagings[staging].outer.clone(), |item| item.path.clone());
        Error::Write { path, source }
    }

    /// Where an output is written until it gets its name, for tests of failures.
    #[cfg(test)]
    pub(crate) fn place(&self, name: &str) -> PathBuf {
        self.stagings[0].folder.join("new/put").join(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_set_leaves_everything_as_it_was() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = |name: &str| folder.path().join(name);
        fs::write(path("a"), "old").expect("write");
        fs::write(path("gone"), "old").expect("write");
        let mut files = FileSet::new();
        files.remove(path("gone")).expect("noted");
        for name in ["a", "b", "c"] {
            files.add(path(name), b"new").expect("added");
        }
        // The last file vanishes before it gets its name.
        fs::remove_file(files.place("c")).expect("remove");
        assert!(matches!(files.commit(), Err(Error::Write { path, .. }) if path.ends_with("c")));
        for name in ["a", "gone"] {
            assert_eq!(fs::read_to_string(path(name)).expect("read"), "old");
        }
        let left = fs::read_dir(folder.path()).expect("folder").count();
        assert_eq!(left, 2, "neither b nor any temporary file");
    }

    #[test]
    fn long_files_pass_through_scratch() {
        use std::io::{Read, Seek};

        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("a");
        let mut files = FileSet::new();
        let mut scratch = [(); 2].map(|()| files.scratch(&path).expect("scratch"));
        for (number, file) in scratch.iter_mut().enumerate() {
            write!(file, "{number}").expect("written");
            file.rewind().expect("at its start");
        }
        let joined = |out: &mut dyn Write| {
            let mut text = String::new();
            scratch
                .iter_mut()
                .rev()
                .try_for_each(|file| file.read_to_string(&mut text).map(drop))?;
            out.write_all(text.as_bytes())
        };
        files.add_with(&path, joined).expect("added");
        files.commit().expect("published");
        assert_eq!(fs::read_to_string(&path).expect("read"), "10");
        assert_eq!(fs::read_dir(folder.path()).expect("folder").count(), 1, "no scratch is left");
        let mut files = FileSet::new();
        let failed = files.add_with(&path, |_| Err(io::Error::other("as wanted")));
        assert!(matches!(failed, Err(Error::Write { .. })));
        drop(files);
        assert_eq!(fs::read_dir(folder.path()).expect("folder").count(), 1);
    }

    #[test]
    fn a_set_replaces_what_was_there() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("a");
        fs::write(&path, "old").expect("write");
        let mut files = FileSet::new();
        files.add(&path, b"new").expect("added");
        files.commit().expect("replaced");
        assert_eq!(fs::read_to_string(&path).expect("read"), "new");
        assert_eq!(fs::read_dir(folder.path()).expect("folder").count(), 1);
    }
}
