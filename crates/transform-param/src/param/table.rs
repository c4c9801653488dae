//! One table for each message gives its struct, its builder, its prototxt and the reading of its wire format.
//!
//! umodel has the same messages, but this crate does not use umodel (data moves the other way), and users who only
//! preprocess pictures should not have to build a compiler of schemas. So the tables are written by hand, and a test
//! compares them with `proto/transform.proto`.

use std::fmt::{self, Write};

use super::text::{Parser, Token, fail};
use crate::error::{Error, TextError, WireError};

/// A message of the schema.
pub(crate) trait Message: Default {
    /// The prototxt's name of it: that of the field which holds it.
    const NAME: &'static str;

    /// Reads fields in wire format over those that are there.
    fn merge(&mut self, bytes: &[u8]) -> Result<(), WireError>;

    /// Reads the value of a field whose name was read `at` a place. False if there is no such field.
    fn read_field(
        &mut self,
        name: &str,
        at: (usize, usize),
        seen: &mut Vec<&'static str>,
        parser: &mut Parser,
    ) -> Result<bool, Error>;

    /// Writes the fields that are not as they are by default.
    fn print_fields(&self, depth: usize, out: &mut dyn Write) -> fmt::Result;
}

/// Decodes a message.
pub(crate) fn from_wire<M: Message>(bytes: &[u8]) -> Result<M, Error> {
    let mut message = M::default();
    let done = message.merge(bytes);
    done.map_err(|reason| Error::Wire { message: M::NAME, reason })?;
    Ok(message)
}

/// Reads a message from the text of its fields, or from `NAME { … }`.
pub(crate) fn from_text<M: Message>(text: &str) -> Result<M, Error> {
    let mut parser = Parser::new(text)?;
    let mut message = M::default();
    if *parser.peek().0 == Token::Word(M::NAME) {
        parser.advance()?;
        parser.take(b':')?;
        read_message(&mut message, &mut parser)?;
        if *parser.peek().0 != Token::End {
            return Err(parser.expected("the end"));
        }
    } else {
        read_fields(&mut message, &mut parser, None)?;
    }
    Ok(message)
}

/// Reads fields up to the closing symbol, or to the end of the text.
fn read_fields<M: Message>(
    message: &mut M,
    parser: &mut Parser,
    close: Option<u8>,
) -> Result<(), Error> {
    let mut seen = Vec::new();
    loop {
        let (token, at) = parser.peek();
        match (token, close) {
            (Token::End, None) => return Ok(()),
            (Token::Symbol(symbol), Some(close)) if *symbol == close => {
                parser.advance()?;
                return Ok(());
            }
            (Token::Word(_), _) => {}
            (_, Some(_)) => return Err(parser.expected("a field name or the message's end")),
            (_, None) => return Err(parser.expected("a field name")),
        }
        let Token::Word(name) = parser.advance()? else { continue };
        if !message.read_field(name, at, &mut seen, parser)? {
            let (message, field) = (M::NAME, name.to_owned());
            return Err(fail(at, TextError::UnknownField { message, field }));
        }
        if !parser.take(b';')? {
            parser.take(b',')?;
        }
    }
}

/// Reads `{ … }` or `< … >`.
pub(crate) fn read_message<M: Message>(message: &mut M, parser: &mut Parser) -> Result<(), Error> {
    let close = if parser.take(b'{')? {
        b'}'
    } else if parser.take(b'<')? {
        b'>'
    } else {
        return Err(parser.expected("\"{\" or \"<\""));
    };
    read_fields(message, parser, Some(close))
}

/// What a field is, for the comparison with the schema.
#[cfg(test)]
#[derive(Debug, PartialEq)]
pub(crate) struct Field {
    pub(crate) number: i32,
    pub(crate) name: &'static str,
    pub(crate) repeated: bool,
    pub(crate) kind: &'static str,
    /// As the text of a prototxt; empty if there is none.
    pub(crate) default: String,
}

/// The type of a field.
macro_rules! slot {
    (singular $type:ty) => { $type };
    (optional $type:ty) => { Option<$type> };
    (string $type:ty) => { Option<$type> };
    (repeated $type:ty) => { Vec<$type> };
}

/// The value that a field begins with.
macro_rules! initial {
    (singular $default:expr) => {
        $default
    };
    (repeated) => {
        Vec::new()
    };
    ($label:ident) => {
        None
    };
}

/// The builder's method for a field.
macro_rules! setter {
    (singular $name:ident $type:ty) => {
        #[doc = concat!("With this `", stringify!($name), "`.")]
        pub fn $name(mut self, value: $type) -> Self {
            self.$name = value;
            self
        }
    };
    (optional $name:ident $type:ty) => {
        #[doc = concat!("With this `", stringify!($name), "`.")]
        pub fn $name(mut self, value: $type) -> Self {
            self.$name = Some(value);
            self
        }
    };
    (string $name:ident $type:ty) => {
        #[doc = concat!("With this `", stringify!($name), "`.")]
        pub fn $name(mut self, value: impl Into<$type>) -> Self {
            self.$name = Some(value.into());
            self
        }
    };
    (repeated $name:ident $type:ty) => {
        #[doc = concat!("With these values of `", stringify!($name), "`, and no others.")]
        pub fn $name(mut self, values: impl IntoIterator<Item = $type>) -> Self {
            self.$name = values.into_iter().collect();
            self
        }
    };
}

/// A message: the schema's name, the prototxt's, and for each field its number, how many values it has, its
/// name, its type and, if it always has one, its first value.
macro_rules! message {
    ($(#[$meta:meta])* $message:ident = $schema:literal, $prototxt:literal {
        $($(#[$doc:meta])* $number:literal $label:ident $name:ident: $type:ty $(= $default:expr)?;)*
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub struct $message {
            $($(#[$doc])* pub $name: slot!($label $type),)*
        }

        impl Default for $message {
            fn default() -> Self {
                $message { $($name: initial!($label $($default)?),)* }
            }
        }

        #[allow(clippy::should_implement_trait, reason = "the prototxt's names")]
        impl $message {
            $(setter!($label $name $type);)*
        }

        impl $crate::param::table::Message for $message {
            const NAME: &'static str = $prototxt;

            fn merge(&mut self, mut bytes: &[u8]) -> Result<(), $crate::error::WireError> {
                while let Some((number, wire)) = $crate::param::wire::next(&mut bytes)? {
                    match number {
                        $($number => {
                            $crate::param::slots::$label::merge(
                                &mut self.$name, wire, stringify!($name),
                            )?;
                        })*
                        _ => {}
                    }
                }
                Ok(())
            }

            fn read_field(
                &mut self,
                name: &str,
                at: (usize, usize),
                seen: &mut Vec<&'static str>,
                parser: &mut $crate::param::text::Parser,
            ) -> Result<bool, $crate::error::Error> {
                match name {
                    $(stringify!($name) => $crate::param::slots::$label::read(
                        &mut self.$name, stringify!($name), at, seen, parser,
                    )?,)*
                    _ => return Ok(false),
                }
                Ok(true)
            }

            fn print_fields(&self, depth: usize, out: &mut dyn std::fmt::Write) -> std::fmt::Result {
                let initial = Self::default();
                $($crate::param::slots::$label::print(
                    &self.$name, &initial.$name, stringify!($name), depth, out,
                )?;)*
                Ok(())
            }
        }

        impl $crate::param::value::Value for $message {
            const MESSAGE: bool = true;
            #[cfg(test)]
            const KIND: &'static str = $schema;

            fn merge(
                &mut self,
                wire: $crate::param::wire::Wire,
                field: &'static str,
            ) -> Result<bool, $crate::error::WireError> {
                let $crate::param::wire::Wire::Bytes(bytes) = wire else {
                    return Err($crate::error::WireError::Type { field });
                };
                $crate::param::table::Message::merge(self, bytes).map(|()| true)
            }

            fn read(
                &mut self,
                parser: &mut $crate::param::text::Parser,
                _: &'static str,
            ) -> Result<(), $crate::error::Error> {
                $crate::param::table::read_message(self, parser)
            }

            fn print(&self, depth: usize, out: &mut dyn std::fmt::Write) -> std::fmt::Result {
                out.write_str(" {\n")?;
                $crate::param::table::Message::print_fields(self, depth + 1, out)?;
                write!(out, "{:1$}}}", "", 2 * depth)
            }
        }

        impl std::fmt::Display for $message {
            /// The fields as a prototxt has them, one a line; those that are as they are by default are left out.
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::param::table::Message::print_fields(self, 0, f)
            }
        }

        impl std::str::FromStr for $message {
            type Err = $crate::error::Error;

            #[doc = concat!("Reads the fields as a prototxt has them, within `", $prototxt, " { }` or without it.")]
            fn from_str(text: &str) -> Result<Self, $crate::error::Error> {
                $crate::param::table::from_text(text)
            }
        }

        #[cfg(test)]
        impl $message {
            pub(crate) fn fields() -> Vec<$crate::param::table::Field> {
                vec![$($crate::param::table::Field {
                    number: $number,
                    name: stringify!($name),
                    repeated: stringify!($label) == "repeated",
                    kind: <$type as $crate::param::value::Value>::KIND,
                    default: Vec::<String>::from([$($crate::param::value::text::<$type>(&$default))?]).concat(),
                },)*]
            }
        }
    };
}

/// An enumeration's values, with their numbers and the prototxt's names.
macro_rules! values {
    ($type:ident = $schema:literal { $($variant:ident = $number:literal $name:literal,)* }) => {
        impl $type {
            pub(crate) const VALUES: &'static [(&'static str, u32)] = &[$(($name, $number),)*];

            fn by_number(number: u64) -> Option<Self> {
                match number {
                    $($number => Some($type::$variant),)*
                    _ => None,
                }
            }
        }

        impl $crate::param::value::Value for $type {
            #[cfg(test)]
            const KIND: &'static str = $schema;

            fn merge(
                &mut self,
                wire: $crate::param::wire::Wire,
                field: &'static str,
            ) -> Result<bool, $crate::error::WireError> {
                let $crate::param::wire::Wire::Varint(number) = wire else {
                    return Err($crate::error::WireError::Type { field });
                };
                let known = $type::by_number(number);
                *self = known.unwrap_or(*self);
                Ok(known.is_some())
            }

            fn packed(
                bytes: &mut &[u8],
                _: &'static str,
            ) -> Result<Option<Self>, $crate::error::WireError> {
                $crate::param::wire::varint(bytes).map($type::by_number)
            }

            fn read(
                &mut self,
                parser: &mut $crate::param::text::Parser,
                field: &'static str,
            ) -> Result<(), $crate::error::Error> {
                let number = parser.one_of(field, $type::VALUES)?;
                *self = $type::by_number(number.into()).unwrap_or(*self);
                Ok(())
            }

            fn print(&self, _: usize, out: &mut dyn std::fmt::Write) -> std::fmt::Result {
                out.write_str(match self {
                    $($type::$variant => concat!(": ", $name),)*
                })
            }
        }
    };
}

pub(crate) use {initial, message, setter, slot, values};
