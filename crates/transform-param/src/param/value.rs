//! What can be the value of a field.

use std::fmt::{self, Write};

use super::print;
use super::text::Parser;
use super::wire::{self, Wire};
use crate::error::{Error, WireError};

/// What can be the value of a field.
pub(crate) trait Value: Default {
    /// Whether it is a message, which needs no colon before it.
    const MESSAGE: bool = false;
    /// The schema's name of the type.
    #[cfg(test)]
    const KIND: &'static str;

    /// Reads it over the one that is there. False if it means nothing here: a new value of an enumeration.
    fn merge(&mut self, wire: Wire, field: &'static str) -> Result<bool, WireError>;

    /// Takes one of several that stand together; None as with [`Value::merge`].
    fn packed(_: &mut &[u8], field: &'static str) -> Result<Option<Self>, WireError> {
        Err(WireError::Type { field })
    }

    fn read(&mut self, parser: &mut Parser, field: &'static str) -> Result<(), Error>;

    /// Writes it, with the colon before it.
    fn print(&self, depth: usize, out: &mut dyn Write) -> fmt::Result;
}

impl Value for f32 {
    #[cfg(test)]
    const KIND: &'static str = "float";

    fn merge(&mut self, wire: Wire, field: &'static str) -> Result<bool, WireError> {
        let Wire::Fixed32(bytes) = wire else { return Err(WireError::Type { field }) };
        *self = f32::from_le_bytes(bytes);
        Ok(true)
    }

    fn packed(bytes: &mut &[u8], _: &'static str) -> Result<Option<Self>, WireError> {
        wire::fixed32(bytes).map(f32::from_le_bytes).map(Some)
    }

    fn read(&mut self, parser: &mut Parser, field: &'static str) -> Result<(), Error> {
        *self = parser.float(field)?;
        Ok(())
    }

    fn print(&self, _: usize, out: &mut dyn Write) -> fmt::Result {
        out.write_str(": ")?;
        print::float(*self, out)
    }
}

/// As C++ does, an integer keeps its lower 32 bits.
fn lower(value: u64) -> u32 {
    let [a, b, c, d, ..] = value.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

impl Value for u32 {
    #[cfg(test)]
    const KIND: &'static str = "uint32";

    fn merge(&mut self, wire: Wire, field: &'static str) -> Result<bool, WireError> {
        let Wire::Varint(value) = wire else { return Err(WireError::Type { field }) };
        *self = lower(value);
        Ok(true)
    }

    fn packed(bytes: &mut &[u8], _: &'static str) -> Result<Option<Self>, WireError> {
        wire::varint(bytes).map(lower).map(Some)
    }

    fn read(&mut self, parser: &mut Parser, field: &'static str) -> Result<(), Error> {
        *self = parser.integer(field)?;
        Ok(())
    }

    fn print(&self, _: usize, out: &mut dyn Write) -> fmt::Result {
        write!(out, ": {self}")
    }
}

impl Value for bool {
    #[cfg(test)]
    const KIND: &'static str = "bool";

    fn merge(&mut self, wire: Wire, field: &'static str) -> Result<bool, WireError> {
        let Wire::Varint(value) = wire else { return Err(WireError::Type { field }) };
        *self = value != 0;
        Ok(true)
    }

    fn read(&mut self, parser: &mut Parser, _: &'static str) -> Result<(), Error> {
        *self = parser.boolean()?;
        Ok(())
    }

    fn print(&self, _: usize, out: &mut dyn Write) -> fmt::Result {
        write!(out, ": {self}")
    }
}

impl Value for String {
    #[cfg(test)]
    const KIND: &'static str = "string";

    fn merge(&mut self, wire: Wire, field: &'static str) -> Result<bool, WireError> {
        let Wire::Bytes(bytes) = wire else { return Err(WireError::Type { field }) };
        let text = std::str::from_utf8(bytes).map_err(|_| WireError::Utf8 { field })?;
        *self = text.to_owned();
        Ok(true)
    }

    fn read(&mut self, parser: &mut Parser, _: &'static str) -> Result<(), Error> {
        *self = parser.text()?;
        Ok(())
    }

    fn print(&self, _: usize, out: &mut dyn Write) -> fmt::Result {
        out.write_str(": ")?;
        print::text(self, out)
    }
}

/// A value as a prototxt has it.
#[cfg(test)]
pub(crate) fn text<T: Value>(value: &T) -> String {
    let mut text = String::new();
    let _ = value.print(0, &mut text);
    text.trim_start_matches(": ").to_owned()
}
