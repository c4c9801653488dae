//! Padding and cutting.

use umodel::layers::{Pad, PadMode};

use crate::error::NodeError;
use crate::graph::{Importer, Result, Site, Tensor, Value, View, volume};

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
    if pads.len() != x.shape().len() {
        let reason = format!("{pads:?} for the axes of {:?}", x.shape());
        return Err(NodeError::attribute("pads", reason));
    }
    if pads.iter().all(|pad| *pad == [0, 0]) {
        return Ok(x.clone());
    }
    let mut shape = Vec::with_capacity(pads.len());
    for (&size, &[before, after]) in x.shape().iter().zip(pads) {
        let sum = before.checked_add(after).and_then(|sum| sum.checked_add(size as i64));
        let size = sum.and_then(|size| usize::try_from(size).ok());
        shape.push(size.ok_or_else(|| {
            NodeError::attribute("pads", format!("{pads:?} for {:?}", x.shape()))
        })?);
    }
    volume(&shape)?;
    if let (Value::Constant(tensor), Padding::Constant(value)) = (x, padding) {
        return Ok(constant(tensor, pads, value, &shape).into());
    }
    let view = importer.blob(site, x)?;
    let view = importer.transposition(&view)?;
    let order = view.order();
    let number =
        |pad: i64| i32::try_from(pad).map_err(|_| NodeError::attribute("pads", pad.to_string()));
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

fn constant(tensor: &Tensor, pads: &[[i64; 2]], value: f32, shape: &[usize]) -> Tensor {
    let at = |place: &[usize], bounds: &[usize]| -> Option<Vec<usize>> {
        let axes = place.iter().zip(pads).zip(bounds);
        axes.map(|((&at, pad), &bound)| {
            let source = usize::try_from(at as i64 - pad[0]).ok()?;
            (source < bound).then_some(source)
        })
        .collect()
    };
    if let Tensor::I64(array) = tensor {
        return ndarray::ArrayD::from_shape_fn(shape, |place| {
            let places: Vec<usize> = (0..shape.len()).map(|axis| place[axis]).collect();
            at(&places, array.shape()).map_or(value as i64, |source| array[source.as_slice()])
        })
        .into();
    }
    let array = tensor.to_f32();
    ndarray::ArrayD::from_shape_fn(shape, |place| {
        let places: Vec<usize> = (0..shape.len()).map(|axis| place[axis]).collect();
        at(&places, array.shape()).map_or(value, |source| array[source.as_slice()])
    })
    .into()
}
