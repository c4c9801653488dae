//! Candidates that a mistyped name probably meant.

/// At most three candidates that a mistyped name probably meant, the nearest first: those that differ from it in
/// few bytes, then those that contain it.
///
/// ```
/// let fields = ["kernel_size", "kernel_h", "stride"];
/// assert_eq!(umodel::nearest("kernal_size", fields), ["kernel_size"]);
/// assert_eq!(umodel::nearest("kernel", fields), ["kernel_h", "kernel_size"]);
/// assert!(umodel::nearest("dilation", fields).is_empty());
/// ```
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    /// The table of distances grows with both names; names longer than this are only looked for inside others.
    const LONGEST: usize = 512;
    let limit = 1 + name.len() / 4;
    let mut scored: Vec<(usize, &str)> = candidates
        .into_iter()
        .filter_map(|candidate| {
            let similar =
                candidate.len().abs_diff(name.len()) <= limit && candidate.len() < LONGEST;
            let distance = if similar { distance(name, candidate) } else { usize::MAX };
            let inside = !name.is_empty() && candidate.contains(name);
            match (distance <= limit, inside) {
                (true, _) => Some((distance, candidate)),
                (false, true) => Some((limit + 1, candidate)),
                (false, false) => None,
            }
        })
        .collect();
    scored.sort_unstable();
    scored.dedup();
    scored.into_iter().take(3).map(|(_, candidate)| candidate.to_owned()).collect()
}

/// Levenshtein distance in bytes.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.bytes().enumerate() {
        let mut diagonal = i;
        let mut previous = i + 1;
        for (cell, right) in row.iter_mut().skip(1).zip(b.bytes()) {
            let substituted = diagonal + usize::from(left != right);
            diagonal = *cell;
            *cell = substituted.min(diagonal + 1).min(previous + 1);
            previous = *cell;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        let names = ["input", "conv1/Relu", "resnet/logits", "resnet/predictions", "input"];
        for (name, expected) in [
            ("inptu", &["input"][..]),
            ("logits", &["resnet/logits"]),
            ("conv1/relu", &["conv1/Relu"]),
            ("resnet", &["resnet/logits", "resnet/predictions"]),
            ("zzzzzz", &[]),
            ("", &[]),
        ] {
            assert_eq!(nearest(name, names), expected, "{name}");
        }
        assert_eq!(nearest("a", ["a4", "a3", "a2", "a1"]), ["a1", "a2", "a3"]);
    }

    #[test]
    fn distance_is_symmetric_and_exact() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("sitting", "kitten"), 3);
        assert_eq!(distance("", "abc"), 3);
    }
}
