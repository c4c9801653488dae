//! Parts of values: slices, splits, and gathering by constant indices.

use ndarray::Axis;
use umodel::layers::{Slice, StridedSlice};

use super::axes::reshape;
use super::concat::concat;
use crate::error::{AttributeError, Found, NodeError, ShapeError, Unsupported};
use crate::graph::{
    Importer, Result, Site, Tensor, Value, View, for_tensor, layer_axis, signed, volume,
};

/// Arithmetic sequences that one gathering becomes at most.
const MAX_RUNS: usize = 64;

/// What is taken of one axis: `start`, `start + step`, … before `end`, by Python's rules for negative
/// numbers; numbers beyond the axis are clipped.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Range {
    pub(crate) axis: usize,
    pub(crate) start: i64,
    pub(crate) end: i64,
    pub(crate) step: i64,
}

impl Range {
    /// The first index and how many there are.
    fn indices(&self, size: usize) -> Result<(usize, usize)> {
        let size = signed(size);
        let from_zero = |at: i64| if at < 0 { at.saturating_add(size) } else { at };
        let (start, end) = (from_zero(self.start), from_zero(self.end));
        let (start, count) = match self.step {
            0 => return Err(NodeError::attribute("steps", 0i64)),
            step if step > 0 => {
                let (start, end) = (start.clamp(0, size), end.clamp(0, size));
                (start, (end - start).max(0).div_ceil_by(step))
            }
            step => {
                let (start, end) = (start.clamp(-1, size - 1), end.clamp(-1, size - 1));
                (start, (start - end).max(0).div_ceil_by(step.saturating_neg()))
            }
        };
        Ok((usize::try_from(start).unwrap_or(0), usize::try_from(count).unwrap_or(0)))
    }
}

trait DivCeil {
    fn div_ceil_by(self, step: i64) -> i64;
}

impl DivCeil for i64 {
    /// Of a number that is not negative.
    fn div_ceil_by(self, step: i64) -> i64 {
        self / step + i64::from(self % step != 0)
    }
}

/// Cuts along some axes.
pub(crate) fn slice(
    importer: &mut Importer,
    site: &Site,
    x: &Value,
    ranges: &[Range],
) -> Result<Value> {
    let rank = x.shape().len();
    // For each axis the first index, the step and the count.
    let mut cuts: Vec<(usize, i64, usize)> = x.shape().iter().map(|&size| (0, 1, size)).collect();
    for range in ranges {
        let axis = signed(range.axis);
        let no_axis = || AttributeError::Axis { axis, rank }.of("axes");
        let cut = cuts.get_mut(range.axis).ok_or_else(no_axis)?;
        let (start, count) = range.indices(x.shape()[range.axis])?;
        *cut = (start, range.step, count);
    }
    let counted = importer.counted(x)?;
    let from_end = |range: &Range| {
        let back = range.step < 0;
        let (from_last, to_first) =
            (back && range.start == -1, back && range.end < -signed(x.shape()[range.axis]));
        (range.start < 0 && !from_last) || (range.end < 0 && !to_first)
    };
    if ranges.iter().any(|range| Some(range.axis) == counted && from_end(range)) {
        // Numbers that lie beyond a shorter length are clipped when the net runs, but these would be others.
        return Err(Unsupported::Counted.into());
    }
    if cuts.iter().zip(x.shape()).all(|(&cut, &size)| cut == (0, 1, size)) {
        return Ok(x.clone());
    }
    let view = match x {
        Value::Constant(tensor) => return Ok(cut_constant(tensor, &cuts)?.into()),
        Value::Blob(view) => view,
    };
    if cuts.iter().any(|&(_, _, count)| count == 0) {
        let shape: Vec<usize> = cuts.iter().map(|&(_, _, count)| count).collect();
        return Ok(Tensor::from(importer.room(&shape)?.fill(0.0)).into());
    }
    let view = importer.transposition(view)?;
    let order = view.order();
    let mut layer = StridedSlice { begin: Vec::new(), end: Vec::new(), stride: Vec::new() };
    for &axis in &order {
        let (start, step, count) = cuts[axis];
        let far = |range: &Range| range.axis == axis && range.end >= i64::from(i32::MAX);
        let whole = (start, step, count) == (0, 1, x.shape()[axis]);
        // What is taken whole or to the end is so at other sizes, too: a net can be compiled for more images.
        let open = step > 0 && (whole || ranges.iter().any(far));
        let step = if count == 1 && !open { 1 } else { step };
        let end = match open {
            true => i64::from(i32::MAX),
            false => signed(start) + step * (signed(count) - 1) + step.signum(),
        };
        let number =
            |value: i64| i32::try_from(value).map_err(|_| NodeError::attribute("steps", value));
        layer.begin.push(number(signed(start))?);
        layer.end.push(if end < 0 { i32::MIN } else { number(end)? });
        layer.stride.push(number(step)?);
    }
    let top = importer.add(site, layer, &[&view.blob], vec![])?;
    Ok(View::ordered(&top.blob, top.blob_shape, &order).into())
}

fn cut_constant(tensor: &Tensor, cuts: &[(usize, i64, usize)]) -> Result<Tensor> {
    let shape: Vec<usize> = cuts.iter().map(|&(_, _, count)| count).collect();
    // Every index is at least 0, since the first and the last one are.
    let source = |place: &[usize]| -> Vec<usize> {
        let indices = place.iter().zip(cuts);
        let index = |(&at, &(start, step, _)): (&usize, &(usize, i64, usize))| {
            usize::try_from(signed(start) + step * signed(at)).unwrap_or(0)
        };
        indices.map(index).collect()
    };
    for_tensor!(tensor, array => {
        let room = array.room(&shape)?;
        Ok(room.by_place(|place| array[source(place).as_slice()]).into())
    })
}

/// Splits an axis into parts of these sizes; `sites` name the parts.
pub(crate) fn split(
    importer: &mut Importer,
    sites: &[Site],
    x: &Value,
    axis: i64,
    sizes: &[usize],
) -> Result<Vec<Value>> {
    let axis = super::axis(axis, x.shape().len())?;
    let total = sizes.iter().try_fold(0usize, |sum, &size| sum.checked_add(size));
    if total != Some(x.shape()[axis]) || sizes.len() != sites.len() {
        let (found, shape) = (Found::Sizes(sizes.to_vec()), x.shape().to_vec());
        return Err(AttributeError::Misfit { found, shape }.of("split"));
    }
    let mut starts = Vec::with_capacity(sizes.len());
    let mut start = 0;
    for &size in sizes {
        starts.push(start);
        start += size;
    }
    let view = match x {
        Value::Blob(view) if sizes.len() > 1 && !sizes.contains(&0) => view,
        _ => {
            let part = |((site, &start), &size): ((&Site, &usize), &usize)| {
                let (start, end) = (signed(start), signed(start + size));
                slice(importer, site, x, &[Range { axis, start, end, step: 1 }])
            };
            return sites.iter().zip(&starts).zip(sizes).map(part).collect();
        }
    };
    let view = importer.transposition(view)?;
    let order = view.order();
    let layer = Slice { axis: layer_axis(view.axes[axis]), points: starts[1..].to_vec() };
    let names: Vec<&str> = sites.iter().map(|site| site.tensor.as_str()).collect();
    let tops = importer.add_with_tops(&sites[0], layer, &[&view.blob], &names, vec![])?;
    let seen = |top: View| View::ordered(&top.blob, top.blob_shape, &order).into();
    Ok(tops.into_iter().map(seen).collect())
}

/// Takes the entries with these indices along an axis; the indices' axes stand in its place.
pub(crate) fn gather(
    importer: &mut Importer,
    site: &Site,
    x: &Value,
    indices: &Tensor,
    axis: i64,
) -> Result<Value> {
    let axis = super::axis(axis, x.shape().len())?;
    let size = x.shape()[axis];
    if importer.counted(x)? == Some(axis) && indices.ints().iter().any(|&index| index < 0) {
        return Err(Unsupported::Counted.into());
    }
    let places: Vec<usize> = indices
        .ints()
        .iter()
        .map(|&index| {
            let from_zero = if index < 0 { index.checked_add(signed(size)) } else { Some(index) };
            from_zero
                .and_then(|index| usize::try_from(index).ok())
                .filter(|&index| index < size)
                .ok_or_else(|| ShapeError::Index { index, size }.into())
        })
        .collect::<Result<_>>()?;
    let shape = [&x.shape()[..axis], indices.shape(), &x.shape()[axis + 1..]].concat();
    volume(&shape)?;
    let flat = match x {
        Value::Constant(tensor) => {
            let flat = [&x.shape()[..axis], &[places.len()], &x.shape()[axis + 1..]].concat();
            for_tensor!(tensor, array => {
                let room = array.room(&flat)?;
                Tensor::from(room.array(array.select(Axis(axis), &places))?).reshaped(&shape)?
            })
            .into()
        }
        Value::Blob(_) => {
            let runs = runs(&places);
            let Some(runs) = runs else {
                let indices = Value::Constant(indices.clone());
                return super::gather::gather(importer, site, x, &indices, axis);
            };
            let mut parts = Vec::with_capacity(runs.len());
            for (index, &(start, step, count)) in runs.iter().enumerate() {
                let at = if runs.len() == 1 { site.clone() } else { site.sub(&index.to_string()) };
                let start = signed(start);
                let last = start + step * (signed(count) - 1);
                // Python's −1 would be the last index, so an end in front of the first is far below.
                let end = last + step.signum();
                let end = if end < 0 { i64::MIN } else { end };
                parts.push(slice(importer, &at, x, &[Range { axis, start, end, step }])?);
            }
            concat(importer, site, &parts, signed(axis))?
        }
    };
    reshape(&site.sub("shape"), &flat, &shape)
}

/// Indices as few arithmetic sequences: first index, step, count. Nothing if there are too many.
fn runs(places: &[usize]) -> Option<Vec<(usize, i64, usize)>> {
    let mut runs: Vec<(usize, i64, usize)> = Vec::new();
    for &place in places {
        if let Some((start, step, count)) = runs.last_mut() {
            let distance = signed(place) - (signed(*start) + *step * (signed(*count) - 1));
            if *count == 1 && distance != 0 {
                (*step, *count) = (distance, 2);
                continue;
            }
            if *count > 1 && distance == *step {
                *count += 1;
                continue;
            }
        }
        if runs.len() == MAX_RUNS {
            return None;
        }
        runs.push((place, 1, 1));
    }
    Some(runs)
}

#[cfg(test)]
mod tests {
    use umodel::layers::LayerOp;

    use super::*;
    use crate::error::Format;
    use crate::graph::Budget;

    #[test]
    fn runs_are_arithmetic_sequences() {
        let runs = |places: &[usize]| runs(places).expect("few");
        assert_eq!(runs(&[0, 1, 2]), [(0, 1, 3)]);
        assert_eq!(runs(&[2, 1, 0]), [(2, -1, 3)]);
        assert_eq!(runs(&[0, 2, 4, 5, 9]), [(0, 2, 3), (5, 4, 2)]);
        assert_eq!(runs(&[3, 3]), [(3, 1, 1), (3, 1, 1)]);
        assert_eq!(super::runs(&[3; MAX_RUNS + 1]), None);
    }

    /// Exact: axes that are not cut, or cut to their end, stay so when the net gets other sizes.
    #[test]
    fn ends_stay_open() {
        let mut importer = Importer::new("test", Format::Onnx, Budget::new(None, 0));
        importer.input("x", &[1, 4, 8, 8], &[0, 1, 2, 3]).expect("input");
        let x = importer.value("x").cloned().expect("x");
        let range = |axis, start, end, step| Range { axis, start, end, step };
        let ranges = [range(1, 1, 4, 1), range(2, 1, i64::MAX, 2), range(3, -1, i64::MIN, -2)];
        let Ok(Value::Blob(part)) = slice(&mut importer, &Site::new("y", "y"), &x, &ranges) else {
            panic!("no blob")
        };
        let layer = importer.producer(&part.blob).map(|spec| &spec.op);
        let Some(LayerOp::StridedSlice(layer)) = layer else { panic!("{layer:?}") };
        assert_eq!(layer.begin, [0, 1, 1, 7]);
        assert_eq!(layer.end, [i32::MAX, 4, i32::MAX, 0]);
        assert_eq!(layer.stride, [1, 1, 2, -2]);
    }

    #[test]
    fn ranges_are_pythons() {
        let indices =
            |start, end, step| Range { axis: 0, start, end, step }.indices(5).expect("step");
        assert_eq!(indices(1, i64::MAX, 2), (1, 2));
        assert_eq!(indices(-3, -1, 1), (2, 2));
        assert_eq!(indices(-1, i64::MIN, -1), (4, 5));
        assert_eq!(indices(3, 1, 1).1, 0);
    }
}
