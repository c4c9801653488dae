//! Names that are not taken yet.

use std::collections::{HashMap, HashSet};

/// The names of one kind in a net.
#[derive(Default)]
pub(super) struct Names {
    taken: HashSet<String>,
    /// For a name that was wanted again, the number that is tried next: smaller ones are taken.
    next: HashMap<String, u64>,
}

impl Names {
    /// Takes the name, or the name with the first number behind it (`_1`, `_2`, …) that makes it unique.
    pub(super) fn fresh(&mut self, name: &str) -> String {
        if self.taken.insert(name.to_owned()) {
            return name.to_owned();
        }
        let next = self.next.entry(name.to_owned()).or_insert(1);
        loop {
            let candidate = format!("{name}_{next}");
            *next += 1;
            if self.taken.insert(candidate.clone()) {
                return candidate;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_free_number_is_taken() {
        let mut names = Names::default();
        let found = ["a", "a_2", "a", "a", "a_2", "a"].map(|name| names.fresh(name));
        assert_eq!(found, ["a", "a_2", "a_1", "a_3", "a_2_1", "a_4"]);
        // Looking at every smaller number again would take minutes.
        let mut last = String::new();
        for _ in 0..100_000 {
            last = names.fresh("b");
        }
        assert_eq!(last, "b_99999");
    }
}
