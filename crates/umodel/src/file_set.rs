//! Files that are written whole or not at all.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::new_folders::NewFolders;

/// Several files that appear together or not at all, each written beside its target first.
#[derive(Default)]
pub struct FileSet {
    files: Vec<(tempfile::NamedTempFile, PathBuf)>,
    // Behind the files, so that it is dropped when they are gone.
    _folders: NewFolders,
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
    /// [`Error::Write`] naming the folder.
    pub fn in_folder(folder: &Path) -> Result<Self, Error> {
        let folders = NewFolders::make(folder)
            .map_err(|source| Error::Write { path: folder.to_owned(), source })?;
        Ok(FileSet { files: Vec::new(), _folders: folders })
    }

    /// Writes one more file, under a temporary name.
    ///
    /// # Errors
    /// [`Error::Write`] naming the target.
    pub fn add(&mut self, path: impl Into<PathBuf>, contents: &[u8]) -> Result<(), Error> {
        let path = path.into();
        let write = || -> std::io::Result<tempfile::NamedTempFile> {
            let mut file = beside(&path)?;
            file.write_all(contents)?;
            file.as_file().sync_all()?;
            if path.is_dir() {
                return Err(std::io::ErrorKind::IsADirectory.into());
            }
            Ok(file)
        };
        let file = write().map_err(|source| Error::Write { path: path.clone(), source })?;
        self.files.push((file, path));
        Ok(())
    }

    /// Gives all files their names.
    ///
    /// # Errors
    /// [`Error::Write`] naming the first target that could not be replaced; those before it are
    /// again what they were.
    pub fn commit(self) -> Result<(), Error> {
        let mut done: Vec<(PathBuf, Option<tempfile::TempPath>)> = Vec::new();
        for (file, path) in self.files {
            let replace = || -> std::io::Result<Option<tempfile::TempPath>> {
                let old = set_aside(&path)?;
                match file.persist(&path) {
                    Ok(_) => Ok(old),
                    Err(error) => {
                        put_back(&path, old);
                        Err(error.error)
                    }
                }
            };
            match replace() {
                Ok(old) => done.push((path, old)),
                Err(source) => {
                    for (path, old) in done {
                        let _ = std::fs::remove_file(&path);
                        put_back(&path, old);
                    }
                    return Err(Error::Write { path, source });
                }
            }
        }
        Ok(())
    }
}

/// A file under a temporary name in the target's folder. Its permissions are those of any file that a user makes,
/// what the umask leaves of them; without being told, temporary files are private.
fn beside(path: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder_of(path))
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Renames a file that is there already; dropping the result deletes it.
fn set_aside(path: &Path) -> std::io::Result<Option<tempfile::TempPath>> {
    if path.symlink_metadata().is_err() {
        return Ok(None);
    }
    let aside = tempfile::NamedTempFile::new_in(folder_of(path))?.into_temp_path();
    std::fs::rename(path, &aside)?;
    Ok(Some(aside))
}

fn put_back(path: &Path, old: Option<tempfile::TempPath>) {
    if let Some(old) = old {
        // Nothing more can be done if even this fails.
        let _ = old.persist(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_set_leaves_everything_as_it_was() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("a"), "old").expect("write");
        let mut files = FileSet::new();
        for name in ["a", "b", "c"] {
            files.add(path(name), b"new").expect("added");
        }
        // The third file vanishes before it gets its name.
        std::fs::remove_file(files.files[2].0.path()).expect("remove");
        assert!(matches!(files.commit(), Err(Error::Write { path, .. }) if path.ends_with("c")));
        assert_eq!(std::fs::read_to_string(path("a")).expect("read"), "old");
        let left = std::fs::read_dir(folder.path()).expect("folder").count();
        assert_eq!(left, 1, "neither b nor any temporary file");
    }

    #[test]
    fn a_set_replaces_what_was_there() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("a");
        std::fs::write(&path, "old").expect("write");
        let mut files = FileSet::new();
        files.add(&path, b"new").expect("added");
        files.commit().expect("replaced");
        assert_eq!(std::fs::read_to_string(&path).expect("read"), "new");
        assert_eq!(std::fs::read_dir(folder.path()).expect("folder").count(), 1);
    }

    /// Exact, in a process of its own, whose umask no other test sees.
    #[cfg(unix)]
    #[test]
    fn files_have_the_permissions_that_the_umask_leaves() {
        use std::os::unix::fs::PermissionsExt;
        use std::process::Command;

        const FOLDER: &str = "UMODEL_TEST_UMASK";
        const TEST: &str = "file_set::tests::files_have_the_permissions_that_the_umask_leaves";
        if let Some(folder) = std::env::var_os(FOLDER) {
            let mut files = FileSet::new();
            files.add(Path::new(&folder).join("new"), b"new").expect("added");
            files.add(Path::new(&folder).join("old"), b"new").expect("added");
            files.commit().expect("written");
            return;
        }
        for (umask, expected) in [("002", 0o664), ("022", 0o644), ("077", 0o600)] {
            let folder = tempfile::tempdir().expect("temporary folder");
            std::fs::write(folder.path().join("old"), "old").expect("write");
            let script = format!("umask {umask}; exec \"$0\" --exact {TEST}");
            let mut child = Command::new("sh");
            child.arg("-c").arg(script).arg(std::env::current_exe().expect("this program"));
            let output = child.env(FOLDER, folder.path()).output().expect("a shell");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
            for name in ["new", "old"] {
                let file = folder.path().join(name).metadata().expect("written");
                assert_eq!(file.permissions().mode() & 0o777, expected, "{name}, umask {umask}");
            }
        }
    }

    #[test]
    fn a_folder_stays_only_with_its_files() {
        let root = tempfile::tempdir().expect("temporary folder");
        let (outer, inner) = (root.path().join("outer"), root.path().join("outer/inner"));
        let mut files = FileSet::in_folder(&inner).expect("made");
        files.add(inner.join("a"), b"new").expect("added");
        drop(files);
        assert!(!outer.exists(), "nothing was committed");

        std::fs::create_dir(&outer).expect("folder");
        drop(FileSet::in_folder(&inner).expect("made"));
        assert!(outer.exists() && !inner.exists(), "only what was made is removed");

        let mut files = FileSet::in_folder(&inner).expect("made");
        files.add(inner.join("a"), b"new").expect("added");
        files.commit().expect("written");
        assert_eq!(std::fs::read(inner.join("a")).expect("read"), b"new");

        let file = FileSet::in_folder(&inner.join("a/b"));
        assert!(matches!(file, Err(Error::Write { path, .. }) if path.ends_with("a/b")));
    }
}
