//! Texts of model files, made fit for tables and drawings.

use std::fmt::Write;

/// The text on one line, without characters that steer a terminal, the order of writing or XML: those are written as
/// in a Rust string.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        // Writing to a String cannot fail.
        let _ = match char {
            _ if is_plain(char) => write!(out, "{char}"),
            _ => write!(out, "{}", char.escape_default()),
        };
    }
    out
}

/// The same, and not longer than this many characters: what is cut off is an ellipsis.
pub(crate) fn plain_and_short(text: &str, most: usize) -> String {
    // Whatever is behind so many characters would be cut off in any case.
    let end = text.char_indices().nth(most + 1).map_or(text.len(), |(end, _)| end);
    let mut out = plain(text.get(..end).unwrap_or(text));
    if out.chars().count() > most {
        out = out.chars().take(most.saturating_sub(1)).collect();
        out.push('…');
    }
    out
}

fn is_plain(char: char) -> bool {
    let steers =
        matches!(char, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let in_xml = !matches!(char, '\u{fffe}' | '\u{ffff}');
    !char.is_control() && !steers && in_xml
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exact.
    #[test]
    fn what_steers_is_written_out_and_what_is_long_is_cut() {
        assert_eq!(plain("a\u{1b}[2J\nä\u{202e}\u{ffff}"), "a\\u{1b}[2J\\nä\\u{202e}\\u{ffff}");
        assert_eq!(plain_and_short("abcdef", 6), "abcdef");
        assert_eq!(plain_and_short("abcdefg", 6), "abcde…");
        assert_eq!(plain_and_short("ab\u{1b}defg", 6), "ab\\u{…");
        assert_eq!(plain_and_short(&"ä".repeat(1 << 20), 6), "äääää…");
    }
}
