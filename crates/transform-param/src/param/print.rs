//! Values of fields to prototxt.

use std::fmt::{self, Write};

/// A number so that the same comes back, as short as that goes.
pub(crate) fn float(value: f32, out: &mut dyn Write) -> fmt::Result {
    let size = value.abs();
    if value.is_nan() {
        out.write_str("nan")
    } else if size != 0.0 && !(1e-5..1e16).contains(&size) && value.is_finite() {
        write!(out, "{value:e}")
    } else {
        write!(out, "{value}")
    }
}

/// A string in quotes.
pub(crate) fn text(value: &str, out: &mut dyn Write) -> fmt::Result {
    out.write_char('"')?;
    for character in value.chars() {
        match character {
            '"' | '\\' => write!(out, "\\{character}")?,
            '\n' => out.write_str("\\n")?,
            // Octal escapes have three digits, so that no digit after them belongs to them.
            control if control.is_ascii_control() => write!(out, "\\{:03o}", u32::from(control))?,
            other => out.write_char(other)?,
        }
    }
    out.write_char('"')
}
