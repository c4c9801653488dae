use std::error::Error;
use std::fmt::Write;

use quantization_tools::prelude::*;
use quantization_tools::umodel::{LayerRecord, Outline, Shape};
use quantization_tools_cli::cli::{self, Failure, shape_text};

use crate::plain::plain_and_short;

/// The most characters of a cell, for each column.
const WIDEST: [usize; 6] = [80, 40, 100, 20, 20, 400];

/// The most layers of which it is said what is wrong with them.
const MOST_PROBLEMS: usize = 20;

/// One line for each layer, and their sums.
pub(crate) fn table(model: &NetParameter, phase: Phase) -> Result<String, Failure> {
    let mut rows =
        vec![["layer", "type", "tops", "MACs", "weights", "parameters"].map(str::to_owned)];
    let bytes = |layer: LayerRecord<'_>| -> u64 {
        layer.weight_counts().map(|count| count as u64).sum::<u64>().saturating_mul(4)
    };
    let (mut all_macs, mut all_bytes) = (0u64, 0u64);
    let mut row = |layer: LayerRecord<'_>, tops: String, macs: u64| {
        let weights = bytes(layer);
        all_macs = all_macs.saturating_add(macs);
        all_bytes = all_bytes.saturating_add(weights);
        let count = |value: u64| if value == 0 { String::new() } else { value.to_string() };
        rows.push([
            layer.name().to_owned(),
            layer.kind().to_owned(),
            tops,
            count(macs),
            count(weights),
            layer.parameters(),
        ]);
    };
    let outline = Outline::new(model, phase, &DatabaseSources)?;
    for layer in outline.layers() {
        let top = |(name, shape): &(String, Option<Shape>)| match shape {
            Some(shape) => format!("{name} {}", shape_text(shape)),
            None => name.clone(),
        };
        let tops: Vec<String> = layer.tops.iter().map(top).collect();
        row(layer.record, tops.join(", "), layer.macs);
    }
    for (cell, most) in rows.iter_mut().flat_map(|row| row.iter_mut().zip(WIDEST)) {
        *cell = plain_and_short(cell, most);
    }
    let mut out = String::new();
    let widths: [usize; 6] = std::array::from_fn(|column| {
        rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0)
    });
    for [name, kind, tops, macs, weights, parameters] in &rows {
        let [a, b, c, d, e, _] = widths;
        let line =
            format!("{name:a$}  {kind:b$}  {tops:c$}  {macs:>d$}  {weights:>e$}  {parameters}");
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{}", line.trim_end());
    }
    let _ = writeln!(
        out,
        "\n{}: {} layers, {all_macs} multiply-accumulates, {all_bytes} bytes of weights",
        plain_and_short(if model.name().is_empty() { "(no name)" } else { model.name() }, 200),
        rows.len() - 1
    );
    out += &problems(&outline);
    Ok(out)
}

/// Why there is no net, a line for each layer that is wrong.
fn problems(outline: &Outline<'_>) -> String {
    let line = |error: &(dyn Error + 'static)| {
        format!("shapes are not known: {}\n", plain_and_short(&cli::one_line(error), 1000))
    };
    let mut out: String =
        outline.problems().take(MOST_PROBLEMS).map(|problem| line(problem)).collect();
    let more = outline.problems().skip(MOST_PROBLEMS).count();
    if more > 0 {
        let _ = writeln!(out, "and so for {more} more");
    }
    if out.is_empty() { out } else { format!("\n{out}") }
}
