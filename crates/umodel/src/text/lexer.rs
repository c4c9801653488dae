//! Characters to tokens.

#![deny(clippy::indexing_slicing, clippy::as_conversions)]

use crate::Position;
use crate::error::{TextError, TokenError};

/// A token and where it starts.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind<'a>,
    pub(super) at: Position,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind<'a> {
    /// A name, or `inf` and the like.
    Word(&'a str),
    /// A number without its sign.
    Number(&'a str),
    /// A quoted string, unescaped.
    Text(Vec<u8>),
    /// Punctuation.
    Symbol(char),
    End,
}

impl Kind<'_> {
    /// How an error message shows the token.
    pub(super) fn describe(&self) -> String {
        match self {
            Kind::Word(text) | Kind::Number(text) => format!("{text:?}"),
            Kind::Text(bytes) => format!("string {:?}", String::from_utf8_lossy(bytes)),
            Kind::Symbol(symbol) => format!("{:?}", symbol.to_string()),
            Kind::End => "end of file".to_owned(),
        }
    }
}

pub(super) type Failure = (Position, TextError);

/// Works on bytes: strings of a bytes field, and comments, need not be UTF-8.
pub(super) struct Lexer<'a> {
    text: &'a [u8],
    offset: usize,
    at: Position,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        // A byte-order mark is no part of the text.
        let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
        Lexer { text, offset: 0, at: Position { line: 1, column: 1 } }
    }

    pub(super) fn next(&mut self) -> Result<Token<'a>, Failure> {
        self.skip_blanks();
        let at = self.at;
        let token = |kind| Ok(Token { kind, at });
        let Some(first) = self.peek() else { return token(Kind::End) };
        match first {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                let word = self.take_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                token(Kind::Word(word))
            }
            b'0'..=b'9' => token(Kind::Number(self.number()?)),
            b'.' if self.peek_at(1).is_some_and(|byte| byte.is_ascii_digit()) => {
                token(Kind::Number(self.number()?))
            }
            b'"' | b'\'' => token(Kind::Text(self.string(first)?)),
            b':' | b'{' | b'}' | b'<' | b'>' | b'[' | b']' | b',' | b';' | b'-' => {
                self.advance(1);
                token(Kind::Symbol(char::from(first)))
            }
            _ => Err((at, TextError::Token(TokenError::Character))),
        }
    }

    fn rest(&self) -> &'a [u8] {
        self.text.get(self.offset..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.peek_at(0)
    }

    fn peek_at(&self, ahead: usize) -> Option<u8> {
        self.rest().get(ahead).copied()
    }

    fn advance(&mut self, bytes: usize) {
        for &byte in self.rest().iter().take(bytes) {
            if byte == b'\n' {
                self.at = Position { line: self.at.line.saturating_add(1), column: 1 };
            } else {
                self.at.column = self.at.column.saturating_add(1);
            }
        }
        self.offset += bytes;
    }

    fn take_while(&mut self, wanted: impl Fn(u8) -> bool) -> &'a str {
        let start = self.offset;
        let length = self.rest().iter().take_while(|&&byte| wanted(byte)).count();
        self.advance(length);
        self.taken(start)
    }

    /// What was read since `start`, if it is a name or a number; these are ASCII.
    fn taken(&self, start: usize) -> &'a str {
        let bytes = self.text.get(start..self.offset).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    fn skip_blanks(&mut self) {
        loop {
            self.take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c));
            if self.peek() != Some(b'#') {
                return;
            }
            self.take_while(|byte| byte != b'\n');
        }
    }

    /// A number as written; its value is the field's business. A letter may not follow directly.
    fn number(&mut self) -> Result<&'a str, Failure> {
        let at = self.at;
        let start = self.offset;
        let hex = self.peek() == Some(b'0') && matches!(self.peek_at(1), Some(b'x' | b'X'));
        if hex {
            self.advance(2);
            self.take_while(|byte| byte.is_ascii_hexdigit());
        } else {
            self.take_while(|byte| byte.is_ascii_digit());
            if self.peek() == Some(b'.') {
                self.advance(1);
                self.take_while(|byte| byte.is_ascii_digit());
            }
            if matches!(self.peek(), Some(b'e' | b'E')) {
                self.advance(1);
                if matches!(self.peek(), Some(b'+' | b'-')) {
                    self.advance(1);
                }
                self.take_while(|byte| byte.is_ascii_digit());
            }
            if matches!(self.peek(), Some(b'f' | b'F')) {
                self.advance(1);
            }
        }
        if self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err((at, TextError::Token(TokenError::NumberAndName)));
        }
        Ok(self.taken(start))
    }

    fn string(&mut self, quote: u8) -> Result<Vec<u8>, Failure> {
        let start = self.at;
        let fail = |at, reason| Err((at, TextError::Token(reason)));
        let mut bytes = Vec::new();
        self.advance(1);
        loop {
            let at = self.at;
            match self.peek() {
                None => return fail(start, TokenError::NoEnd),
                Some(b'\n') => return fail(start, TokenError::LineEnd),
                Some(byte) if byte == quote => {
                    self.advance(1);
                    return Ok(bytes);
                }
                Some(b'\\') => {
                    self.advance(1);
                    if !self.escape(&mut bytes) {
                        return fail(at, TokenError::Escape);
                    }
                }
                Some(byte) => {
                    bytes.push(byte);
                    self.advance(1);
                }
            }
        }
    }

    /// Reads what follows a backslash; false if it is no escape.
    fn escape(&mut self, bytes: &mut Vec<u8>) -> bool {
        let Some(code) = self.peek() else { return false };
        let simple = match code {
            b'a' => Some(7),
            b'b' => Some(8),
            b'f' => Some(12),
            b'n' => Some(b'\n'),
            b'r' => Some(b'\r'),
            b't' => Some(b'\t'),
            b'v' => Some(11),
            b'\\' | b'\'' | b'"' | b'?' => Some(code),
            _ => None,
        };
        if let Some(byte) = simple {
            bytes.push(byte);
            self.advance(1);
            return true;
        }
        let (digits, radix, most) = match code {
            b'0'..=b'7' => (0, 8, 3),
            b'x' | b'X' => (1, 16, 2),
            b'u' => (1, 16, 4),
            b'U' => (1, 16, 8),
            _ => return false,
        };
        self.advance(digits);
        let valid = |byte: &u8| char::from(*byte).is_digit(radix);
        let count = self.rest().iter().take(most).take_while(|byte| valid(byte)).count();
        let exact = matches!(code, b'u' | b'U');
        if count == 0 || (exact && count != most) {
            return false;
        }
        let value = self.rest().iter().take(count).fold(0u32, |value, &byte| {
            value.wrapping_mul(radix) + char::from(byte).to_digit(radix).unwrap_or(0)
        });
        self.advance(count);
        if exact {
            let Some(character) = char::from_u32(value) else { return false };
            bytes.extend(character.encode_utf8(&mut [0; 4]).as_bytes());
        } else {
            let Ok(byte) = u8::try_from(value) else { return false };
            bytes.push(byte);
        }
        true
    }
}
