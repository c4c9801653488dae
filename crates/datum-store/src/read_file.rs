//! Whole files as bytes, up to a limit.

#![deny(clippy::indexing_slicing, clippy::as_conversions)]

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use thiserror::Error;

/// Bytes of a pipe or device at most. It tells no length beforehand, and may never end.
pub const STREAM_LIMIT: u64 = 1 << 28;

/// A file is longer than what is read of such a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("more than {limit} bytes, the most that is read of such a file")]
pub struct TooLong {
    /// The most that is read.
    pub limit: u64,
}

/// Reads a whole file of at most `limit` bytes. A regular file's length is looked at before anything is read. Anything
/// else, such as a pipe or `/dev/zero`, is read up to the limit or [`STREAM_LIMIT`], whichever is smaller.
///
/// # Errors
/// The operating system's; [`TooLong`] of kind [`ErrorKind::FileTooLarge`]; [`ErrorKind::OutOfMemory`].
pub fn read_file(path: impl AsRef<Path>, limit: u64) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let about = file.metadata()?;
    let (limit, length) =
        if about.is_file() { (limit, about.len()) } else { (limit.min(STREAM_LIMIT), 0) };
    let too_long = || io::Error::new(ErrorKind::FileTooLarge, TooLong { limit });
    if length > limit {
        return Err(too_long());
    }
    let mut bytes = Vec::new();
    // One more, so that reading to the end needs no larger buffer.
    let room = usize::try_from(length).unwrap_or(usize::MAX).saturating_add(1);
    bytes.try_reserve_exact(room).map_err(|_| ErrorKind::OutOfMemory)?;
    // It may have grown, or be a stream.
    let read = file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(read).is_ok_and(|read| read <= limit) { Ok(bytes) } else { Err(too_long()) }
}

/// [`read_file`] for text in UTF-8.
///
/// # Errors
/// As [`read_file`]; [`ErrorKind::InvalidData`] for other text.
pub fn read_text(path: impl AsRef<Path>, limit: u64) -> io::Result<String> {
    String::from_utf8(read_file(path, limit)?)
        .map_err(|error| io::Error::new(ErrorKind::InvalidData, error.utf8_error()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exact.
    #[test]
    fn files_are_read_up_to_the_limit() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("file");
        std::fs::write(&path, "12345").expect("written");
        assert_eq!(read_text(&path, 5).expect("fits"), "12345");
        let error = read_file(&path, 4).expect_err("too long");
        assert_eq!(error.kind(), ErrorKind::FileTooLarge);
        assert_eq!(error.to_string(), "more than 4 bytes, the most that is read of such a file");
        std::fs::write(&path, b"\xFF").expect("written");
        assert_eq!(read_text(&path, 5).expect_err("no text").kind(), ErrorKind::InvalidData);
        assert!(read_file(folder.path(), 5).is_err(), "a folder");
        assert!(read_file(folder.path().join("none"), 5).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn what_never_ends_is_an_error() {
        let error = read_file("/dev/zero", 1000).expect_err("endless");
        assert_eq!(error.kind(), ErrorKind::FileTooLarge);
        assert!(read_file("/dev/null", 0).expect("empty").is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn pipes_are_read_to_their_end() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&path).status().expect("mkfifo");
        assert!(made.success());
        let writer = path.clone();
        let writer = std::thread::spawn(move || std::fs::write(writer, vec![7; 100_000]));
        assert_eq!(read_file(&path, 100_000).expect("read"), vec![7; 100_000]);
        writer.join().expect("no panic").expect("written");
    }
}
