//! Graph passes: each takes a [`Net`](crate::Net) and gives another one.

mod deploy;
mod fold_affine;
mod remove_identities;

pub use deploy::deploy;
pub use fold_affine::fold_affine;
pub use remove_identities::remove_identities;

use std::collections::HashMap;

use crate::net::LayerSpec;

/// How many times each blob is read.
fn reader_counts(specs: &[LayerSpec]) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for name in specs.iter().flat_map(|spec| &spec.bottoms) {
        *counts.entry(name.clone()).or_default() += 1;
    }
    counts
}
