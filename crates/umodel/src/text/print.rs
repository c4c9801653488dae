//! Messages to text, as C++ TextFormat prints them.

use std::fmt::Write;

use protobuf::reflect::{ReflectFieldRef, ReflectValueRef};
use protobuf::{MessageDyn, MessageFull};

/// The text of a message: fields in number order, two blanks of indent for each level. The `last` ones stand behind all
/// others, whatever their numbers.
pub(crate) fn print<M: MessageFull>(message: &M, last: &[&str]) -> String {
    let mut out = String::new();
    fields(message, last, 0, &mut out);
    out
}

/// A message's fields on one line. The braces of a message that stands there alone are left out if its name ends
/// in this.
pub(crate) fn line<M: MessageFull>(message: &M, alone: &str) -> String {
    let mut entries = Vec::new();
    each(message, &[], &mut |name, value| entries.push((name.to_owned(), one_line(name, value))));
    match entries.as_slice() {
        [(name, entry)] if name.ends_with(alone) => {
            let inner = entry.strip_prefix(&format!("{name} {{ "));
            let inner = inner.and_then(|inner| inner.strip_suffix('}'));
            inner.map_or(entry.as_str(), str::trim_end).to_owned()
        }
        all => all.iter().map(|(_, entry)| entry.as_str()).collect::<Vec<_>>().join(" "),
    }
}

fn one_line(name: &str, value: &ReflectValueRef<'_>) -> String {
    match value {
        ReflectValueRef::Message(message) => {
            let mut inner = String::new();
            each(&**message, &[], &mut |name, value| {
                inner.push_str(&one_line(name, value));
                inner.push(' ');
            });
            format!("{name} {{ {inner}}}")
        }
        value => format!("{name}: {}", scalar(value)),
    }
}

/// Calls `visit` with the name and value of each entry that is set, in the order of the fields' numbers but for the
/// `last` ones.
fn each(
    message: &dyn MessageDyn,
    last: &[&str],
    visit: &mut dyn FnMut(&str, &ReflectValueRef<'_>),
) {
    let mut all: Vec<_> = message.descriptor_dyn().fields().collect();
    all.sort_by_key(|field| (last.contains(&field.name()), field.number()));
    for field in all {
        match field.get_reflect(message) {
            ReflectFieldRef::Optional(value) => {
                if let Some(found) = value.value() {
                    visit(field.name(), &found);
                }
            }
            ReflectFieldRef::Repeated(values) => {
                for index in 0..values.len() {
                    visit(field.name(), &values.get(index));
                }
            }
            ReflectFieldRef::Map(_) => {}
        }
    }
}

fn fields(message: &dyn MessageDyn, last: &[&str], indent: usize, out: &mut String) {
    let pad = "  ".repeat(indent);
    // Writing into a String cannot fail.
    each(message, last, &mut |name, value| {
        let _ = match value {
            ReflectValueRef::Message(message) => {
                let _ = writeln!(out, "{pad}{name} {{");
                fields(&**message, &[], indent + 1, out);
                writeln!(out, "{pad}}}")
            }
            value => writeln!(out, "{pad}{name}: {}", scalar(value)),
        };
    });
}

/// The text of a value that is no message.
fn scalar(value: &ReflectValueRef<'_>) -> String {
    match value {
        ReflectValueRef::String(text) => quoted(text.as_bytes()),
        ReflectValueRef::Bytes(bytes) => quoted(bytes),
        ReflectValueRef::Enum(values, number) => {
            let known = values.value_by_number(*number);
            known.map_or_else(|| number.to_string(), |value| value.name().to_owned())
        }
        ReflectValueRef::F32(value) => float(*value),
        ReflectValueRef::F64(value) => double(*value),
        ReflectValueRef::Bool(value) => value.to_string(),
        ReflectValueRef::I32(value) => value.to_string(),
        ReflectValueRef::I64(value) => value.to_string(),
        ReflectValueRef::U32(value) => value.to_string(),
        ReflectValueRef::U64(value) => value.to_string(),
        ReflectValueRef::Message(message) => message.to_string(),
    }
}

fn quoted(bytes: &[u8]) -> String {
    let mut out = String::from("\"");
    for &byte in bytes {
        match byte {
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            b'"' => out.push_str("\\\""),
            b'\'' => out.push_str("\\'"),
            b'\\' => out.push_str("\\\\"),
            0x20..0x7f => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "\\{byte:03o}");
            }
        }
    }
    out.push('"');
    out
}

/// `%.6g` where that reads back to the same value, `%.9g` otherwise.
fn float(value: f32) -> String {
    let short = general(value.into(), 6);
    if short.parse::<f32>() == Ok(value) { short } else { general(value.into(), 9) }
}

/// `%.15g` where that reads back to the same value, `%.17g` otherwise.
fn double(value: f64) -> String {
    let short = general(value, 15);
    if short.parse::<f64>() == Ok(value) { short } else { general(value, 17) }
}

/// C's `%.{digits}g`.
fn general(value: f64, digits: u8) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let scientific = format!("{value:.*e}", usize::from(digits) - 1);
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trimmed = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    if exponent < -4 || exponent >= i32::from(digits) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{}e{sign}{:02}", trimmed(mantissa), exponent.unsigned_abs());
    }
    let decimals = usize::try_from(i32::from(digits) - 1 - exponent).unwrap_or(0);
    trimmed(&format!("{value:.decimals$}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use protobuf::reflect::{MessageDescriptor, ReflectValueBox, RuntimeFieldType, RuntimeType};

    use super::super::{parse, parse::merge};
    use super::*;
    use crate::proto::NetParameter;

    #[test]
    fn floats_print_as_in_cpp() {
        for (value, expected) in [
            (1.0f32, "1"),
            (-0.0, "-0"),
            (0.1, "0.1"),
            (1.0 / 3.0, "0.333333343"),
            (123456.7, "123456.703"),
            (1e20, "1e+20"),
            (1e-5, "1e-05"),
            (0.0001, "0.0001"),
            (1e6, "1e+06"),
            (46.774_544, "46.7745438"),
            (f32::MAX, "3.40282347e+38"),
        ] {
            assert_eq!(float(value), expected);
        }
        assert_eq!(double(0.1), "0.1");
        assert_eq!(double(1.0 / 3.0), "0.33333333333333331");
    }

    /// A small generator: the same numbers for the same seed.
    struct Draw(u64);

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        reason = "random bits are cut to size"
    )]
    impl Draw {
        fn next(&mut self) -> u64 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed ^ (mixed >> 27)
        }

        fn below(&mut self, limit: u64) -> u64 {
            self.next() % limit
        }

        fn bytes(&mut self) -> Vec<u8> {
            (0..self.below(6)).map(|_| self.next() as u8).collect()
        }

        fn value(&mut self, kind: &RuntimeType, depth: u32) -> ReflectValueBox {
            match kind {
                RuntimeType::I32 => ReflectValueBox::I32(self.next() as i32),
                RuntimeType::I64 => ReflectValueBox::I64(self.next() as i64),
                RuntimeType::U32 => ReflectValueBox::U32(self.next() as u32),
                RuntimeType::U64 => ReflectValueBox::U64(self.next()),
                RuntimeType::F32 => {
                    let value = f32::from_bits(self.next() as u32);
                    ReflectValueBox::F32(if value.is_nan() { f32::INFINITY } else { value })
                }
                RuntimeType::F64 => {
                    let value = f64::from_bits(self.next());
                    ReflectValueBox::F64(if value.is_nan() { -0.0 } else { value })
                }
                RuntimeType::Bool => ReflectValueBox::Bool(self.below(2) == 0),
                RuntimeType::String => {
                    let text = self.bytes();
                    let odd = ["", "'", "\"", "\\", "\n", "ü"][self.below(6) as usize];
                    ReflectValueBox::String(String::from_utf8_lossy(&text).into_owned() + odd)
                }
                RuntimeType::VecU8 => ReflectValueBox::Bytes(self.bytes()),
                RuntimeType::Enum(values) => {
                    let all: Vec<_> = values.values().collect();
                    let one = &all[self.below(all.len() as u64) as usize];
                    ReflectValueBox::Enum(values.clone(), one.value())
                }
                RuntimeType::Message(descriptor) => {
                    ReflectValueBox::Message(self.message(descriptor, depth + 1))
                }
            }
        }

        /// A message with any of its fields; fewer of them the deeper it stands.
        fn message(&mut self, descriptor: &MessageDescriptor, depth: u32) -> Box<dyn MessageDyn> {
            let mut message = descriptor.new_instance();
            for field in descriptor.fields() {
                if self.below(4 + 4 * u64::from(depth)) != 0 && !field.is_required() {
                    continue;
                }
                match field.runtime_field_type() {
                    RuntimeFieldType::Singular(kind) => {
                        let value = self.value(&kind, depth);
                        field.set_singular_field(&mut *message, value);
                    }
                    RuntimeFieldType::Repeated(kind) => {
                        for _ in 0..self.below(3) {
                            let value = self.value(&kind, depth);
                            field.mut_repeated(&mut *message).push(value);
                        }
                    }
                    RuntimeFieldType::Map(..) => {}
                }
            }
            message
        }
    }

    fn any_net(seed: u64) -> NetParameter {
        let net = Draw(seed).message(&NetParameter::descriptor(), 0);
        let Ok(net) = net.downcast_box::<NetParameter>() else { panic!("another message") };
        *net
    }

    #[test]
    fn parse_reads_back_what_print_wrote_of_every_message() {
        use crate::proto::{blob, transform, umodel};
        let files =
            [umodel::file_descriptor(), blob::file_descriptor(), transform::file_descriptor()];
        let mut all: Vec<MessageDescriptor> =
            files.iter().flat_map(|file| file.messages()).collect();
        let nested: Vec<_> = all.iter().flat_map(MessageDescriptor::nested_messages).collect();
        all.extend(nested);
        assert!(all.len() > 100, "{}", all.len());
        for (index, descriptor) in all.iter().enumerate() {
            for round in 0..40 {
                let message = Draw(index as u64 * 1000 + round).message(descriptor, 0);
                let mut text = String::new();
                fields(&*message, &[], 0, &mut text);
                let mut parsed = descriptor.new_instance();
                if let Err((at, error)) = merge(text.as_bytes(), &mut *parsed, 100) {
                    panic!("{}: {at}: {error}\n{text}", descriptor.name());
                }
                assert!(descriptor.eq(&*parsed, &*message), "{}: {text}", descriptor.name());
            }
        }
    }

    proptest! {
        #[test]
        fn parse_reads_back_what_print_wrote(seed in any::<u64>()) {
            let net = any_net(seed);
            let text = print(&net, &[]);
            let Ok(parsed) = parse::<NetParameter>(text.as_bytes(), 100, &[]) else { panic!("{text}") };
            prop_assert_eq!(parsed.message, net);
        }
    }
}
