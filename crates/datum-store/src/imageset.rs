//! Lists of pictures and how they become databases: what `convert_imageset` and `convert_annoset` do,
//! without decoding.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use crate::annotated::AnnotatedDatum;
use crate::datum::{Datum, DatumData};
use crate::error::Error;
use crate::in_order::in_order;
use crate::store::StoreWriter;

/// Pictures of each thread that are decoded or being decoded while one is awaited.
const AHEAD: usize = 8;

/// One line of a list file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The picture, relative to the root folder. Empty for an empty line, which Caffe counts, too.
    pub path: PathBuf,
    /// Its label.
    pub label: i32,
}

/// One line of a list of pictures and their files of annotations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnnotatedEntry {
    /// The picture, relative to the root folder. Empty for an empty line.
    pub path: PathBuf,
    /// Its annotations, relative to the root folder.
    pub annotations: PathBuf,
}

/// Reads a list file: on each line a path, a blank and an integer label. The path may contain
/// blanks and bytes that are not UTF-8.
///
/// # Errors
/// [`Error::Io`]; [`Error::ListLine`] names the first line that has no label.
pub fn read_list(path: impl AsRef<Path>) -> Result<Vec<Entry>, Error> {
    read_lines(path.as_ref(), "a path and an integer label", |line| {
        let (path, label) = split(line)?;
        let label = std::str::from_utf8(label).ok()?.parse().ok()?;
        Some(Entry { path: to_path(path), label })
    })
}

/// Reads a list file without labels: a path on each line. All labels are 0.
///
/// # Errors
/// [`Error::Io`].
pub fn read_paths(path: impl AsRef<Path>) -> Result<Vec<Entry>, Error> {
    read_lines(path.as_ref(), "a path", |line| Some(Entry { path: to_path(line), label: 0 }))
}

/// Reads a list file with two paths on each line: the picture, which may contain blanks, and the file
/// of its annotations.
///
/// # Errors
/// [`Error::Io`]; [`Error::ListLine`] names the first line that has one path only.
pub fn read_annotated_list(path: impl AsRef<Path>) -> Result<Vec<AnnotatedEntry>, Error> {
    read_lines(path.as_ref(), "the paths of a picture and of its annotations", |line| {
        if line.is_empty() {
            return Some(AnnotatedEntry { path: PathBuf::new(), annotations: PathBuf::new() });
        }
        let (path, annotations) = split(line)?;
        Some(AnnotatedEntry { path: to_path(path), annotations: to_path(annotations) })
    })
}

fn read_lines<T>(
    path: &Path,
    expected: &'static str,
    parse: impl Fn(&[u8]) -> Option<T>,
) -> Result<Vec<T>, Error> {
    let io = |source| Error::Io { action: "read", path: path.to_owned(), source };
    let bytes = std::fs::read(path).map_err(io)?;
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    let mut lines: Vec<&[u8]> = bytes.split(|&byte| byte == b'\n').collect();
    if lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    let parse = |(index, line): (usize, &&[u8])| {
        let line = line.trim_ascii_end();
        parse(line).ok_or_else(|| Error::ListLine {
            path: path.to_owned(),
            line: index + 1,
            expected,
            text: String::from_utf8_lossy(line).into_owned(),
        })
    };
    lines.iter().enumerate().map(parse).collect()
}

/// Splits a line at its last blank; an empty one has the label 0, as for Caffe.
fn split(line: &[u8]) -> Option<(&[u8], &[u8])> {
    if line.is_empty() {
        return Some((b"", b"0"));
    }
    let blank = line.iter().rposition(|byte| matches!(byte, b' ' | b'\t'))?;
    Some((line[..blank].trim_ascii_end(), &line[blank + 1..]))
}

#[cfg(unix)]
fn to_path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
fn to_path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

/// Shuffles entries; the same seed gives the same order on every machine.
///
/// Fisher-Yates driven by SplitMix64. (Caffe shuffles too, from a seed that changes with time.)
pub fn shuffle<T>(entries: &mut [T], seed: u64) {
    let mut state = seed;
    for last in (1..entries.len()).rev() {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        // The high half of a 64 × 64-bit product is uniform to within 2^-40 here.
        let index = ((u128::from(z) * (last as u128 + 1)) >> 64) as usize;
        entries.swap(last, index);
    }
}

/// Joins root and path as Caffe does: one string after the other, so that a folder needs its slash.
pub fn full_path(root: &Path, path: &Path) -> PathBuf {
    let mut full = root.as_os_str().to_owned();
    full.push(path);
    full.into()
}

/// What can be stored for a picture.
pub trait Storable: Send {
    /// The record's bytes.
    fn to_wire(&self) -> Vec<u8>;

    /// The number of values, for `check_size`; `None` if it is not noted.
    fn size(&self) -> Option<usize>;
}

impl Storable for Datum {
    fn to_wire(&self) -> Vec<u8> {
        Datum::to_wire(self)
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

    fn size(&self) -> Option<usize> {
        self.datum.size()
    }
}

/// What [`convert`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Records written.
    pub written: u64,
    /// Pictures that could not be read, with the reason.
    pub skipped: Vec<(String, String)>,
}

/// Writes one record for each picture of a list, in the list's order under the keys `%08d_PATH`.
///
/// `read` reads a picture, given its full path, and is called on as many threads as rayon has; the label is
/// the entry's. A picture that it rejects is left out and noted; the numbers in the keys count it.
/// `progress` is told how many entries are done.
///
/// # Errors
/// [`Error::NoPictures`] if none could be read, [`Error::SizeDiffers`] if `check_size` is set and
/// two pictures have different sizes, and whatever the writer reports. No database is left then.
pub fn convert<E: Display + Send>(
    root: &Path,
    entries: &[Entry],
    writer: Box<dyn StoreWriter>,
    check_size: bool,
    read: impl Fn(&Path) -> Result<Datum, E> + Sync,
    progress: impl FnMut(usize),
) -> Result<Summary, Error> {
    let read = |entry: &Entry| {
        read(&full_path(root, &entry.path)).map(|datum| datum.with_label(entry.label))
    };
    write(entries, |entry| &entry.path, writer, check_size, read, progress)
}

/// The same for any items: `path` tells an item's path, `read` makes its record.
///
/// # Errors
/// As for [`convert`].
pub fn write<T: Sync, R: Storable, E: Display + Send>(
    items: &[T],
    path: impl Fn(&T) -> &Path + Sync,
    mut writer: Box<dyn StoreWriter>,
    check_size: bool,
    read: impl Fn(&T) -> Result<R, E> + Sync,
    mut progress: impl FnMut(usize),
) -> Result<Summary, Error> {
    let mut summary = Summary::default();
    let mut size = None;
    let mut number = 0;
    let threads = rayon::current_num_threads();
    // Caffe counts empty lines and does not find their picture.
    let read = |item: &T| (!path(item).as_os_str().is_empty()).then(|| read(item));
    in_order(items, threads, AHEAD * threads, read, |item, result| {
        let path = path(item);
        match result {
            None => {}
            Some(Err(error)) => {
                summary.skipped.push((path.display().to_string(), error.to_string()));
            }
            Some(Ok(record)) => {
                if check_size && let Some(found) = record.size() {
                    let expected = *size.get_or_insert(found);
                    if found != expected {
                        let picture = path.display().to_string();
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
        let first = summary.skipped.first();
        let first = first.map_or("nothing: the list is empty".to_owned(), |(path, reason)| {
            format!("{path}: {reason}")
        });
        return Err(Error::NoPictures { count: items.len(), first });
    }
    writer.finish()?;
    Ok(summary)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Backend, Existing, create, open};

    fn file(text: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("list.txt");
        std::fs::write(&path, text).expect("write");
        (folder, path)
    }

    fn list(text: &[u8]) -> Result<Vec<Entry>, Error> {
        read_list(file(text).1)
    }

    #[test]
    fn lists_split_at_the_last_blank() {
        let entries = list(b"\xEF\xBB\xBFa b.png 3\r\n\nc.png\t-1").expect("valid");
        let expected = [("a b.png", 3), ("", 0), ("c.png", -1)];
        assert_eq!(entries, expected.map(|(path, label)| Entry { path: path.into(), label }));
        let error = list(b"a.png 1\nb.png\n").unwrap_err().to_string();
        assert!(error.contains("list.txt:2: expected a path and an integer label"), "{error}");
        let entries = read_paths(file(b"a b.png\r\nc 1\n").1).expect("valid");
        let expected = ["a b.png", "c 1"];
        assert_eq!(entries, expected.map(|path| Entry { path: path.into(), label: 0 }));
        let entries = read_annotated_list(file(b"a b.png a.xml\n").1).expect("valid");
        let expected = AnnotatedEntry { path: "a b.png".into(), annotations: "a.xml".into() };
        assert_eq!(entries, [expected]);
        assert!(read_annotated_list(file(b"a.png\n").1).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn names_are_bytes() {
        let entries = list(b"\xFFa.png 1\n").expect("valid");
        assert_eq!(entries[0].path.as_os_str().as_encoded_bytes(), b"\xFFa.png");
    }

    #[test]
    fn shuffle_is_a_permutation_fixed_by_the_seed() {
        let sorted: Vec<u32> = (0..100).collect();
        let shuffled = |seed| {
            let mut entries = sorted.clone();
            shuffle(&mut entries, seed);
            entries
        };
        assert_eq!(shuffled(1), shuffled(1));
        assert_ne!(shuffled(1), shuffled(2));
        let mut back = shuffled(1);
        back.sort();
        assert_eq!(back, sorted);
    }

    #[test]
    fn bad_pictures_are_left_out_and_keys_keep_their_number() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("db");
        let mut entries: Vec<Entry> =
            (0..300).map(|label| Entry { path: format!("p{label}").into(), label }).collect();
        entries[9].path = PathBuf::new();
        let read = |path: &Path| match path.to_str() {
            Some("root/p7") => Err("broken"),
            _ => Ok(Datum::new([1, 1, 1], DatumData::Bytes(vec![1]), 0).expect("fits")),
        };
        let writer = create(&path, Backend::Lmdb, Existing::Refuse).expect("new");
        let mut done = Vec::new();
        let summary = convert(Path::new("root/"), &entries, writer, true, read, |n| done.push(n));
        let summary = summary.expect("converted");
        assert_eq!(summary.written, 298);
        assert_eq!(summary.skipped, [("p7".to_owned(), "broken".to_owned())]);
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
        let fail = |_: &Path| Err::<Datum, _>("broken");
        let error = convert(Path::new(""), &entries, writer(), false, fail, |_| ()).unwrap_err();
        assert!(error.to_string().contains("none of the 2 pictures"), "{error}");
        let sized = |path: &Path| {
            let size = if path.ends_with("a") { 1 } else { 2 };
            let data = DatumData::Bytes(vec![0; size]);
            Ok::<_, &str>(Datum::new([1, 1, size], data, 0).expect("fits"))
        };
        let error = convert(Path::new(""), &entries, writer(), true, sized, |_| ()).unwrap_err();
        assert!(matches!(error, Error::SizeDiffers { expected: 1, found: 2, .. }), "{error}");
        assert_eq!(std::fs::read_dir(folder.path()).expect("folder").count(), 0);
    }
}
