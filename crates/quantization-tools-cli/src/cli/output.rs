//! What the tools print. Work is finished and saved whatever happens to the terminal: printing never fails and never
//! panics. The first failure of the standard output is kept, and [`finish`](super::main) tells it when all is done.

use std::borrow::Cow;
use std::fmt::{Arguments, Write as _};
use std::io::{self, Write};
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

static FAILURE: OnceLock<io::Error> = OnceLock::new();
static QUIET: AtomicBool = AtomicBool::new(false);

/// Prints one line on the standard output, as `println!` does, with control characters escaped.
#[macro_export]
macro_rules! say {
    ($($text:tt)*) => { $crate::cli::say_line(format_args!($($text)*)) };
}

/// Prints one line on the standard error, as `eprintln!` does, with control characters escaped.
#[macro_export]
macro_rules! note {
    ($($text:tt)*) => { $crate::cli::note_line(format_args!($($text)*)) };
}

/// Prints the next command to type, on the standard error, unless the tool is to be quiet.
#[macro_export]
macro_rules! next {
    ($($text:tt)*) => { $crate::cli::next_line(format_args!($($text)*)) };
}

pub use crate::{next, note, say};

#[doc(hidden)]
pub fn say_line(text: Arguments<'_>) {
    write_out(&format!("{}\n", plain(&text.to_string())));
}

#[doc(hidden)]
pub fn note_line(text: Arguments<'_>) {
    let line = format!("{}\n", plain(&text.to_string()));
    // There is no better place to tell that this one failed.
    let _ = io::stderr().write_all(line.as_bytes());
}

#[doc(hidden)]
pub fn next_line(text: Arguments<'_>) {
    if !is_quiet() {
        note_line(format_args!("next: {text}"));
    }
}

/// Prints a text of many lines on the standard output. Control characters but ends of lines are escaped.
pub fn print(text: &str) {
    write_out(&escaped(text, &['\n']));
}

/// Says which file was written. A device or a pipe is not named, because the standard output may be one.
pub fn wrote(path: &Path) {
    if path.is_file() && !file_set::is_stream(path) {
        say!("{}", path.display());
    }
}

/// A path or another argument as a shell takes it.
pub fn quoted(argument: impl AsRef<std::ffi::OsStr>) -> String {
    let text = argument.as_ref().to_string_lossy();
    let plain = |c: char| c.is_alphanumeric() || "/._-+:,@%=".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.into_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A shape as 1x3x224x224.
pub fn shape_text(shape: &[usize]) -> String {
    if shape.is_empty() {
        return "scalar".to_owned();
    }
    shape.iter().map(ToString::to_string).collect::<Vec<_>>().join("x")
}

/// From now on neither the next command nor progress is printed.
pub(super) fn be_quiet() {
    QUIET.store(true, Ordering::Relaxed);
}

pub(super) fn is_quiet() -> bool {
    QUIET.load(Ordering::Relaxed)
}

/// Sends on what is buffered; the first failure of the standard output since the tool began.
pub(super) fn failure() -> Option<&'static io::Error> {
    if let Err(error) = io::stdout().flush() {
        let _ = FAILURE.set(error);
    }
    FAILURE.get()
}

fn write_out(text: &str) {
    // What could not be printed once is not tried again: its end would follow a gap.
    if FAILURE.get().is_none()
        && let Err(error) = io::stdout().write_all(text.as_bytes())
    {
        let _ = FAILURE.set(error);
    }
}

/// A text on one line, without characters that steer a terminal, the order of writing or XML: those appear as in a Rust
/// string. Names from files may hold any.
pub fn plain(text: &str) -> Cow<'_, str> {
    escaped(text, &[])
}

fn escaped<'a>(text: &'a str, kept: &[char]) -> Cow<'a, str> {
    let steers = |c: char| {
        (c.is_control() && !kept.contains(&c))
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            || matches!(c, '\u{fffe}' | '\u{ffff}')
    };
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if steers(c) {
            // Writing to a String cannot fail.
            let _ = write!(out, "{}", c.escape_default());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_escaped() {
        assert_eq!(plain("plain: äöü 量化"), "plain: äöü 量化");
        assert_eq!(plain("a\u{1b}[2Jb\nc\t"), r"a\u{1b}[2Jb\nc\t");
        assert_eq!(plain("a\u{1b}[2J\nä\u{202e}\u{ffff}"), r"a\u{1b}[2J\nä\u{202e}\u{ffff}");
        assert_eq!(escaped("a\u{9b}2J\n\r", &['\n']), "a\\u{9b}2J\n\\r");
        assert_eq!(plain("\u{202e}gpj"), r"\u{202e}gpj");
    }

    #[test]
    fn arguments_are_quoted_for_a_shell() {
        assert_eq!(quoted("a/b-c_1.prototxt"), "a/b-c_1.prototxt");
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
