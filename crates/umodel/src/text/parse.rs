//! Tokens to messages.

#![deny(clippy::indexing_slicing, clippy::as_conversions)]

use protobuf::reflect::{
    FieldDescriptor, MessageDescriptor, ReflectValueBox, RuntimeFieldType, RuntimeType,
};
use protobuf::{MessageDyn, MessageFull};

use super::lexer::{Failure, Kind, Lexer, Token};
use crate::error::{TextError, TokenError};
use crate::{Position, nearest};

/// A message and what its text tells beyond it.
pub(crate) struct Parsed<M> {
    pub(crate) message: M,
    /// Where the entries of its repeated message fields start, in order of appearance.
    pub(crate) positions: Vec<(String, Position)>,
    /// What the schema does not know within messages that may have such.
    pub(crate) unknown: Vec<Unknown>,
}

/// A field or a value that the schema does not know, within an entry of the outermost message. The message is without
/// it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unknown {
    /// Where the entry starts.
    pub(crate) entry: Position,
    /// The field of the entry that it is in, or is.
    pub(crate) part: String,
    /// Where it starts itself.
    pub(crate) at: Position,
    pub(crate) error: TextError,
}

/// So many unknown fields and values are passed over; the next one ends the reading. For each the names that were
/// probably meant are looked for, which takes time.
const MOST_UNKNOWN: usize = 10_000;

/// Parses a whole text as one message, which holds others at most `max_depth` deep. What the schema does not know ends
/// the reading, unless it is within one of the `tolerant` fields of the outermost message.
pub(crate) fn parse<M: MessageFull>(
    text: &[u8],
    max_depth: u32,
    tolerant: &'static [&'static str],
) -> Result<Parsed<M>, Failure> {
    let mut message = M::new();
    let parser = read(text, &mut message, max_depth, tolerant)?;
    Ok(Parsed { message, positions: parser.positions, unknown: parser.unknown })
}

/// Parses a whole text into an empty message of any type.
#[cfg(test)]
pub(super) fn merge(
    text: &[u8],
    message: &mut dyn MessageDyn,
    max_depth: u32,
) -> Result<(), Failure> {
    read(text, message, max_depth, &[]).map(drop)
}

fn read<'a>(
    text: &'a [u8],
    message: &mut dyn MessageDyn,
    max_depth: u32,
    tolerant: &'static [&'static str],
) -> Result<Parser<'a>, Failure> {
    let mut lexer = Lexer::new(text);
    let token = lexer.next()?;
    let mut parser = Parser {
        lexer,
        token,
        max_depth,
        tolerant,
        path: Vec::new(),
        positions: Vec::new(),
        unknown: Vec::new(),
    };
    let descriptor = message.descriptor_dyn();
    parser.fields(message, &descriptor, None)?;
    Ok(parser)
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    token: Token<'a>,
    max_depth: u32,
    /// Fields of the outermost message, within which unknown fields and values are passed over.
    tolerant: &'static [&'static str],
    path: Vec<String>,
    positions: Vec<(String, Position)>,
    unknown: Vec<Unknown>,
}

impl<'a> Parser<'a> {
    fn bump(&mut self) -> Result<Token<'a>, Failure> {
        let next = self.lexer.next()?;
        Ok(std::mem::replace(&mut self.token, next))
    }

    fn take_symbol(&mut self, symbol: char) -> Result<bool, Failure> {
        let found = self.token.kind == Kind::Symbol(symbol);
        if found {
            self.bump()?;
        }
        Ok(found)
    }

    fn expected<T>(&self, expected: impl Into<String>) -> Result<T, Failure> {
        let found = self.token.kind.describe();
        Err((self.token.at, TextError::Expected { expected: expected.into(), found }))
    }

    /// Reads fields up to the closing symbol, or to the end of the text.
    fn fields(
        &mut self,
        message: &mut dyn MessageDyn,
        descriptor: &MessageDescriptor,
        close: Option<char>,
    ) -> Result<(), Failure> {
        loop {
            match (&self.token.kind, close) {
                (Kind::End, None) => return Ok(()),
                (Kind::Symbol(symbol), Some(close)) if *symbol == close => {
                    self.bump()?;
                    return Ok(());
                }
                (Kind::Word(_), _) => {}
                (_, Some(close)) => return self.expected(format!("a field name or {close:?}")),
                (_, None) => return self.expected("a field name"),
            }
            let token = self.bump()?;
            let Kind::Word(name) = token.kind else { continue };
            let Some(field) = descriptor.field_by_name(name) else {
                let fields: Vec<FieldDescriptor> = descriptor.fields().collect();
                let mut message = vec![descriptor_root(&self.path)];
                message.extend(self.path.iter().cloned());
                let error = TextError::UnknownField {
                    message: message.concat(),
                    field: name.to_owned(),
                    nearest: meant(name, fields.iter().map(FieldDescriptor::name)),
                };
                self.pass_over(name, token.at, error)?;
                self.skip_field(self.path.len())?;
                self.take_separator()?;
                continue;
            };
            self.field(message, &field, token.at)?;
            self.take_separator()?;
        }
    }

    fn take_separator(&mut self) -> Result<(), Failure> {
        if !self.take_symbol(';')? {
            self.take_symbol(',')?;
        }
        Ok(())
    }

    /// Remembers what the schema does not know, or fails for it.
    fn pass_over(&mut self, field: &str, at: Position, error: TextError) -> Result<(), Failure> {
        let within = self.path.first().and_then(|entry| entry.strip_prefix('.'));
        let tolerated = within.is_some_and(|entry| self.tolerant.contains(&entry));
        match self.positions.last() {
            Some(&(_, entry)) if tolerated && self.unknown.len() < MOST_UNKNOWN => {
                let part = self.path.get(1).and_then(|part| part.strip_prefix('.'));
                let part = part.unwrap_or(field).to_owned();
                self.unknown.push(Unknown { entry, part, at, error });
                Ok(())
            }
            _ => Err((at, error)),
        }
    }

    /// Passes over what stands behind the name of an unknown field, at this depth.
    fn skip_field(&mut self, depth: usize) -> Result<(), Failure> {
        let colon = self.take_symbol(':')?;
        if self.take_symbol('[')? {
            if !colon {
                return self.expected("\":\" or \"{\"");
            }
            if self.take_symbol(']')? {
                return Ok(());
            }
            loop {
                self.skip_value(depth)?;
                if self.take_symbol(']')? {
                    return Ok(());
                }
                if !self.take_symbol(',')? {
                    return self.expected("\",\" or \"]\"");
                }
            }
        }
        match self.token.kind {
            Kind::Symbol('{' | '<') => self.skip_value(depth),
            _ if colon => self.skip_value(depth),
            _ => self.expected("\":\" or \"{\""),
        }
    }

    fn skip_value(&mut self, depth: usize) -> Result<(), Failure> {
        let close = match self.token.kind {
            Kind::Symbol('{') => '}',
            Kind::Symbol('<') => '>',
            Kind::Text(_) => return self.string().map(drop),
            _ => {
                self.take_symbol('-')?;
                return match self.token.kind {
                    Kind::Word(_) | Kind::Number(_) => self.bump().map(drop),
                    _ => self.expected("a value"),
                };
            }
        };
        if usize::try_from(self.max_depth).is_ok_and(|most| depth >= most) {
            return Err((self.token.at, TextError::TooDeep { limit: self.max_depth }));
        }
        self.bump()?;
        while !self.take_symbol(close)? {
            let Kind::Word(_) = self.token.kind else {
                return self.expected(format!("a field name or {close:?}"));
            };
            self.bump()?;
            self.skip_field(depth + 1)?;
            self.take_separator()?;
        }
        Ok(())
    }

    fn field(
        &mut self,
        message: &mut dyn MessageDyn,
        field: &FieldDescriptor,
        at: Position,
    ) -> Result<(), Failure> {
        let (kind, repeated) = match field.runtime_field_type() {
            RuntimeFieldType::Singular(kind) => (kind, false),
            RuntimeFieldType::Repeated(kind) => (kind, true),
            RuntimeFieldType::Map(..) => return self.expected("a field that is not a map"),
        };
        if !repeated && field.has_field(message) {
            return Err((at, TextError::Duplicate { field: field.name().to_owned() }));
        }
        let colon = self.take_symbol(':')?;
        if !colon && !matches!(kind, RuntimeType::Message(_)) {
            return self.expected("\":\"");
        }
        if repeated && self.take_symbol('[')? {
            if self.take_symbol(']')? {
                return Ok(());
            }
            loop {
                if let Some(value) = self.value(field, &kind, self.token.at)? {
                    field.mut_repeated(message).push(value);
                }
                if self.take_symbol(']')? {
                    return Ok(());
                }
                if !self.take_symbol(',')? {
                    return self.expected("\",\" or \"]\"");
                }
            }
        }
        match self.value(field, &kind, at)? {
            Some(value) if repeated => field.mut_repeated(message).push(value),
            Some(value) => field.set_singular_field(message, value),
            None => {}
        }
        Ok(())
    }

    /// One value; `at` is where its field starts. None for an unknown one that is passed over.
    fn value(
        &mut self,
        field: &FieldDescriptor,
        kind: &RuntimeType,
        at: Position,
    ) -> Result<Option<ReflectValueBox>, Failure> {
        if let RuntimeType::Enum(values) = kind {
            return self.enumeration(field, values);
        }
        let value = match kind {
            RuntimeType::Message(descriptor) => self.message(field, descriptor, at),
            RuntimeType::String => {
                let start = self.token.at;
                let text = String::from_utf8(self.string()?).map(ReflectValueBox::String);
                text.map_err(|_| (start, TextError::Token(TokenError::Utf8)))
            }
            RuntimeType::VecU8 => self.string().map(ReflectValueBox::Bytes),
            RuntimeType::Bool => self.boolean(field),
            RuntimeType::F32 => {
                self.float(field).map(|value| ReflectValueBox::F32(nearest_f32(value)))
            }
            RuntimeType::F64 => self.float(field).map(ReflectValueBox::F64),
            RuntimeType::I32 => self.integer(field, ReflectValueBox::I32),
            RuntimeType::I64 => self.integer(field, ReflectValueBox::I64),
            RuntimeType::U32 => self.integer(field, ReflectValueBox::U32),
            RuntimeType::U64 => self.integer(field, ReflectValueBox::U64),
            RuntimeType::Enum(_) => self.expected("a value that is not of an enumeration"),
        };
        value.map(Some)
    }

    fn message(
        &mut self,
        field: &FieldDescriptor,
        descriptor: &MessageDescriptor,
        at: Position,
    ) -> Result<ReflectValueBox, Failure> {
        if usize::try_from(self.max_depth).is_ok_and(|most| self.path.len() >= most) {
            return Err((at, TextError::TooDeep { limit: self.max_depth }));
        }
        let close = if self.take_symbol('{')? {
            '}'
        } else if self.take_symbol('<')? {
            '>'
        } else {
            return self.expected("\"{\" or \"<\"");
        };
        if self.path.is_empty() {
            self.positions.push((field.name().to_owned(), at));
        }
        self.path.push(format!(".{}", field.name()));
        let mut message = descriptor.new_instance();
        self.fields(&mut *message, descriptor, Some(close))?;
        self.path.pop();
        Ok(ReflectValueBox::Message(message))
    }

    fn string(&mut self) -> Result<Vec<u8>, Failure> {
        let Kind::Text(_) = self.token.kind else { return self.expected("a string in quotes") };
        let mut bytes = Vec::new();
        while let Kind::Text(_) = self.token.kind {
            if let Kind::Text(more) = self.bump()?.kind {
                bytes.extend(more);
            }
        }
        Ok(bytes)
    }

    fn boolean(&mut self, field: &FieldDescriptor) -> Result<ReflectValueBox, Failure> {
        let value = match self.token.kind {
            Kind::Word("true" | "True" | "t") => true,
            Kind::Word("false" | "False" | "f") => false,
            Kind::Number(digits) => match unsigned(digits) {
                Some(0) => false,
                Some(1) => true,
                _ => return self.out_of_range(field, digits.to_owned(), self.token.at),
            },
            _ => return self.expected("true or false"),
        };
        self.bump()?;
        Ok(ReflectValueBox::Bool(value))
    }

    fn enumeration(
        &mut self,
        field: &FieldDescriptor,
        values: &protobuf::reflect::EnumDescriptor,
    ) -> Result<Option<ReflectValueBox>, Failure> {
        let at = self.token.at;
        let negative = self.take_symbol('-')?;
        let (found, text) = match self.token.kind {
            Kind::Word(name) if !negative => (values.value_by_name(name), name.to_owned()),
            Kind::Number(digits) => {
                let number = unsigned(digits).and_then(|value| i64::try_from(value).ok());
                let number = number.map(|value| if negative { -value } else { value });
                let number = number.and_then(|value| i32::try_from(value).ok());
                (number.and_then(|number| values.value_by_number(number)), digits.to_owned())
            }
            _ => return self.expected("the name or number of an enumeration value"),
        };
        let Some(value) = found else {
            let all: Vec<_> = values.values().collect();
            let error = TextError::UnknownEnumValue {
                field: field.name().to_owned(),
                nearest: meant(&text, all.iter().map(|value| value.name())),
                value: text,
            };
            self.pass_over(field.name(), at, error)?;
            self.bump()?;
            return Ok(None);
        };
        self.bump()?;
        Ok(Some(ReflectValueBox::Enum(values.clone(), value.value())))
    }

    fn integer<T: TryFrom<i128>>(
        &mut self,
        field: &FieldDescriptor,
        wrap: fn(T) -> ReflectValueBox,
    ) -> Result<ReflectValueBox, Failure> {
        let at = self.token.at;
        let negative = self.take_symbol('-')?;
        let Kind::Number(digits) = self.token.kind else { return self.expected("an integer") };
        if !is_integer(digits) {
            return self.expected("an integer");
        }
        let sign = if negative { "-" } else { "" };
        let value = unsigned(digits).map(i128::from);
        let value = value.map(|value| if negative { -value } else { value });
        let Some(value) = value.and_then(|value| T::try_from(value).ok()) else {
            return self.out_of_range(field, format!("{sign}{digits}"), at);
        };
        self.bump()?;
        Ok(wrap(value))
    }

    fn float(&mut self, field: &FieldDescriptor) -> Result<f64, Failure> {
        let at = self.token.at;
        let negative = self.take_symbol('-')?;
        let value = match self.token.kind {
            Kind::Word(word) if is_any(word, &["inf", "infinity"]) => f64::INFINITY,
            Kind::Word(word) if is_any(word, &["nan"]) => f64::NAN,
            Kind::Number(digits) => {
                let octal = digits.len() > 1
                    && digits.starts_with('0')
                    && digits.bytes().all(|byte| byte.is_ascii_digit());
                let decimal = digits.trim_end_matches(['f', 'F']);
                match decimal.parse::<f64>() {
                    Ok(value) if !octal => value,
                    _ => return self.out_of_range(field, digits.to_owned(), at),
                }
            }
            _ => return self.expected("a number"),
        };
        self.bump()?;
        Ok(if negative { -value } else { value })
    }

    fn out_of_range<T>(
        &self,
        field: &FieldDescriptor,
        value: String,
        at: Position,
    ) -> Result<T, Failure> {
        Err((at, TextError::OutOfRange { field: field.name().to_owned(), value }))
    }
}

/// What a mistyped name probably meant.
fn meant<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<String> {
    nearest(name, candidates).into_iter().next()
}

/// The name that stands for the outermost message in an error's path.
fn descriptor_root(path: &[String]) -> String {
    if path.is_empty() { "NetParameter".to_owned() } else { "net".to_owned() }
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "rounding to the nearest value is meant; C++ does the same"
)]
fn nearest_f32(value: f64) -> f32 {
    value as f32
}

fn is_any(word: &str, names: &[&str]) -> bool {
    names.iter().any(|name| word.eq_ignore_ascii_case(name))
}

fn is_integer(digits: &str) -> bool {
    let hex = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X"));
    hex.is_some() || digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Decimal, 0x hexadecimal or 0 octal, as in C.
fn unsigned(digits: &str) -> Option<u64> {
    if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        u64::from_str_radix(hex, 16).ok()
    } else if digits.len() > 1 && digits.starts_with('0') {
        u64::from_str_radix(digits, 8).ok()
    } else {
        digits.parse().ok()
    }
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::proto::{LayerParameter, NetParameter};

    fn layer(text: &str) -> Result<LayerParameter, String> {
        parse::<LayerParameter>(text.as_bytes(), 100, &[])
            .map(|parsed| parsed.message)
            .map_err(|(at, error)| format!("{at}: {error}"))
    }

    #[test]
    fn accepts_what_cpp_accepts() {
        for (text, expected) in [
            ("name:'a'", "name: \"a\""),
            ("name: \"a\" 'b' # c\n \"c\"", "name: \"abc\""),
            ("name: '\\101\\x42\\n\\u00e9'", "name: \"AB\\n\\303\\251\""),
            ("bottom: ['a', 'b'],", "bottom: \"a\" bottom: \"b\""),
            ("bottom: []", ""),
            ("bottom: 'a'; top: 'b';", "bottom: \"a\" top: \"b\""),
            ("phase: TEST", "phase: TEST"),
            ("phase: 1", "phase: TEST"),
            ("phase: 0x1", "phase: TEST"),
            ("include < phase : TRAIN >", "include { phase: TRAIN }"),
            ("include: { phase: TRAIN }", "include { phase: TRAIN }"),
            (
                "include: [{phase:TRAIN}, {phase:TEST}]",
                "include { phase: TRAIN } include { phase: TEST }",
            ),
            ("loss_weight: 1e-5f", "loss_weight: 1e-05"),
            (
                "loss_weight: [1, 2.5, -3, .5, 7.]",
                "loss_weight: 1 loss_weight: 2.5 loss_weight: -3 loss_weight: 0.5 loss_weight: 7",
            ),
            ("loss_weight: INF loss_weight: -inf", "loss_weight: inf loss_weight: -inf"),
            ("loss_weight: 0.333333343", "loss_weight: 0.333333343"),
            (
                "propagate_down: [t, True, 1, f, False, 0]",
                "propagate_down: true propagate_down: true propagate_down: true propagate_down: false \
                     propagate_down: false propagate_down: false",
            ),
            ("softmax_param { axis: - 1 }", "softmax_param { axis: -1 }"),
            ("softmax_param { axis: 017 }", "softmax_param { axis: 15 }"),
            ("\u{feff}name: 'bom'", "name: \"bom\""),
            (
                "convolution_param{num_output:3 pad:[1,2]}",
                "convolution_param { num_output: 3 pad: 1 pad: 2 }",
            ),
        ] {
            let message = layer(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            let printed = super::super::print(&message, &[]);
            let flat = printed.split_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!(flat, expected, "{text}");
        }
    }

    #[test]
    fn rejects_what_cpp_rejects_and_says_where() {
        for (text, expected) in [
            ("name: 'a' name: 'b'", "1:11: field \"name\" is given twice"),
            (
                "nmae: 'a'",
                "1:1: message \"NetParameter\" has no field \"nmae\", did you mean \"name\"?",
            ),
            (
                "pooling_param {\n  kernal_size: 3 }",
                "2:3: message \"net.pooling_param\" has no field \"kernal_size\", did you mean \"kernel_size\"?",
            ),
            ("phase: TESTT", "1:8: field \"phase\" has no value \"TESTT\", did you mean \"TEST\"?"),
            ("phase: 7", "1:8: field \"phase\" has no value \"7\""),
            ("name 'a'", "1:6: expected \":\", found string \"a\""),
            ("name: a", "1:7: expected a string in quotes, found \"a\""),
            ("softmax_param { axis: 1.5 }", "1:23: expected an integer, found \"1.5\""),
            (
                "softmax_param { axis: 2147483648 }",
                "1:23: 2147483648 is out of range for field \"axis\"",
            ),
            ("softmax_param { axis: 08 }", "1:23: 08 is out of range for field \"axis\""),
            (
                "convolution_param { num_output: -1 }",
                "1:33: -1 is out of range for field \"num_output\"",
            ),
            ("loss_weight: 0x10", "1:14: 0x10 is out of range for field \"loss_weight\""),
            ("softmax_param { axis: 1", "1:24: expected a field name or '}', found end of file"),
            ("softmax_param { axis: 1 >", "1:25: expected a field name or '}', found \">\""),
            ("name: 'a' }", "1:11: expected a field name, found \"}\""),
            ("name: 'a", "1:7: this string has no end"),
            ("name: 'a\nb'", "1:7: a string ends on the line it starts on"),
            ("name: '\\q'", "1:8: unknown escape sequence"),
            ("name: '\\377'", "1:7: this string is not valid UTF-8"),
            ("name: 'a' // comment", "1:11: this character starts no token"),
            ("bottom: ['a',]", "1:14: expected a string in quotes, found \"]\""),
            ("softmax_param: 1", "1:16: expected \"{\" or \"<\", found \"1\""),
            ("loss_weight: 1name: 'a'", "1:14: a space is needed between a number and a name"),
            ("loss_weight: +1", "1:14: this character starts no token"),
            ("propagate_down: 2", "1:17: 2 is out of range for field \"propagate_down\""),
        ] {
            assert_eq!(layer(text).unwrap_err(), expected, "{text}");
        }
    }

    #[test]
    fn depth_is_limited() {
        let text = "layer { convolution_param {\n weight_filler {} } }";
        assert!(parse::<NetParameter>(text.as_bytes(), 3, &[]).is_ok());
        let Err((at, error)) = parse::<NetParameter>(text.as_bytes(), 2, &[]) else {
            panic!("too deep")
        };
        assert_eq!((at.line, error), (2, TextError::TooDeep { limit: 2 }));
    }

    /// Exact.
    #[test]
    fn what_the_schema_lacks_is_passed_over_where_it_may_be() {
        let text = "layer { name: 'a' x { y: 'p' 'q', z: [1, -2] w < v: -inf > ; u: {} t [] }
              include { phase: TESTT }
              loss_weight: 2 }
            layer { dropout_param { ratio: 0.5; dropout_ratio: 0.25 } pooling_param { pool: AVG } }";
        let text = text.replace(" t []", "");
        let read = |tolerant| parse::<NetParameter>(text.as_bytes(), 4, tolerant);
        let Ok(parsed) = read(&["layer"]) else { panic!("readable") };
        let found: Vec<String> = parsed
            .unknown
            .iter()
            .map(|unknown| {
                let Unknown { entry, part, at, error } = unknown;
                format!("{entry} {part} {at}: {error}")
            })
            .collect();
        assert_eq!(
            found,
            [
                "1:1 x 1:19: message \"net.layer\" has no field \"x\", did you mean \"argmax_param\"?",
                "1:1 include 2:32: field \"phase\" has no value \"TESTT\", did you mean \"TEST\"?",
                "4:13 dropout_param 4:37: message \"net.layer.dropout_param\" has no field \"ratio\", did you mean \
                 \"dropout_ratio\"?",
                "4:13 pooling_param 4:93: field \"pool\" has no value \"AVG\", did you mean \"AVE\"?",
            ]
        );
        let [first, second] = parsed.message.layer.as_slice() else { panic!("two layers") };
        assert_eq!((first.name(), first.loss_weight.as_slice()), ("a", &[2.0f32][..]));
        assert_eq!(second.dropout_param.dropout_ratio(), 0.25);
        assert!(matches!(read(&[]), Err((at, TextError::UnknownField { .. })) if at.column == 19));
        for (text, expected) in [
            ("layer { x }", "1:11: expected \":\" or \"{\", found \"}\""),
            ("layer { x: }", "1:12: expected a value, found \"}\""),
            ("layer { x [1] }", "1:12: expected \":\" or \"{\", found \"1\""),
            ("layer { x: [1,] }", "1:15: expected a value, found \"]\""),
            ("layer { x { 1 } }", "1:13: expected a field name or '}', found \"1\""),
            ("layer { x { y: 1 > }", "1:18: expected a field name or '}', found \">\""),
            ("layer { x { y { z { w { } } } } }", "1:23: messages are nested more than 4 deep"),
        ] {
            let Err((at, error)) = parse::<NetParameter>(text.as_bytes(), 4, &["layer"]) else {
                panic!("{text}")
            };
            assert_eq!(format!("{at}: {error}"), expected, "{text}");
        }
    }

    #[test]
    fn layers_know_their_lines() {
        let text = "name: 'n'\nlayer { name: 'a' }\n\n  layer { name: 'b' }";
        let Ok(parsed) = parse::<NetParameter>(text.as_bytes(), 100, &[]) else { panic!("valid") };
        let lines: Vec<_> = parsed.positions.iter().map(|(_, at)| (at.line, at.column)).collect();
        assert_eq!(lines, [(2, 1), (4, 3)]);
    }
}
