use std::collections::HashMap;
use std::fmt::Write;

use quantization_tools::prelude::*;
use quantization_tools::umodel::LayerRecord;
use quantization_tools_cli::cli::{self, Failure, plain, shape_text};

/// What differs, a line for each; empty if nothing does. Layers are compared by name, those of one name in their
/// order. What no schema knows cannot be compared, and is named.
pub(crate) fn differences(a: &NetParameter, b: &NetParameter) -> Result<String, Failure> {
    let mut out = String::new();
    if a.name() != b.name() {
        writeln!(out, "name: {:?} | {:?}", a.name(), b.name())?;
    }
    let others = by_name(b);
    let own = by_name(a);
    for (key, layer) in keyed(a) {
        match others.get(&key) {
            None => writeln!(out, "- {}", title(layer))?,
            Some(&other) => compare(&mut out, layer, other)?,
        }
    }
    for (_, layer) in keyed(b).filter(|(key, _)| !own.contains_key(key)) {
        writeln!(out, "+ {}", title(layer))?;
    }
    let common = |model, other: &HashMap<Key<'_>, LayerRecord<'_>>| {
        let keys = keyed(model).map(|(key, _)| key).filter(|key| other.contains_key(key));
        keys.map(|(name, count)| (name.to_owned(), count)).collect::<Vec<_>>()
    };
    if common(a, &others) != common(b, &own) {
        writeln!(out, "the layers are in another order")?;
    }
    for error in a.unknown().chain(b.unknown()) {
        writeln!(out, "not compared: {}", plain(&cli::one_line(&error)))?;
    }
    Ok(out)
}

/// A layer's name and type, on one line whatever they hold.
fn title(layer: LayerRecord<'_>) -> String {
    format!("{} ({})", plain(layer.name()), plain(layer.kind()))
}

/// A layer's name and how many layers before it have the same.
type Key<'a> = (&'a str, usize);

fn keyed(model: &NetParameter) -> impl Iterator<Item = (Key<'_>, LayerRecord<'_>)> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    model.layers().map(move |layer| {
        let count = counts.entry(layer.name()).or_default();
        *count += 1;
        ((layer.name(), *count - 1), layer)
    })
}

fn by_name(model: &NetParameter) -> HashMap<Key<'_>, LayerRecord<'_>> {
    keyed(model).collect()
}

fn compare(out: &mut String, a: LayerRecord<'_>, b: LayerRecord<'_>) -> Result<(), Failure> {
    let name = plain(a.name());
    let mut text = |what: &str, a: &str, b: &str| {
        if a == b { Ok(()) } else { writeln!(out, "{name}: {what}: {} | {}", plain(a), plain(b)) }
    };
    text("type", a.kind(), b.kind())?;
    text("bottoms", &a.bottoms().join(" "), &b.bottoms().join(" "))?;
    text("tops", &a.tops().join(" "), &b.tops().join(" "))?;
    text("parameters", &a.parameters(), &b.parameters())?;
    let (weights, others) = (a.weights()?, b.weights()?);
    if weights.len() != others.len() {
        writeln!(out, "{name}: weights: {} | {}", weights.len(), others.len())?;
        return Ok(());
    }
    for (index, (a, b)) in weights.iter().zip(&others).enumerate() {
        if a.shape() != b.shape() {
            let (a, b) = (shape_text(a.shape()), shape_text(b.shape()));
            writeln!(out, "{name}: weights {index}: {a} | {b}")?;
            continue;
        }
        let differ = a.iter().zip(b.iter()).filter(|(a, b)| a.to_bits() != b.to_bits());
        let (count, most) = differ
            .fold((0usize, 0.0f32), |(count, most), (a, b)| (count + 1, most.max((a - b).abs())));
        if count > 0 {
            let of = a.len();
            writeln!(
                out,
                "{name}: weights {index}: {count} of {of} values differ, by up to {most}"
            )?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exact.
    #[test]
    fn layers_of_one_name_are_compared_in_their_order() {
        let model = |axis: i32, source: &str| {
            let text = format!(
                "layer {{ name: 'c' type: 'Concat' concat_param {{ axis: 0 }} }}
                 layer {{ name: 'c' type: 'Concat' concat_param {{ axis: {axis} }} }}
                 layer {{ type: 'Data' data_param {{ source: '{source}' }} }}"
            );
            NetParameter::parse_text(&text).expect("text")
        };
        let compared = |a, b| differences(&a, &b).expect("comparable");
        assert_eq!(compared(model(2, "a b"), model(2, "a b")), "");
        assert_eq!(
            compared(model(2, "a b"), model(3, "a b")),
            "c: parameters: axis: 2 | axis: 3\n"
        );
        let blanks = compared(model(2, "a b"), model(2, "a  b"));
        assert_eq!(blanks, ": parameters: source: \"a b\" | source: \"a  b\"\n");
        let named = |name: &str| {
            NetParameter::parse_text(&format!("layer {{ name: '{name}' type: 'T' }}"))
                .expect("text")
        };
        let found = differences(&named("a\\nb\\033[2J"), &named("a")).expect("comparable");
        assert_eq!(found, "- a\\nb\\u{1b}[2J (T)\n+ a (T)\n", "a line for each");
        let one =
            NetParameter::parse_text("layer { name: 'c' type: 'Concat' concat_param { axis: 0 } }");
        assert_eq!(compared(one.expect("text"), model(2, "a b")), "+ c (Concat)\n+  (Data)\n");
    }
}
