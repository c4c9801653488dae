use std::collections::HashMap;
use std::path::Path;

use super::LabelMapFault;
use crate::error::{Action, Error};
use crate::excerpt::excerpt;
use crate::read_file::read_text;

/// Bytes of a label map at most.
const MAX_BYTES: u64 = 1 << 28;

/// Labels by name: SSD's `LabelMap` prototxt, `item { name: "cat" label: 8 display_name: "cat" }` for
/// each class.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelMap {
    labels: HashMap<String, i32>,
}

impl LabelMap {
    /// Reads a file. With `strict` each name may stand there once only, otherwise the last one
    /// counts.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::LabelMap`] with the line.
    pub fn read(path: impl AsRef<Path>, strict: bool) -> Result<Self, Error> {
        let path = path.as_ref();
        let text = read_text(path, MAX_BYTES).map_err(|source| Error::Io {
            action: Action::Read,
            path: path.to_owned(),
            source,
        })?;
        LabelMap::parse(&text, strict).map_err(|(line, fault)| Error::LabelMap {
            path: path.to_owned(),
            line,
            fault,
        })
    }

    /// Parses the text.
    pub(super) fn parse(text: &str, strict: bool) -> Result<Self, Misplaced> {
        let mut parser = Parser { tokens: tokens(text)?, next: 0 };
        let mut map = LabelMap::default();
        while let Some(token) = parser.take() {
            match token.kind {
                Kind::Word if token.text == "item" => {
                    let line = token.line;
                    let (name, label) = parser.item()?;
                    if map.labels.insert(name.clone(), label).is_some() && strict {
                        return Err((line, LabelMapFault::DuplicateName { name: excerpt(&name) }));
                    }
                }
                Kind::Sign if token.text == ";" || token.text == "," => {}
                _ => return Err(token.unexpected("item")),
            }
        }
        Ok(map)
    }

    /// The label of a class.
    pub fn label(&self, name: &str) -> Option<i32> {
        self.labels.get(name).copied()
    }
}

/// A line, from 1, and what is wrong there.
type Misplaced = (usize, LabelMapFault);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Word,
    Text,
    Sign,
}

#[derive(Clone, Debug)]
struct Token {
    kind: Kind,
    text: String,
    line: usize,
}

impl Token {
    fn unexpected(&self, expected: &'static str) -> Misplaced {
        (self.line, LabelMapFault::Unexpected { expected, found: excerpt(&self.text) })
    }
}

struct Parser {
    tokens: Vec<Token>,
    next: usize,
}

impl Parser {
    fn take(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.next).cloned();
        self.next += 1;
        token
    }

    fn expect(&mut self, expected: &'static str) -> Result<Token, Misplaced> {
        let line = self.tokens.last().map_or(1, |token| token.line);
        self.take().ok_or((line, LabelMapFault::End { expected }))
    }

    /// What follows the word `item`.
    fn item(&mut self) -> Result<(String, i32), Misplaced> {
        let mut open = self.expect("{")?;
        if open.text == ":" && open.kind == Kind::Sign {
            open = self.expect("{")?;
        }
        let close = match (open.kind, open.text.as_str()) {
            (Kind::Sign, "{") => "}",
            (Kind::Sign, "<") => ">",
            _ => return Err(open.unexpected("{")),
        };
        let (mut name, mut label) = (String::new(), 0);
        loop {
            let field = self.expect(close)?;
            match (field.kind, field.text.as_str()) {
                (Kind::Sign, sign) if sign == close => return Ok((name, label)),
                (Kind::Sign, ";" | ",") => {}
                (Kind::Word, "name") => name = self.text()?,
                (Kind::Word, "display_name") => {
                    self.text()?;
                }
                (Kind::Word, "label") => {
                    self.colon()?;
                    let value = self.expect("an integer")?;
                    let number = value.text.parse().ok().filter(|_| value.kind == Kind::Word);
                    label = number.ok_or_else(|| value.unexpected("an integer"))?;
                }
                _ => return Err(field.unexpected("name, label or display_name")),
            }
        }
    }

    fn colon(&mut self) -> Result<(), Misplaced> {
        let token = self.expect(":")?;
        if token.text == ":" { Ok(()) } else { Err(token.unexpected(":")) }
    }

    /// A colon and one or more strings, which count as one.
    fn text(&mut self) -> Result<String, Misplaced> {
        self.colon()?;
        let first = self.expect("a string")?;
        if first.kind != Kind::Text {
            return Err(first.unexpected("a string"));
        }
        let mut text = first.text;
        while let Some(more) = self.tokens.get(self.next).filter(|more| more.kind == Kind::Text) {
            text.push_str(&more.text);
            self.next += 1;
        }
        Ok(text)
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, Misplaced> {
    let mut tokens = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let mut chars = line.chars().peekable();
        while let Some(char) = chars.next() {
            let mut text = String::new();
            let kind = match char {
                '#' => break,
                char if char.is_ascii_whitespace() => continue,
                '"' | '\'' => {
                    loop {
                        match chars.next() {
                            None => return Err((number, LabelMapFault::StringEnd)),
                            Some(end) if end == char => break,
                            Some('\\') => match chars.next() {
                                Some(plain @ ('"' | '\'' | '\\')) => text.push(plain),
                                _ => return Err((number, LabelMapFault::Escape)),
                            },
                            Some(plain) => text.push(plain),
                        }
                    }
                    Kind::Text
                }
                char if is_word(char) => {
                    text.push(char);
                    while let Some(char) = chars.next_if(|&char| is_word(char)) {
                        text.push(char);
                    }
                    Kind::Word
                }
                char => {
                    text.push(char);
                    Kind::Sign
                }
            };
            tokens.push(Token { kind, text, line: number });
        }
    }
    Ok(tokens)
}

fn is_word(char: char) -> bool {
    char.is_alphanumeric() || matches!(char, '_' | '-' | '+' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn label_maps_that_never_end() {
        let error = LabelMap::read("/dev/zero", false).expect_err("endless");
        assert!(matches!(error, Error::Io { .. }), "{error}");
    }

    #[test]
    fn label_maps() {
        let text = "# VOC\nitem {\n  name: \"none_of_the_above\"\n  label: 0\n  display_name: \"background\"\n}\n\
            item: < name: 'a' \"b\"; label: -3, >\nitem { name: 'x' }";
        let map = LabelMap::parse(text, true).expect("sound");
        assert_eq!(map.label("none_of_the_above"), Some(0));
        assert_eq!((map.label("ab"), map.label("x"), map.label("y")), (Some(-3), Some(0), None));
        let twice = "item { name: 'a' label: 1 }\nitem { name: 'a' label: 2 }";
        assert_eq!(LabelMap::parse(twice, false).expect("sound").label("a"), Some(2));
        assert_eq!(LabelMap::parse(twice, true).unwrap_err().0, 2);
        for bad in [
            "item",
            "item {",
            "x {}",
            "item { name: 3 }",
            "item { label: x }",
            "item { name: 'a",
            "}",
        ] {
            assert!(LabelMap::parse(bad, true).is_err(), "{bad}");
        }
    }
}
