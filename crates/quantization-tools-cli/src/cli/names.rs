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
            Failure::from(format!("the net has no blob {name:?}; {}", instead(name, all)))
        })
    };
    names.iter().map(found).collect()
}

/// What may be meant by a name that is not among these, for an error.
pub fn instead<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> String {
    const MOST: usize = 5;
    let names: Vec<&str> = names.collect();
    let quoted = |name: &String| format!("{name:?}");
    let near = umodel::nearest(name, names.iter().copied());
    if !near.is_empty() {
        return format!(
            "did you mean {}?",
            near.iter().map(quoted).collect::<Vec<_>>().join(" or ")
        );
    }
    let some = names.iter().take(MOST).map(|name| format!("{name:?}"));
    let some = some.collect::<Vec<_>>().join(", ");
    match names.len() {
        0 => "there are none".to_owned(),
        count if count > MOST => format!("there are {some} and {} more", count - MOST),
        _ => format!("there are {some}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exact.
    #[test]
    fn names_instead() {
        let of = |name| instead(name, ["data", "conv1", "conv2", "pool1", "prob", "x"].into_iter());
        assert_eq!(of("conv_1"), "did you mean \"conv1\" or \"conv2\"?");
        assert_eq!(
            of("zzzzzz"),
            "there are \"data\", \"conv1\", \"conv2\", \"pool1\", \"prob\" and 1 more"
        );
        assert_eq!(instead("y", ["abc"].into_iter()), "there are \"abc\"");
        assert_eq!(instead("x", [].into_iter()), "there are none");
    }
}
