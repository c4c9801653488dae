use std::io;
use std::path::PathBuf;

/// Why outputs were not written. What stood there before stands there still.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The output.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// One of several files goes to a device, FIFO or socket, which takes one stream.
    #[error("{} is no plain file, and several files are written: name another one", path.display())]
    OneOfSeveral {
        /// The output.
        path: PathBuf,
    },
    /// A folder shall stand where something else is.
    #[error("{} is there already and is no folder", path.display())]
    NoFolder {
        /// The output.
        path: PathBuf,
    },
    /// A new folder's name is taken.
    #[error("{} exists already", path.display())]
    Exists {
        /// The output.
        path: PathBuf,
    },
    /// Two outputs are one file, perhaps by links.
    #[error("{} is written twice", path.display())]
    Twice {
        /// The output.
        path: PathBuf,
    },
    /// A process was killed while it gave outputs their names, and that can neither be finished nor undone.
    #[error("cannot finish what a killed process left as {}", path.display())]
    Repair {
        /// Where the outputs are.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// [`abandon_all`](crate::abandon_all) was called: the process is about to end.
    #[error("interrupted")]
    Interrupted,
}
