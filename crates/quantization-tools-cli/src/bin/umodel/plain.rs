//! Texts of model files, short enough for tables and drawings.

use quantization_tools_cli::cli::plain;

/// [`plain`], and not longer than this many characters: what is cut off is an ellipsis.
pub(crate) fn plain_and_short(text: &str, most: usize) -> String {
    // Whatever is behind so many characters would be cut off in any case.
    let end = text.char_indices().nth(most + 1).map_or(text.len(), |(end, _)| end);
    let mut out = plain(text.get(..end).unwrap_or(text)).into_owned();
    if out.chars().count() > most {
        out = out.chars().take(most.saturating_sub(1)).collect();
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exact.
    #[test]
    fn what_is_long_is_cut() {
        assert_eq!(plain_and_short("abcdef", 6), "abcdef");
        assert_eq!(plain_and_short("abcdefg", 6), "abcde…");
        assert_eq!(plain_and_short("ab\u{1b}defg", 6), "ab\\u{…");
        assert_eq!(plain_and_short(&"ä".repeat(1 << 20), 6), "äääää…");
    }
}
