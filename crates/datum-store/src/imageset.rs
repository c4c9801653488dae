//! Lists of pictures and how they become databases: what `convert_imageset` and `convert_annoset` do,
//! without decoding.

mod convert;
mod list;

pub use convert::{ConvertOptions, Skipped, Storable, Summary, convert, write};
pub use list::{
    AnnotatedEntry, Entry, List, ListFault, read_annotated_list, read_list, read_paths,
};

use std::path::{Path, PathBuf};

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

#[cfg(test)]
mod tests {
    use super::*;

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
