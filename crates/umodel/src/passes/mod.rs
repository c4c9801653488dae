//! Graph passes: each takes a [`Net`](crate::Net) and gives another one.

// A new type, role or form has to be thought about wherever they are told apart.
#![deny(clippy::wildcard_enum_match_arm)]

mod deploy;
mod filter;
mod fold_affine;
mod insert_splits;
mod remove_dead;
mod remove_identities;
mod reshape_inputs;
mod test;
mod unique_tops;

pub use deploy::deploy;
pub use filter::filter;
pub use fold_affine::fold_affine;
pub use insert_splits::insert_splits;
pub use remove_dead::remove_dead;
pub use remove_identities::{remove_identities, remove_splits};
pub use reshape_inputs::reshape_inputs;
pub use test::test;
pub use unique_tops::unique_tops;

use std::collections::HashMap;

use crate::LayerSpec;

/// How many times each blob is read.
fn reader_counts(specs: &[LayerSpec]) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for name in specs.iter().flat_map(|spec| &spec.bottoms) {
        *counts.entry(name.clone()).or_default() += 1;
    }
    counts
}
