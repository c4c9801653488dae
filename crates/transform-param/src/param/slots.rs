//! Fields by the number of values that they can have.

use std::fmt::{self, Write};

use super::text::{Parser, fail};
use super::value::Value;
use super::wire::Wire;
use crate::error::{Error, TextError, WireError};

fn colon<T: Value>(parser: &mut Parser) -> Result<(), Error> {
    match parser.take(b':')? || T::MESSAGE {
        true => Ok(()),
        false => Err(parser.expected("\":\"")),
    }
}

fn once(
    field: &'static str,
    at: (usize, usize),
    seen: &mut Vec<&'static str>,
) -> Result<(), Error> {
    if seen.contains(&field) {
        return Err(fail(at, TextError::Twice { field }));
    }
    seen.push(field);
    Ok(())
}

fn indent(depth: usize, field: &str, out: &mut dyn Write) -> fmt::Result {
    write!(out, "{:1$}{field}", "", 2 * depth)
}

/// Fields that have a value in any case.
pub(crate) mod singular {
    use super::*;

    pub(crate) fn merge<T: Value>(
        slot: &mut T,
        wire: Wire,
        field: &'static str,
    ) -> Result<(), WireError> {
        slot.merge(wire, field).map(|_| ())
    }

    pub(crate) fn read<T: Value>(
        slot: &mut T,
        field: &'static str,
        at: (usize, usize),
        seen: &mut Vec<&'static str>,
        parser: &mut Parser,
    ) -> Result<(), Error> {
        once(field, at, seen)?;
        colon::<T>(parser)?;
        slot.read(parser, field)
    }

    pub(crate) fn print<T: Value + PartialEq>(
        value: &T,
        initial: &T,
        field: &'static str,
        depth: usize,
        out: &mut dyn Write,
    ) -> fmt::Result {
        if value == initial {
            return Ok(());
        }
        indent(depth, field, out)?;
        value.print(depth, out)?;
        out.write_char('\n')
    }
}

/// Fields that may have no value.
pub(crate) mod optional {
    use super::*;

    pub(crate) fn merge<T: Value>(
        slot: &mut Option<T>,
        wire: Wire,
        field: &'static str,
    ) -> Result<(), WireError> {
        let before = slot.is_some();
        let known = slot.get_or_insert_default().merge(wire, field)?;
        if !known && !before {
            *slot = None;
        }
        Ok(())
    }

    pub(crate) fn read<T: Value>(
        slot: &mut Option<T>,
        field: &'static str,
        at: (usize, usize),
        seen: &mut Vec<&'static str>,
        parser: &mut Parser,
    ) -> Result<(), Error> {
        singular::read(slot.get_or_insert_default(), field, at, seen, parser)
    }

    pub(crate) fn print<T: Value>(
        value: &Option<T>,
        _: &Option<T>,
        field: &'static str,
        depth: usize,
        out: &mut dyn Write,
    ) -> fmt::Result {
        let Some(value) = value else { return Ok(()) };
        indent(depth, field, out)?;
        value.print(depth, out)?;
        out.write_char('\n')
    }
}

/// Strings that may have no value.
pub(crate) mod string {
    pub(crate) use super::optional::{merge, print, read};
}

/// Fields that may have many values.
pub(crate) mod repeated {
    use super::*;

    pub(crate) fn merge<T: Value>(
        slot: &mut Vec<T>,
        wire: Wire,
        field: &'static str,
    ) -> Result<(), WireError> {
        let mut value = T::default();
        match value.merge(wire, field) {
            Ok(true) => slot.push(value),
            Ok(false) => {}
            Err(error) => {
                let Wire::Bytes(mut bytes) = wire else { return Err(error) };
                if T::MESSAGE {
                    return Err(error);
                }
                while !bytes.is_empty() {
                    slot.extend(T::packed(&mut bytes, field)?);
                }
            }
        }
        Ok(())
    }

    pub(crate) fn read<T: Value>(
        slot: &mut Vec<T>,
        field: &'static str,
        _: (usize, usize),
        _: &mut Vec<&'static str>,
        parser: &mut Parser,
    ) -> Result<(), Error> {
        let mut one = |parser: &mut Parser| {
            let mut value = T::default();
            value.read(parser, field)?;
            slot.push(value);
            Ok::<(), Error>(())
        };
        colon::<T>(parser)?;
        if !parser.take(b'[')? {
            return one(parser);
        }
        if parser.take(b']')? {
            return Ok(());
        }
        loop {
            one(parser)?;
            if parser.take(b']')? {
                return Ok(());
            }
            if !parser.take(b',')? {
                return Err(parser.expected("\",\" or \"]\""));
            }
        }
    }

    pub(crate) fn print<T: Value>(
        values: &[T],
        _: &[T],
        field: &'static str,
        depth: usize,
        out: &mut dyn Write,
    ) -> fmt::Result {
        for value in values {
            indent(depth, field, out)?;
            value.print(depth, out)?;
            out.write_char('\n')?;
        }
        Ok(())
    }
}
