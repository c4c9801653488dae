//! Recurrent layers.

use umodel::layers::{Cell, Direction, Recurrence};

use super::axes::{reshape, transpose};
use super::concat::concat;
use super::slice::{Range, slice};
use crate::error::{ShapeError, Unsupported};
use crate::graph::{Importer, Result, Site, Tensor, Value, signed};

/// A recurrent layer as ONNX describes it.
pub(crate) struct Recurrent<'a> {
    pub(crate) cell: Cell,
    pub(crate) direction: Direction,
    pub(crate) linear_before_reset: bool,
    /// Whether sequences are the first axis, steps the second one of x, and likewise of the rest.
    pub(crate) batch_first: bool,
    /// `[D, G·H, I]`
    pub(crate) w: &'a Tensor,
    /// `[D, G·H, H]`
    pub(crate) r: &'a Tensor,
    pub(crate) bias: Option<&'a Tensor>,
    pub(crate) peepholes: Option<&'a Tensor>,
    pub(crate) hidden: Option<&'a Value>,
    pub(crate) first_cell: Option<&'a Value>,
    /// Which of all steps, the last hidden state and the last cell state are wanted.
    pub(crate) wanted: [bool; 3],
}

/// All steps `[T, D, N, H]`, the last hidden state and the last cell state `[D, N, H]`; nothing for those that nobody
/// wants. `sites` name them.
pub(crate) fn recurrent(
    importer: &mut Importer,
    sites: &[Site; 3],
    x: &Value,
    p: &Recurrent<'_>,
) -> Result<[Option<Value>; 3]> {
    let site = &sites[0];
    let turned = |importer: &mut Importer, part: &str, value: &Value| match p.batch_first {
        true => transpose(importer, &site.sub(part), value, &[1, 0, 2]),
        false => Ok(value.clone()),
    };
    let three = |value: &Value| match value.shape().len() {
        3 => Ok(()),
        _ => Err(ShapeError::Axes { shape: value.shape().to_vec(), wanted: 3 }),
    };
    for value in [Some(x), p.hidden, p.first_cell].into_iter().flatten() {
        three(value)?;
    }
    let &[directions, _, num_output] = p.r.shape() else {
        return Err(Unsupported::Weights { shape: p.r.shape().to_vec() }.into());
    };
    let x = turned(importer, "x", x)?;
    let x = importer.blob(&site.sub("x"), &x)?;
    let x = importer.plain(&x)?;
    let (steps, sequences) = (x.shape[0], x.shape[1]);
    let zero = |value: &&Value| match value {
        Value::Constant(tensor) => tensor.floats().iter().all(|&value| value == 0.0),
        Value::Blob(_) => false,
    };
    let states = [p.hidden, p.first_cell].map(|state| state.filter(|state| !zero(state)));
    let is_lstm = p.cell == Cell::Lstm;
    let initial_state = states[0].is_some() || is_lstm && states[1].is_some();
    let mut bottoms = vec![x.blob];
    if initial_state {
        for (state, part) in states.into_iter().zip(["h", "c"]).take(1 + usize::from(is_lstm)) {
            let state = match state {
                Some(state) => turned(importer, part, state)?,
                None => {
                    let room = importer.room(&[directions, sequences, num_output])?;
                    Tensor::from(room.fill(0.0)).into()
                }
            };
            let state = importer.blob(&site.sub(part), &state)?;
            bottoms.push(importer.plain(&state)?.blob);
        }
    }
    let layer = Recurrence {
        cell: p.cell,
        direction: p.direction,
        num_output,
        bias: p.bias.is_some(),
        initial_state,
        final_cell: p.wanted[2],
        peepholes: p.peepholes.is_some(),
        linear_before_reset: p.linear_before_reset,
    };
    let mut weights = Vec::new();
    for tensor in [Some(p.w), Some(p.r), p.bias, p.peepholes].into_iter().flatten() {
        weights.push(tensor.to_f32()?.weight());
    }
    let mut names = vec![sites[0].tensor.as_str()];
    if p.wanted[2] {
        names.push(&sites[2].tensor);
    }
    let bottoms: Vec<&str> = bottoms.iter().map(String::as_str).collect();
    let mut tops = importer.add_with_tops(site, layer, &bottoms, &names, weights)?;
    let cell = if p.wanted[2] { tops.pop().map(Value::from) } else { None };
    let all: Value = tops.swap_remove(0).into();
    let hidden = match p.wanted[1] {
        true => Some(last(importer, &sites[1], &all, steps, p.direction)?),
        false => None,
    };
    let batches_first =
        |importer: &mut Importer, site: &Site, value: Option<Value>, order: &[usize]| match value {
            Some(value) if p.batch_first => transpose(importer, site, &value, order).map(Some),
            value => Ok(value),
        };
    let hidden = batches_first(importer, &sites[1], hidden, &[1, 0, 2])?;
    let cell = batches_first(importer, &sites[2], cell, &[1, 0, 2])?;
    let all = batches_first(importer, &sites[0], Some(all), &[2, 0, 1, 3])?;
    Ok([all, hidden, cell])
}

/// The last hidden state of each direction: that of the last step, and of the first one.
fn last(
    importer: &mut Importer,
    site: &Site,
    all: &Value,
    steps: usize,
    direction: Direction,
) -> Result<Value> {
    let &[_, directions, sequences, outputs] = all.shape() else { return Ok(all.clone()) };
    let end = signed(steps);
    let range =
        |axis: usize, start: i64| Range { axis, start, end: start.saturating_add(1), step: 1 };
    let hidden = match direction {
        Direction::Forward => slice(importer, site, all, &[range(0, end.saturating_sub(1))])?,
        Direction::Reverse => slice(importer, site, all, &[range(0, 0)])?,
        Direction::Both => {
            let forward = [range(0, end.saturating_sub(1)), range(1, 0)];
            let forward = slice(importer, &site.sub("forward"), all, &forward)?;
            let reverse = [range(0, 0), range(1, 1)];
            let reverse = slice(importer, &site.sub("reverse"), all, &reverse)?;
            concat(importer, site, &[forward, reverse], 1)?
        }
    };
    reshape(&site.sub("shape"), &hidden, &[directions, sequences, outputs])
}
