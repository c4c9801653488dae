//! Messages to text, as C++ TextFormat prints them.

use std::fmt::Write;

use protobuf::reflect::{ReflectFieldRef, ReflectValueRef};
use protobuf::{MessageDyn, MessageFull};

/// The text of a message: fields in number order, two blanks of indent for each level.
pub(crate) fn print<M: MessageFull>(message: &M) -> String {
    let mut out = String::new();
    fields(message, 0, &mut out);
    out
}

fn fields(message: &dyn MessageDyn, indent: usize, out: &mut String) {
    let mut all: Vec<_> = message.descriptor_dyn().fields().collect();
    all.sort_by_key(|field| field.number());
    for field in all {
        match field.get_reflect(message) {
            ReflectFieldRef::Optional(value) => {
                if let Some(found) = value.value() {
                    entry(field.name(), &found, indent, out);
                }
            }
            ReflectFieldRef::Repeated(values) => {
                for index in 0..values.len() {
                    entry(field.name(), &values.get(index), indent, out);
                }
            }
            ReflectFieldRef::Map(_) => {}
        }
    }
}

fn entry(name: &str, value: &ReflectValueRef, indent: usize, out: &mut String) {
    let pad = "  ".repeat(indent);
    // Writing into a String cannot fail.
    let _ = match value {
        ReflectValueRef::Message(message) => {
            let _ = writeln!(out, "{pad}{name} {{");
            fields(&**message, indent + 1, out);
            writeln!(out, "{pad}}}")
        }
        ReflectValueRef::String(text) => {
            writeln!(out, "{pad}{name}: {}", quoted(text.as_bytes()))
        }
        ReflectValueRef::Bytes(bytes) => writeln!(out, "{pad}{name}: {}", quoted(bytes)),
        ReflectValueRef::Enum(values, number) => {
            let known = values.value_by_number(*number);
            let text = known.map_or_else(|| number.to_string(), |value| value.name().to_owned());
            writeln!(out, "{pad}{name}: {text}")
        }
        ReflectValueRef::F32(value) => writeln!(out, "{pad}{name}: {}", float(*value)),
        ReflectValueRef::F64(value) => writeln!(out, "{pad}{name}: {}", double(*value)),
        ReflectValueRef::Bool(value) => writeln!(out, "{pad}{name}: {value}"),
        ReflectValueRef::I32(value) => writeln!(out, "{pad}{name}: {value}"),
        ReflectValueRef::I64(value) => writeln!(out, "{pad}{name}: {value}"),
        ReflectValueRef::U32(value) => writeln!(out, "{pad}{name}: {value}"),
        ReflectValueRef::U64(value) => writeln!(out, "{pad}{name}: {value}"),
    };
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
fn general(value: f64, digits: usize) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let scientific = format!("{value:.*e}", digits - 1);
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trimmed = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    if exponent < -4 || exponent >= digits as i32 {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{}e{sign}{:02}", trimmed(mantissa), exponent.unsigned_abs());
    }
    let decimals = (digits as i32 - 1 - exponent).max(0) as usize;
    trimmed(&format!("{value:.decimals$}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::parse;
    use super::*;
    use crate::proto::{ConvolutionParameter, LayerParameter, Phase};

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

    proptest! {
        #[test]
        fn parse_reads_back_what_print_wrote(
            name in any::<Option<String>>(),
            bottoms in proptest::collection::vec("\\PC*", 0..3),
            weights in proptest::collection::vec(
                any::<u32>().prop_map(f32::from_bits).prop_filter("NaN is not equal", |v| !v.is_nan()),
                0..4,
            ),
            phase in any::<Option<bool>>(),
            output in any::<Option<u32>>(),
            axis in any::<Option<i32>>(),
            data in any::<Option<Vec<u8>>>(),
        ) {
            let mut layer = LayerParameter::new();
            layer.name = name;
            layer.bottom = bottoms;
            layer.loss_weight = weights;
            layer.phase = phase.map(|test| if test { Phase::TEST } else { Phase::TRAIN }.into());
            let mut convolution = ConvolutionParameter::new();
            convolution.num_output = output;
            convolution.axis = axis;
            layer.convolution_param = Some(convolution).into();
            if let Some(data) = data {
                let mut blob = crate::proto::BlobProto::new();
                blob.int8_data = Some(data);
                layer.blobs.push(blob);
            }
            let text = print(&layer);
            let Ok(parsed) = parse::<LayerParameter>(&text) else { panic!("{text}") };
            prop_assert_eq!(parsed.message, layer);
        }
    }
}
