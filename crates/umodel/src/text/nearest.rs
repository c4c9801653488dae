//! The candidate that a mistyped name probably meant.

/// The nearest candidate, if it is near enough to be a typing error.
pub(super) fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<String> {
    let limit = 1 + name.len() / 4;
    let scored = candidates.map(|candidate| (distance(name, candidate), candidate));
    let best = scored.min_by_key(|&(distance, _)| distance)?;
    (best.0 <= limit).then(|| best.1.to_owned())
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
    fn finds_the_mistyped_field() {
        let fields = ["kernel_size", "kernel_h", "stride", "pad"];
        let find = |name| nearest(name, fields.into_iter());
        assert_eq!(find("kernal_size").as_deref(), Some("kernel_size"));
        assert_eq!(find("strid").as_deref(), Some("stride"));
        assert_eq!(find("dilation"), None);
    }

    #[test]
    fn distance_is_symmetric_and_exact() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("sitting", "kitten"), 3);
        assert_eq!(distance("", "abc"), 3);
    }
}
