//! What an error quotes of a file.

/// Characters of a quotation at most.
const MOST: usize = 100;

/// The text itself, or its start and an ellipsis: a line may have gigabytes.
pub(crate) fn excerpt(text: &str) -> String {
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The same of text that may not be UTF-8.
pub(crate) fn excerpt_of_bytes(text: &[u8]) -> String {
    // No character takes more than four bytes; one more than is shown has to be there.
    let start = text.get(..4 * (MOST + 2)).unwrap_or(text);
    excerpt(&String::from_utf8_lossy(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exact.
    #[test]
    fn long_texts_are_cut() {
        let hundred = "ä".repeat(100);
        assert_eq!(excerpt(&hundred), hundred);
        assert_eq!(excerpt(&(hundred.clone() + "b")), format!("{hundred}…"));
        assert_eq!(excerpt_of_bytes("ä".repeat(1 << 20).as_bytes()), format!("{hundred}…"));
        assert_eq!(excerpt_of_bytes(b"\xFFa"), "\u{fffd}a");
    }
}
