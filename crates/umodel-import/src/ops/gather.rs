//! Entries by their numbers: what becomes a Gather or a Scatter layer. Places of constant indices are worked out here.

use umodel::layers::{Gather, Scatter, ScatterReduction};

use super::binary::{Binary, binary};
use super::compare::compare;
use super::constants::Comparison;
use super::matmul::matmul;
use crate::error::{NodeError, ShapeError, Unsupported};
use crate::graph::{
    Array, Importer, Result, Site, Tensor, Value, View, for_tensor, layer_axis, signed, volume,
};

/// Entries at most, so that fp32 has all of their numbers.
const MAX_PLACES: usize = 1 << 24;

/// Numbers of entries of neighbouring axes that count as one.
struct Places {
    /// The first axis, and how many there are.
    axes: [usize; 2],
    numbers: Array<i64>,
}

impl Places {
    fn check(&self, data: &[usize]) -> Result<()> {
        let [from, count] = self.axes;
        match volume(&data[from..from + count])? > MAX_PLACES {
            true => Err(Unsupported::Places { limit: MAX_PLACES }.into()),
            false => Ok(()),
        }
    }

    fn blob(&self, importer: &mut Importer, site: &Site) -> Result<View> {
        let numbers = Tensor::from(self.numbers.clone());
        importer.parameter(&site.sub("indices"), &numbers)
    }
}

/// Takes entries along an axis by numbers that may be known only when the net runs.
pub(crate) fn gather(
    importer: &mut Importer,
    site: &Site,
    x: &Value,
    indices: &Value,
    axis: usize,
) -> Result<Value> {
    if x.shape().get(axis).is_some_and(|&size| size > MAX_PLACES) {
        return Err(Unsupported::Places { limit: MAX_PLACES }.into());
    }
    let x = importer.blob(&site.sub("data"), x)?;
    let x = importer.plain(&x)?;
    let indices = importer.blob(&site.sub("indices"), indices)?;
    let indices = importer.plain(&indices)?;
    let layer = Gather { axis: layer_axis(axis), num_axes: 1 };
    Ok(importer.add(site, layer, &[&x.blob, &indices.blob], vec![])?.into())
}

/// Numbers from 0 of indices that may count from the ends of axes of these sizes; the sizes are broadcast.
fn from_zero_at_run_time(
    importer: &mut Importer,
    site: &Site,
    indices: &Value,
    sizes: Vec<i64>,
) -> Result<Value> {
    let zero = importer.integer(0)?.into();
    let below = compare(importer, &site.sub("negative"), Comparison::Less, indices, &zero)?;
    let sizes = importer.integers(sizes)?.into();
    let more = binary(importer, &site.sub("sizes"), Binary::Mul, &below, &sizes)?;
    binary(importer, &site.sub("from_zero"), Binary::Add, indices, &more)
}

/// Takes entries of the first axes, which count as one, by numbers that are known when the net runs.
fn at_numbers(
    importer: &mut Importer,
    site: &Site,
    x: &Value,
    numbers: &Value,
    num_axes: usize,
) -> Result<Value> {
    if volume(&x.shape()[..num_axes])? > MAX_PLACES {
        return Err(Unsupported::Places { limit: MAX_PLACES }.into());
    }
    let x = importer.blob(&site.sub("data"), x)?;
    let x = importer.plain(&x)?;
    let numbers = importer.blob(&site.sub("indices"), numbers)?;
    let numbers = importer.plain(&numbers)?;
    let layer = Gather { axis: 0, num_axes };
    Ok(importer.add(site, layer, &[&x.blob, &numbers.blob], vec![])?.into())
}

/// GatherND by indices that are known when the net runs. fp32 has their places, of at most [`MAX_PLACES`], exactly.
pub(crate) fn pick_tuples(
    importer: &mut Importer,
    site: &Site,
    x: &Value,
    indices: &Value,
) -> Result<Value> {
    let length = indices.shape().last().copied().unwrap_or(0);
    if length == 0 || length > x.shape().len() {
        let (a, b) = (x.shape().to_vec(), indices.shape().to_vec());
        return Err(ShapeError::Broadcast { a, b }.into());
    }
    let sizes: Vec<i64> = x.shape()[..length].iter().map(|&size| signed(size)).collect();
    let strides: Vec<i64> =
        (1..=length).map(|from| sizes[from..].iter().product::<i64>()).collect();
    let indices = from_zero_at_run_time(importer, site, indices, sizes)?;
    let strides = importer.integers(strides)?.into();
    let numbers = matmul(importer, &site.sub("places"), &indices, &strides)?;
    at_numbers(importer, site, x, &numbers, length)
}

/// GatherElements by indices that are known when the net runs.
pub(crate) fn pick_elements(
    importer: &mut Importer,
    site: &Site,
    x: &Value,
    indices: &Value,
    axis: i64,
) -> Result<Value> {
    let (data, shape) = (x.shape().to_vec(), indices.shape().to_vec());
    let axis = super::axis(axis, data.len())?;
    let fits = shape.len() == data.len()
        && shape.iter().zip(&data).enumerate().all(|(at, (a, b))| at == axis || a <= b);
    if !fits {
        return Err(ShapeError::Broadcast { a: data, b: shape }.into());
    }
    let indices = from_zero_at_run_time(importer, site, indices, vec![signed(data[axis])])?;
    let stride = |at: usize| signed(data[at + 1..].iter().product());
    let step = importer.integer(stride(axis))?.into();
    let along = binary(importer, &site.sub("along"), Binary::Mul, &indices, &step)?;
    // Where each index stands along all other axes.
    let beside: Vec<i64> =
        (0..data.len()).map(|at| if at == axis { 0 } else { stride(at) }).collect();
    let offset = importer.room(&shape)?.by_place(|place| {
        let sum = |(&at, stride): (&usize, &i64)| signed(at) * stride;
        place.iter().zip(&beside).map(sum).sum::<i64>()
    });
    let offset = Tensor::from(offset).into();
    let numbers = binary(importer, &site.sub("places"), Binary::Add, &along, &offset)?;
    at_numbers(importer, site, x, &numbers, data.len())
}

fn at_places(importer: &mut Importer, site: &Site, x: &Value, places: &Places) -> Result<Value> {
    let [from, count] = places.axes;
    match x {
        Value::Constant(tensor) => {
            let (front, back) = (&x.shape()[..from], &x.shape()[from + count..]);
            let shape = [front, places.numbers.shape(), back].concat();
            let size = volume(&x.shape()[from..from + count])?;
            let inner: usize = back.iter().product();
            let outer: usize = front.iter().product();
            let numbers: Vec<usize> =
                places.numbers.iter().filter_map(|&number| usize::try_from(number).ok()).collect();
            for_tensor!(tensor, array => {
                let values: Vec<_> = array.iter().copied().collect();
                let values = &values;
                let numbers = &numbers;
                let taken = (0..outer).flat_map(move |part| {
                    numbers.iter().flat_map(move |number| {
                        let start = (part * size + number) * inner;
                        values[start..start + inner].iter().copied()
                    })
                });
                Ok(Tensor::from(array.room(&shape)?.collect(taken)?).into())
            })
        }
        Value::Blob(view) => {
            places.check(x.shape())?;
            let x = importer.plain(view)?;
            let indices = places.blob(importer, site)?;
            let layer = Gather { axis: layer_axis(from), num_axes: count };
            Ok(importer.add(site, layer, &[&x.blob, &indices.blob], vec![])?.into())
        }
    }
}

/// An index as a number from 0.
fn from_zero(index: i64, size: usize) -> Result<usize> {
    let from_zero = if index < 0 { index.checked_add(signed(size)) } else { Some(index) };
    let place = from_zero.and_then(|index| usize::try_from(index).ok()).filter(|&at| at < size);
    Ok(place.ok_or(ShapeError::Index { index, size })?)
}

/// How many of the axes in front of `most` have the same indices all along, of which `whole` says the lengths.
fn repeated(indices: &[i64], shape: &[usize], whole: &[usize], most: usize) -> usize {
    let same = |lead: usize| {
        let part: usize = shape[lead..].iter().product();
        shape[..lead] == whole[..lead]
            && part > 0
            && indices.chunks_exact(part).all(|chunk| Some(chunk) == indices.get(..part))
    };
    (0..=most).rev().find(|&lead| same(lead)).unwrap_or(0)
}

/// Places of indices that have the data's axes, along one of which they count.
fn of_elements(data: &[usize], indices: &Tensor, axis: i64, keep: bool) -> Result<Places> {
    let axis = super::axis(axis, data.len())?;
    let shape = indices.shape();
    let fits = shape.len() == data.len()
        && shape.iter().zip(data).enumerate().all(|(at, (a, b))| at == axis || a <= b);
    if !fits {
        return Err(ShapeError::Broadcast { a: data.to_vec(), b: shape.to_vec() }.into());
    }
    let all = indices.ints();
    let lead = if keep { repeated(&all, shape, data, axis) } else { 0 };
    let room = indices.room(&shape[lead..])?;
    let part = room.volume();
    let mut numbers = Vec::with_capacity(part);
    for (at, &index) in all.iter().take(part).enumerate() {
        let (mut rest, mut place, mut stride) = (at, 0, 1);
        for (axis_here, (&size, &count)) in data.iter().zip(shape).enumerate().skip(lead).rev() {
            let coordinate = if axis_here == axis { from_zero(index, size)? } else { rest % count };
            place += coordinate * stride;
            stride *= size;
            rest /= count;
        }
        numbers.push(signed(place));
    }
    Ok(Places { axes: [lead, data.len() - lead], numbers: room.values(numbers)? })
}

/// Places of indices whose last axis has an index for each of the data's axes behind the batches.
fn of_tuples(data: &[usize], indices: &Tensor, batches: usize) -> Result<Places> {
    let bad = || ShapeError::Broadcast { a: data.to_vec(), b: indices.shape().to_vec() };
    let (&length, places) = indices.shape().split_last().ok_or_else(bad)?;
    let fits = batches <= places.len()
        && length > 0
        && data.len() >= batches + length
        && data[..batches] == places[..batches];
    if !fits {
        return Err(bad().into());
    }
    let all = indices.ints();
    let lead = repeated(&all, indices.shape(), data, batches);
    let lead = if lead == batches { batches } else { 0 };
    let axes = [lead, batches - lead + length];
    let room = indices.room(&places[lead..])?;
    let part = room.volume();
    let in_batch: usize = places[batches..].iter().product::<usize>().max(1);
    let mut numbers = Vec::with_capacity(part);
    for (at, tuple) in all.chunks_exact(length).take(part).enumerate() {
        let mut place = if lead == batches { 0 } else { at / in_batch };
        for (&index, &size) in tuple.iter().zip(&data[batches..]) {
            place = place * size + from_zero(index, size)?;
        }
        numbers.push(signed(place));
    }
    Ok(Places { axes, numbers: room.values(numbers)? })
}

/// ONNX's GatherElements.
pub(crate) fn gather_elements(
    importer: &mut Importer,
    site: &Site,
    x: &Value,
    indices: &Tensor,
    axis: i64,
) -> Result<Value> {
    volume(indices.shape())?;
    let places = of_elements(x.shape(), indices, axis, true)?;
    at_places(importer, site, x, &places)
}

/// ONNX's GatherND.
pub(crate) fn gather_nd(
    importer: &mut Importer,
    site: &Site,
    x: &Value,
    indices: &Tensor,
    batches: i64,
) -> Result<Value> {
    let batches = usize::try_from(batches).map_err(|_| NodeError::attribute("batch_dims", batches));
    let places = of_tuples(x.shape(), indices, batches?)?;
    at_places(importer, site, x, &places)
}

/// A constant with entries of another one.
fn scattered<T: Copy>(
    x: &Array<T>,
    updates: &Array<T>,
    places: &Places,
    join: fn(T, T) -> T,
) -> Result<Array<T>> {
    let [from, count] = places.axes;
    let (front, back) = (&x.shape()[..from], &x.shape()[from + count..]);
    let wanted = [front, places.numbers.shape(), back].concat();
    if updates.shape() != wanted {
        return Err(ShapeError::Broadcast { a: wanted, b: updates.shape().to_vec() }.into());
    }
    let (size, inner) = (volume(&x.shape()[from..from + count])?, back.iter().product::<usize>());
    let mut values: Vec<T> = x.iter().copied().collect();
    let updates: Vec<T> = updates.iter().copied().collect();
    if !updates.is_empty() {
        let parts = updates.chunks_exact(places.numbers.len() * inner);
        for (updates, values) in parts.zip(values.chunks_exact_mut(size * inner)) {
            for (&number, update) in places.numbers.iter().zip(updates.chunks_exact(inner)) {
                let start = usize::try_from(number).unwrap_or(0) * inner;
                let entry = &mut values[start..start + inner];
                entry.iter_mut().zip(update).for_each(|(old, &new)| *old = join(*old, new));
            }
        }
    }
    Ok(x.room(x.shape())?.values(values)?)
}

fn to_places(
    importer: &mut Importer,
    site: &Site,
    [x, updates]: [&Value; 2],
    places: &Places,
    reduction: ScatterReduction,
) -> Result<Value> {
    let [axis, num_axes] = places.axes;
    match (x, updates) {
        (Value::Constant(Tensor::I64(x)), Value::Constant(Tensor::I64(updates))) => {
            let join: fn(i64, i64) -> i64 = match reduction {
                ScatterReduction::Replace => |_, new| new,
                ScatterReduction::Add => i64::wrapping_add,
                ScatterReduction::Mul => i64::wrapping_mul,
                ScatterReduction::Max => i64::max,
                ScatterReduction::Min => i64::min,
            };
            return Ok(Tensor::from(scattered(x, updates, places, join)?).into());
        }
        (Value::Constant(x), Value::Constant(updates)) => {
            let join: fn(f32, f32) -> f32 = match reduction {
                ScatterReduction::Replace => |_, new| new,
                ScatterReduction::Add => |old, new| old + new,
                ScatterReduction::Mul => |old, new| old * new,
                ScatterReduction::Max => f32::max,
                ScatterReduction::Min => f32::min,
            };
            let (x, updates) = (x.to_f32()?, updates.to_f32()?);
            return Ok(Tensor::from(scattered(&x, &updates, places, join)?).into());
        }
        _ => {}
    }
    places.check(x.shape())?;
    let data = importer.blob(&site.sub("data"), x)?;
    let data = importer.plain(&data)?;
    let updates = importer.blob(&site.sub("updates"), updates)?;
    let updates = importer.plain(&updates)?;
    let indices = places.blob(importer, site)?;
    let layer = Scatter { axis: layer_axis(axis), num_axes, reduction };
    let bottoms = [data.blob.as_str(), &indices.blob, &updates.blob];
    Ok(importer.add(site, layer, &bottoms, vec![])?.into())
}

/// ONNX's ScatterND.
pub(crate) fn scatter_nd(
    importer: &mut Importer,
    site: &Site,
    values: [&Value; 2],
    indices: &Tensor,
    reduction: ScatterReduction,
) -> Result<Value> {
    let places = of_tuples(values[0].shape(), indices, 0)?;
    to_places(importer, site, values, &places, reduction)
}

/// ONNX's ScatterElements.
pub(crate) fn scatter_elements(
    importer: &mut Importer,
    site: &Site,
    values: [&Value; 2],
    indices: &Tensor,
    axis: i64,
    reduction: ScatterReduction,
) -> Result<Value> {
    let places = of_elements(values[0].shape(), indices, axis, false)?;
    to_places(importer, site, values, &places, reduction)
}
