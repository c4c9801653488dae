use umodel::layers::{Cell, Direction};

use crate::error::{AttributeError, NodeError, Unsupported};
use crate::graph::{Importer, Result, Value, signed};
use crate::onnx::node::Node;
use crate::ops::recurrence::{Recurrent, recurrent};

/// The functions that each direction has if nothing is said.
fn functions(cell: Cell) -> &'static [&'static str] {
    match cell {
        Cell::Lstm => &["Sigmoid", "Tanh", "Tanh"],
        Cell::Gru => &["Sigmoid", "Tanh"],
        Cell::Tanh => &["Tanh"],
        Cell::Relu => &["Relu"],
    }
}

fn refused(name: &'static str, found: &str) -> NodeError {
    Unsupported::Value { name, found: found.into() }.into()
}

fn direction(node: &Node<'_>) -> Result<Direction> {
    let name = node.string("direction", "forward");
    match name.as_str() {
        "forward" => Ok(Direction::Forward),
        "reverse" => Ok(Direction::Reverse),
        "bidirectional" => Ok(Direction::Both),
        other => Err(NodeError::attribute("direction", other)),
    }
}

fn import(importer: &mut Importer, node: &Node<'_>, mut cell: Cell) -> Result<Vec<Value>> {
    let (x, direction) = (node.input(0)?, direction(node)?);
    if let Some(given) = node.strings("activations") {
        let all = |cell: Cell| {
            !given.is_empty()
                && given.chunks(functions(cell).len()).all(|part| {
                    part.iter()
                        .map(|name| name.to_ascii_lowercase())
                        .eq(functions(cell).iter().map(|name| name.to_ascii_lowercase()))
                })
        };
        if cell == Cell::Tanh && all(Cell::Relu) {
            cell = Cell::Relu;
        }
        if !given.is_empty() && !all(cell) {
            return Err(refused("activations", &given.join(", ")));
        }
    }
    for name in ["activation_alpha", "activation_beta"] {
        if let Some(given) = node.floats(name).filter(|given| !given.is_empty()) {
            return Err(Unsupported::Value { name, found: given.into() }.into());
        }
    }
    if node.has("clip") {
        return Err(refused("clip", &node.float("clip", 0.0).to_string()));
    }
    if node.flag("input_forget", false) {
        return Err(refused("input_forget", "1"));
    }
    let batch_first = node.flag("layout", false);
    let steps = x.shape().get(usize::from(batch_first)).copied().unwrap_or(0);
    if let Some(lengths) = node.optional_constant(4)? {
        let lengths = lengths.ints();
        if lengths.iter().any(|&length| length != signed(steps)) {
            return Err(Unsupported::Lengths { lengths, steps }.into());
        }
    }
    let r = node.constant(2)?;
    let outputs = r.shape().last().copied().unwrap_or(0);
    if node.has("hidden_size") && node.int("hidden_size", 0) != signed(outputs) {
        let (found, shape) = (node.int("hidden_size", 0).into(), r.shape().to_vec());
        return Err(AttributeError::Misfit { found, shape }.of("hidden_size"));
    }
    let is_lstm = cell == Cell::Lstm;
    let parameters = Recurrent {
        cell,
        direction,
        linear_before_reset: cell == Cell::Gru && node.flag("linear_before_reset", false),
        batch_first,
        w: node.constant(1)?,
        r,
        bias: node.optional_constant(3)?,
        peepholes: if is_lstm { node.optional_constant(7)? } else { None },
        hidden: node.optional(5),
        first_cell: if is_lstm { node.optional(6) } else { None },
        wanted: [node.has_output(0), node.has_output(1), is_lstm && node.has_output(2)],
    };
    let sites = [node.site_of(0), node.site_of(1), node.site_of(2)];
    let values = recurrent(importer, &sites, x, &parameters)?;
    // An output that nobody reads takes the place of another one.
    let first = values.iter().flatten().next().cloned();
    Ok(values.into_iter().filter_map(|value| value.or_else(|| first.clone())).collect())
}

pub(super) fn lstm(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    import(importer, node, Cell::Lstm)
}

pub(super) fn gru(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    import(importer, node, Cell::Gru)
}

pub(super) fn rnn(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    import(importer, node, Cell::Tanh)
}
