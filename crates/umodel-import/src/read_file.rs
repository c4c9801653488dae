//! Model files as bytes, up to a limit.

#![deny(clippy::indexing_slicing, clippy::as_conversions)]

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::error::Error;

/// Reads a model of at most `limit` bytes. A pipe or device tells no length, so that what comes is counted.
///
/// # Errors
/// [`Error::Read`]; [`Error::TooLong`].
pub(crate) fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>, Error> {
    let failed = |source| Error::Read { path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    let found = file.metadata().map_err(failed)?.len();
    if found > limit {
        return Err(Error::TooLong { found, limit });
    }
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
    let found = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if found > limit { Err(Error::TooLong { found, limit }) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exact.
    #[test]
    fn models_are_read_up_to_the_limit() {
        let file = tempfile::NamedTempFile::new().expect("temporary file");
        std::fs::write(file.path(), "12345").expect("written");
        assert_eq!(read_file(file.path(), 5).expect("fits"), b"12345");
        let error = read_file(file.path(), 4).expect_err("too long");
        assert!(matches!(error, Error::TooLong { found: 5, limit: 4 }), "{error}");
        #[cfg(unix)]
        assert!(matches!(
            read_file(Path::new("/dev/zero"), 100),
            Err(Error::TooLong { found: 101, .. })
        ));
    }
}
