//! Prototxt, by the grammar of C++ TextFormat, to tokens and to the values of fields.

use crate::error::{Error, TextError};

/// A token of a prototxt.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token<'a> {
    /// A name, or `inf` and the like.
    Word(&'a str),
    /// A number without its sign.
    Number(&'a str),
    /// A quoted string, unescaped.
    Text(Vec<u8>),
    Symbol(u8),
    End,
}

/// Where a token starts: line and column, from 1.
type Place = (usize, usize);

/// Reads tokens one after the other.
pub(crate) struct Parser<'a> {
    /// What comes after `token`.
    rest: &'a [u8],
    /// Where `rest` begins.
    here: Place,
    token: Token<'a>,
    /// Where `token` begins.
    at: Place,
}

impl<'a> Parser<'a> {
    pub(crate) fn new(text: &'a str) -> Result<Self, Error> {
        // A byte-order mark is no part of the text.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let (here, at) = ((1, 1), (1, 1));
        let mut parser = Parser { rest: text.as_bytes(), here, token: Token::End, at };
        parser.advance()?;
        Ok(parser)
    }

    /// The next token and where it starts, which stay.
    pub(crate) fn peek(&self) -> (&Token<'a>, Place) {
        (&self.token, self.at)
    }

    /// Takes the next token.
    pub(crate) fn advance(&mut self) -> Result<Token<'a>, Error> {
        let (token, at) = self.read()?;
        self.at = at;
        Ok(std::mem::replace(&mut self.token, token))
    }

    /// Takes this symbol, if it is next.
    pub(crate) fn take(&mut self, symbol: u8) -> Result<bool, Error> {
        let found = self.token == Token::Symbol(symbol);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    /// That something else had to stand where the next token is.
    pub(crate) fn expected(&self, expected: &'static str) -> Error {
        let found = match &self.token {
            Token::Word(text) | Token::Number(text) => format!("{text:?}"),
            Token::Text(bytes) => format!("string {:?}", String::from_utf8_lossy(bytes)),
            Token::Symbol(symbol) => format!("{:?}", char::from(*symbol).to_string()),
            Token::End => "the end".to_owned(),
        };
        fail(self.at, TextError::Expected { expected, found })
    }

    fn read(&mut self) -> Result<(Token<'a>, Place), Error> {
        self.skip_blanks();
        let at = self.here;
        let token = match *self.rest {
            [] => Token::End,
            [b'a'..=b'z' | b'A'..=b'Z' | b'_', ..] => Token::Word(self.word()),
            [b'0'..=b'9', ..] | [b'.', b'0'..=b'9', ..] => Token::Number(self.number()),
            [quote @ (b'"' | b'\''), ..] => Token::Text(self.string(quote)?),
            [
                symbol @ (b':' | b'{' | b'}' | b'<' | b'>' | b'[' | b']' | b',' | b';' | b'-'),
                ..,
            ] => {
                self.skip(1);
                Token::Symbol(symbol)
            }
            _ => return Err(fail(at, TextError::Character)),
        };
        Ok((token, at))
    }

    /// Goes on by so many bytes, and returns them.
    fn skip(&mut self, count: usize) -> &'a [u8] {
        let (skipped, rest) = self.rest.split_at(count.min(self.rest.len()));
        self.rest = rest;
        for &byte in skipped {
            self.here = match (byte, self.here) {
                (b'\n', (line, _)) => (line + 1, 1),
                (_, (line, column)) => (line, column + 1),
            };
        }
        skipped
    }

    fn skip_while(&mut self, wanted: impl Fn(u8) -> bool) -> &'a [u8] {
        self.skip(self.rest.iter().take_while(|&&byte| wanted(byte)).count())
    }

    fn skip_blanks(&mut self) {
        loop {
            self.skip_while(|byte| byte.is_ascii_whitespace() || byte == 0x0B);
            if self.rest.first() != Some(&b'#') {
                return;
            }
            self.skip_while(|byte| byte != b'\n');
        }
    }

    /// Letters, digits and underscores.
    fn word(&mut self) -> &'a str {
        ascii(self.skip_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
    }

    /// A number as written; whether it is one is the field's business.
    fn number(&mut self) -> &'a str {
        let whole = self.rest;
        let part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_');
        let mut length = self.skip_while(part).len();
        let hex = matches!(whole, [b'0', b'x' | b'X', ..]);
        let exponent = matches!(whole.get(length.wrapping_sub(1)), Some(b'e' | b'E'));
        if exponent && !hex && matches!(self.rest.first(), Some(b'+' | b'-')) {
            length += self.skip(1).len();
            length += self.skip_while(part).len();
        }
        ascii(whole.get(..length).unwrap_or_default())
    }

    fn string(&mut self, quote: u8) -> Result<Vec<u8>, Error> {
        let start = self.here;
        self.skip(1);
        let mut bytes = Vec::new();
        loop {
            bytes.extend(self.skip_while(|byte| byte != quote && !matches!(byte, b'\\' | b'\n')));
            match self.rest.first() {
                Some(&byte) if byte == quote => {
                    self.skip(1);
                    return Ok(bytes);
                }
                Some(b'\\') => {
                    let at = self.here;
                    self.skip(1);
                    self.escape(&mut bytes).ok_or_else(|| fail(at, TextError::Escape))?;
                }
                _ => return Err(fail(start, TextError::OpenString)),
            }
        }
    }

    /// Reads what follows a backslash.
    fn escape(&mut self, bytes: &mut Vec<u8>) -> Option<()> {
        let code = *self.rest.first()?;
        let simple = match code {
            b'a' => 7,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 11,
            b'\\' | b'\'' | b'"' | b'?' => code,
            b'0'..=b'7' => return self.coded(8, 3, bytes),
            b'x' | b'X' => {
                self.skip(1);
                return self.coded(16, 2, bytes);
            }
            b'u' | b'U' => {
                self.skip(1);
                let digits = self.rest.get(..if code == b'u' { 4 } else { 8 })?;
                let value = u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
                self.skip(digits.len());
                let character = char::from_u32(value)?;
                bytes.extend(character.encode_utf8(&mut [0; 4]).as_bytes());
                return Some(());
            }
            _ => return None,
        };
        self.skip(1);
        bytes.push(simple);
        Some(())
    }

    /// A byte by its digits.
    fn coded(&mut self, radix: u32, most: usize, bytes: &mut Vec<u8>) -> Option<()> {
        let is_digit = |byte: &&u8| char::from(**byte).is_digit(radix);
        let count = self.rest.iter().take(most).take_while(is_digit).count();
        let digits = ascii(self.skip(count));
        bytes.push(u8::from_str_radix(digits, radix).ok()?);
        Some(())
    }

    /// A number without a fraction; hexadecimal and octal ones, too.
    pub(crate) fn integer(&mut self, field: &'static str) -> Result<u32, Error> {
        let at = self.at;
        let negative = self.take(b'-')?;
        let Token::Number(digits) = self.token else { return Err(self.expected("an integer")) };
        let value = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
            Some(hex) => u32::from_str_radix(hex, 16),
            None if digits.len() > 1 && digits.starts_with('0') => u32::from_str_radix(digits, 8),
            None => digits.parse(),
        };
        let value = value.ok().filter(|&value| !negative || value == 0);
        let value = value.ok_or_else(|| out_of_range(at, field, negative, digits))?;
        self.advance()?;
        Ok(value)
    }

    /// A number, infinite or none at all.
    pub(crate) fn float(&mut self, field: &'static str) -> Result<f32, Error> {
        let at = self.at;
        let negative = self.take(b'-')?;
        let value = match self.token {
            Token::Word(word) if word.eq_ignore_ascii_case("inf") => f64::INFINITY,
            Token::Word(word) if word.eq_ignore_ascii_case("infinity") => f64::INFINITY,
            Token::Word(word) if word.eq_ignore_ascii_case("nan") => f64::NAN,
            Token::Number(digits) => {
                let octal = digits.len() > 1
                    && digits.starts_with('0')
                    && digits.bytes().all(|byte| byte.is_ascii_digit());
                let value = digits.trim_end_matches(['f', 'F']).parse::<f64>().ok();
                let value = value.filter(|_| !octal);
                value.ok_or_else(|| out_of_range(at, field, negative, digits))?
            }
            _ => return Err(self.expected("a number")),
        };
        self.advance()?;
        Ok(to_f32(if negative { -value } else { value }))
    }

    pub(crate) fn boolean(&mut self) -> Result<bool, Error> {
        let value = match self.token {
            Token::Word("true" | "True" | "t") | Token::Number("1") => true,
            Token::Word("false" | "False" | "f") | Token::Number("0") => false,
            _ => return Err(self.expected("true or false")),
        };
        self.advance()?;
        Ok(value)
    }

    /// Quoted strings, which are joined.
    pub(crate) fn text(&mut self) -> Result<String, Error> {
        let at = self.at;
        let mut bytes = Vec::new();
        let Token::Text(_) = self.token else { return Err(self.expected("a string in quotes")) };
        while let Token::Text(_) = self.token {
            if let Token::Text(part) = self.advance()? {
                bytes.extend(part);
            }
        }
        String::from_utf8(bytes).map_err(|_| fail(at, TextError::Utf8))
    }

    /// The name or number of one of these values.
    pub(crate) fn one_of(
        &mut self,
        field: &'static str,
        known: &[(&'static str, u32)],
    ) -> Result<u32, Error> {
        let found = match self.token {
            Token::Word(word) => known.iter().find(|(name, _)| *name == word),
            Token::Number(digits) => {
                let number = digits.parse::<u32>().ok();
                known.iter().find(|(_, value)| Some(*value) == number)
            }
            _ => return Err(self.expected("the name of a value")),
        };
        let Some(&(_, value)) = found else {
            let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            let found = match self.token {
                Token::Word(text) | Token::Number(text) => text.to_owned(),
                _ => String::new(),
            };
            let known = names.join(", ");
            return Err(fail(self.at, TextError::UnknownValue { field, known, found }));
        };
        self.advance()?;
        Ok(value)
    }
}

/// C++ reads fp64 and rounds it.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "rounding is what is wanted"
)]
fn to_f32(value: f64) -> f32 {
    value as f32
}

fn out_of_range(at: Place, field: &'static str, negative: bool, digits: &str) -> Error {
    let found = format!("{}{digits}", if negative { "-" } else { "" });
    fail(at, TextError::Range { field, found })
}

pub(crate) fn fail((line, column): Place, reason: TextError) -> Error {
    Error::Text { line, column, reason }
}

/// Of bytes that were found to be ASCII.
fn ascii(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}
