//! Lists of pictures and how they become databases: what `convert_imageset` and `convert_annoset` do,
//! without decoding.

mod convert;
mod list;

pub use convert::{ConvertOptions, Skipped, Storable, Summary, convert, write};
pub use list::{
    AnnotatedEntry, Entry, List, ListFault, read_annotated_list, read_list, read_paths,
};

use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::random::SplitMix64;

/// Shuffles entries; the same seed gives the same order on every machine.
///
/// Fisher-Yates driven by SplitMix64. (Caffe shuffles too, from a seed that changes with time.)
pub fn shuffle<T>(entries: &mut [T], seed: u64) {
    SplitMix64::new(seed).shuffle_by_product(entries);
}

/// Joins root and path as Caffe does: one string after the other, so that a folder needs its slash.
pub fn full_path(root: &Path, path: &Path) -> PathBuf {
    let mut full = root.as_os_str().to_owned();
    full.push(path);
    full.into()
}

/// Whether the root folder lacks its slash: the first path of a list is found with one, and not without.
///
/// # Errors
/// [`Error::NoSlash`] if so.
pub fn check_root(root: &Path, first: &Path) -> Result<(), Error> {
    let has_slash = root.as_os_str().as_encoded_bytes().ends_with(b"/");
    let (joined, meant) = (full_path(root, first), root.join(first));
    if has_slash || first.is_absolute() || joined.exists() || !meant.exists() || joined == meant {
        return Ok(());
    }
    Err(Error::NoSlash { root: root.to_owned(), joined, meant })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_slash_is_found() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let root = folder.path();
        std::fs::write(root.join("a.png"), "").expect("write");
        let error = check_root(root, Path::new("a.png")).expect_err("no slash").to_string();
        let root = root.display().to_string();
        assert!(
            error.contains(&format!("{root}a.png is not there, but {root}/a.png is")),
            "{error}"
        );
        assert!(error.ends_with(&format!("behind the folder: {root}/")), "{error}");
        for (root, path) in [(format!("{root}/"), "a.png"), (root, "b.png"), (String::new(), "b")] {
            check_root(Path::new(&root), Path::new(path)).expect("nothing to say");
        }
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
}
