//! Candidates that a mistyped name probably meant.

/// At most three names, the nearest first: those that differ little, or that contain the name.
pub(crate) fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Vec<String> {
    let limit = 2 + name.len() / 4;
    let mut scored: Vec<(usize, &str)> = candidates
        .filter_map(|candidate| {
            // Graphs may be large and names long; whole matrices of them are not worth it.
            let near = candidate.len().abs_diff(name.len()) <= limit && candidate.len() < 512;
            let distance = if near { distance(name, candidate) } else { usize::MAX };
            let inside = !name.is_empty() && candidate.contains(name);
            match (distance <= limit, inside) {
                (true, _) => Some((distance, candidate)),
                (false, true) => Some((limit + 1, candidate)),
                (false, false) => None,
            }
        })
        .collect();
    scored.sort();
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
        let names = ["input", "conv1/Relu", "resnet/logits", "resnet/predictions"];
        let find = |name| nearest(name, names.into_iter());
        assert_eq!(find("inptu"), ["input"]);
        assert_eq!(find("logits"), ["resnet/logits"]);
        assert_eq!(find("conv1/relu"), ["conv1/Relu"]);
        assert!(find("zzzzzz").is_empty());
    }
}
