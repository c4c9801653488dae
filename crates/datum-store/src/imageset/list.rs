//! List files: one picture on each line.

#![deny(clippy::indexing_slicing, clippy::as_conversions)]

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::error::{Action, Error};
use crate::excerpt::excerpt_of_bytes;
use crate::read_file::read_file;

/// Bytes of a list file at most: some millions of pictures.
const MAX_BYTES: u64 = 1 << 30;
/// Bytes of a path at most; Linux opens none that is longer.
const MAX_PATH: usize = 4096;

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

/// What a list file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct List {
    /// One entry for each line.
    pub entries: Vec<Entry>,
    /// The lines, from 1, whose label is no number. As in Caffe the label is 0; it may be a mistake.
    pub not_numbers: Vec<usize>,
}

/// What a line of a list file should have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ListFault {
    /// The path or the label is missing.
    #[error("a path and an integer label")]
    PathAndLabel,
    /// The label is not an `int`.
    #[error("a label from {} to {}", i32::MIN, i32::MAX)]
    LabelRange,
    /// A path is longer than any that can be opened.
    #[error("a path of at most {MAX_PATH} bytes")]
    LongPath,
    /// One of the two paths is missing.
    #[error("the paths of a picture and of its annotations")]
    PathAndAnnotations,
}

/// Reads a list file: on each line a path and, behind the last blank, an integer label. The path may
/// contain blanks and bytes that are not UTF-8.
///
/// The label is read as C's `atoi` does: digits behind a sign, up to the first other character, so that
/// `3.0` is 3; 0 if there are none. Beyond Caffe's, a tabulator is a blank, too, and blanks at the end
/// of a line do not count. An empty line is an entry without path.
///
/// # Errors
/// [`Error::Io`]; [`Error::ListLine`] names the first line that has no label (Caffe would take the
/// path's own digits for it), no path, or a label beyond an `int` (for C that is undefined).
///
/// # Source
/// BVLC Caffe 1.0: `convert_imageset.cpp` and `image_data_layer.cpp` read lines in the same way.
pub fn read_list(path: impl AsRef<Path>) -> Result<List, Error> {
    let mut not_numbers = Vec::new();
    let entries = read_lines(path.as_ref(), |number, line| {
        let Some((path, label)) = split(line) else { return Err(ListFault::PathAndLabel) };
        let label = match atoi(label) {
            Label::Number(label) => label,
            Label::NoNumber => {
                not_numbers.push(number);
                0
            }
            Label::OutOfRange => return Err(ListFault::LabelRange),
        };
        Ok(Entry { path: to_path(path)?, label })
    })?;
    let empty = || Entry { path: PathBuf::new(), label: 0 };
    Ok(List {
        entries: entries.into_iter().map(|e| e.unwrap_or_else(empty)).collect(),
        not_numbers,
    })
}

/// Reads a list file without labels: a path on each line. All labels are 0.
///
/// # Errors
/// [`Error::Io`].
pub fn read_paths(path: impl AsRef<Path>) -> Result<Vec<Entry>, Error> {
    let lines = read_lines(path.as_ref(), |_, line| to_path(line))?;
    let entry = |path: Option<PathBuf>| Entry { path: path.unwrap_or_default(), label: 0 };
    Ok(lines.into_iter().map(entry).collect())
}

/// Reads a list file with two paths on each line: the picture, which may contain blanks, and, behind the
/// last blank, the file of its annotations. An empty line is an entry without paths.
///
/// # Errors
/// [`Error::Io`]; [`Error::ListLine`] names the first line that has one path only.
pub fn read_annotated_list(path: impl AsRef<Path>) -> Result<Vec<AnnotatedEntry>, Error> {
    let lines = read_lines(path.as_ref(), |_, line| {
        let (path, annotations) = split(line).ok_or(ListFault::PathAndAnnotations)?;
        Ok(AnnotatedEntry { path: to_path(path)?, annotations: to_path(annotations)? })
    })?;
    let empty = || AnnotatedEntry { path: PathBuf::new(), annotations: PathBuf::new() };
    Ok(lines.into_iter().map(|line| line.unwrap_or_else(empty)).collect())
}

/// Reads all lines of a file without blanks at their ends; `parse` is told a line's number, from 1, and
/// its text. `None` for empty lines.
fn read_lines<T>(
    path: &Path,
    mut parse: impl FnMut(usize, &[u8]) -> Result<T, ListFault>,
) -> Result<Vec<Option<T>>, Error> {
    let io = |source| Error::Io { action: Action::Read, path: path.to_owned(), source };
    let bytes = read_file(path, MAX_BYTES).map_err(io)?;
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    // What follows the last end of a line is a line only if there is something.
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let parse = |(index, line): (usize, &[u8])| {
        let (number, line) = (index + 1, line.trim_ascii_end());
        if line.is_empty() {
            return Ok(None);
        }
        parse(number, line).map(Some).map_err(|fault| {
            let text = excerpt_of_bytes(line);
            Error::ListLine { path: path.to_owned(), line: number, fault, text }
        })
    };
    bytes.split(|&byte| byte == b'\n').enumerate().map(parse).collect()
}

/// What stands before and behind the last blank, if both are something.
fn split(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let blank = line.iter().rposition(|byte| matches!(byte, b' ' | b'\t'))?;
    let (first, second) = line.split_at_checked(blank)?;
    let (first, second) = (first.trim_ascii_end(), second.trim_ascii_start());
    (!first.is_empty()).then_some((first, second))
}

/// What C's `atoi` makes of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Label {
    Number(i32),
    /// There are no digits at its start.
    NoNumber,
    OutOfRange,
}

fn atoi(text: &[u8]) -> Label {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    let mut value = None;
    for digit in digits.iter().take_while(|byte| byte.is_ascii_digit()) {
        let digit = i64::from(digit - b'0');
        // The negative numbers are one more.
        let more = 10 * value.unwrap_or(0) - digit;
        if more < i32::MIN.into() {
            return Label::OutOfRange;
        }
        value = Some(more);
    }
    let Some(value) = value else { return Label::NoNumber };
    i32::try_from(if negative { value } else { -value }).map_or(Label::OutOfRange, Label::Number)
}

fn to_path(bytes: &[u8]) -> Result<PathBuf, ListFault> {
    if bytes.len() > MAX_PATH { Err(ListFault::LongPath) } else { Ok(path_of(bytes)) }
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("list.txt");
        std::fs::write(&path, text).expect("write");
        (folder, path)
    }

    fn list(text: &[u8]) -> Result<List, Error> {
        read_list(file(text).1)
    }

    /// Exact: a line of 20 MB is not told whole, whatever is wrong with it.
    #[test]
    fn long_lines_are_cut_in_errors() {
        let long = vec![b'a'; 20 << 20];
        let fault = |error: Error| match error {
            Error::ListLine { line: 1, fault, text, .. } => (fault, text.chars().count()),
            error => panic!("{error}"),
        };
        assert_eq!(fault(list(&long).expect_err("no label")), (ListFault::PathAndLabel, 101));
        let labelled = [&long[..], b" 1"].concat();
        assert_eq!(fault(list(&labelled).expect_err("too long")), (ListFault::LongPath, 101));
        let (_folder, path) = file(&long);
        assert_eq!(fault(read_paths(&path).expect_err("too long")).0, ListFault::LongPath);
        assert_eq!(fault(read_annotated_list(&path).expect_err("one word")).1, 101);
        assert!(list(&[&long[..MAX_PATH], b" 1"].concat()).is_ok());
    }

    #[test]
    fn lists_split_at_the_last_blank() {
        let found = list(b"\xEF\xBB\xBFa b.png 3\r\n\nc.png\t-1").expect("valid");
        let expected = [("a b.png", 3), ("", 0), ("c.png", -1)];
        let expected = expected.map(|(path, label)| Entry { path: path.into(), label });
        assert_eq!((found.entries, found.not_numbers), (expected.to_vec(), vec![]));
        let entries = read_paths(file(b"a b.png\r\n\r\nc 1 \n").1).expect("valid");
        let expected = ["a b.png", "", "c 1"];
        assert_eq!(entries, expected.map(|path| Entry { path: path.into(), label: 0 }));
        let entries = read_annotated_list(file(b"a b.png a.xml \r\n\n").1).expect("valid");
        let entry = |path: &str, annotations: &str| AnnotatedEntry {
            path: path.into(),
            annotations: annotations.into(),
        };
        assert_eq!(entries, [entry("a b.png", "a.xml"), entry("", "")]);
        for empty in [&b""[..], b"\xEF\xBB\xBF"] {
            assert_eq!(list(empty).expect("valid"), List::default());
        }
        assert_eq!(list(b"\n").expect("valid").entries.len(), 1);
        assert_eq!(list(b"\n\na 1\n").expect("valid").entries.len(), 3);
    }

    /// Exact: what glibc's `atoi` gives for what stands behind the last blank.
    #[test]
    fn labels_are_read_as_by_atoi() {
        let mut failures = Vec::new();
        for (text, expected) in [
            ("a.jpg 3", Ok(3)),
            ("a.jpg 3.0", Ok(3)),
            ("a.jpg 3.9", Ok(3)),
            ("a.jpg -3.9", Ok(-3)),
            ("a.jpg 3\r", Ok(3)),
            ("a.jpg 3 \t ", Ok(3)),
            ("a.jpg   3", Ok(3)),
            ("a.jpg +4", Ok(4)),
            ("a.jpg -1", Ok(-1)),
            ("a.jpg 007", Ok(7)),
            ("a.jpg 0x10", Ok(0)),
            ("a.jpg 1e3", Ok(1)),
            ("a.jpg 5cats", Ok(5)),
            ("a.jpg --5", Err(None)),
            ("a.jpg -", Err(None)),
            ("a.jpg x", Err(None)),
            ("a.jpg .5", Err(None)),
            ("a.jpg \u{663}", Err(None)),
            ("a.jpg 2147483647", Ok(i32::MAX)),
            ("a.jpg -2147483648", Ok(i32::MIN)),
            ("a.jpg 2147483648", Err(Some(ListFault::LabelRange))),
            ("a.jpg -2147483649", Err(Some(ListFault::LabelRange))),
            ("a.jpg 99999999999999999999999", Err(Some(ListFault::LabelRange))),
            ("a.jpg", Err(Some(ListFault::PathAndLabel))),
            ("3.jpg", Err(Some(ListFault::PathAndLabel))),
            ("a.jpg ", Err(Some(ListFault::PathAndLabel))),
            (" 3", Err(Some(ListFault::PathAndLabel))),
        ] {
            // Behind a good line, so that the line's number shows.
            let found = match list(format!("b.jpg 1\n{text}\n").as_bytes()) {
                Ok(List { entries, not_numbers }) => {
                    let is_sound = entries.len() == 2 && entries[1].path == Path::new("a.jpg");
                    match not_numbers[..] {
                        [] if is_sound => Ok(entries[1].label),
                        [2] if is_sound && entries[1].label == 0 => Err(None),
                        _ => panic!("{text:?}: {entries:?} {not_numbers:?}"),
                    }
                }
                Err(Error::ListLine { line: 2, fault, .. }) => Err(Some(fault)),
                Err(error) => panic!("{text:?}: {error}"),
            };
            if found != expected {
                failures.push((text, expected, found));
            }
        }
        assert!(failures.is_empty(), "{failures:?}");
    }

    #[test]
    fn bad_lines_are_named() {
        let error = list(b"a.png 1\nb.png\n").unwrap_err().to_string();
        assert!(
            error.ends_with("list.txt:2: expected a path and an integer label, found \"b.png\"")
        );
        let error = read_annotated_list(file(b"a.png\n").1).unwrap_err().to_string();
        assert!(
            error.contains("list.txt:1: expected the paths of a picture and of its"),
            "{error}"
        );
        assert!(matches!(read_list("none.txt"), Err(Error::Io { action: Action::Read, .. })));
    }

    #[cfg(unix)]
    #[test]
    fn names_are_bytes() {
        let list = list(b"\xFFa.png 1\n").expect("valid");
        assert_eq!(list.entries[0].path.as_os_str().as_encoded_bytes(), b"\xFFa.png");
    }
}
