//! Several databases, and files, that appear together.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use file_set::FileSet;

use crate::error::Error;
use crate::lmdb::Writer;
use crate::staging::{Shared, Staging, take};
use crate::store::{Existing, StoreWriter};

/// Databases of LMDB, and files, that get their names together or not at all.
///
/// ```
/// use datum_store::{Datum, DatumData, Existing, StoreSet};
///
/// let folder = tempfile::tempdir()?;
/// let mut set = StoreSet::new();
/// for name in ["a_lmdb", "b_lmdb"] {
///     let mut writer = set.create(folder.path().join(name), Existing::Refuse)?;
///     let datum = Datum::new([1, 1, 1], DatumData::Floats(vec![0.5]), 0)?;
///     writer.put(b"0", &datum.to_wire())?;
///     writer.finish()?;
/// }
/// assert!(!folder.path().join("a_lmdb").exists());
/// set.publish()?;
/// assert!(folder.path().join("a_lmdb").exists() && folder.path().join("b_lmdb").exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct StoreSet(Shared);

impl Default for StoreSet {
    fn default() -> Self {
        StoreSet::new()
    }
}

impl StoreSet {
    /// No databases yet.
    pub fn new() -> Self {
        StoreSet(Arc::new(Mutex::new(Some(FileSet::new()))))
    }

    /// Starts one more database. [`StoreWriter::finish`] completes it, [`StoreSet::publish`] gives it its name. A
    /// writer that is dropped before it has finished takes the whole set with it.
    ///
    /// # Errors
    /// Those of [`create`](crate::create); [`Error::Unfinished`] after a writer was dropped.
    pub fn create(
        &mut self,
        path: impl Into<PathBuf>,
        existing: Existing,
    ) -> Result<Box<dyn StoreWriter + Send>, Error> {
        self.files(|_| ())?;
        let staging = Staging::within(self.0.clone(), false, path.into(), existing)?;
        Ok(Box::new(Writer::within(staging)?))
    }

    /// Adds files that appear with the databases.
    ///
    /// # Errors
    /// [`Error::Unfinished`] after a writer was dropped.
    pub fn files<R>(&mut self, work: impl FnOnce(&mut FileSet) -> R) -> Result<R, Error> {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        files.as_mut().map(work).ok_or(Error::Unfinished)
    }

    /// Gives all databases and files their names.
    ///
    /// # Errors
    /// [`Error::Unfinished`] if a writer has not finished; [`Error::Output`].
    pub fn publish(self) -> Result<(), Error> {
        // Each writer that has not finished holds the set, too.
        let files = if Arc::strong_count(&self.0) > 1 { None } else { take(&self.0) };
        Ok(files.ok_or(Error::Unfinished)?.commit()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Datum, DatumData};

    /// Exact: all or none.
    #[test]
    fn a_database_that_is_not_complete_takes_the_others_along() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let create = |set: &mut StoreSet, name: &str| {
            let path = folder.path().join(name);
            set.create(path, Existing::Refuse).expect("created")
        };
        let record = Datum::new([1, 1, 1], DatumData::Floats(vec![1.0]), 0).expect("a datum");
        let finish = |mut writer: Box<dyn StoreWriter + Send>| {
            writer.put(b"0", &record.to_wire()).and_then(|()| writer.finish())
        };
        let mut set = StoreSet::new();
        finish(create(&mut set, "a")).expect("finished");
        let b = create(&mut set, "b");
        drop(b);
        assert!(matches!(set.files(|_| ()), Err(Error::Unfinished)));
        assert!(matches!(set.publish(), Err(Error::Unfinished)));
        let mut set = StoreSet::new();
        finish(create(&mut set, "a")).expect("finished");
        let b = create(&mut set, "b");
        assert!(matches!(set.publish(), Err(Error::Unfinished)), "b is still open");
        drop(b);
        // An empty database is an error, as it is alone.
        let mut set = StoreSet::new();
        let b = create(&mut set, "b");
        assert!(matches!(b.finish(), Err(Error::Empty { .. })));
        assert!(matches!(set.publish(), Err(Error::Unfinished)));
        assert_eq!(std::fs::read_dir(folder.path()).expect("folder").count(), 0);
        let mut set = StoreSet::new();
        finish(create(&mut set, "a")).expect("finished");
        set.files(|files| files.add(folder.path().join("c"), b"c")).expect("open").expect("added");
        set.publish().expect("published");
        let mut names: Vec<_> = std::fs::read_dir(folder.path()).expect("folder").collect();
        names.retain(|name| name.is_ok());
        assert_eq!(names.len(), 2);
    }
}
