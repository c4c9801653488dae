//! Where an output really goes: through links, to a plain file, or into a device.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// As many links as Linux follows.
const MAX_LINKS: usize = 40;

/// Where an output goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A path that is no link: of a file, of a folder, or free.
    Path(PathBuf),
    /// Something that is written into and never replaced.
    Stream(Stream),
}

/// What takes one stream of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    Stdout,
    Stderr,
    /// A device, FIFO or socket, or a descriptor of a process.
    Path(PathBuf),
}

impl Stream {
    pub(crate) fn write(&self, contents: &[u8]) -> io::Result<()> {
        fn all(mut stream: impl Write, contents: &[u8]) -> io::Result<()> {
            stream.write_all(contents)?;
            stream.flush()
        }
        match self {
            Stream::Stdout => all(io::stdout().lock(), contents),
            Stream::Stderr => all(io::stderr().lock(), contents),
            Stream::Path(path) => {
                let file: File = OpenOptions::new().append(true).open(path)?;
                all(file, contents)
            }
        }
    }
}

impl Target {
    /// Follows links. The file need not be there.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        let mut at = path.to_owned();
        for _ in 0..=MAX_LINKS {
            if let Some(stream) = descriptor(&at) {
                return Ok(Target::Stream(stream));
            }
            let metadata = match at.symlink_metadata() {
                Ok(metadata) => metadata,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    return Ok(Target::Path(at));
                }
                Err(error) => return Err(error),
            };
            if !metadata.is_symlink() {
                if metadata.is_file() || metadata.is_dir() {
                    return Ok(Target::Path(at));
                }
                refuse_block_device(&metadata)?;
                return Ok(Target::Stream(Stream::Path(at)));
            }
            let link = at.read_link()?;
            at = folder_of(&at).join(link);
        }
        Err(io::Error::other("too many levels of symbolic links"))
    }
}

/// Nobody means to overwrite a disk.
#[cfg(unix)]
fn refuse_block_device(metadata: &std::fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::FileTypeExt;
    if metadata.file_type().is_block_device() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is a block device"));
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_block_device(_: &std::fs::Metadata) -> io::Result<()> {
    Ok(())
}

/// A descriptor that a process has open. Its file must not be replaced: the shell's `>> log` goes on behind it.
fn descriptor(path: &Path) -> Option<Stream> {
    if !cfg!(unix) {
        return None;
    }
    match path.to_str() {
        Some("/dev/stdout" | "/dev/fd/1" | "/proc/self/fd/1") => return Some(Stream::Stdout),
        Some("/dev/stderr" | "/dev/fd/2" | "/proc/self/fd/2") => return Some(Stream::Stderr),
        _ => {}
    }
    let folder = path.parent()?;
    let of_process = folder.starts_with("/proc") && folder.ends_with("fd");
    (folder == Path::new("/dev/fd") || of_process).then(|| Stream::Path(path.to_owned()))
}

/// Whether an output is written into a device, FIFO, socket or descriptor, such as `/dev/stdout`, rather than as a
/// file of its own. A tool whose output goes to standard output should print nothing else there.
pub fn is_stream(path: &Path) -> bool {
    matches!(Target::of(path), Ok(Target::Stream(_)))
}

/// The folder in which a path stands.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
