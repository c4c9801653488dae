use std::fmt::Write;

use quantization_tools::prelude::*;
use quantization_tools::umodel::LayerRecord;
use quantization_tools_cli::cli::{self, shape_text};

use crate::plain::plain_and_short;
use crate::{net, of_phase};

/// The most characters of a cell, for each column.
const WIDEST: [usize; 6] = [80, 40, 100, 20, 20, 400];

/// One line for each layer, and their sums.
pub(crate) fn table(model: &NetParameter, phase: Phase) -> String {
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
    let mut why = String::new();
    match net(model, phase) {
        Ok(net) => {
            let with_shapes = net.to_parameter();
            // The net's own layers: in-place tops are unique, other phases' layers are gone.
            let own = model.layers_in(phase).unwrap_or_default();
            for (index, layer) in with_shapes.layers().enumerate() {
                let tops: Vec<String> = net.layers()[index]
                    .tops
                    .iter()
                    .map(|&id| format!("{} {}", net.blob(id).name, shape_text(&net.blob(id).shape)))
                    .collect();
                let own = own.get(index).copied().unwrap_or(layer);
                row(own, tops.join(", "), net.macs(index));
            }
        }
        Err(error) => {
            let text = plain_and_short(&cli::one_line(error.as_ref()), 1000);
            why = format!("\nshapes are not known: {text}\n");
            for layer in of_phase(model, phase).layers() {
                row(layer, layer.tops().join(", "), 0);
            }
        }
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
    out + &why
}
