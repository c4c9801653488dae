use std::error::Error as StdError;
use std::fmt;
use std::path::{Path, PathBuf};

use super::full_path;
use super::list::Entry;
use crate::annotated::AnnotatedDatum;
use crate::bytes::long;
use crate::datum::{Datum, DatumData};
use crate::error::Error;
use crate::in_order::in_order;
use crate::store::StoreWriter;

/// Pictures of each thread that are decoded or being decoded while one is awaited.
const AHEAD: usize = 8;

/// What can be stored for a picture.
pub trait Storable: Send {
    /// The record's bytes.
    fn to_wire(&self) -> Vec<u8>;

    /// The bytes that it takes in memory.
    fn bytes(&self) -> u64;

    /// The number of values, for `check_size`; `None` if it is not noted.
    fn size(&self) -> Option<usize>;
}

impl Storable for Datum {
    fn to_wire(&self) -> Vec<u8> {
        Datum::to_wire(self)
    }

    fn bytes(&self) -> u64 {
        long(match self.data() {
            DatumData::Bytes(bytes) | DatumData::Encoded(bytes) => bytes.len(),
            DatumData::Floats(values) => 4 * values.len(),
        })
    }

    fn size(&self) -> Option<usize> {
        let noted = self.shape().iter().product();
        (!matches!(self.data(), DatumData::Encoded(_)) || noted > 0).then_some(noted)
    }
}

impl Storable for AnnotatedDatum {
    fn to_wire(&self) -> Vec<u8> {
        AnnotatedDatum::to_wire(self)
    }

    fn bytes(&self) -> u64 {
        self.datum.bytes()
    }

    fn size(&self) -> Option<usize> {
        self.datum.size()
    }
}

/// How [`convert`] and [`write`](write()) work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConvertOptions {
    /// Whether pictures of different sizes are an error.
    pub check_size: bool,
    /// Threads that read pictures; 0: as many as the machine has processors.
    pub threads: usize,
}

impl ConvertOptions {
    /// The same with another `check_size`.
    pub fn check_size(self, check_size: bool) -> Self {
        ConvertOptions { check_size, ..self }
    }

    /// The same with another number of threads.
    pub fn threads(self, threads: usize) -> Self {
        ConvertOptions { threads, ..self }
    }

    fn thread_count(&self) -> usize {
        match self.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        }
    }
}

/// What [`convert`] did.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Summary {
    /// Records written.
    pub written: u64,
    /// Pictures that could not be read.
    pub skipped: Vec<Skipped>,
}

/// A picture that could not be read.
#[derive(Debug)]
#[non_exhaustive]
pub struct Skipped {
    /// The picture, as the list has it.
    pub path: PathBuf,
    /// The reason of whoever reads pictures.
    pub error: Box<dyn StdError + Send + Sync>,
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.error)?;
        // The reader's text and its reasons, as far as they say more.
        let mut last = self.error.to_string();
        let mut cause = self.error.source();
        while let Some(error) = cause {
            let text = error.to_string();
            if !last.ends_with(&text) {
                write!(f, ": {text}")?;
            }
            last = text;
            cause = error.source();
        }
        Ok(())
    }
}

/// Writes one record for each picture of a list, in the list's order under the keys `%08d_PATH`.
///
/// `read` reads a picture, given its full path, once and on several threads; the label is the entry's. A
/// picture that it rejects is left out and noted; the numbers in the keys count it. `progress` is told how
/// many entries are done.
///
/// # Errors
/// [`Error::NoPictures`] if none could be read, [`Error::SizeDiffers`] if `check_size` is set and
/// two pictures have different sizes, and whatever the writer reports. No database is left then.
pub fn convert<E: Into<Box<dyn StdError + Send + Sync>> + Send>(
    root: &Path,
    entries: &[Entry],
    writer: Box<dyn StoreWriter>,
    options: &ConvertOptions,
    read: impl Fn(&Path) -> Result<Datum, E> + Sync,
    progress: impl FnMut(usize),
) -> Result<Summary, Error> {
    let read = |entry: &Entry| {
        read(&full_path(root, &entry.path)).map(|datum| datum.with_label(entry.label))
    };
    write(entries, |entry| &entry.path, writer, options, read, progress)
}

/// The same for any items: `path` tells an item's path, `read` makes its record.
///
/// # Errors
/// As for [`convert`].
pub fn write<T: Sync, R: Storable, E: Into<Box<dyn StdError + Send + Sync>> + Send>(
    items: &[T],
    path: impl Fn(&T) -> &Path + Sync,
    mut writer: Box<dyn StoreWriter>,
    options: &ConvertOptions,
    read: impl Fn(&T) -> Result<R, E> + Sync,
    mut progress: impl FnMut(usize),
) -> Result<Summary, Error> {
    let mut summary = Summary::default();
    let mut size = None;
    let mut number = 0;
    let threads = options.thread_count();
    // Caffe counts empty lines and does not find their picture.
    let read = |item: &T| (!path(item).as_os_str().is_empty()).then(|| read(item));
    // What is left of a picture that could not be read takes next to nothing.
    let bytes = |result: &Option<Result<R, E>>| match result {
        Some(Ok(record)) => record.bytes(),
        Some(Err(_)) | None => 0,
    };
    let ahead = AHEAD.saturating_mul(threads);
    in_order(items, threads, ahead, read, bytes, |item, result| {
        let path = path(item);
        match result {
            None => {}
            Some(Err(error)) => {
                summary.skipped.push(Skipped { path: path.to_owned(), error: error.into() });
            }
            Some(Ok(record)) => {
                if options.check_size
                    && let Some(found) = record.size()
                {
                    let expected = *size.get_or_insert(found);
                    if found != expected {
                        let picture = path.to_owned();
                        return Err(Error::SizeDiffers { picture, expected, found });
                    }
                }
                let mut key = format!("{number:08}_").into_bytes();
                key.extend_from_slice(path.as_os_str().as_encoded_bytes());
                writer.put(&key, &record.to_wire())?;
            }
        }
        number += 1;
        progress(number);
        Ok(())
    })?;
    summary.written = writer.written();
    if summary.written == 0 {
        let first = summary.skipped.into_iter().next().map(Box::new);
        return Err(Error::NoPictures { count: items.len(), first });
    }
    writer.finish()?;
    Ok(summary)
}

#[cfg(all(test, feature = "lmdb"))]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::store::{Backend, Existing, create, open};

    #[test]
    fn bad_pictures_are_left_out_and_keys_keep_their_number() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("db");
        let mut entries: Vec<Entry> =
            (0..300).map(|label| Entry { path: format!("p{label}").into(), label }).collect();
        entries[9].path = PathBuf::new();
        let reads = Mutex::new(Vec::new());
        let read = |path: &Path| {
            reads.lock().expect("no panic").push(path.to_owned());
            match path.to_str() {
                Some("root/p7") => Err("broken"),
                _ => Ok(Datum::new([1, 1, 1], DatumData::Bytes(vec![1]), 0).expect("fits")),
            }
        };
        let options = ConvertOptions::default().check_size(true).threads(3);
        let writer = create(&path, Backend::Lmdb, Existing::Refuse).expect("new");
        let mut done = Vec::new();
        let summary =
            convert(Path::new("root/"), &entries, writer, &options, read, |n| done.push(n));
        let summary = summary.expect("converted");
        assert_eq!(summary.written, 298);
        let skipped: Vec<String> = summary.skipped.iter().map(Skipped::to_string).collect();
        assert_eq!(skipped, ["p7: broken"]);
        // Each picture is read once; an empty line has none.
        let mut reads = reads.into_inner().expect("no panic");
        reads.sort();
        let mut expected: Vec<PathBuf> =
            (0..300).filter(|&i| i != 9).map(|i| format!("root/p{i}").into()).collect();
        expected.sort();
        assert_eq!(reads, expected);
        assert_eq!(done.last(), Some(&300));
        assert!(done.is_sorted());
        let mut store = open(&path, Backend::Lmdb).expect("open");
        assert_eq!(store.skip(6).expect("skips"), 6);
        let keys = [(); 4].map(|()| store.next_record().expect("sound").expect("more").name());
        assert_eq!(keys, ["00000006_p6", "00000008_p8", "00000010_p10", "00000011_p11"]);
    }

    #[test]
    fn all_bad_or_different_sizes_leave_nothing() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("db");
        let entries = [("a", 1), ("b", 2)].map(|(path, label)| Entry { path: path.into(), label });
        let writer = || create(&path, Backend::Lmdb, Existing::Refuse).expect("new");
        let strict = ConvertOptions::default().check_size(true);
        let fail = |_: &Path| Err::<Datum, _>("broken");
        let error =
            convert(Path::new(""), &entries, writer(), &ConvertOptions::default(), fail, |_| ())
                .unwrap_err();
        let expected = "none of the 2 pictures could be read, the first one is a: broken";
        assert_eq!(error.to_string(), expected);
        let error = convert(Path::new(""), &[], writer(), &strict, fail, |_| ()).unwrap_err();
        assert_eq!(error.to_string(), "none of the 0 pictures could be read: the list names none");
        let sized = |path: &Path| {
            let size = if path.ends_with("a") { 1 } else { 2 };
            let data = DatumData::Bytes(vec![0; size]);
            Ok::<_, &str>(Datum::new([1, 1, size], data, 0).expect("fits"))
        };
        let error = convert(Path::new(""), &entries, writer(), &strict, sized, |_| ()).unwrap_err();
        assert!(matches!(error, Error::SizeDiffers { expected: 1, found: 2, .. }), "{error}");
        assert_eq!(std::fs::read_dir(folder.path()).expect("folder").count(), 0);
    }
}
