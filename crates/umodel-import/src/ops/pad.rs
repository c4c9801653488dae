//! Padding and cutting.

use umodel::layers::{Pad, PadMode};

use crate::error::{AttributeError, Found};
use crate::graph::{Array, Importer, Result, Site, Tensor, Value, View, signed, to_int, volume};

/// What stands in the new places.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Padding {
    /// A number.
    Constant(f32),
    /// The nearest value of the edge.
    Edge,
    /// Mirrored, the edge not repeated.
    Reflect,
    /// Mirrored, the edge repeated.
    Symmetric,
}

/// Adds so much before and after each logical axis; negative pads cut.
pub(crate) fn pad(
    importer: &mut Importer,
    site: &Site,
    x: &Value,
    pads: &[[i64; 2]],
    padding: Padding,
) -> Result<Value> {
    let misfit = || {
        let (found, shape) = (Found::Ints(pads.as_flattened().to_vec()), x.shape().to_vec());
        AttributeError::Misfit { found, shape }.of("pads")
    };
    if pads.len() != x.shape().len() {
        return Err(misfit());
    }
    if pads.iter().all(|pad| *pad == [0, 0]) {
        return Ok(x.clone());
    }
    let mut shape = Vec::with_capacity(pads.len());
    for (&size, &[before, after]) in x.shape().iter().zip(pads) {
        let sum = before.checked_add(after).and_then(|sum| sum.checked_add(signed(size)));
        shape.push(sum.and_then(|size| usize::try_from(size).ok()).ok_or_else(misfit)?);
    }
    volume(&shape)?;
    if let (Value::Constant(tensor), Padding::Constant(value)) = (x, padding) {
        return Ok(match tensor {
            Tensor::I64(array) => Tensor::from(constant(array, pads, to_int(value), &shape)?),
            _ => constant(&tensor.to_f32()?, pads, value, &shape)?.into(),
        }
        .into());
    }
    let view = importer.blob(site, x)?;
    let view = importer.transposition(&view)?;
    let order = view.order();
    let number = |pad: i64| i32::try_from(pad).map_err(|_| misfit());
    let mut stored = Vec::with_capacity(pads.len());
    for &axis in &order {
        stored.push([number(pads[axis][0])?, number(pads[axis][1])?]);
    }
    // Height and width alone, if nothing else is padded.
    let first = stored.iter().position(|pad| *pad != [0, 0]).unwrap_or(0);
    let stored = stored.split_off(first.min(stored.len().saturating_sub(2)));
    let mode = match padding {
        Padding::Constant(value) => PadMode::Constant(value),
        Padding::Edge => PadMode::Edge,
        Padding::Reflect => PadMode::Reflect,
        Padding::Symmetric => PadMode::Symmetric,
    };
    let top = importer.add(site, Pad { pads: stored, mode }, &[&view.blob], vec![])?;
    Ok(View::ordered(&top.blob, top.blob_shape, &order).into())
}

fn constant<T: Copy>(
    array: &Array<T>,
    pads: &[[i64; 2]],
    value: T,
    shape: &[usize],
) -> Result<Array<T>> {
    let room = array.room(shape)?;
    Ok(room.by_place(|place| {
        let source: Option<Vec<usize>> = place
            .iter()
            .zip(pads)
            .map(|(&at, &[before, _])| signed(at).checked_sub(before)?.try_into().ok())
            .collect();
        source.and_then(|source| array.get(source.as_slice())).copied().unwrap_or(value)
    }))
}
