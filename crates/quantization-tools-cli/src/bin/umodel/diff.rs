use std::collections::HashMap;
use std::fmt::Write;

use quantization_tools::prelude::*;
use quantization_tools::umodel::LayerRecord;
use quantization_tools_cli::cli::Failure;

use crate::shape_text;

/// What differs, a line for each; empty if nothing does. Layers are compared by name.
pub(crate) fn differences(a: &NetParameter, b: &NetParameter) -> Result<String, Failure> {
    let mut out = String::new();
    if a.name() != b.name() {
        writeln!(out, "name: {:?} | {:?}", a.name(), b.name())?;
    }
    let others = by_name(b);
    let own = by_name(a);
    for layer in a.layers() {
        match others.get(layer.name()) {
            None => writeln!(out, "- {} ({})", layer.name(), layer.kind())?,
            Some(&other) => compare(&mut out, layer, other)?,
        }
    }
    for layer in b.layers().filter(|layer| !own.contains_key(layer.name())) {
        writeln!(out, "+ {} ({})", layer.name(), layer.kind())?;
    }
    let common = |model: &NetParameter, other: &HashMap<&str, LayerRecord<'_>>| {
        let names = model.layer_names().filter(|name| other.contains_key(name));
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    if common(a, &others) != common(b, &own) {
        writeln!(out, "the layers are in another order")?;
    }
    Ok(out)
}

fn by_name(model: &NetParameter) -> HashMap<&str, LayerRecord<'_>> {
    model.layers().map(|layer| (layer.name(), layer)).collect()
}

fn compare(out: &mut String, a: LayerRecord<'_>, b: LayerRecord<'_>) -> Result<(), Failure> {
    let name = a.name();
    let mut text = |what: &str, a: &str, b: &str| {
        if a == b { Ok(()) } else { writeln!(out, "{name}: {what}: {a} | {b}") }
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
