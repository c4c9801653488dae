//! Image lists and how they become databases: what `convert_imageset` does, without decoding.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::datum::{Datum, DatumData};
use crate::error::Error;
use crate::lmdb::Writer;

/// Pictures that are decoded side by side before they are written.
const WINDOW: usize = 128;

/// One line of a list file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The picture, relative to the root folder.
    pub path: String,
    /// Its label.
    pub label: i32,
}

/// Reads a list file: on each line a path, a blank and an integer label. The path may contain
/// blanks; empty lines do not count.
///
/// # Errors
/// [`Error::Io`]; [`Error::ListLine`] names the first line that has no label.
pub fn read_list(path: impl AsRef<Path>) -> Result<Vec<Entry>, Error> {
    let path = path.as_ref();
    let io = |source| Error::Io { action: "read", path: path.to_owned(), source };
    let bytes = std::fs::read(path).map_err(io)?;
    let text = String::from_utf8_lossy(&bytes);
    let mut entries = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim_end();
        if line.is_empty() {
            continue;
        }
        let entry = line.rsplit_once([' ', '\t']).and_then(|(name, label)| {
            Some(Entry { path: name.trim_end().to_owned(), label: label.parse().ok()? })
        });
        entries.push(entry.ok_or_else(|| Error::ListLine {
            path: path.to_owned(),
            line: index + 1,
            text: line.to_owned(),
        })?);
    }
    Ok(entries)
}

/// Shuffles entries; the same seed gives the same order on every machine.
///
/// Fisher-Yates driven by SplitMix64. (Caffe shuffles too, from a seed that changes with time.)
pub fn shuffle(entries: &mut [Entry], seed: u64) {
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

/// What [`convert`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Records written.
    pub written: usize,
    /// Pictures that could not be read, with the reason.
    pub skipped: Vec<(String, String)>,
}

/// Writes one record for each entry, in the list's order under the keys `%08d_PATH`.
///
/// `to_datum` reads a picture, given its full path; it runs on all of rayon's threads. A picture
/// that it rejects is left out and noted. `progress` is told how many entries are done.
///
/// # Errors
/// [`Error::NoPictures`] if none could be read, [`Error::SizeDiffers`] if `check_size` is set and
/// two records have different lengths, and whatever the writer reports. No database is left then.
pub fn convert<E: Display + Send>(
    root: &Path,
    entries: &[Entry],
    mut writer: Writer,
    check_size: bool,
    to_datum: impl Fn(&Path) -> Result<Datum, E> + Sync,
    mut progress: impl FnMut(usize),
) -> Result<Summary, Error> {
    let mut summary = Summary::default();
    let mut size = None;
    for (window, chunk) in entries.chunks(WINDOW).enumerate() {
        let full = |entry: &Entry| PathBuf::from(format!("{}{}", root.display(), entry.path));
        let read = |entry: &Entry| to_datum(&full(entry)).map(|d| d.with_label(entry.label));
        let datums: Vec<Result<Datum, E>> = chunk.par_iter().map(read).collect();
        for (offset, (entry, datum)) in chunk.iter().zip(datums).enumerate() {
            let datum = match datum {
                Ok(datum) => datum,
                Err(error) => {
                    summary.skipped.push((entry.path.clone(), error.to_string()));
                    continue;
                }
            };
            if check_size && let DatumData::Bytes(bytes) = datum.data() {
                let expected = *size.get_or_insert(bytes.len());
                if bytes.len() != expected {
                    let (picture, found) = (entry.path.clone(), bytes.len());
                    return Err(Error::SizeDiffers { picture, expected, found });
                }
            }
            let key = format!("{:08}_{}", window * WINDOW + offset, entry.path);
            writer.put(key.as_bytes(), &datum)?;
        }
        progress(window * WINDOW + chunk.len());
    }
    summary.written = writer.written();
    if summary.written == 0 {
        let first = summary.skipped.first();
        let first = first.map_or("nothing: the list is empty".to_owned(), |(path, reason)| {
            format!("{path}: {reason}")
        });
        return Err(Error::NoPictures { count: entries.len(), first });
    }
    writer.finish()?;
    Ok(summary)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lmdb::Reader;

    fn list(text: &str) -> Result<Vec<Entry>, Error> {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("list.txt");
        std::fs::write(&path, text).expect("write");
        read_list(&path)
    }

    #[test]
    fn lists_split_at_the_last_blank() {
        let entries = list("a b.png 3\r\n\nc.png -1\n").expect("valid");
        let expected = [("a b.png", 3), ("c.png", -1)];
        assert_eq!(entries, expected.map(|(path, label)| Entry { path: path.into(), label }));
        let error = list("a.png 1\nb.png\n").unwrap_err().to_string();
        assert!(error.contains("list.txt:2: expected a path and an integer label"), "{error}");
    }

    #[test]
    fn shuffle_is_a_permutation_fixed_by_the_seed() {
        let sorted: Vec<Entry> =
            (0..100).map(|label| Entry { path: label.to_string(), label }).collect();
        let shuffled = |seed| {
            let mut entries = sorted.clone();
            shuffle(&mut entries, seed);
            entries
        };
        assert_eq!(shuffled(1), shuffled(1));
        assert_ne!(shuffled(1), shuffled(2));
        let mut back = shuffled(1);
        back.sort_by_key(|entry| entry.label);
        assert_eq!(back, sorted);
    }

    #[test]
    fn bad_pictures_are_left_out_and_keys_keep_their_number() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("db");
        let entries: Vec<Entry> =
            (0..300).map(|label| Entry { path: format!("p{label}"), label }).collect();
        let read = |path: &Path| match path.to_str() {
            Some("root/p7") => Err("broken"),
            _ => Ok(Datum::new([1, 1, 1], DatumData::Bytes(vec![1]), 0).expect("fits")),
        };
        let writer = Writer::create(&path).expect("new");
        let mut done = Vec::new();
        let summary = convert(Path::new("root/"), &entries, writer, true, read, |n| done.push(n));
        let summary = summary.expect("converted");
        assert_eq!(summary.written, 299);
        assert_eq!(summary.skipped, [("p7".to_owned(), "broken".to_owned())]);
        assert_eq!(done, [128, 256, 300]);
        let keys: Vec<Vec<u8>> =
            Reader::open(&path).expect("open").map(|record| record.expect("record").0).collect();
        assert_eq!(keys[6], b"00000006_p6");
        assert_eq!(keys[7], b"00000008_p8");
    }

    #[test]
    fn all_bad_or_different_sizes_leave_nothing() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("db");
        let entries = [("a", 1), ("b", 2)].map(|(path, label)| Entry { path: path.into(), label });
        let writer = || Writer::create(&path).expect("new");
        let fail = |_: &Path| Err::<Datum, _>("broken");
        let error = convert(Path::new(""), &entries, writer(), false, fail, |_| ()).unwrap_err();
        assert!(error.to_string().contains("none of the 2 pictures"), "{error}");
        let sized = |path: &Path| {
            let size = if path.ends_with("a") { 1 } else { 2 };
            Ok::<_, &str>(
                Datum::new([1, 1, size], DatumData::Bytes(vec![0; size]), 0).expect("fits"),
            )
        };
        let error = convert(Path::new(""), &entries, writer(), true, sized, |_| ()).unwrap_err();
        assert!(matches!(error, Error::SizeDiffers { expected: 1, found: 2, .. }), "{error}");
        assert_eq!(std::fs::read_dir(folder.path()).expect("folder").count(), 0);
    }
}
