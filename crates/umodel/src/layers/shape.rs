//! What the shape inference of several layers has in common.
//!
//! Bottoms are shapes of blobs: no axis, and no product of some of them, has 2^31 or more. So products of a
//! bottom's axes need no check; those with parameters do.

use crate::Shape;
use crate::error::{Count, LayerError, ValueError};

/// Multiplications where each of some positions sees all of a layer's first weights.
pub(super) fn macs_at(positions: &[usize], weights: Result<Vec<Shape>, LayerError>) -> u64 {
    let volume =
        |shape: &[usize]| shape.iter().fold(1u64, |v, &size| v.saturating_mul(size as u64));
    let weights = weights.ok().and_then(|shapes| shapes.first().map(|shape| volume(shape)));
    volume(positions).saturating_mul(weights.unwrap_or(0))
}

/// The only bottom of a layer that takes one.
pub(super) fn one<'a>(bottoms: &[&'a [usize]]) -> Result<&'a [usize], LayerError> {
    match bottoms {
        [bottom] => Ok(bottom),
        _ => Err(LayerError::bottoms(Count::Exactly(1), bottoms.len())),
    }
}

/// The two bottoms of a layer that takes as many.
pub(super) fn pair<'a>(bottoms: &[&'a [usize]]) -> Result<[&'a [usize]; 2], LayerError> {
    <[&[usize]; 2]>::try_from(bottoms)
        .map_err(|_| LayerError::bottoms(Count::Exactly(2), bottoms.len()))
}

/// An error if a layer that takes no bottom has one.
pub(super) fn no_bottoms(bottoms: &[&[usize]]) -> Result<(), LayerError> {
    match bottoms.len() {
        0 => Ok(()),
        found => Err(LayerError::bottoms(Count::Exactly(0), found)),
    }
}

/// A second bottom whose shape does not suit the first.
pub(super) fn mismatch(expected: &[usize], found: &[usize]) -> LayerError {
    LayerError::BottomShape { index: 1, expected: expected.to_vec(), found: found.to_vec() }
}

/// Shape inference that Caffe's losses share: as many targets as there are images, a scalar.
pub(super) fn loss(bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
    let [a, b, ..] = bottoms else {
        return Err(LayerError::bottoms(Count::AtLeast(2), bottoms.len()));
    };
    if a.is_empty() || a.first() != b.first() {
        return Err(mismatch(a, b));
    }
    one_top(tops, Vec::new())
}

/// Caffe's old view of a blob of up to four axes: those that are missing have length 1.
pub(super) fn legacy(shape: &[usize]) -> Result<[usize; 4], LayerError> {
    if shape.len() > 4 {
        return Err(LayerError::AxisCount { expected: 4, found: shape.to_vec() });
    }
    Ok(std::array::from_fn(|axis| shape.get(axis).copied().unwrap_or(1)))
}

/// What shape inference says of layers that read files: only whether the tops' number is right.
pub(super) fn unknown_tops(
    bottoms: &[&[usize]],
    tops: usize,
    expected: Count,
) -> Result<Vec<Shape>, LayerError> {
    no_bottoms(bottoms)?;
    Err(if expected.allows(tops) { LayerError::NoSource } else { LayerError::tops(expected, tops) })
}

/// The top shapes of a layer with exactly one top.
pub(super) fn one_top(tops: usize, shape: Shape) -> Result<Vec<Shape>, LayerError> {
    if tops != 1 {
        return Err(LayerError::tops(Count::Exactly(1), tops));
    }
    Ok(vec![shape])
}

/// Shape inference of element-wise layers: one bottom, one top, the same shape.
pub(super) fn same_shape(bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
    one_top(tops, one(bottoms)?.to_vec())
}

/// Caffe's axis rule: negative axes count from the end. `limit` is one past the largest index.
pub(super) fn canonical_axis(
    field: &'static str,
    axis: i32,
    limit: usize,
) -> Result<usize, LayerError> {
    let distance = usize::try_from(axis.unsigned_abs()).ok();
    let index = match axis {
        0.. => distance,
        _ => distance.and_then(|distance| limit.checked_sub(distance)),
    };
    let inside = index.filter(|&index| index < limit);
    inside.ok_or_else(|| LayerError::bad(field, axis, ValueError::Axis(limit)))
}

/// The bottom's N, C, H, W; fewer or more axes are an error.
pub(super) fn nchw(bottom: &[usize]) -> Result<[usize; 4], LayerError> {
    <[usize; 4]>::try_from(bottom)
        .map_err(|_| LayerError::AxisCount { expected: 4, found: bottom.to_vec() })
}

/// The number of values of some axes. That of a blob's axes is below 2^31, that of others is cut at the largest
/// number.
pub(super) fn product(axes: &[usize]) -> usize {
    if axes.contains(&0) { 0 } else { axes.iter().fold(1, |all, &axis| all.saturating_mul(axis)) }
}

/// Positions of a window along an axis: how far it reaches, its step, the axis' length and its padding. `None` if it
/// reaches beyond the padded axis.
pub(super) fn windows(extent: usize, stride: usize, length: usize, pad: usize) -> Option<usize> {
    let room = padded(length, pad).checked_sub(extent)?;
    Some(room.checked_div(stride)?.saturating_add(1))
}

/// The length of an axis with padding on either side.
pub(super) fn padded(length: usize, pad: usize) -> usize {
    length.saturating_add(pad.saturating_mul(2))
}

/// Pixels from the first to the last tap of a dilated kernel.
pub(super) fn extent(kernel: usize, dilation: usize) -> usize {
    kernel.saturating_sub(1).saturating_mul(dilation).saturating_add(1)
}
