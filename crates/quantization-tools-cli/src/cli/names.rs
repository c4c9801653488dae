//! Names that are not there, and those that may be meant.

use uframework::Executor;
use umodel::BlobId;

use super::Failure;

/// The blobs of these names.
///
/// # Errors
/// Names the first that the net does not have, and the nearest of those that it has.
pub fn blobs(executor: &Executor, names: &[String]) -> Result<Vec<BlobId>, Failure> {
    let net = executor.net();
    let found = |name: &String| {
        net.blob_id(name).ok_or_else(|| {
            let all = net.blobs().iter().map(|blob| blob.name.as_str());
            Failure::from(format!("the net has no blob {name:?}; {}", nearest(name, all)))
        })
    };
    names.iter().map(found).collect()
}

/// The names that look most like one that is not among them, for an error.
pub fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> String {
    const MOST: usize = 3;
    let mut near: Vec<(usize, &str)> = names.map(|other| (distance(name, other), other)).collect();
    near.sort();
    near.dedup();
    let listed: Vec<String> = near.iter().take(MOST).map(|(_, name)| format!("{name:?}")).collect();
    match (listed.is_empty(), near.len() > MOST) {
        (true, _) => "there are none".to_owned(),
        (false, true) => format!("the nearest are {}", listed.join(", ")),
        (false, false) => format!("there are {}", listed.join(", ")),
    }
}

/// How many characters are to be replaced, added or left out; upper and lower case are the same.
fn distance(a: &str, b: &str) -> usize {
    // Very long names are compared by their beginnings: the work grows with the product of their lengths.
    let letters =
        |text: &str| -> Vec<char> { text.chars().take(100).flat_map(char::to_lowercase).collect() };
    let (a, b) = (letters(a), letters(b));
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (index, x) in a.iter().enumerate() {
        let mut corner = index;
        let mut left = index + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(&b) {
            let replaced = corner + usize::from(x != y);
            corner = *cell;
            left = replaced.min(corner + 1).min(left + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = index + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exact.
    #[test]
    fn near_names() {
        for (a, b, expected) in
            [("", "abc", 3), ("kitten", "sitting", 3), ("conv1", "Conv1", 0), ("ip2", "ip", 1)]
        {
            assert_eq!((distance(a, b), distance(b, a)), (expected, expected), "{a} {b}");
        }
        let names = ["data", "conv1", "conv2", "pool1", "prob"];
        let of = |name| nearest(name, names.into_iter());
        assert_eq!(of("conv_1"), "the nearest are \"conv1\", \"conv2\", \"pool1\"");
        assert_eq!(nearest("x", ["b", "a"].into_iter()), "there are \"a\", \"b\"");
        assert_eq!(nearest("x", [].into_iter()), "there are none");
    }
}
